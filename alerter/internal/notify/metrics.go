package notify

import "github.com/prometheus/client_golang/prometheus"

// metrics count what was told and what kept from it.
type metrics struct {
	settled  *prometheus.CounterVec
	failures *prometheus.CounterVec
	pending  *prometheus.GaugeVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		settled: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tocsin_notifications_total", Help: "Notifications by how they ended.",
		}, []string{"receiver", "outcome"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tocsin_notification_failures_total", Help: "Attempts that failed and are repeated.",
		}, []string{"receiver"}),
		pending: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "tocsin_notifications_pending", Help: "Notifications intended and not yet accepted.",
		}, []string{"receiver"}),
	}
	if registry != nil {
		registry.MustRegister(m.settled, m.failures, m.pending)
	}
	return m
}
