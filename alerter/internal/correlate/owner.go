package correlate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// Leases tells which partitions this process may count. The Owner asks before
// every write; its answers may come from any goroutine.
type Leases interface {
	// Owns gives the fencing token of a partition that is ours now.
	Owns(partition uint32) (token uint64, ok bool)
	// Changes gets a value after Owns may have changed, until ctx ends.
	Changes(ctx context.Context) <-chan struct{}
}

// OwnerOptions are what an Owner needs; Registerer and what follows it are optional.
type OwnerOptions struct {
	JetStream jetstream.JetStream
	Leases    Leases
	// Bucket is where checkpoints are kept.
	Bucket   string
	Roots    []*rule.Root
	Lateness time.Duration
	Log      *slog.Logger
	// Registerer takes the owner's metrics; nil for none.
	Registerer prometheus.Registerer
	// MaxHeld bounds the signals of a group; that of Options unless set.
	MaxHeld int
	// Lost is told what the bounds of a partition cost, at most once a FlushEvery,
	// and again until it returns nil; nil for nobody. It is called concurrently.
	Lost func(context.Context, Loss) error
	// FlushEvery is how often joins are written, a second unless set; openings do
	// not wait.
	FlushEvery time.Duration
	// Now is this host's clock, whatever it says: it only tells how long ago the
	// server last told its time. Nil for time.Now.
	Now func() time.Time
}

// Loss is what the bounds of counting cost: signals and groups that were
// forgotten before their time.
type Loss struct {
	Partition uint32
	Count     uint64
	// Sequence is that of the last message of signals counted, At its stream time.
	Sequence uint64
	At       time.Time
}

// Owner counts the partitions that this process has the lease of.
type Owner struct {
	o      OwnerOptions
	counts *metrics
	heads  headReader
	reload chan struct{}

	mu      sync.Mutex // guards what follows
	roots   []*rule.Root
	late    time.Duration
	running map[uint32]*running
}

// running is one partition that is being counted.
type running struct {
	token  uint64
	cancel context.CancelFunc
	done   chan struct{}
	// live says that everything up to the takeover has been counted.
	live bool
}

// NewOwner prepares an Owner.
func NewOwner(o OwnerOptions) *Owner {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.FlushEvery <= 0 {
		o.FlushEvery = flushEvery
	}
	return &Owner{
		o: o, counts: newMetrics(o.Registerer), heads: headReader{js: o.JetStream, owns: func(p uint32) bool { _, ok := o.Leases.Owns(p); return ok }},
		reload: make(chan struct{}, 1),
		roots:  o.Roots, late: o.Lateness, running: make(map[uint32]*running),
	}
}

// Reload counts by other rules from now on: each partition is rebuilt. Alerts
// stay; so do the windows of rules that did not change.
func (o *Owner) Reload(roots []*rule.Root, lateness time.Duration) {
	o.mu.Lock()
	o.roots, o.late = roots, lateness
	for _, r := range o.running {
		r.cancel()
	}
	o.mu.Unlock()
	select {
	case o.reload <- struct{}{}:
	default:
	}
}

// Ready is nil when every partition that is ours is counted up to date.
func (o *Owner) Ready() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	behind := 0
	for _, r := range o.running {
		if !r.live {
			behind++
		}
	}
	if behind > 0 {
		return fmt.Errorf("rebuilding %d of %d partitions", behind, len(o.running))
	}
	return nil
}

// Run counts until ctx ends, and then writes what is not yet written.
func (o *Owner) Run(ctx context.Context) error {
	// A lease that runs out by our own clock changes nothing by itself: we look.
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	changes := o.o.Leases.Changes(ctx)
	defer o.wait()
	for {
		o.match(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		case <-o.reload:
		case <-tick.C:
		}
	}
}

// match starts and stops partitions as the leases say.
func (o *Owner) match(ctx context.Context) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for p := range uint32(finding.Partitions) {
		token, owned := o.o.Leases.Owns(p)
		r := o.running[p]
		if r != nil {
			select {
			case <-r.done:
				delete(o.running, p)
				r = nil
			default:
			}
		}
		switch {
		case r != nil && (!owned || r.token != token):
			r.cancel()
		case r == nil && owned:
			o.start(ctx, p, token)
		}
	}
}

// start is called with the lock held.
func (o *Owner) start(ctx context.Context, p uint32, token uint64) {
	ctx, cancel := context.WithCancel(ctx)
	r := &running{token: token, cancel: cancel, done: make(chan struct{})}
	o.running[p] = r
	part := &partition{
		owner: o, number: p, token: token, roots: o.roots, lateness: o.late,
		log: o.o.Log.With("partition", p, "token", token),
		live: func(live bool) {
			o.mu.Lock()
			r.live = live
			o.mu.Unlock()
		},
	}
	go func() {
		defer close(r.done)
		defer cancel()
		part.run(ctx)
	}()
}

func (o *Owner) wait() {
	o.mu.Lock()
	var list []*running
	for _, r := range o.running {
		list = append(list, r)
	}
	o.mu.Unlock()
	for _, r := range list {
		<-r.done
	}
}

// errStale says that somebody else wrote where only the owner writes: what we
// know is not the state.
var errStale = errors.New("somebody else wrote this partition's state")

// errNotOwner says that the lease is gone.
var errNotOwner = errors.New("the lease of this partition is gone")

// metrics are the counts of all partitions of this process.
type metrics struct {
	signals, repeated, late, unknown, dropped prometheus.Counter
	written, rebuilt, stripped                prometheus.Counter
	opened                                    *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "tocsin_correlate_" + name, Help: help})
		if reg != nil {
			reg.MustRegister(c)
		}
		return c
	}
	opened := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tocsin_rule_alerts_total", Help: "Alerts that the rule opened.",
	}, []string{"rule", "title"})
	if reg != nil {
		reg.MustRegister(opened)
	}
	return &metrics{
		signals:  counter("signals_total", "Signals counted, those of rebuilding included."),
		repeated: counter("repeated_total", "Signals that were counted before."),
		late:     counter("late_total", "Signals that came later than lateness allows."),
		unknown:  counter("unknown_total", "Signals of rules that are not loaded."),
		dropped:  counter("dropped_total", "Signals and groups dropped because a bound was reached."),
		stripped: counter("stripped_total", "Findings of which memory held only the essence until an alert counted them."),
		opened:   opened,
		written:  counter("alerts_written_total", "Alert states written."),
		rebuilt:  counter("rebuilds_total", "Partitions read anew."),
	}
}

// add counts the difference between two states of an engine.
func (m *metrics) add(before, after Stats) (dropped uint64) {
	m.signals.Add(float64(after.Signals - before.Signals))
	m.repeated.Add(float64(after.Repeated - before.Repeated))
	m.late.Add(float64(after.Late - before.Late))
	m.unknown.Add(float64(after.Unknown - before.Unknown))
	m.stripped.Add(float64(after.Stripped - before.Stripped))
	dropped = after.dropped() - before.dropped()
	m.dropped.Add(float64(dropped))
	return dropped
}
