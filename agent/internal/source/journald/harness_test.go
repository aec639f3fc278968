package journald

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestMain(m *testing.M) {
	if script := os.Getenv("JOURNALCTL_SCRIPT"); script != "" {
		os.Exit(act(script))
	}
	goleak.VerifyTestMain(m)
}

// fakeEntry is an entry of a fake journal.
type fakeEntry struct {
	at      cursor
	message string
	pid     string
}

func (e *fakeEntry) line() string {
	message, _ := json.Marshal(e.message) //nolint:errchkjson // a string
	return fmt.Sprintf(`{"__CURSOR":"%s","__REALTIME_TIMESTAMP":"%d","MESSAGE":%s,"SYSLOG_IDENTIFIER":"demo","_UID":"0","_PID":"%s"}`+"\n",
		e.at.String(), e.at.realtime, message, e.pid)
}

// run is how one run of journalctl behaves that follows; the zero value is well.
type run struct {
	// fails is what it ends with at once.
	fails error
	// prints is what it prints before anything else.
	prints string
	// dies ends it after so many entries; hangs has it print no more; cut ends it in
	// the middle of the one that would come next.
	dies, hangs, cut int
	// misses are the numbers of entries that it does not print.
	misses []uint64
}

// fakeJournal is a journal, and the journalctl that reads it.
type fakeJournal struct {
	mu      sync.Mutex // guards what follows
	entries []fakeEntry
	changed chan struct{}
	runs    []run // those to come; a well one when none is left
	// asked are the arguments of each run that followed.
	asked [][]string
	// broken is why nothing can be asked.
	broken error
	// file, boot and time are those of the next entry.
	file, boot byte
	time       uint64
	// skipped are the numbers that are left out before each.
	skipped uint64
}

func newFakeJournal() *fakeJournal {
	return &fakeJournal{changed: make(chan struct{}), file: 7, boot: 1, time: 1759827600000000}
}

// write appends entries.
func (j *fakeJournal) write(messages ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, message := range messages {
		number := uint64(1)
		if n := len(j.entries); n > 0 {
			number = j.entries[n-1].at.number + 1 + j.skipped
		}
		j.time += 1000
		j.entries = append(j.entries, fakeEntry{
			message: message, pid: "7",
			at: cursor{file: [16]byte{j.file}, boot: [16]byte{j.boot}, number: number, monotonic: j.time, realtime: j.time, content: number * 31},
		})
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

// vacuum deletes the first n entries.
func (j *fakeJournal) vacuum(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = slices.Clone(j.entries[n:])
}

func (j *fakeJournal) do(change func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change()
}

func option(args []string, name string) (string, bool) {
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// start implements starter.
func (j *fakeJournal) start(ctx context.Context, args []string) (io.Reader, func() error, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, ok := option(args, "--lines"); ok {
		text := ""
		if n := len(j.entries); n > 0 {
			text = j.entries[n-1].line()
		}
		return strings.NewReader(text), func() error { return j.broken }, nil
	}
	j.asked = append(j.asked, args)
	var script run
	if len(j.runs) > 0 {
		script, j.runs = j.runs[0], j.runs[1:]
	}
	if script.fails != nil {
		return strings.NewReader(""), func() error { return script.fails }, nil
	}
	out, in := io.Pipe()
	stop := context.AfterFunc(ctx, func() { _ = in.Close() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = in.CloseWithError(j.follow(ctx, args, script, in))
	}()
	return out, func() error { _ = out.Close(); <-done; stop(); return ctx.Err() }, nil
}

// follow prints the entries from where the arguments say, as they come.
func (j *fakeJournal) follow(ctx context.Context, args []string, script run, to io.Writer) error {
	if _, err := io.WriteString(to, script.prints); err != nil {
		return err
	}
	reached := j.begin(args)
	for n := 0; ; {
		j.mu.Lock()
		changed := j.changed
		var next *fakeEntry
		for i := range j.entries {
			if e := &j.entries[i]; reached(&e.at) && !slices.Contains(script.misses, e.at.number) {
				copied := *e
				next = &copied
				break
			}
		}
		j.mu.Unlock()
		if next == nil || (script.hangs > 0 && n >= script.hangs) {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		text := next.line()
		if script.cut > 0 && n >= script.cut {
			text = text[:len(text)/2]
		}
		if _, err := io.WriteString(to, text); err != nil {
			return err
		}
		if n++; script.dies > 0 && n >= script.dies || script.cut > 0 && n > script.cut {
			return nil
		}
		last := next.at
		reached = func(c *cursor) bool { return c.after(&last) }
	}
}

func (j *fakeJournal) begin(args []string) func(*cursor) bool {
	if text, ok := option(args, "--cursor"); ok {
		from, _ := parseCursor([]byte(text))
		return func(c *cursor) bool { // by the number, where it may
			return c.file == from.file && c.number >= from.number || c.file != from.file && !from.after(c)
		}
	}
	if text, ok := option(args, "--boot"); ok {
		return func(c *cursor) bool { return fmt.Sprintf("%x", c.boot) == text }
	}
	since, _ := option(args, "--since")
	from, _ := strconv.ParseFloat(strings.TrimPrefix(since, "@"), 64)
	return func(c *cursor) bool { return float64(c.realtime) >= from*1e6 }
}

// rig is a source on a fake journal, and the spool that it fills.
type rig struct {
	t       *testing.T
	journal *fakeJournal
	cfg     Config
	source  *Source
	cancel  context.CancelFunc
	done    chan error
	ready   int
	denied  []string

	mu        sync.Mutex // guards what follows
	got       []string
	positions map[string][]byte
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, journal: newFakeJournal(), positions: map[string][]byte{}}
		test(r)
		r.stop()
	})
}

// Put implements Sink: every record becomes an event at once, and is durable.
func (r *rig) Put(ctx context.Context, raw *record.Raw) error {
	e := &record.Event{Positions: raw.Positions}
	if raw.Serial != 0 {
		e.Serials = []uint64{raw.Serial}
	}
	return r.source.Ledger().Append(ctx, e, func(_ context.Context, e *record.Event) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, p := range e.Positions {
			r.positions[p.Key] = slices.Clone(p.State)
		}
		switch {
		case raw.Event != nil:
			text := "[" + string(raw.Event.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION))
			for _, id := range []eventv1.FieldId{eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_COUNT} {
				if value := raw.Event.Get(id); value != nil {
					text += " " + string(value)
				}
			}
			r.got = append(r.got, text+"]")
		case len(raw.Text) > 0 && raw.Backfill:
			r.got = append(r.got, "old "+string(raw.Text))
		case len(raw.Text) > 0:
			r.got = append(r.got, string(raw.Text))
		}
		return nil
	})
}

// start runs a source from where the spool's positions end, and waits until it
// has nothing to do.
func (r *rig) start() {
	r.t.Helper()
	s, err := New(r.cfg, Options{
		Log: slog.New(slog.DiscardHandler), Ready: func() { r.ready++ }, start: r.journal.start,
		denied: func() ([]string, int) { return r.denied, 1 },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.source = s
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.done = cancel, make(chan error, 1)
	go func() { r.done <- s.Run(ctx, r.positions, r) }()
	synctest.Wait()
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

// expect compares what came since the last time.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.got, want) {
		r.t.Errorf("got %q, want %q", r.got, want)
	}
	r.got = nil
}

// runs is how often journalctl was started to follow.
func (r *rig) runs() int {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	return len(r.journal.asked)
}

var errFake = errors.New("journalctl: it did not work")
