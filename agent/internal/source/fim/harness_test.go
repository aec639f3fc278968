package fim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to happen.
const patience = 10 * time.Second

var errDead = errors.New("the sink died")

// got is what a sink keeps of a record.
type got struct {
	action, path, from, hash, previousHash, kind string
	fields                                       map[string]string
	positions                                    []record.Position
	committed                                    func()
}

func (g got) String() string {
	if g.from != "" {
		return g.action + " " + g.from + " " + g.path
	}
	return g.action + " " + g.path
}

// sink keeps records. It stands for a spool: what it committed survives.
type sink struct {
	mu      sync.Mutex
	records []got
	changed chan struct{}
	dead    bool
	// lazy leaves records uncommitted until commit is called.
	lazy bool
	// durable is how many records were committed.
	durable int
	root    string
}

func (s *sink) Put(_ context.Context, r *record.Raw) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dead {
		return errDead
	}
	g := got{positions: r.Positions, committed: r.Committed}
	if r.Event != nil {
		g.fields = map[string]string{}
		for i := range r.Event.Fields {
			name, value := r.Event.Fields[i].Name(), string(r.Event.Fields[i].Value)
			if before, list := g.fields[name]; list {
				value = before + "," + value
			}
			g.fields[name] = value
		}
		short := func(id eventv1.FieldId) string {
			return strings.TrimPrefix(string(r.Event.Get(id)), s.root+"/")
		}
		g.action = short(eventv1.FieldId_FIELD_ID_EVENT_ACTION)
		g.path = short(eventv1.FieldId_FIELD_ID_FILE_PATH)
		g.from = short(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_PATH)
		g.hash = short(eventv1.FieldId_FIELD_ID_FILE_HASH_SHA256)
		g.previousHash = short(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_HASH_SHA256)
		g.kind = short(eventv1.FieldId_FIELD_ID_FILE_TYPE)
	}
	if !s.lazy && g.committed != nil {
		g.committed()
		g.committed = nil
	}
	s.records = append(s.records, g)
	if !s.lazy {
		s.durable = len(s.records)
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return nil
}

// events are all records that say something.
func (s *sink) events() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.records), func(g got) bool { return g.action == "" })
}

// setLazy says whether records are to wait for commit.
func (s *sink) setLazy(lazy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lazy = lazy
}

// commit makes records durable, all of them or some that random chooses.
func (s *sink) commit(random *rand.Rand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.records)
	if random != nil {
		n = s.durable + random.IntN(n-s.durable+1)
	}
	s.durable = n
	for i := range s.records[:n] {
		if c := s.records[i].committed; c != nil {
			c()
			s.records[i].committed = nil
		}
	}
}

// crash forgets all records that are not durable, and refuses what is to come.
func (s *sink) crash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = true
	s.records = s.records[:s.durable]
}

func (s *sink) positions() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	positions := map[string][]byte{}
	for _, r := range s.records {
		for _, p := range r.positions {
			if p.State == nil {
				delete(positions, p.Key)
			} else {
				positions[p.Key] = p.State
			}
		}
	}
	return positions
}

// rig is a watched folder, a state folder, a sink, and the source between them.
type rig struct {
	t      testing.TB
	root   string
	cfg    Config
	opts   Options
	sink   *sink
	source *Source
	cancel context.CancelFunc
	done   chan error
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, root: filepath.Join(t.TempDir(), "root")}
	r.do(os.Mkdir(r.root, 0o700))
	r.sink = &sink{changed: make(chan struct{}, 1), root: r.root}
	r.cfg = Config{Paths: []string{r.root}}
	r.opts = Options{
		Log: slog.New(slog.DiscardHandler), Dir: t.TempDir(),
		Settle: 100 * time.Millisecond, MaxSettle: 500 * time.Millisecond,
	}
	t.Cleanup(r.stop)
	return r
}

// start runs a source until it is ready.
func (r *rig) start() {
	r.t.Helper()
	ready := make(chan struct{})
	opts := r.opts
	opts.Ready = func() { close(ready) }
	s, err := New(r.cfg, opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.source = s
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.done = cancel, make(chan error, 1)
	go func() { r.done <- s.Run(ctx, r.sink.positions(), r.sink) }()
	select {
	case <-ready:
	case err := <-r.done:
		r.cancel = nil
		cancel()
		r.t.Fatalf("run: %v", err)
	case <-time.After(patience):
		r.t.Fatal("not ready")
	}
}

func (r *rig) stop() {
	if r.cancel == nil {
		return
	}
	r.cancel()
	if err := <-r.done; err != nil && !errors.Is(err, errDead) {
		r.t.Errorf("run: %v", err)
	}
	r.cancel = nil
}

// crash ends a run; what was not durable is lost.
func (r *rig) crash() {
	r.sink.crash()
	r.write("killer", fmt.Sprint(rand.Uint64())) // its event finds the sink dead
	r.stop()
	r.sink.dead = false
}

func (r *rig) wait(what string, ok func() bool) {
	r.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-r.sink.changed:
		case <-tick.C:
		case <-deadline.C:
			r.t.Fatalf("%s did not happen; got %v", what, r.sink.events())
		}
	}
}

// expect waits until these and only these changes have been reported; the order
// of what happened at once is not fixed.
func (r *rig) expect(want ...string) []got {
	r.t.Helper()
	settled := func() bool { return r.source.Status().Pending == 0 }
	r.wait(fmt.Sprintf("%q", want), func() bool { return len(r.sink.events()) >= len(want) && settled() })
	events := r.sink.events()
	var have []string
	for _, e := range events {
		have = append(have, e.String())
	}
	slices.Sort(have)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(have, want) {
		r.t.Fatalf("got %q, want %q", have, want)
	}
	return events
}

func (r *rig) path(name string) string { return filepath.Join(r.root, name) }

func (r *rig) write(name, text string) {
	r.t.Helper()
	r.do(os.MkdirAll(filepath.Dir(r.path(name)), 0o700))
	r.do(os.WriteFile(r.path(name), []byte(text), 0o600))
}

func (r *rig) rename(from, to string) { r.t.Helper(); r.do(os.Rename(r.path(from), r.path(to))) }

func (r *rig) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}
