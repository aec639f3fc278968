// Package consume takes stored batches from the event streams, has them looked
// at, and publishes the signals that come of them.
//
// In flow batches, shared with all other alerters through one durable consumer a
// class, the urgent classes first; out flow signals, all those of a batch in one
// atomic group, with those of other batches that wait. Only then is the batch
// acked: what happens twice is recognised where signals are counted, and nothing
// happens less than once.
package consume

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// Bounds of what is taken and not yet acked.
const (
	// pullAtOnce is how many batches of a class wait in this process: enough that small
	// ones do not wait for the server, and few, as what waits here no other alerter can
	// take. (A limit in bytes beside it makes the client lose messages: the server's words
	// about the limit come through the same channel, which has room for these only.)
	pullAtOnce = 64
	ackWait    = 30 * time.Second
	// giveBackFor bounds how long what was pulled is given back at the end.
	giveBackFor = 5 * time.Second
	// maxAckPending bounds the batches of a class in all alerters together.
	maxAckPending = 1024
)

// Detector asks the rules about one event. It belongs to one goroutine.
type Detector interface {
	Detect(e *finding.Event, emit func(finding.Signal))
	// Flush is called after each batch, also after one that could not be read whole.
	Flush()
}

// Options are what a Consumer needs. JetStream, Bucket, Detector and Log are
// required.
type Options struct {
	JetStream jetstream.JetStream
	// Bucket is where suspicions about batches are noted.
	Bucket string
	// Detector gives a worker, numbered from 0, its detector for the next batch and
	// the hash of the rules it asks. It is called by that worker only.
	Detector func(worker int) (d Detector, ruleSet []byte)
	// AckWait is after what time a batch that nobody speaks of is delivered again;
	// 30 s unless set.
	AckWait time.Duration
	// Workers is how many batches are looked at in parallel; 0 for one a processor.
	Workers int
	Log     *slog.Logger
	// Registerer takes the consumer's metrics; nil for none.
	Registerer prometheus.Registerer
}

// Consumer takes batches until it is stopped.
type Consumer struct {
	o      Options
	codec  *event.Codec
	hosts  *hosts
	counts *metrics
	work   [event.ClassCount]chan jetstream.Msg
	// results go from the workers to the storer.
	results chan *result
	// pulled is closed when nothing is pulled any more. Before that, what is given
	// back would come back to us, who are about to leave.
	pulled chan struct{}
	// alone is held for writing by a worker whose batch may bring the process down.
	alone sync.RWMutex

	mu      sync.Mutex // guards what follows
	waiting map[eventv1.Class]error
	// process tells this process's notes from others'.
	process string
	// failures counts what went wrong with a batch in this process.
	failures map[string]int
}

// New prepares a Consumer.
func New(o Options) (*Consumer, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.AckWait <= 0 {
		o.AckWait = ackWait
	}
	codec, err := event.NewCodec()
	if err != nil {
		return nil, fmt.Errorf("make codec: %w", err)
	}
	c := &Consumer{
		o: o, codec: codec, hosts: newHosts(o.JetStream, o.Log), counts: newMetrics(o.Registerer),
		waiting: make(map[eventv1.Class]error), failures: make(map[string]int),
		results: make(chan *result), process: event.NewID(),
	}
	for _, class := range event.Classes() {
		c.work[class] = make(chan jetstream.Msg)
		c.waiting[class] = errors.New("not yet connected")
	}
	return c, nil
}

