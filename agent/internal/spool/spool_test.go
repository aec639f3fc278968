package spool

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	auth      = eventv1.Class_CLASS_AUTH
	fileClass = eventv1.Class_CLASS_FILE
	web       = eventv1.Class_CLASS_WEB
	system    = eventv1.Class_CLASS_SYSTEM
)

// fill appends and flushes rounds of events, of which nothing is sent.
func (w *world) fill(t *testing.T, rounds int) {
	t.Helper()
	for range rounds {
		for range 3 {
			for source, class := range map[string]eventv1.Class{"a": auth, "b": web} {
				if err := w.append(source, class, 100); err != nil {
					t.Fatalf("append: %v", err)
				}
			}
		}
		if err := w.spool.flush(); err != nil {
			t.Fatalf("flush: %v", err)
		}
	}
}

func opened(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 1)
	if err := w.open(); err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := w.spool.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

func (w *world) reopen(t *testing.T) {
	t.Helper()
	if err := w.spool.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	if err := w.open(); err != nil {
		t.Fatalf("open: %v", err)
	}
}

func wantActions(t *testing.T, w *world, want ...string) {
	t.Helper()
	got := w.collector.actions()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("declared events (-want +got):\n%s", diff)
	}
}

// forget takes the spool's own events out of a collector, so that check sees only lines.
func (w *world) forget() { delete(w.collector.lanes, eventv1.Class_CLASS_AGENT) }

func TestRestoredSpoolOpensNewEpochs(t *testing.T) {
	w := opened(t)
	w.fill(t, 4)
	if err := w.send(auth, 2, 1); err != nil {
		t.Fatal(err)
	}
	backup := w.disk.clone()
	w.fill(t, 3)
	w.drain()
	if err := w.spool.Close(); err != nil {
		t.Fatal(err)
	}
	w.disk, w.reported = backup, map[string]int{}
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.drain()
	wantActions(t, w, "spool_rollback spool_behind auth ", "spool_rollback spool_behind web ")
	for _, class := range []eventv1.Class{auth, web} {
		lane := w.collector.lanes[class]
		if first, last := lane[0].head.epoch, lane[len(lane)-1].head.epoch; first == last {
			t.Errorf("lane %v went on under its old epoch", class)
		}
	}
	if err := w.connect(); err != nil { // the same heads again declare nothing
		t.Fatal(err)
	}
	w.reopen(t)
	w.drain()
	wantActions(t, w, "spool_rollback spool_behind auth ", "spool_rollback spool_behind web ")
}

func TestRollbackIsDeclaredOnceWhileNothingIsAcked(t *testing.T) {
	w := opened(t)
	w.fill(t, 2)
	w.drain()
	w.disk = newCrashDisk(2) // the spool is lost
	w.reported = map[string]int{}
	w.reopen(t)
	w.fill(t, 2)
	for range 3 {
		if err := w.connect(); err != nil {
			t.Fatal(err)
		}
	}
	w.reopen(t)
	w.drain()
	wantActions(t, w, "spool_rollback spool_behind auth ", "spool_rollback spool_behind web ")
}

func TestCollectorThatLostALaneIsDeclared(t *testing.T) {
	w := opened(t)
	w.fill(t, 2)
	w.drain()
	w.fill(t, 1)
	delete(w.collector.lanes, auth)
	w.collector.lanes[web] = w.collector.lanes[web][:1]
	w.drain()
	wantActions(t, w, "spool_rollback collector_behind web 3", "spool_rollback collector_empty auth 6")
	if n := len(w.collector.lanes[auth]); n != 1 {
		t.Errorf("auth has %d batches, want the one that was unacked", n)
	}
}

func TestBatchStoredUnderItsOldNameIsNotRepeated(t *testing.T) {
	w := opened(t)
	w.fill(t, 3)
	if err := w.send(auth, 1, 1); err != nil {
		t.Fatal(err)
	}
	late, _, err := w.spool.Read(auth, w.sent[auth])
	if err != nil {
		t.Fatal(err)
	}
	kept := w.collector.lanes[auth]
	w.collector.lanes[auth] = []stored{{head: head{ident: ident{epoch: epoch{9}, first: 1}, count: 1}}}
	if err := w.connect(); err != nil { // a foreign head: new epoch, staged
		t.Fatal(err)
	}
	if err := w.spool.flush(); err != nil { // sealed anew
		t.Fatal(err)
	}
	w.collector.lanes[auth] = kept
	w.collector.publish(late) // by a collector that was slow
	w.drain()
	w.forget()
	w.check()
}

