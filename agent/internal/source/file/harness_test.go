package file

import (
	"context"
	"fmt"
	"log/slog"
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

// got is what a sink keeps of a record.
type got struct {
	path, text, action  string
	line, offset        int64
	truncated, backfill bool
	positions           []record.Position
}

// sink keeps records, and can be made to block.
type sink struct {
	mu      sync.Mutex
	records []got
	lines   int
	changed chan struct{}
	gate    chan struct{}
}

func newSink() *sink { return &sink{changed: make(chan struct{}, 1)} }

func (s *sink) Put(ctx context.Context, r *record.Raw) error {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	g := got{
		path: filepath.Base(r.Path), text: string(r.Text), line: r.Line, offset: r.Offset,
		truncated: r.Truncated, backfill: r.Backfill, positions: slices.Clone(r.Positions),
	}
	if r.Event != nil {
		g.action = string(r.Event.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION))
	}
	s.mu.Lock()
	s.records = append(s.records, g)
	if g.text != "" {
		s.lines++
	}
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return ctx.Err()
}

func (s *sink) block() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate := make(chan struct{})
	s.gate = gate
	return func() {
		s.mu.Lock()
		s.gate = nil
		s.mu.Unlock()
		close(gate)
	}
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines
}

func (s *sink) all() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}

// texts are the lines and, in brackets, the declarations.
func texts(records []got) []string {
	var list []string
	for _, r := range records {
		switch {
		case r.action != "":
			list = append(list, "["+r.action+"]")
		case r.text != "":
			list = append(list, r.text)
		}
	}
	return list
}

// positionsOf is what a spool would hold after these records.
func positionsOf(records []got) map[string][]byte {
	positions := map[string][]byte{}
	for _, r := range records {
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

// rig is a folder, a sink and the source that runs between them.
type rig struct {
	t      testing.TB
	dir    string
	cfg    Config
	opts   Options
	sink   *sink
	source *Source
	cancel context.CancelFunc
	done   chan error
}

func newRig(t testing.TB, in ...Input) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), sink: newSink()}
	if len(in) == 0 {
		in = []Input{{Paths: []string{"*.log"}}}
	}
	for i := range in {
		for _, list := range [][]string{in[i].Paths, in[i].Exclude} {
			for j := range list {
				if strings.Contains(list[j], "/") || &list[0] == &in[i].Paths[0] {
					list[j] = filepath.Join(r.dir, list[j])
				}
			}
		}
	}
	r.cfg = Config{Inputs: in, Pause: 50 * time.Millisecond, Poll: 100 * time.Millisecond, Linger: 300 * time.Millisecond}
	r.opts = Options{Log: slog.New(slog.DiscardHandler)}
	t.Cleanup(r.stop)
	return r
}

// start runs a source from where the sink's records end, and waits until it has
// looked at what exists.
func (r *rig) start() {
	r.t.Helper()
	s, err := New(r.cfg, r.opts)
	if err != nil {
		r.t.Fatal(err)
	}
	r.source = s
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.done = cancel, make(chan error, 1)
	before := positionsOf(r.sink.all())
	seen := len(before) == 0
	go func() { r.done <- s.Run(ctx, before, r.sink) }()
	if seen {
		r.wait("first sight", func() bool {
			for key := range positionsOf(r.sink.all()) {
				if strings.HasPrefix(key, markPrefix) {
					return true
				}
			}
			return false
		})
	}
}

func (r *rig) stop() {
	if r.cancel == nil {
		return
	}
	r.cancel()
	if err := <-r.done; err != nil {
		r.t.Errorf("run: %v", err)
	}
	r.cancel = nil
}

// wait polls until a condition holds.
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
			r.t.Fatalf("%.200s did not happen; got %s; status %+v", what, brief(texts(r.sink.all())), r.source.Status())
		}
	}
}

// brief shows the end of a list.
func brief(list []string) string {
	var b strings.Builder
	for _, s := range list[max(0, len(list)-20):] {
		fmt.Fprintf(&b, " %.30q", s)
	}
	return fmt.Sprintf("%d, the last:%s", len(list), b.String())
}

// expect waits for exactly these lines and declarations, in this order.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	r.wait(fmt.Sprintf("%q", want), func() bool { return len(texts(r.sink.all())) >= len(want) })
	if g := texts(r.sink.all()); !slices.Equal(g, want) {
		r.t.Fatalf("got %s, want %s", brief(g), brief(want))
	}
}

// expectAny is expect for lines of several files, whose order is not fixed.
func (r *rig) expectAny(want ...string) {
	r.t.Helper()
	r.wait(fmt.Sprintf("%q", want), func() bool { return len(texts(r.sink.all())) >= len(want) })
	g := texts(r.sink.all())
	slices.Sort(g)
	slices.Sort(want)
	if !slices.Equal(g, want) {
		r.t.Fatalf("got %s, want %s", brief(g), brief(want))
	}
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) write(name, text string) {
	r.t.Helper()
	f, err := os.OpenFile(r.path(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		r.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) rename(from, to string) { r.t.Helper(); r.do(os.Rename(r.path(from), r.path(to))) }