// Ready is nil while batches of every class are being taken.
func (c *Consumer) Ready() error {
	if err := c.hosts.ready(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, class := range event.Classes() {
		if err := c.waiting[class]; err != nil {
			return fmt.Errorf("%s: %w", subject.EventsStream(class), err)
		}
	}
	return nil
}

// Run takes batches until ctx ends; those at hand it finishes or leaves to be
// delivered again. Streams that are missing and a NATS that is away are waited
// for. It may be called again after it has returned.
func (c *Consumer) Run(ctx context.Context) error {
	c.pulled = make(chan struct{})
	g, ctx := errgroup.WithContext(ctx)
	var pulls sync.WaitGroup
	g.Go(func() error { return c.hosts.run(ctx) })
	g.Go(func() error { c.store(ctx); return nil })
	for _, class := range event.Classes() {
		pulls.Add(1)
		g.Go(func() error { defer pulls.Done(); c.take(ctx, class); return nil })
	}
	g.Go(func() error { pulls.Wait(); close(c.pulled); return nil })
	for i := range c.o.Workers {
		g.Go(func() error {
			if err := c.hosts.wait(ctx); err != nil {
				return nil //nolint:nilerr // the context ended
			}
			c.worker(ctx, i)
			return nil
		})
	}
	return g.Wait()
}

// take hands a class's batches to the workers, and begins anew after whatever
// goes wrong.
func (c *Consumer) take(ctx context.Context, class eventv1.Class) {
	for wait := 250 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 5*time.Second) {
		started := time.Now()
		err := c.pull(ctx, class)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > time.Minute {
			wait = 250 * time.Millisecond
		}
		c.setWaiting(class, err)
		c.o.Log.Debug("waiting for events", "class", event.ClassName(class), "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (c *Consumer) setWaiting(class eventv1.Class, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[class] = err
}

func (c *Consumer) pull(ctx context.Context, class eventv1.Class) error {
	consumer, err := c.o.JetStream.CreateOrUpdateConsumer(ctx, subject.EventsStream(class), jetstream.ConsumerConfig{
		Durable: "alerter-" + event.ClassName(class), Description: "The alerters' share of the events.",
		FilterSubject: subject.EventsFilter(class), DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.o.AckWait, MaxDeliver: -1, MaxAckPending: maxAckPending,
		Metadata: map[string]string{"tocsin.hold": "true"},
	})
	if err != nil {
		return fmt.Errorf("open consumer: %w", err)
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(pullAtOnce), jetstream.PullExpiry(10*time.Second))
	if err != nil {
		return fmt.Errorf("pull batches: %w", err)
	}
	var rest jetstream.Msg
	defer func() { giveBack(messages, rest) }()
	c.setWaiting(class, nil)
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("pull batches: %w", err)
		}
		select {
		case c.work[class] <- m:
		case <-ctx.Done():
			rest = m
			return ctx.Err()
		}
	}
}

// giveBack ends the pulling, and leaves what was pulled to others at once. What
// cannot be given back comes again by itself after AckWait.
func giveBack(messages jetstream.MessagesContext, rest jetstream.Msg) {
	messages.Drain()
	if rest != nil {
		_ = rest.Nak()
	}
	ctx, cancel := context.WithTimeout(context.Background(), giveBackFor)
	defer cancel()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return
		}
		_ = m.Nak()
	}
}

// worker looks at one batch after the other, the most urgent first.
func (c *Consumer) worker(ctx context.Context, n int) {
	w := &worker{consumer: c, number: n, reader: NewReader(c.codec, c.hosts.name)}
	for {
		m, ok := c.next(ctx)
		if !ok {
			if m != nil {
				<-c.pulled
				_ = m.Nak()
			}
			return
		}
		w.handle(ctx, m)
	}
}

// next is the most urgent batch there is, or the first to come.
func (c *Consumer) next(ctx context.Context) (jetstream.Msg, bool) {
	for _, class := range event.Classes() {
		select {
		case m := <-c.work[class]:
			return m, ctx.Err() == nil
		default:
		}
	}
	select {
	case m := <-c.work[eventv1.Class_CLASS_AGENT]:
		return m, true
	case m := <-c.work[eventv1.Class_CLASS_AUTH]:
		return m, true
	case m := <-c.work[eventv1.Class_CLASS_FILE]:
		return m, true
	case m := <-c.work[eventv1.Class_CLASS_PROCESS]:
		return m, true
	case m := <-c.work[eventv1.Class_CLASS_WEB]:
		return m, true
	case m := <-c.work[eventv1.Class_CLASS_APP]:
		return m, true
	case m := <-c.work[eventv1.Class_CLASS_SYSTEM]:
		return m, true
	case <-ctx.Done():
		return nil, false
	}
}
