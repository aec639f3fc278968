package consume_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// nothing finds nothing.
type nothing struct{}

func (nothing) Detect(*finding.Event, func(finding.Signal)) {}

func (nothing) Flush() {}

// BenchmarkConsume reads 20,000 batches of ten events: with a bare JetStream consumer
// that acknowledges each, as nats bench does, and with ours, which opens them, walks
// their events and gives them to a detector that finds nothing.
func BenchmarkConsume(b *testing.B) {
	const batches = 20_000
	f := newFleet(b, natstest.Start(b).JetStream())
	f.prepare()
	f.own()
	texts := make([]string, 10)
	for i := range texts {
		texts[i] = strings.Repeat("a log line ", 10)
	}
	for range batches {
		f.send(eventv1.Class_CLASS_WEB, 0, texts...)
	}
	stream, err := f.js.Stream(b.Context(), subject.EventsStream(eventv1.Class_CLASS_WEB))
	if err != nil {
		b.Fatal(err)
	}
	// settled waits until everything is acknowledged, and forgets the consumer.
	settled := func(name string) {
		natstest.Eventually(b, 2*time.Minute, "all is acknowledged", func() bool {
			c, err := stream.Consumer(b.Context(), name)
			return err == nil && c.CachedInfo().AckFloor.Stream == batches
		})
	}
	forget := func(name string) {
		if err := stream.DeleteConsumer(b.Context(), name); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			c, err := stream.CreateConsumer(b.Context(), jetstream.ConsumerConfig{Durable: "bare", AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: 20_000})
			if err != nil {
				b.Fatal(err)
			}
			messages, err := c.Messages(jetstream.PullMaxMessages(500))
			if err != nil {
				b.Fatal(err)
			}
			for range batches {
				m, err := messages.Next()
				if err != nil {
					b.Fatal(err)
				}
				if err := m.Ack(); err != nil {
					b.Fatal(err)
				}
			}
			settled("bare")
			b.StopTimer()
			messages.Stop()
			forget("bare")
			b.StartTimer()
		}
		b.ReportMetric(float64(batches*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			_, stop := f.run(nothing{}, nil)
			settled("alerter-web")
			b.StopTimer()
			stop()
			forget("alerter-web")
			b.StartTimer()
		}
		b.ReportMetric(float64(batches*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}
