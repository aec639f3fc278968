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
	batches := 0
	fill := func(n, size int) (refused int) {
		for i := range n {
			e := w.event("a", i+1, web, size)
			e.Committed = nil
			if err := s.Append(gone, e); errors.Is(err, context.Canceled) {
				refused++
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			if err := s.flush(); err != nil { // a batch of its own, as 200 ms later
				t.Fatal(err)
			}
			batches++
		}
		return refused
	}
	fill(maxCache/200, 100) // until the cache of sealed batches is full, too
	start, before := inUse(), batches
	if refused := fill(5000, 100); refused > 0 {
		t.Fatalf("full after %d batches", batches)
	}
	growth := int64(inUse()) - int64(start)
	per := growth / int64(batches-before)
	t.Logf("a batch takes %d bytes in memory", per)
	if per > perBatch {
		t.Errorf("a batch takes %d bytes in memory, want %d at most", per, perBatch)
	}
	for fill(100, 4000) == 0 { // until it is full
		if s.Stats().Bytes > MinSize {
			t.Fatalf("%d bytes on disk, the bound is %d", s.Stats().Bytes, int64(MinSize))
		}
	}
	full := inUse()
	held := s.Stats().Lanes[4].Events
	for range 10 {
		fill(batches, 4000)
	}
	if s.Stats().Lanes[4].Events > held+held/10 {
		t.Errorf("%d events kept, %d when it was full", s.Stats().Lanes[4].Events, held)
	}
	if after := inUse(); after > full+slack {
		t.Errorf("%d bytes in memory after the long outage, %d when the spool was full", after, full)
	}
	if stats := s.Stats(); stats.Bytes > MinSize || stats.Lanes[4].Class != web {
		t.Errorf("stats %+v", stats)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
