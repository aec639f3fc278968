package spool

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestSealingPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		if err := w.open(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.spool.Run(ctx) }()
		batches := func() int {
			synctest.Wait()
			w.spool.mu.Lock()
			defer w.spool.mu.Unlock()
			return len(w.spool.state.lanes[auth].live)
		}
		put := func(n int) {
			for range n {
				if err := w.append("a", auth, 100); err != nil {
					t.Fatal(err)
				}
			}
		}
		want := func(n int, when string) {
			t.Helper()
			if got := batches(); got != n {
				t.Errorf("%s: %d batches, want %d", when, got, n)
			}
		}
		put(1)
		want(1, "nothing unacked")
		put(1)
		want(1, "one unacked")
		<-time.After(sealAfter - time.Millisecond)
		want(1, "before its time")
		<-time.After(time.Millisecond)
		want(2, "after 200 ms")
		put(1)
		if err := w.send(auth, 1, 1); err != nil {
			t.Fatal(err)
		}
		want(2, "one acked, one sealed")
		put(event.MaxBatchEvents)
		want(3, "full")
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := w.spool.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestBudgetBlocksRefusesAndReserves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		w.options.segmentSize = 0
		if err := w.open(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.spool.Run(ctx) }()
		noise := noisy(200 << 10)
		put := func(class eventv1.Class) bool {
			e := &record.Event{Class: class, Event: event.Event{Observed: 1, Original: noise}}
			short, stop := context.WithTimeout(ctx, 10*time.Second)
			defer stop()
			err := w.spool.Append(short, e)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("append: %v", err)
			}
			return err == nil
		}
		n := 0
		for put(system) {
			n++
		}
		if size := w.spool.Stats().Bytes; n < 10 || size > MinSize {
			t.Errorf("%d events took %d bytes of %d", n, size, int64(MinSize))
		}
		for _, class := range []eventv1.Class{auth, fileClass} {
			if !put(class) {
				t.Errorf("no room for %v", class)
			}
		}
		if err := w.spool.Offer(&record.Event{Class: web, Event: event.Event{Original: noise}}); !errors.Is(err, ErrRefused) {
			t.Errorf("Offer = %v, want refused", err)
		}
		for _, l := range w.spool.Stats().Lanes {
			if want := map[eventv1.Class]uint64{web: 1}[l.Class]; l.Refused != want {
				t.Errorf("%v: %d refused, want %d", l.Class, l.Refused, want)
			}
		}
		synctest.Wait()
		<-time.After(sealAfter)
		if err := w.tryDrainLive(); err != nil {
			t.Fatal(err)
		}
		wantActions(t, w, "event_loss spool_full web 1")
		for range 2 {
			if !put(system) {
				t.Error("still no room when all is acked")
			}
		}
		cancel()
		if err := errors.Join(<-done, w.spool.Close()); err != nil {
			t.Fatal(err)
		}
	})
}

// What waits for the next flush only says nothing about the budget: the spool is
// not full, and nothing is moved to make room.
func TestWaitingForMemoryIsNotBeingFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := opened(t)
		large := func() *record.Event {
			return &record.Event{Class: web, Event: event.Event{Observed: 1, Original: noisy(event.DefaultMaxLine)}}
		}
		for range maxPending / event.DefaultMaxLine {
			if w.spool.pending.bytes+event.DefaultMaxLine < maxPending {
				if err := w.spool.Append(t.Context(), large()); err != nil {
					t.Fatal(err)
				}
			}
		}
		done := make(chan error, 1)
		go func() { done <- w.spool.Append(t.Context(), large()) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		if blocked := w.spool.Stats().Blocked; blocked != 0 {
			t.Errorf("%d appends wait for the budget", blocked)
		}
		if err := w.spool.flush(); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(<-done, w.spool.Close()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestUnknownClassIsRefused(t *testing.T) {
	w := opened(t)
	for range 2 { // the first with no credit, the second with some
		for _, class := range []eventv1.Class{-1, eventv1.Class(event.ClassCount)} {
			if err := w.spool.Append(t.Context(), &record.Event{Class: class, Event: event.Event{Original: []byte("x")}}); err == nil {
				t.Errorf("an event of class %d was taken", class)
			}
		}
		if err := w.append("a", web, 10); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.spool.Close(); err != nil {
		t.Fatal(err)
	}
}

// A lane that is never served must not keep the disk full of what others sent.
func TestSlowLaneDoesNotKeepTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		w.options.segmentSize = 0
		if err := w.open(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.spool.Run(ctx) }()
		noise := noisy(50 << 10)
		for i := range 1000 { // 50 MB through 8 MiB
			class := web
			if i%50 == 0 {
				class = system
			}
			e := &record.Event{Class: class, Event: event.Event{Observed: 1, Original: noise}}
			short, stop := context.WithTimeout(ctx, 10*time.Second)
			if err := w.spool.Append(short, e); err != nil {
				t.Fatalf("append %d: %v; %+v", i, err, w.spool.Stats())
			}
			stop()
			if err := w.send(web, 10, 10); err != nil {
				t.Fatal(err)
			}
			if size := w.spool.Stats().Bytes; size > MinSize {
				t.Fatalf("%d bytes of %d", size, int64(MinSize))
			}
		}
		cancel()
		if err := errors.Join(<-done, w.spool.Close()); err != nil {
			t.Fatal(err)
		}
		w.disk = w.disk.crash(true)
		if err := w.open(); err != nil {
			t.Fatal(err)
		}
		w.drain()
		if n := count(w.collector.lanes[system]); n != 20 {
			t.Errorf("%d events of the slow lane, want 20", n)
		}
		if err := w.spool.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
