package ingest

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

type metrics struct {
	streams prometheus.Gauge
	refused prometheus.Counter
	batches *prometheus.CounterVec
	events  *prometheus.CounterVec
	bytes   *prometheus.CounterVec
	ends    *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_ingest_" + name, Help: help}, labels)
	}
	m := &metrics{
		streams: prometheus.NewGauge(prometheus.GaugeOpts{Name: "tocsin_ingest_streams", Help: "Agents that have a stream here."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tocsin_ingest_batches_refused_total", Help: "Batches that broke a bound or claimed what they may not.",
		}),
		batches: counter("batches_received_total", "Batches that passed every bound.", "class"),
		events:  counter("events_received_total", "Events in batches that passed every bound.", "class"),
		bytes:   counter("bytes_received_total", "Sealed bytes of batches that passed every bound.", "class"),
		ends:    counter("streams_ended_total", "Streams that ended, by the reason given to the agent.", "reason"),
	}
	for _, c := range []prometheus.Collector{m.streams, m.refused, m.batches, m.events, m.bytes, m.ends} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) received(class eventv1.Class, events uint32, bytes int) {
	name := event.ClassName(class)
	m.batches.WithLabelValues(name).Inc()
	m.events.WithLabelValues(name).Add(float64(events))
	m.bytes.WithLabelValues(name).Add(float64(bytes))
}

func (m *metrics) ended(err error) {
	reason := "NONE"
	if r := wireerr.ReasonOf(err); err != nil && r != "" {
		reason = string(r)
	}
	m.ends.WithLabelValues(reason).Inc()
}
