// Package publish stores sealed batches in JetStream, one at a time for each
// lane and fenced by the lane's head, so that nothing is repeated, reordered or
// lost whoever else publishes for the same agent.
//
// In flow validated batches with their sealed bytes; out flow the heads that an
// agent may take as acknowledged: they follow JetStream's own acknowledgement,
// which follows its fsync.
package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/proto/wireerr"
	"github.com/tocsin-security/tocsin/shell/sparse"
)

const (
	attemptTimeout = 5 * time.Second
	firstBackoff   = 50 * time.Millisecond
	lastBackoff    = 2 * time.Second
)

// What JetStream answers when it does not store.
const (
	codeWrongSequence   jetstream.ErrorCode = 10071
	codeWrongSequenceOf jetstream.ErrorCode = 10164
	// A full stream that discards what is new answers with these.
	codeStoreFailed jetstream.ErrorCode = 10077
	codeNoResources jetstream.ErrorCode = 10047
)

// Streams gives the connection and the events streams, or says why they cannot be
// had now. The bus implements it; calls may come from any goroutine.
type Streams interface {
	JetStream() jetstream.JetStream
	Stream(class eventv1.Class) (jetstream.Stream, error)
	// Room says what is short where nothing may be stored; it is asked before
	// every attempt, and must be cheap.
	Room() error
}

// Options are what a Publisher works with.
type Options struct {
	Streams Streams
	Log     *slog.Logger
	Metrics prometheus.Registerer
}

// Publisher opens agents' lanes. It keeps nothing of an agent itself.
type Publisher struct {
	o        Options
	stored   *prometheus.CounterVec
	events   *prometheus.CounterVec
	known    *prometheus.CounterVec
	failures *prometheus.CounterVec

	// unread is for heads that cannot be read: each of many agents asks again.
	unread *slog.Logger

	mu    sync.Mutex // guards stuck
	stuck [event.ClassCount]stuck
}

// stuck is how many lanes of a class wait for JetStream, and why.
type stuck struct {
	lanes int
	why   string
}

// New makes a publisher.
func New(o Options) (*Publisher, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_publish_" + name, Help: help}, labels)
	}
	p := &Publisher{
		o:        o,
		unread:   sparse.Logger(o.Log),
		stored:   counter("batches_stored_total", "Batches that JetStream stored and acknowledged.", "class"),
		events:   counter("events_stored_total", "Events in batches that JetStream stored and acknowledged.", "class"),
		known:    counter("batches_known_total", "Batches acknowledged because they were stored before.", "class"),
		failures: counter("errors_total", "Attempts to publish that failed, by kind.", "class", "kind"),
	}
	for _, c := range []prometheus.Collector{p.stored, p.events, p.known, p.failures} {
		if err := o.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return p, nil
}

// Ready is nil while no class's batches wait, else why they do.
func (p *Publisher) Ready() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, class := range event.Classes() {
		if s := &p.stuck[class]; s.lanes > 0 {
			return fmt.Errorf("events of class %s wait, of %d agents: %s", event.ClassName(class), s.lanes, s.why)
		}
	}
	return nil
}

// Agent is one stream's view of an agent's lanes. Put may be called for several
// lanes at once, for one lane by one goroutine at a time.
type Agent struct {
	p     *Publisher
	id    string
	skew  time.Duration
	heads [event.ClassCount]head
}

