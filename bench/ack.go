package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/traffic"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// ackLatency appends lines to a log, 20 a second, and measures from each write to
// the moment at which JetStream gives the line's batch to a subscriber: it does
// so once it has stored it, right beside the ack to the collector.
func ackLatency(ctx context.Context, r *rig, out io.Writer) error {
	conn, err := r.fleet.NATS("consumer")
	if err != nil {
		return err
	}
	defer conn.Close()
	arrived, stop, err := follow(ctx, conn)
	if err != nil {
		return err
	}
	defer stop()
	f, err := os.OpenFile(r.log(authLog), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = f.Close() }()
	host := traffic.New(agentName, 3)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	written := make([]time.Time, 0, r.o.single)
	took := make([]time.Duration, 0, r.o.single)
	deadline, cancel := context.WithTimeout(ctx, time.Duration(r.o.single)*50*time.Millisecond+time.Minute)
	defer cancel()
	for len(took) < r.o.single {
		tick := ticker.C
		if len(written) == r.o.single {
			tick = nil
		}
		select {
		case <-tick:
			written = append(written, time.Now())
			if _, err := f.WriteString(host.SSHFailed(time.Now(), "mina", "203.0.113.9") + "\n"); err != nil {
				return fmt.Errorf("write log: %w", err)
			}
		case n := <-arrived: // one lane, so the lines come in order
			for range n {
				took = append(took, time.Since(written[len(took)]))
			}
		case <-deadline.Done():
			return fmt.Errorf("%d of %d lines were stored: %w", len(took), r.o.single, deadline.Err())
		}
	}
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(100 * time.Microsecond) }
	_, _ = fmt.Fprintf(out, "\nack: %d lines, 20 a second, from the write to JetStream's having it on disk\n", len(took))
	_, _ = fmt.Fprintf(out, "  p50 %v   p90 %v   p99 %v   max %v\n", at(0.5), at(0.9), at(0.99), at(1))
	return nil
}

// follow tells of each batch of class auth that is stored from now on how many
// events it holds.
func follow(ctx context.Context, conn *nats.Conn) (<-chan int, func(), error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, nil, fmt.Errorf("open JetStream: %w", err)
	}
	consumer, err := js.OrderedConsumer(ctx, subject.EventsStream(eventv1.Class_CLASS_AUTH),
		jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy, HeadersOnly: true})
	if err != nil {
		return nil, nil, fmt.Errorf("follow the stream: %w", err)
	}
	arrived := make(chan int, 64)
	following, err := consumer.Consume(func(m jetstream.Msg) {
		var n int
		if _, err := fmt.Sscan(m.Headers().Get(subject.HeaderCount), &n); err == nil {
			arrived <- n
		}
	})
	if err != nil {
		return nil, nil, fmt.Errorf("follow the stream: %w", err)
	}
	return arrived, following.Stop, nil
}