func TestStagedBatchThatIsStoredIsDropped(t *testing.T) {
	w := opened(t)
	for range 8 {
		e := w.event("a", w.next["a"]+1, auth, 0)
		e.Original = append(e.Original, noisy(400<<10)...)
		w.next["a"]++
		if err := errors.Join(w.spool.Append(t.Context(), e), w.spool.flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.send(auth, 1, 1); err != nil {
		t.Fatal(err)
	}
	kept := w.collector.lanes[auth]
	var sealed [][]byte
	for range 6 {
		b, h, err := w.spool.Read(auth, w.sent[auth])
		if err != nil {
			t.Fatal(err)
		}
		sealed, w.sent[auth] = append(sealed, b), h.GetFirstSequence()
	}
	w.collector.lanes[auth] = []stored{{head: head{ident: ident{epoch: epoch{9}, first: 1}, count: 1}}}
	if err := w.connect(); err != nil {
		t.Fatal(err)
	}
	w.collector.lanes[auth] = kept
	for _, b := range sealed {
		w.collector.publish(b)
	}
	w.next["a"]++
	w.drain()
	if lag := w.spool.Lag(); len(lag) != 7 || lag[1].GetClass() != auth || lag[1].GetEvents() != 0 {
		t.Errorf("lag %v", lag)
	}
	w.forget()
	w.check()
}

func TestAnotherAgentsSpoolIsSealedAnew(t *testing.T) {
	w := opened(t)
	w.fill(t, 5)
	w.options.Agent, w.collector.agent = event.NewID(), ""
	w.collector.agent = w.options.Agent
	w.reopen(t)
	w.fill(t, 1)
	w.drain()
	wantActions(t, w, "spool_adopted agent_changed  ")
	w.forget()
	w.check()
	w.reopen(t)
	w.drain()
	w.forget()
	w.check()
}

func TestStagedBatchesSurviveReopening(t *testing.T) {
	w := opened(t)
	w.fill(t, 8)
	if err := w.send(auth, 2, 2); err != nil {
		t.Fatal(err)
	}
	w.collector.lanes[auth] = append(w.collector.lanes[auth], stored{head: head{ident: ident{epoch: epoch{9}, first: 1}, count: 1}})
	if err := w.connect(); err != nil {
		t.Fatal(err)
	}
	w.fill(t, 1)
	for range 3 {
		w.disk = w.disk.crash(false)
		if err := w.open(); err != nil {
			t.Fatal(err)
		}
		w.fill(t, 1)
	}
	w.drain()
	wantActions(t, w, "spool_rollback spool_behind auth ")
	w.forget()
	w.collector.lanes[auth] = slices.DeleteFunc(w.collector.lanes[auth], func(b stored) bool { return b.head.epoch == epoch{9} })
	w.check()
}

func TestFailedFsyncStopsAndTheNextOpenRewrites(t *testing.T) {
	w := opened(t)
	w.fill(t, 2)
	if err := w.append("a", auth, 10); err != nil {
		t.Fatal(err)
	}
	w.disk.badSync = true
	if err := w.spool.Run(t.Context()); !errors.Is(err, errStopped) {
		t.Fatalf("Run = %v, want stopped", err)
	}
	if err := w.append("a", auth, 10); !errors.Is(err, errStopped) {
		t.Errorf("Append = %v, want stopped", err)
	}
	if err := w.open(); err != nil { // a new process, the same page cache
		t.Fatal(err)
	}
	w.drain()
	w.disk = w.disk.crash(true)
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.drain()
	wantActions(t, w)
	w.check()
}

func TestFailedFsyncInResumeStops(t *testing.T) {
	w := opened(t)
	w.fill(t, 2)
	if err := w.append("a", auth, 10); err != nil {
		t.Fatal(err)
	}
	w.disk.badSync = true
	if err := w.spool.Resume(nil); !errors.Is(err, errStopped) {
		t.Fatalf("Resume = %v, want stopped", err)
	}
	if err := w.append("a", auth, 10); !errors.Is(err, errStopped) {
		t.Errorf("Append = %v, want stopped", err)
	}
}

func TestFullDiskIsWaitedFor(t *testing.T) {
	w := opened(t)
	w.fill(t, 2)
	if err := w.append("a", auth, 10); err != nil {
		t.Fatal(err)
	}
	w.disk.full = true
	for range 3 {
		if err := w.spool.flush(); !errors.Is(err, errFull) || errors.Is(err, errStopped) {
			t.Fatalf("flush = %v, want no space", err)
		}
	}
	w.disk.full = false
	w.fill(t, 1)
	w.disk = w.disk.crash(true)
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.drain()
	w.check()
}

func TestNewerVersionIsLeftAlone(t *testing.T) {
	w := opened(t)
	w.fill(t, 1)
	if err := w.spool.Close(); err != nil {
		t.Fatal(err)
	}
	f := w.disk.files[segmentName(1)]
	newer := appendHeader(nil, 1)
	newer[8] = 2
	copy(f.current, reheader(newer))
	before := slices.Clone(f.current)
	if _, err := open(w.disk, w.options); !errors.Is(err, errNewer) {
		t.Fatalf("open = %v, want newer", err)
	}
	if !slices.Equal(before, f.current) {
		t.Error("the segment was touched")
	}
}

func TestEventOverTheBoundsIsCut(t *testing.T) {
	w := opened(t)
	e := &record.Event{Class: eventv1.Class_CLASS_APP}
	e.Original = make([]byte, event.MaxLine+1)
	for i := range 700 {
		e.Fields = append(e.Fields, event.Field{Key: fmt.Appendf(nil, "k%d", i), Value: noisy(20 << 10)})
	}
	e.Add(eventv1.FieldId_FIELD_ID_HOST_NAME, []byte("somebody else"))
	e.Fields = append(e.Fields, event.Field{Key: []byte("\xff"), Value: []byte("v")})
	if err := w.spool.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	w.drain() // the collector validates
	got := w.collector.lanes[eventv1.Class_CLASS_APP][0].events[0]
	if string(got.Get(eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED)) != "true" || len(got.Original) != fitOriginal {
		t.Errorf("truncated %q, %d bytes", got.Get(eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED), len(got.Original))
	}
	w.forget()
}

func TestPositionsAloneAreKept(t *testing.T) {
	w := opened(t)
	told := 0
	put := func(p ...record.Position) {
		e := &record.Event{Positions: p, Committed: []func(){func() { told++ }}}
		if err := w.spool.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := w.spool.flush(); err != nil {
			t.Fatal(err)
		}
	}
	put(record.Position{Key: "x", State: []byte("1")}, record.Position{Key: "y", State: []byte{}})
	put(record.Position{Key: "x"}, record.Position{Key: "z", State: []byte("3")})
	if told != 2 {
		t.Errorf("told %d times, want 2", told)
	}
	w.disk = w.disk.crash(true)
	w.reopen(t)
	want := map[string][]byte{"y": {}, "z": []byte("3")}
	if diff := cmp.Diff(want, w.spool.Positions()); diff != "" {
		t.Errorf("positions (-want +got):\n%s", diff)
	}
}

func TestOpenOnARealDisk(t *testing.T) {
	dir := t.TempDir() + "/spool"
	o := Options{Agent: testAgent, MaxSize: MinSize}
	for i := range 3 {
		s, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.Positions()["p"]); i > 0 && got != fmt.Sprint(i-1) {
			t.Errorf("position %q, want %d", got, i-1)
		}
		e := &record.Event{Class: web, Positions: []record.Position{{Key: "p", State: fmt.Append(nil, i)}}}
		if err := s.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Append(t.Context(), e); !errors.Is(err, ErrClosed) {
			t.Errorf("Append = %v, want closed", err)
		}
	}
}
