package consume

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Bounds of what has been looked at and waits for its signals to be stored. What
// JetStream does for an atomic group (a folder, files, an fsync) costs the same
// for one batch as for ten, so the signals of all batches that wait go as one.
// A group holds at most groupMessages and groupBytes, or a single batch of any
// size.
const (
	groupMessages = 500
	groupBytes    = 4 << 20
	maxWaiting    = 12
	maxWaitBytes  = 8 << 20
	// aliveEvery is how often JetStream hears that a batch is still worked on.
	aliveEvery = ackWait / 3

	firstRetry = 50 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// result is a batch that has been looked at, with the signals it gave.
type result struct {
	message  jetstream.Msg
	class    eventv1.Class
	signals  []*nats.Msg
	bytes    int
	events   int
	findings int
	// alone says that a group with this batch in it was not stored: it is tried by
	// itself, so that it cannot hold up others.
	alone bool
}

// storer stores the signals of batches, and acks those whose signals are stored.
// It belongs to one goroutine.
type storer struct {
	consumer *Consumer
	// flying is the group that is being stored, waiting what comes after it.
	flying, waiting []*result
	waitBytes       int
}

// hand gives a result to the storer. It waits while as much waits as may.
func (c *Consumer) hand(ctx context.Context, r *result) {
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for {
		select {
		case c.results <- r:
			return
		case <-alive.C:
			_ = r.message.InProgress() // if it is lost, the batch is handled twice
		case <-ctx.Done():
			<-c.pulled
			_ = r.message.Nak()
			return
		}
	}
}

// store takes results until ctx ends. What is not stored by then is given back.
func (c *Consumer) store(ctx context.Context) {
	s := &storer{consumer: c}
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	stored := make(chan error, 1)
	retry := firstRetry
	var rest <-chan time.Time // not nil while it rests after a failure
	for {
		if len(s.flying) == 0 && len(s.waiting) > 0 && rest == nil {
			s.form()
			go func(messages []*nats.Msg) { stored <- publish(ctx, c.o.JetStream, messages) }(s.messages())
		}
		results := c.results
		if len(s.waiting) >= maxWaiting || s.waitBytes >= maxWaitBytes {
			results = nil
		}
		select {
		case r := <-results:
			s.waiting = append(s.waiting, r)
			s.waitBytes += r.bytes
		case err := <-stored:
			if err == nil {
				s.ack()
				retry = firstRetry
				continue
			}
			s.again(err)
			rest, retry = time.After(retry), min(2*retry, lastRetry)
		case <-rest:
			rest = nil
		case <-alive.C:
			s.each(func(r *result) { _ = r.message.InProgress() })
		case <-ctx.Done():
			if len(s.flying) > 0 {
				if <-stored == nil {
					s.ack()
				}
			}
			<-c.pulled
			s.each(func(r *result) { _ = r.message.Nak() })
			return
		}
	}
}

// form takes the next group from what waits.
func (s *storer) form() {
	n, messages, bytes := 0, 0, 0
	for _, r := range s.waiting {
		messages += len(r.signals)
		bytes += r.bytes
		if n > 0 && (r.alone || messages > groupMessages || bytes > groupBytes) {
			break
		}
		s.waitBytes -= r.bytes
		if n++; r.alone {
			break
		}
	}
	s.flying = append(s.flying, s.waiting[:n]...)
	rest := copy(s.waiting, s.waiting[n:])
	clear(s.waiting[rest:])
	s.waiting = s.waiting[:rest]
}

func (s *storer) messages() []*nats.Msg {
	var all []*nats.Msg
	for _, r := range s.flying {
		all = append(all, r.signals...)
	}
	return all
}

// ack gives up the batches whose signals are stored.
func (s *storer) ack() {
	for _, r := range s.flying {
		s.consumer.finish(r)
	}
	s.land()
}

// again puts what was not stored behind everything else: that JetStream does not
// take signals says nothing about their batch.
func (s *storer) again(err error) {
	s.consumer.counts.retries.Inc()
	s.consumer.o.Log.Warn("signals not stored yet", "batches", len(s.flying), "error", err)
	for _, r := range s.flying {
		r.alone = true
		s.waiting = append(s.waiting, r)
		s.waitBytes += r.bytes
	}
	s.land()
}

func (s *storer) land() {
	clear(s.flying)
	s.flying = s.flying[:0]
}

func (s *storer) each(do func(*result)) {
	for _, r := range s.flying {
		do(r)
	}
	for _, r := range s.waiting {
		do(r)
	}
}

// finish acks a batch with whose signals nothing is left to do.
func (c *Consumer) finish(r *result) {
	c.counts.done(r)
	if err := r.message.Ack(); err != nil && !ackBeforeSignals {
		c.o.Log.Debug("ack not sent; the batch comes again", "error", err)
	}
}
