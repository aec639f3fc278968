package correlate

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeLeases own everything or nothing, as the test says.
type fakeLeases struct {
	mu    sync.Mutex
	token uint64
	ch    chan struct{}
}

func newLeases(token uint64) *fakeLeases {
	return &fakeLeases{token: token, ch: make(chan struct{}, 1)}
}

func (f *fakeLeases) Owns(uint32) (uint64, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.token, f.token != 0
}

func (f *fakeLeases) Changes(context.Context) <-chan struct{} { return f.ch }

func (f *fakeLeases) set(token uint64) {
	f.mu.Lock()
	f.token = token
	f.mu.Unlock()
	select {
	case f.ch <- struct{}{}:
	default:
	}
}

type world struct {
	t    testing.TB
	js   jetstream.JetStream
	sigs []sig
	now  func() time.Time
	// flushEvery is that of the owners; theirs unless set.
	flushEvery time.Duration
	maxHeld    int
	lost       func(context.Context, Loss) error
}

func newWorld(t testing.TB) *world {
	t.Helper()
	js := natstest.Start(t).JetStream()
	for name, filter := range map[string]string{
		subject.SignalsStream: subject.SignalsFilter, subject.AlertsStream: subject.AlertsFilter,
	} {
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: name, Subjects: []string{filter}, AllowAtomicPublish: true, AllowDirect: true,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := lease.Ensure(t.Context(), js, subject.LeasesBucket, ""); err != nil {
		t.Fatal(err)
	}
	return &world{t: t, js: js}
}

func (w *world) publish(root *rule.Root, sigs ...sig) {
	w.t.Helper()
	parts := make(map[uint32]*alertv1.Signals)
	for _, s := range sigs {
		p := finding.Partition(root.ID, []string{s.group})
		if parts[p] == nil {
			parts[p] = &alertv1.Signals{}
		}
		parts[p].Signals = append(parts[p].Signals, s.signal(root))
	}
	for p, m := range parts {
		data, err := proto.Marshal(m)
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.js.Publish(w.t.Context(), subject.Signals(p), data); err != nil {
			w.t.Fatal(err)
		}
	}
	w.sigs = append(w.sigs, sigs...)
}

// own runs an owner until the returned function stops it.
func (w *world) own(leases Leases, root *rule.Root) (o *Owner, stop func()) {
	o = NewOwner(OwnerOptions{
		JetStream: w.js, Leases: leases, Bucket: subject.LeasesBucket, Roots: []*rule.Root{root},
		Lateness: 100_000 * time.Hour, Log: slog.New(slog.DiscardHandler), Now: w.now, FlushEvery: w.flushEvery, MaxHeld: w.maxHeld, Lost: w.lost,
	})
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := o.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	w.t.Cleanup(stop)
	return o, stop
}

// stored are the alerts as the stream has them.
func (w *world) stored() map[string][]*alertv1.Alert {
	w.t.Helper()
	heads := make(map[uint32][]head)
	for p := range uint32(finding.Partitions) {
		heads[p] = nil
	}
	if err := readHeads(w.t.Context(), w.js, heads); err != nil {
		w.t.Fatal(err)
	}
	list := make(map[string][]*alertv1.Alert)
	for _, part := range heads {
		for _, h := range part {
			list[h.fingerprint] = h.alerts
		}
	}
	return list
}

// settles waits until the stored alerts are those of the reference.
func (w *world) settles(root *rule.Root) {
	w.t.Helper()
	want := reference(root, w.sigs)
	var got []outcome
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		if got = outcomes(w.stored()); gocmp.Equal(want, got) {
			return
		}
		select {
		case <-w.t.Context().Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	w.t.Fatalf("stored alerts differ from the reference (-want +got):\n%s", gocmp.Diff(want, got))
}

func randomSigs(r *rand.Rand, from, n int) []sig {
	sigs := make([]sig, n)
	for i := range sigs {
		sigs[i] = sig{
			n: from + i, ordinal: uint64(from + i), at: r.Int64N(3000), leaf: 1,
			group: fmt.Sprintf("10.0.0.%d", r.IntN(12)), user: "u",
		}
	}
	return sigs
}

func TestTakeoverCountsNothingTwiceAndLosesNothing(t *testing.T) {
	w := newWorld(t)
	root := correlation(1, rule.EventCount, time.Minute, "", atLeast(3), detection(1))
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test repeats itself
	n := 0
	for round := range 6 {
		leases := newLeases(uint64(round + 1))
		_, stop := w.own(leases, root)
		for range 5 {
			w.publish(root, randomSigs(r, n, 20)...)
			n += 20
			// What was delivered before is delivered again.
			w.publish(root, w.sigs[r.IntN(len(w.sigs))])
		}
		switch round % 3 {
		case 0:
			w.settles(root)
			stop()
		case 1: // the lease is gone in the middle: nothing more is written
			leases.set(0)
			stop()
		default:
			stop()
		}
	}
	_, _ = w.own(newLeases(100), root)
	w.settles(root)
}

func TestAStaleOwnerMakesNoSecondAlert(t *testing.T) {
	w := newWorld(t)
	root := correlation(1, rule.EventCount, time.Minute, "", atLeast(3), detection(1))
	r := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test repeats itself
	// Both are sure that they own everything, as after SIGCONT past a lease.
	w.own(newLeases(1), root)
	w.own(newLeases(2), root)
	for i := range 20 {
		w.publish(root, randomSigs(r, 20*i, 20)...)
	}
	w.settles(root)
	for fingerprint, alerts := range w.stored() {
		ids := make(map[string]bool)
		for _, a := range alerts {
			if ids[a.GetId()] {
				t.Errorf("%s has alert %s twice", fingerprint, a.GetId())
			}
			ids[a.GetId()] = true
		}
	}
}

func TestOpeningsDoNotWaitAndJoinsDo(t *testing.T) {
	w := newWorld(t)
	w.flushEvery = 24 * time.Hour
	root := roots()[0]
	_, stop := w.own(newLeases(1), root)
	const group = "10.0.0.1"
	second := 2 // the first other group of the same partition
	for finding.Partition(root.ID, []string{fmt.Sprint("10.0.0.", second)}) != finding.Partition(root.ID, []string{group}) {
		second++
	}
	w.publish(root, sig{n: 0, at: 0, leaf: 1, group: group})
	natstest.Eventually(t, 2*time.Minute, "the opening is written", func() bool { return len(w.stored()) == 1 })
	for i := 1; i < 100; i++ {
		w.publish(root, sig{n: i, at: int64(i), ordinal: uint64(i), leaf: 1, group: group})
	}
	w.publish(root, sig{n: 100, ordinal: 100, leaf: 1, group: fmt.Sprint("10.0.0.", second)})
	natstest.Eventually(t, 2*time.Minute, "an opening after the joins is written", func() bool { return len(w.stored()) == 2 })
	for _, alerts := range w.stored() {
		if n := alerts[0].GetCount(); n != 1 {
			t.Errorf("%d events of an alert are written before its joins are due", n)
		}
	}
	stop()
	w.settles(root)
	stream, err := w.js.Stream(t.Context(), subject.AlertsStream)
	if err != nil {
		t.Fatal(err)
	}
	if got := stream.CachedInfo().State.Msgs; got != 3 {
		t.Errorf("%d states were written: two openings and one that takes all joins are wanted", got)
	}
}

func TestAHostWhoseClockIsWrongJudgesByTheServers(t *testing.T) {
	w := newWorld(t)
	w.now = func() time.Time { return time.Now().Add(10 * 365 * 24 * time.Hour) }
	root := roots()[0]
	w.own(newLeases(1), root)
	s := sig{n: 0, at: (time.Now().UnixNano() - epoch) / second, leaf: 1, group: "10.0.0.1"}
	w.publish(root, s)
	state := func() (a *alertv1.Alert) {
		for _, alerts := range w.stored() {
			a = alerts[0]
		}
		return a
	}
	natstest.Eventually(t, 2*time.Minute, "the alert is written", func() bool { return state() != nil })
	// Joins and resolutions are written with the next tick.
	s.n, s.ordinal = 1, 1
	w.publish(root, s)
	natstest.Eventually(t, 2*time.Minute, "the join is written", func() bool { return state().GetCount() == 2 })
	if a := state(); a.GetState() != alertv1.AlertState_ALERT_STATE_FIRING {
		t.Errorf("the alert is %v, opened %v", a.GetState(), time.Unix(0, int64(a.GetOpened())))
	}
}

func TestHeadsOfOthersTakeNoMemory(t *testing.T) {
	w := newWorld(t)
	root := roots()[0]
	_, stop := w.own(newLeases(1), root)
	for i := range 100 {
		w.publish(root, sig{n: i, leaf: 1, group: fmt.Sprint("10.0.0.", i)})
	}
	w.settles(root)
	stop()
	const ours, others = 3, 5
	reader := headReader{js: w.js, owns: func(p uint32) bool { return p == ours }}
	for _, p := range []uint32{ours, others} {
		heads, err := reader.take(t.Context(), p, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			if got := finding.Partition(root.ID, []string{h.alerts[0].GetGroup()[0].GetValue()}); got != p {
				t.Errorf("partition %d has a head of %d", p, got)
			}
		}
	}
	if n := len(reader.heads); n > 1 {
		t.Errorf("the heads of %d partitions are kept", n)
	}
}

func TestWhileSignalsWaitTheirTimeIsTheTime(t *testing.T) {
	root := correlation(5, rule.EventCount, time.Minute, "", []rule.Bound{{Operator: "eq", Value: 2}}, detection(1))
	p := &partition{
		owner: &Owner{o: OwnerOptions{Now: time.Now}}, engine: New(Options{Roots: []*rule.Root{root}, Lateness: time.Minute}),
		told: time.Unix(0, epoch).Add(time.Hour), heard: time.Now(), pending: 1,
	}
	at := time.Unix(0, epoch)
	p.engine.Add(1, at, []*alertv1.Signal{sig{n: 1, leaf: 1, group: "g"}.signal(root)})
	p.advance(0) // the second signal was stored in time, and is on its way
	p.engine.Add(2, at.Add(time.Second), []*alertv1.Signal{sig{n: 2, ordinal: 1, at: 1, leaf: 1, group: "g"}.signal(root)})
	p.pending = 0
	p.advance(0)
	changes := p.engine.Take(false)
	if len(changes) != 1 || changes[0].Alerts[0].GetCount() != 2 {
		t.Errorf("changes %v", changes)
	}
}
