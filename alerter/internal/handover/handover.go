// Package handover moves all alerters from one set of rules to the next together.
//
// In flows which set this alerter has loaded; out flows which set all of them run. Each
// keeps one key alive in the bucket that says what it has loaded; one more key names the
// active set, and whoever sees that the next one is due moves it.
package handover

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/event"
)

const (
	// DefaultTTL is how long a member that says nothing is waited for.
	DefaultTTL = 9 * time.Second
	// DefaultPatience is how long those that have another set are waited for.
	DefaultPatience = 5 * time.Minute
)

// Keys of the bucket. A member's key expires unless it is beaten.
const (
	memberPrefix = "member."
	activeKey    = "active"
)

// Options are what a Member needs. JetStream, Bucket and Log are required.
type Options struct {
	JetStream jetstream.JetStream
	Bucket    string
	// TTL is a whole number of seconds, at least 1 s: the server counts no finer.
	TTL time.Duration
	// Patience is how long a set must have been due before it goes without some members.
	Patience time.Duration
	Log      *slog.Logger
}

// Member is one alerter among those that run the same rules. Its methods may be called
// from any goroutine.
type Member struct {
	o       Options
	id      string
	changes chan struct{}
	asked   chan struct{}

	mu     sync.Mutex // guards what follows
	loaded string
	active string
}

// New prepares a Member that has loaded a set, named by a hash of its content. It knows
// nothing of the others until Run.
func New(o Options, loaded string) *Member {
	if o.TTL <= 0 {
		o.TTL = DefaultTTL
	}
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	return &Member{
		o: o, id: event.NewID(), loaded: loaded,
		changes: make(chan struct{}, 1), asked: make(chan struct{}, 1),
	}
}

// Load says which set this member has loaded last, and would have all run.
func (m *Member) Load(set string) {
	m.mu.Lock()
	m.loaded = set
	m.mu.Unlock()
	wake(m.asked)
}

// Active is the set that all members are to run; "" while it is not yet known. It is the
// last one known while NATS is away.
func (m *Member) Active() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.active
}

// Changes gets a value after Active has changed; several changes may be one value. It is
// never closed.
func (m *Member) Changes() <-chan struct{} { return m.changes }

// Run takes part until ctx ends. An outage of NATS is waited out.
func (m *Member) Run(ctx context.Context) error {
	v := newView(m.id, m.o)
	for ctx.Err() == nil {
		if err := m.session(ctx, v); err != nil && ctx.Err() == nil {
			m.o.Log.Debug("waiting for the other alerters' rules", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

func (m *Member) session(ctx context.Context, v *view) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	kv, err := m.o.JetStream.KeyValue(ctx, m.o.Bucket)
	if err != nil {
		return fmt.Errorf("look up bucket %s: %w", m.o.Bucket, err)
	}
	set, err := m.beat(ctx)
	if err != nil {
		return err
	}
	// Leaving runs on its own time: the session's context is over by then.
	defer m.leave(kv)
	watch, err := kv.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch bucket %s: %w", m.o.Bucket, err)
	}
	defer func() { _ = watch.Stop() }() // the context ends it as well
	v.join(set)
	return m.follow(ctx, kv, watch.Updates(), v)
}

// follow keeps the member's key alive, and moves the active set when it is due.
func (m *Member) follow(ctx context.Context, kv jetstream.KeyValue, updates <-chan jetstream.KeyValueEntry, v *view) error {
	tick := time.NewTicker(m.o.TTL / 3)
	defer tick.Stop()
	due := time.NewTimer(0)
	defer due.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-due.C:
		case <-tick.C:
			if _, err := m.beat(ctx); err != nil {
				return err
			}
		case <-m.asked:
			set, err := m.beat(ctx)
			if err != nil {
				return err
			}
			v.load(set)
		case entry, open := <-updates:
			if !open {
				return errors.New("watch ended")
			}
			v.apply(entry)
		}
		if !v.ready || len(updates) > 0 {
			continue
		}
		m.know(v.active)
		wait, ok := v.due(time.Now())
		if ok && wait <= 0 {
			m.move(ctx, kv, v)
			// Either the watch says so at once, or somebody else was faster.
			wait = m.o.TTL / 3
		}
		due.Stop()
		if ok {
			due.Reset(wait)
		}
	}
}

// beat writes our key anew, with its time to live: an update through the key-value API
// would drop it, and the key would stay for ever.
func (m *Member) beat(ctx context.Context) (set string, err error) {
	m.mu.Lock()
	set = m.loaded
	m.mu.Unlock()
	msg := nats.NewMsg("$KV." + m.o.Bucket + "." + memberPrefix + m.id)
	msg.Data = []byte(set)
	ctx, cancel := context.WithTimeout(ctx, m.o.TTL/3)
	defer cancel()
	if _, err := m.o.JetStream.PublishMsg(ctx, msg, jetstream.WithMsgTTL(m.o.TTL), jetstream.WithRetryAttempts(0)); err != nil {
		return "", fmt.Errorf("tell the loaded rules: %w", err)
	}
	return set, nil
}

// move makes our set the active one, unless somebody moves it at the same time: the
// watch then tells.
func (m *Member) move(ctx context.Context, kv jetstream.KeyValue, v *view) {
	var err error
	if v.revision == 0 {
		_, err = kv.Create(ctx, activeKey, []byte(v.loaded))
	} else {
		_, err = kv.Update(ctx, activeKey, []byte(v.loaded), v.revision)
	}
	if err != nil {
		m.o.Log.Debug("active rules not moved", "error", err)
		return
	}
	m.o.Log.Info("the alerters' active rules change", "from", v.active, "to", v.loaded)
}

func (m *Member) know(active string) {
	m.mu.Lock()
	changed := m.active != active
	m.active = active
	m.mu.Unlock()
	if changed {
		wake(m.changes)
	}
}

// leave tells the others not to wait for us.
func (m *Member) leave(kv jetstream.KeyValue) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := kv.Delete(ctx, memberPrefix+m.id); err != nil {
		m.o.Log.Debug("left without a word", "error", err) // the key expires
	}
}

// wake puts a value where at most one waits.
func wake(ch chan<- struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
