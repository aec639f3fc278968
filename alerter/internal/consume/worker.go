package consume

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/subject"
)

const (
	// maxFailures is how often this process tries a batch that it cannot read or
	// that makes it panic.
	maxFailures = 3
	// suspectAfter is the delivery from which on a batch is handled alone: that
	// many times somebody took it and did not come back.
	suspectAfter = 5
)

// worker handles one batch at a time.
type worker struct {
	consumer *Consumer
	number   int
	reader   *Reader
	out      outgoing
}

// handle does all that there is to do about one batch.
func (w *worker) handle(ctx context.Context, m jetstream.Msg) {
	c := w.consumer
	meta, err := m.Metadata()
	if err != nil {
		c.o.Log.Error("message without metadata skipped", "subject", m.Subject(), "error", err)
		return
	}
	key := fmt.Sprintf("%s.%d", meta.Stream, meta.Sequence.Stream)
	read := func() error { return w.read(m, meta) }
	if meta.NumDelivered >= suspectAfter {
		err = c.readAlone(ctx, key, meta.NumDelivered, read)
	} else {
		c.alone.RLock()
		err = read()
		c.alone.RUnlock()
	}
	switch {
	case err == nil:
	case errors.Is(err, errUnavailable):
		_ = m.NakWithDelay(time.Second) // it comes again by itself after ackWait
		return
	case errors.Is(err, errDeadly) || c.failed(key) >= maxFailures:
		w.bury(ctx, m, meta, err)
		return
	default:
		c.o.Log.Warn("batch not read", "stream", meta.Stream, "sequence", meta.Sequence.Stream, "error", err)
		_ = m.NakWithDelay(time.Second)
		return
	}
	if ackBeforeSignals {
		_ = m.Ack()
	}
	r := w.out.result(m)
	if len(r.signals) == 0 {
		c.finish(r)
		return
	}
	c.hand(ctx, r)
}

// read has the rules look at every event of a batch. A panic is an error: it is
// the batch that caused it, or the rule, and neither is to stop the others.
func (w *worker) read(m jetstream.Msg, meta *jetstream.MsgMetadata) (err error) {
	defer func() {
		if r := recover(); r != nil {
			w.consumer.o.Log.Error("panic while reading a batch", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	class, _, err := subject.ParseEvents(m.Subject())
	if err != nil {
		return err
	}
	detector, ruleSet := w.consumer.o.Detector(w.number)
	defer detector.Flush()
	w.out.begin(class, meta, ruleSet)
	err = w.reader.Read(m, func(e *finding.Event) {
		detector.Detect(e, w.out.add)
		w.out.events++
	})
	if err != nil {
		return err
	}
	return w.out.end()
}

// publish stores a dead letter, however long it takes.
func (w *worker) publish(ctx context.Context, m jetstream.Msg, letter *nats.Msg) error {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := publish(ctx, w.consumer.o.JetStream, []*nats.Msg{letter})
		if err == nil || ctx.Err() != nil {
			return err
		}
		w.consumer.counts.retries.Inc()
		w.consumer.o.Log.Warn("dead letter not stored yet", "error", err)
		_ = m.InProgress() // if it is lost, the batch is handled twice
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// bury puts a batch among the dead letters, and only then gives up on it.
func (w *worker) bury(ctx context.Context, m jetstream.Msg, meta *jetstream.MsgMetadata, why error) {
	letter := nats.NewMsg(subject.DeadLetter("consume"))
	letter.Data = m.Data()
	for name, values := range m.Headers() {
		// What told JetStream how to store the batch is not for its dead letter.
		if !strings.HasPrefix(name, "Nats-") {
			letter.Header[name] = values
		}
	}
	letter.Header.Set("Tocsin-Dead-Reason", why.Error())
	letter.Header.Set("Tocsin-Dead-Subject", m.Subject())
	letter.Header.Set("Tocsin-Dead-Sequence", fmt.Sprint(meta.Sequence.Stream))
	if err := w.publish(ctx, m, letter); err != nil {
		return
	}
	w.consumer.counts.dead.Inc()
	w.consumer.o.Log.Error("batch is in the dead letters", "stream", meta.Stream,
		"sequence", meta.Sequence.Stream, "subject", m.Subject(), "reason", why)
	if err := m.TermWithReason("dead letter"); err != nil {
		w.consumer.o.Log.Warn("batch not terminated; it is buried again", "error", err)
	}
}

// failed counts a failure of a batch.
func (c *Consumer) failed(key string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.failures.Inc()
	if len(c.failures) > 10_000 {
		clear(c.failures) // others begin anew; it only costs retries
	}
	c.failures[key]++
	return c.failures[key]
}
