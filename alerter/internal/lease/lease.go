// Package lease shares the partitions of signals among the alerters that live.
//
// Every member keeps one key alive in the bucket; a partition's key names the
// member that has it, and is free when it names none that lives. In flows the
// bucket's state, out flows who may count and notify what: Owns, with a token
// that is never given twice.
package lease

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
)

// DefaultTTL is how long a member that says nothing keeps what it holds.
const DefaultTTL = 9 * time.Second

// Options are what an Owner needs. JetStream, Bucket and Log are required.
type Options struct {
	JetStream jetstream.JetStream
	Bucket    string
	// TTL is a whole number of seconds, at least 1 s: the server counts no finer.
	TTL time.Duration
	Log *slog.Logger
	// Registerer takes the owner's gauges; nil for none.
	Registerer prometheus.Registerer
	// Now reads a clock that runs on while the process is stopped; nil for time.Now.
	Now func() time.Time
}

// Owner holds this process's share of the partitions. Its methods may be called
// from any goroutine.
type Owner struct {
	js     jetstream.JetStream
	bucket string
	ttl    time.Duration
	log    *slog.Logger
	now    func() time.Time
	gauge  prometheus.Gauge

	mu sync.Mutex // guards what follows
	// deadline is when the held partitions are no longer ours, by our own clock.
	deadline time.Time
	held     map[uint32]uint64
	members  int
	watchers []chan struct{}
}

// New prepares an Owner, which holds nothing until Run.
func New(o Options) *Owner {
	if o.TTL <= 0 {
		o.TTL = DefaultTTL
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tocsin_partitions_held", Help: "Partitions of signals that this alerter owns.",
	})
	if o.Registerer != nil {
		o.Registerer.MustRegister(gauge)
	}
	return &Owner{
		js: o.JetStream, bucket: o.Bucket, ttl: o.TTL, log: o.Log, now: o.Now, gauge: gauge,
		held: make(map[uint32]uint64),
	}
}

// Ensure creates the bucket where it is missing. Its keys may carry their own
// time to live; those without one stay.
func Ensure(ctx context.Context, js jetstream.JetStream, bucket, about string) (jetstream.KeyValue, error) {
	kv, err := js.KeyValue(ctx, bucket)
	if err == nil {
		return kv, nil
	}
	if !errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, fmt.Errorf("look up bucket %s: %w", bucket, err)
	}
	kv, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: bucket, Description: about,
		History: 1, Storage: jetstream.FileStorage, LimitMarkerTTL: time.Hour,
	})
	if errors.Is(err, jetstream.ErrBucketExists) {
		kv, err = js.KeyValue(ctx, bucket)
	}
	if err != nil {
		return nil, fmt.Errorf("create bucket %s: %w", bucket, err)
	}
	return kv, nil
}

// Owns tells whether this process owns the partition now, and the fencing token
// of its ownership: the revision of its acquisition. It turns false by our own
// clock at the latest when others may take the partition.
func (o *Owner) Owns(partition uint32) (token uint64, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	token, ok = o.held[partition]
	return token, ok && o.now().Before(o.deadline)
}

// Members is how many alerters share the partitions, as last seen; 0 before Run
// has joined them.
func (o *Owner) Members() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.members
}

// Changes returns a new channel that gets a value after the set of owned
// partitions changed, until ctx ends; several changes may be one value. It is
// never closed.
func (o *Owner) Changes(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watchers = append(o.watchers, ch)
	context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.watchers = slices.DeleteFunc(o.watchers, func(w chan struct{}) bool { return w == ch })
	})
	return ch
}

// Run keeps a share of the partitions until ctx ends, and then gives it back. An
// outage of NATS loses the share and is waited out.
func (o *Owner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := o.session(ctx)
		o.drop()
		if ctx.Err() == nil {
			o.log.Warn("partitions lost; joining again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

// session is one membership, from joining to leaving or being lost. Each has a
// new member id: what was held under a lost one stays lost.
func (o *Owner) session(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kv, err := o.js.KeyValue(ctx, o.bucket)
	if err != nil {
		return fmt.Errorf("look up bucket %s: %w", o.bucket, err)
	}
	s := &session{
		owner: o, kv: kv, id: event.NewID(),
		alive: make(map[string]bool), taken: make(map[uint32]claim),
	}
	start := o.now()
	if s.beat, err = kv.Create(ctx, memberPrefix+s.id, nil, jetstream.KeyTTL(o.ttl)); err != nil {
		return fmt.Errorf("join the alerters: %w", err)
	}
	s.alive[s.id] = true
	o.extend(start)
	// Leaving runs on its own time: the session's context is over by then.
	defer s.leave()
	watch, err := kv.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch bucket %s: %w", o.bucket, err)
	}
	defer func() { _ = watch.Stop() }() // the context ends it as well
	return s.run(ctx, watch.Updates())
}

// extend moves the deadline to one TTL after a heartbeat was sent, less a
// margin for clocks that tick differently.
func (o *Owner) extend(sent time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deadline = sent.Add(o.ttl - o.ttl/10)
}

func (o *Owner) drop() {
	o.mu.Lock()
	clear(o.held)
	o.members = 0
	o.mu.Unlock()
	o.notify()
}

func (o *Owner) set(partition uint32, token uint64) {
	o.mu.Lock()
	if token == 0 {
		delete(o.held, partition)
	} else {
		o.held[partition] = token
	}
	o.mu.Unlock()
}

func (o *Owner) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.held)
}

func (o *Owner) notify() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gauge.Set(float64(len(o.held)))
	for _, ch := range o.watchers {
		select {
		case ch <- struct{}{}:
		default: // one value is already waiting
		}
	}
}

// quota is the largest share of one of n members.
func quota(members int) int {
	return (finding.Partitions + members - 1) / max(members, 1)
}