// Open reads the heads of an agent's lanes. skew is the agent's clock minus
// ours. Its errors are wire errors, and retryable.
func (p *Publisher) Open(ctx context.Context, agent string, skew time.Duration) (*Agent, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	a := &Agent{p: p, id: agent, skew: skew}
	errs := make([]error, event.ClassCount)
	var all sync.WaitGroup
	for _, class := range event.Classes() {
		all.Go(func() { a.heads[class], errs[class] = p.readHead(ctx, class, agent) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		p.unread.Warn("read heads", "agent", agent, "error", err)
		return nil, wireerr.New(codes.Unavailable, wireerr.Unavailable, "events cannot be stored now")
	}
	return a, nil
}

// Heads are the lanes' heads as of Open, of those lanes that have any.
func (a *Agent) Heads() []*ingestv1.LaneHead {
	var heads []*ingestv1.LaneHead
	for _, class := range event.Classes() {
		if h := a.heads[class]; h.stream != 0 {
			heads = append(heads, h.wire(class))
		}
	}
	return heads
}

// Put stores one batch as the next of its lane and returns once it is on disk,
// with the head to acknowledge. While JetStream cannot store, it waits and tries
// again until ctx ends. A batch that is the lane's head already is not stored
// again. An error is a wire error, and ends the stream: nothing later of the
// lane may be put.
func (a *Agent) Put(ctx context.Context, h event.Header, sealed []byte, received time.Time) (*ingestv1.LaneHead, error) {
	next := headOf(&h, sealed)
	last := &a.heads[h.Class]
	name := event.ClassName(h.Class)
	if next.same(last) {
		a.p.known.WithLabelValues(name).Inc()
		return last.wire(h.Class), nil
	}
	if err := follows(last, &h); err != nil {
		return nil, err
	}
	sequence, err := a.store(ctx, &h, next, sealed, received)
	if err != nil {
		return nil, err
	}
	next.stream = sequence
	*last = next
	return next.wire(h.Class), nil
}

// store publishes a batch behind its fence until it is known to be stored. After
// any error it reads the head: what an error leaves open, the head decides.
func (a *Agent) store(ctx context.Context, h *event.Header, next head, sealed []byte, received time.Time) (uint64, error) {
	message := a.message(h, &next, sealed, received)
	fence := a.heads[h.Class].stream
	name := event.ClassName(h.Class)
	waits := false
	defer func() {
		if waits {
			a.p.settled(h.Class)
		}
	}()
	for backoff := firstBackoff; ; backoff = min(2*backoff, lastBackoff) {
		sequence, err := a.p.attempt(ctx, h.Class, message, fence)
		if err == nil {
			a.p.stored.WithLabelValues(name).Inc()
			a.p.events.WithLabelValues(name).Add(float64(h.Count))
			return sequence, nil
		}
		a.p.failures.WithLabelValues(name, kindOf(err)).Inc()
		now, readErr := a.p.readHead(ctx, h.Class, a.id)
		switch {
		case readErr != nil:
			err = errors.Join(err, readErr)
		case next.same(&now):
			a.p.stored.WithLabelValues(name).Inc()
			a.p.events.WithLabelValues(name).Add(float64(h.Count))
			return now.stream, nil
		case now.stream != fence:
			return 0, wireerr.New(codes.Aborted, wireerr.Unavailable,
				"lane "+name+" went on by way of another stream: connect again")
		}
		a.p.wait(h.Class, err, !waits)
		waits = true
		if err := pause(ctx, backoff); err != nil {
			return 0, wireerr.New(codes.Unavailable, wireerr.Unavailable, "the stream ended before the batch was stored")
		}
	}
}

// attempt publishes once. It does not give up when ctx ends: a message under way
// may be stored, and whoever waits for the stream's end wants to know.
func (p *Publisher) attempt(ctx context.Context, class eventv1.Class, message *nats.Msg, fence uint64) (uint64, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if err := p.o.Streams.Room(); err != nil {
		return 0, &noRoomError{err}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), attemptTimeout)
	defer cancel()
	ack, err := p.o.Streams.JetStream().PublishMsg(ctx, message,
		jetstream.WithExpectStream(subject.EventsStream(class)),
		jetstream.WithExpectLastSequencePerSubject(fence),
		jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, fmt.Errorf("publish batch: %w", err)
	}
	return ack.Sequence, nil
}

func (a *Agent) message(h *event.Header, next *head, sealed []byte, received time.Time) *nats.Msg {
	header := subject.Header{
		Epoch: h.Epoch, FirstSequence: h.FirstSequence, Count: h.Count, Hash: next.hash,
		Received: received.UnixNano(), Skew: int64(a.skew),
	}
	return &nats.Msg{
		Subject: subject.Events(h.Class, a.id),
		Header:  nats.Header(header.Format(a.id, h.Class)),
		Data:    sealed,
	}
}

// wait notes why a lane waits; first says that it did not before.
func (p *Publisher) wait(class eventv1.Class, err error, first bool) {
	why := err.Error()
	var api *jetstream.APIError
	if errors.Is(err, nats.ErrReconnectBufExceeded) { // its text speaks of a buffer that we do not have
		why = "NATS is not connected"
	}
	if kindOf(err) == kindFull && errors.As(err, &api) {
		why = fmt.Sprintf("stream %s is full or cannot store: %s", subject.EventsStream(class), api.Description)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.stuck[class]
	if first {
		s.lanes++
	}
	if s.why != why {
		s.why = why
		p.o.Log.Warn("batches wait", "class", event.ClassName(class), "why", why)
	}
}

// settled notes that a lane waits no more.
func (p *Publisher) settled(class eventv1.Class) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := &p.stuck[class]
	if s.lanes--; s.lanes == 0 {
		s.why = ""
		p.o.Log.Info("batches wait no more", "class", event.ClassName(class))
	}
}

// pause waits about d, less by chance, so that lanes that failed together do not
// come back together.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d/2 + rand.N(d/2+1)) //nolint:gosec // chance, not secrecy
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

const (
	kindFence = "fence"
	kindFull  = "full"
	kindOther = "unavailable"
)

// noRoomError is an attempt that was not made for want of room.
type noRoomError struct{ error }

func kindOf(err error) string {
	var room *noRoomError
	if errors.As(err, &room) {
		return kindFull
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return kindOther
	}
	switch api.ErrorCode {
	case codeWrongSequence, codeWrongSequenceOf:
		return kindFence
	case codeStoreFailed, codeNoResources:
		return kindFull
	default:
		return kindOther
	}
}
