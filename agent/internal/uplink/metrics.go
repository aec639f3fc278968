package uplink

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// metrics counts what is sent and acked. Nothing is counted as dropped because
// nothing ever is.
type metrics struct {
	registerer prometheus.Registerer
	collectors []prometheus.Collector

	batches, bytes, acks, errors *prometheus.CounterVec
}

func newMetrics(u *Uplink, registerer prometheus.Registerer) (*metrics, error) {
	m := &metrics{registerer: registerer}
	counter := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_agent_uplink_" + name, Help: help}, []string{label})
		m.collectors = append(m.collectors, c)
		return c
	}
	m.batches = counter("sent_batches_total", "Batches sent, repeats included, by class.", "class")
	m.bytes = counter("sent_bytes_total", "Sealed bytes sent, repeats included, by class.", "class")
	m.acks = counter("received_acks_total", "Acks received, by class.", "class")
	m.errors = counter("errors_total", "Streams that ended, by reason or gRPC code.", "reason")
	m.collectors = append(m.collectors, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tocsin_agent_uplink_connected", Help: "1 while a collector has welcomed the stream.",
	}, func() float64 {
		if u.Stats().Connected {
			return 1
		}
		return 0
	}))
	if registerer == nil {
		return m, nil
	}
	for _, c := range m.collectors {
		if err := registerer.Register(c); err != nil {
			m.unregister()
			return nil, fmt.Errorf("register uplink metrics: %w", err)
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

func (m *metrics) sent(class eventv1.Class, size int) {
	m.batches.WithLabelValues(event.ClassName(class)).Inc()
	m.bytes.WithLabelValues(event.ClassName(class)).Add(float64(size))
}

func (m *metrics) acked(class eventv1.Class) { m.acks.WithLabelValues(event.ClassName(class)).Inc() }

func (m *metrics) failed(err error) { m.errors.WithLabelValues(kindOf(err)).Inc() }
