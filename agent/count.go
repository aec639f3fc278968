package agent

import "github.com/prometheus/client_golang/prometheus"

// The stages, as the label of the counters names them.
const (
	stageFile     = "source/file"
	stageFIM      = "source/fim"
	stageJournald = "source/journald"
	stageParse    = "parse"
	stageSpool    = "spool"
	stageUplink   = "uplink"
)

// stageCounters count what goes through one stage.
type stageCounters struct {
	received, sent, dropped, errors prometheus.Counter
}

// counters count for every stage that does not count by itself.
type counters struct {
	receivedTotal, sentTotal, droppedTotal, errorsTotal *prometheus.CounterVec
}

func newCounters(registry prometheus.Registerer) *counters {
	counter := func(name, help string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "tocsin_agent", Subsystem: "stage", Name: name, Help: help,
		}, []string{"stage"})
		registry.MustRegister(c)
		return c
	}
	return &counters{
		receivedTotal: counter("received_total", "Records or events that a stage was given."),
		sentTotal:     counter("sent_total", "Records or events that a stage gave on."),
		droppedTotal:  counter("dropped_total", "Records or events that a stage gave up."),
		errorsTotal:   counter("errors_total", "Failures of a stage."),
	}
}

func (c *counters) stage(name string) *stageCounters {
	return &stageCounters{
		received: c.receivedTotal.WithLabelValues(name),
		sent:     c.sentTotal.WithLabelValues(name),
		dropped:  c.droppedTotal.WithLabelValues(name),
		errors:   c.errorsTotal.WithLabelValues(name),
	}
}
