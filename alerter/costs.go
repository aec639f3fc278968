package alerter

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/alerter/internal/detect"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// ruleCosts count what each rule was asked, by its id and title. A rule that was
// never asked has no series.
type ruleCosts struct{ asked, matched, seconds *prometheus.CounterVec }

func newRuleCosts(reg prometheus.Registerer) *ruleCosts {
	vector := func(name, help string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_rule_" + name, Help: help}, []string{"rule", "title"})
		reg.MustRegister(v)
		return v
	}
	return &ruleCosts{
		asked:   vector("events_total", "Events that the rule was held against, routing having left out the others."),
		matched: vector("matches_total", "Events that satisfied the rule."),
		seconds: vector("seconds_total", "Time that the rule took, estimated from one event in 256."),
	}
}

func (c *ruleCosts) add(r *rule.Info, t rule.Tally) {
	c.asked.WithLabelValues(r.ID, r.Name).Add(float64(t.Asked))
	c.matched.WithLabelValues(r.ID, r.Name).Add(float64(t.Matched))
	c.seconds.WithLabelValues(r.ID, r.Name).Add(t.Cost.Seconds())
}

// tallying is a worker's detector whose rules are counted after each batch.
type tallying struct {
	*detect.Detector
	costs *ruleCosts
}

// Flush counts what the rules were asked.
func (t tallying) Flush() { t.Tally(t.costs.add) }
