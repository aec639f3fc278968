package spool

import (
	"context"
	"errors"
	"runtime"
	"testing"
)

// inUse is what the heap holds once it is swept.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // the first may leave what finalizers and pools keep
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// lazyDisk is a real one that syncs nothing: this test is not about crashes.
type lazyDisk struct{ osDisk }

func (lazyDisk) sync() error { return nil }

func (d lazyDisk) open(name string, create bool) (file, error) {
	f, err := d.osDisk.open(name, create)
	return lazyFile{f}, err
}

type lazyFile struct{ file }

func (lazyFile) Sync() error { return nil }

// cachedBytes are those of sealed batches that are also in memory, up to maxCache.
func cachedBytes(s *Spool) (n int64) {
	for _, seg := range s.state.segments {
		n += int64(seg.cached)
	}
	return n
}

// TestOutageGrowsNothingButTheSpool lets a collector be away until the spool is
// full, and then ten times as long. What a batch on disk takes in memory is its
// place and its name, whatever it holds; once the spool is full, nothing grows.
func TestOutageGrowsNothingButTheSpool(t *testing.T) {
	const (
		// perBatch bounds what a batch on disk takes in memory, an entry and its place
		// in a list that grows by doubling.
		perBatch = 400
		slack    = 256 << 10
	)
	s, err := open(lazyDisk{osDisk(t.TempDir())}, Options{Agent: testAgent, MaxSize: MinSize})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, next: map[string]int{}, reported: map[string]int{}}
	gone, cancel := context.WithCancel(t.Context())
	cancel() // nothing waits for room
	fill := func(n, size int) (refused int) {
		for i := range n {
			e := w.event("a", i+1, web, 0)
			e.Original, e.Committed = append(e.Original, noisy(size)...), nil
			err := s.Append(gone, e)
			if err == nil {
				err = s.flush() // a batch of its own, as 200 ms later
			}
			if errors.Is(err, context.Canceled) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		return refused
	}
	fill(100, 10) // what grows once
	const more = 3000
	start := int64(inUse()) - cachedBytes(s)
	fill(more, 10)
	per := (int64(inUse()) - cachedBytes(s) - start) / more
	t.Logf("a batch takes %d bytes in memory", per)
	if per > perBatch {
		t.Errorf("a batch takes %d bytes in memory, want %d at most", per, perBatch)
	}
	for fill(10, 30_000) == 0 {
	}
	full, held := inUse(), s.Stats().Lanes[4]
	if held.Class != web || held.Events < more {
		t.Fatalf("%+v when full", held)
	}
	if refused := fill(5000, 30_000); refused != 5000 {
		t.Errorf("%d of 5000 events found no room in a full spool", refused)
	}
	if after := inUse(); after > full+slack {
		t.Errorf("%d bytes in memory after the long outage, %d when the spool was full", after, full)
	}
	if stats := s.Stats(); stats.Bytes > MinSize || stats.Lanes[4] != held {
		t.Errorf("stats %+v", stats)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
