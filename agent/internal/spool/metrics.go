package spool

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// metrics counts what goes in and out. Its collectors are safe for concurrent use.
type metrics struct {
	registerer prometheus.Registerer
	collectors []prometheus.Collector

	in, out, refused, errors *prometheus.CounterVec
	// inOf is in by class: looking a label up costs more than counting.
	inOf [event.ClassCount]prometheus.Counter
}

func newMetrics(s *Spool, registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{registerer: registerer}
	counter := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_agent_spool_" + name, Help: help}, []string{label})
		m.collectors = append(m.collectors, c)
		return c
	}
	m.in = counter("received_events_total", "Events taken in, by class.", "class")
	for _, class := range event.Classes() {
		m.inOf[class] = m.in.WithLabelValues(event.ClassName(class))
	}
	m.out = counter("sent_events_total", "Events that a collector has acked, by class.", "class")
	m.refused = counter("dropped_events_total", "Events refused or lost, each declared by an event, by class.", "class")
	m.errors = counter("errors_total", "Failures, by what was being done.", "operation")
	m.collectors = append(m.collectors, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tocsin_agent_spool_bytes", Help: "Size of the spool on disk.",
	}, func() float64 { return float64(s.Stats().Bytes) }), prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tocsin_agent_spool_unacked_events", Help: "Events recorded and not yet acked.",
	}, func() float64 {
		n := uint64(0)
		for _, l := range s.Stats().Lanes {
			n += l.Events
		}
		return float64(n)
	}))
	if registerer == nil {
		return m, nil
	}
	for _, c := range m.collectors {
		if err := registerer.Register(c); err != nil {
			m.unregister()
			return nil, fmt.Errorf("register spool metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) unregister() {
	if m.registerer == nil {
		return
	}
	for _, c := range m.collectors {
		m.registerer.Unregister(c)
	}
}

// received counts what a flush has taken in hand.
func (m *metrics) received(p *pending) {
	for i := range p.lanes {
		for j := range p.lanes[i] {
			m.inOf[i].Add(float64(p.lanes[i][j].count))
		}
	}
}

func (m *metrics) sent(class eventv1.Class, n uint64) {
	m.out.WithLabelValues(event.ClassName(class)).Add(float64(n))
}

func (m *metrics) dropped(class eventv1.Class, n uint64) {
	m.refused.WithLabelValues(event.ClassName(class)).Add(float64(n))
}

func (m *metrics) failed(operation string) { m.errors.WithLabelValues(operation).Inc() }
