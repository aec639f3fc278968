package spool

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// ripe is a closed spool of several segments, of which the oldest are gone, with
// batches acked, sent and unsent.
func ripe(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 1)
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.fill(t, 12)
	if err := errors.Join(w.send(auth, 9, 8), w.send(web, 8, 7)); err != nil {
		t.Fatal(err)
	}
	w.fill(t, 6)
	if err := w.spool.Close(); err != nil {
		t.Fatal(err)
	}
	if w.disk.files[segmentName(1)] != nil || len(w.disk.files) < 3 {
		t.Fatalf("segments %v", slices.Sorted(maps.Keys(w.disk.files)))
	}
	return w
}

// again is the same world on a copy of its disk.
func (w *world) again() *world {
	out := *w
	out.disk = w.disk.clone()
	out.next, out.reported = maps.Clone(w.next), map[string]int{}
	out.collector = newCollector(w.t)
	for class, lane := range w.collector.lanes {
		out.collector.lanes[class] = slices.Clone(lane)
	}
	return &out
}

// account checks that what the sources said is at the collector at most once,
// and that what is not there is declared, lane by lane.
func (w *world) account(t *testing.T) (declared map[string]int) {
	t.Helper()
	lost := map[string]int{}
	declared = map[string]int{}
	for _, action := range w.collector.actions() {
		parts := strings.Split(action, " ")
		declared[parts[0]]++
		if n, err := strconv.Atoi(parts[3]); err == nil {
			lost[parts[2]] += n
		}
	}
	for source, class := range map[string]eventv1.Class{"a": auth, "b": web} {
		seen := map[int]int{}
		for _, b := range w.collector.lanes[class] {
			for _, e := range b.events {
				_, line := w.parse(class, &e)
				if seen[line]++; seen[line] > 1 && declared[actionRollback] == 0 {
					t.Fatalf("%s %d came twice", source, line)
				}
			}
		}
		if missing := w.next[source] - 1 - len(seen); missing > lost[event.ClassName(class)] {
			t.Fatalf("%s: %d lines missing, %d declared", source, missing, lost[event.ClassName(class)])
		}
	}
	return declared
}

// TestCorruptionIsDeclared damages one place after another.
func TestCorruptionIsDeclared(t *testing.T) {
	whole := ripe(t)
	names := slices.Sorted(maps.Keys(whole.disk.files))
	corrupted := 0
	for _, name := range names {
		for at := 0; at < len(whole.disk.files[name].current); at += 31 {
			w := whole.again()
			w.disk.files[name].current[at] ^= 0x10
			if err := w.open(); errors.Is(err, errNewer) {
				continue
			} else if err != nil {
				t.Fatalf("%s at %d: %v", name, at, err)
			}
			w.disk = w.disk.crash(true)
			if err := w.open(); err != nil {
				t.Fatalf("%s at %d: once more: %v", name, at, err)
			}
			w.fill(t, 1)
			w.drain()
			declared := w.account(t)
			if name != names[len(names)-1] && declared[actionCorrupted] != 1 {
				t.Fatalf("%s at %d: declared %v", name, at, declared)
			}
			corrupted += declared[actionCorrupted]
			w.reopen(t)
			w.fill(t, 1)
			w.drain()
			if again := w.account(t); fmt.Sprint(again) != fmt.Sprint(declared) {
				t.Fatalf("%s at %d: declared %v, then %v", name, at, declared, again)
			}
			if err := w.spool.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if corrupted == 0 {
		t.Error("nothing was declared")
	}
}

func TestMissingSegmentIsDeclared(t *testing.T) {
	whole := ripe(t)
	names := slices.Sorted(maps.Keys(whole.disk.files))
	w := whole.again()
	delete(w.disk.files, names[len(names)-2])
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if declared := w.account(t); declared[actionCorrupted] != 1 {
		t.Errorf("declared %v", declared)
	}
	if err := w.spool.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBatchThatChangesWhileOpenStopsTheSpool(t *testing.T) {
	w := ripe(t)
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.spool.mu.Lock()
	e := w.spool.state.lanes[web].live[0]
	at := e.at.offset + e.at.size - 3
	w.disk.files[segmentName(e.at.segment.number)].current[at] ^= 1
	w.spool.mu.Unlock()
	if err := w.send(web, 1, 1); !errors.Is(err, errStopped) {
		t.Fatalf("read = %v, want stopped", err)
	}
	if err := w.spool.Run(t.Context()); !errors.Is(err, errStopped) {
		t.Errorf("Run = %v, want stopped", err)
	}
	w.reported = map[string]int{}
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	w.drain()
	if declared := w.account(t); declared[actionCorrupted] != 1 {
		t.Errorf("declared %v", declared)
	}
	if err := w.spool.Close(); err != nil {
		t.Fatal(err)
	}
}

// FuzzFrames decodes payloads that check, whatever they say.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{1, 2, 3}, byte(kindBatch))
	f.Add(newState().snapshot().append(nil), byte(kindSnapshot))
	f.Add((&commitRecord{number: 1, start: headerSize, positions: []position{{key: "k"}}}).append(nil), byte(kindCommit))
	h := head{ident: ident{epoch: epoch{1}, first: 1}, count: 2, hash: hash{3}}
	f.Add((&headRecord{class: web, head: h}).appendAck(nil), byte(kindAck))
	f.Add((&headRecord{class: web, epoch: epoch{1}, head: h}).appendLane(nil), byte(kindLane))
	f.Add((&batchRecord{class: web, head: h, origin: h.ident, sealed: []byte("x")}).append(nil), byte(kindBatch))
	f.Fuzz(func(t *testing.T, payload []byte, k byte) {
		buf := appendHeader(nil, 5)
		buf = newState().snapshot().append(beginFrame(buf))
		endFrame(buf, headerSize, kindSnapshot, 5, headerSize)
		start := len(buf)
		buf = append(beginFrame(buf), payload...)
		endFrame(buf[start:], 0, kind(k), 5, int64(start))
		at := len(buf)
		c := commitRecord{number: 1, start: int64(start), records: 1}
		buf = c.append(beginFrame(buf))
		endFrame(buf[at:], 0, kindCommit, 5, int64(at))
		r := newReplay()
		seg := &segment{number: 5, size: int64(len(buf))}
		r.state.segments = append(r.state.segments, seg)
		if _, err := r.segment(seg, buf, true); err != nil {
			t.Fatalf("replay: %v", err)
		}
		for _, l := range r.state.all() {
			l.missing()
		}
	})
}
