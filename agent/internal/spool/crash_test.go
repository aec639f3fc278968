package spool

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// day is what an agent does in a short life: two sources, three lanes, several
// segments, acks that come and acks that get lost.
func (w *world) day() error {
	if err := w.open(); err != nil {
		return err
	}
	for round := range 12 {
		for range 5 {
			if err := w.append("a", eventv1.Class_CLASS_AUTH, 200); err != nil {
				return err
			}
			if err := w.append("b", eventv1.Class_CLASS_WEB, 300); err != nil {
				return err
			}
			if err := w.append("a", eventv1.Class_CLASS_SYSTEM, 10); err != nil {
				return err
			}
		}
		if err := w.spool.flush(); err != nil {
			return err
		}
		if err := w.send(eventv1.Class_CLASS_AUTH, 2, 2); err != nil {
			return err
		}
		if err := w.send(eventv1.Class_CLASS_WEB, 2, round%3); err != nil {
			return err
		}
		if round > 7 {
			if err := w.send(eventv1.Class_CLASS_SYSTEM, 9, 9); err != nil {
				return err
			}
		}
	}
	return w.spool.Close()
}

func TestCrashAtEveryPoint(t *testing.T) {
	whole := newWorld(t, 0)
	if err := whole.day(); err != nil {
		t.Fatalf("a day without a crash: %v", err)
	}
	if whole.disk.ops < 40 {
		t.Fatalf("a day has only %d operations", whole.disk.ops)
	}
	for at := 1; at <= whole.disk.ops; at++ {
		for seed := range uint64(6) {
			w := newWorld(t, seed)
			w.disk.failAt = at
			if err := w.day(); err != nil && !errors.Is(err, errCrashed) {
				t.Fatalf("crash at %d, seed %d: %v", at, seed, err)
			}
			w.disk = w.disk.crash(seed == 0)
			// and once more, while it recovers
			w.disk.failAt = int(seed) + 1
			if err := w.open(); err != nil {
				w.disk = w.disk.crash(false)
				if err := w.open(); err != nil {
					t.Fatalf("crash at %d, seed %d: reopen: %v", at, seed, err)
				}
			}
			w.disk.failAt = 0
			for _, class := range []eventv1.Class{eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB} {
				if err := w.append("a", class, 20); err != nil {
					t.Fatalf("append: %v", err)
				}
			}
			w.drain()
			w.check()
			if declared := w.collector.actions(); len(declared) != 0 {
				t.Fatalf("crash at %d, seed %d declares %q", at, seed, declared)
			}
			if err := w.spool.Close(); err != nil {
				t.Fatalf("close: %v", err)
			}
		}
	}
}

func TestStateMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.Uint64().Draw(t, "seed"))
		must := func(err error) {
			if err != nil {
				t.Fatalf("%v", err)
			}
		}
		crash := func(harsh bool) {
			w.disk = w.disk.crash(harsh)
			must(w.open())
		}
		try := func(err error) {
			if errors.Is(err, errCrashed) {
				crash(rapid.Bool().Draw(t, "harsh"))
				return
			}
			must(err)
		}
		must(w.open())
		classes := rapid.SampledFrom([]eventv1.Class{
			eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB, eventv1.Class_CLASS_FILE, eventv1.Class_CLASS_SYSTEM,
		})
		sources := rapid.SampledFrom([]string{"a", "b", "c"})
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "events") {
					try(w.append(sources.Draw(t, "source"), classes.Draw(t, "class"), rapid.IntRange(0, 400).Draw(t, "size")))
				}
			},
			"flush": func(*rapid.T) { try(w.spool.flush()) },
			"send": func(t *rapid.T) {
				n := rapid.IntRange(1, 8).Draw(t, "batches")
				try(w.send(classes.Draw(t, "class"), n, rapid.IntRange(0, n).Draw(t, "acks")))
			},
			"reconnect": func(*rapid.T) { try(w.connect()) },
			"crash":     func(t *rapid.T) { crash(rapid.Bool().Draw(t, "harsh")) },
			"crash soon": func(t *rapid.T) {
				w.disk.failAt = w.disk.ops + rapid.IntRange(1, 8).Draw(t, "in")
			},
			"close": func(*rapid.T) {
				err := w.spool.Close()
				if err == nil {
					err = w.open()
				}
				try(err)
			},
		})
		w.disk.failAt = 0
		if w.disk.crashed {
			crash(true)
		}
		w.drain()
		w.check()
		if declared := w.collector.actions(); len(declared) != 0 {
			t.Fatalf("crashes declare %q", declared)
		}
		must(w.spool.Close())
	})
}

// TestStateMachineWithNewEpochs adds what makes lanes begin anew: a foreign head
// at the collector, and an agent that was enrolled again.
func TestStateMachineWithNewEpochs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.Uint64().Draw(t, "seed"))
		w.options.segmentSize, w.options.MaxSize = 8<<10, 256<<20
		crashes := 0
		must := func(err error) {
			if err != nil {
				t.Fatalf("%v", err)
			}
		}
		try := func(err error) {
			if errors.Is(err, errCrashed) {
				crashes++
				w.disk = w.disk.crash(rapid.Bool().Draw(t, "harsh"))
				err = w.open()
			}
			must(err)
		}
		// settled brings the acks of all that is stored to the spool's disk.
		settled := func() bool {
			before := crashes
			try(w.connect())
			try(w.spool.flush())
			return crashes == before
		}
		must(w.open())
		classes := rapid.SampledFrom([]eventv1.Class{eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB})
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "events") {
					try(w.append("a", classes.Draw(t, "class"), rapid.IntRange(0, 400).Draw(t, "size")))
				}
			},
			"append much": func(t *rapid.T) {
				if w.next["a"] == 0 || w.spool.Stats().Bytes > 2<<20 {
					t.Skip("nothing appended yet, or too much")
				}
				e := w.event("a", w.next["a"], classes.Draw(t, "class"), 0)
				e.Original = append(e.Original, noisy(500<<10)...)
				if w.spool.Offer(e) == nil {
					w.next["a"]++
				}
				try(w.spool.flush())
			},
			"flush": func(*rapid.T) { try(w.spool.flush()) },
			"send": func(t *rapid.T) {
				n := rapid.IntRange(1, 8).Draw(t, "batches")
				try(w.send(classes.Draw(t, "class"), n, rapid.IntRange(0, n).Draw(t, "acks")))
			},
			"reconnect": func(*rapid.T) { try(w.connect()) },
			"foreign head": func(t *rapid.T) {
				if settled() {
					class := classes.Draw(t, "class")
					w.collector.lanes[class] = append(w.collector.lanes[class], stored{
						head: head{ident: ident{epoch: newEpoch(), first: 1}, count: 1},
					})
					try(w.connect())
				}
			},
			"new agent": func(*rapid.T) {
				if settled() {
					w.collector.retire()
					w.options.Agent = w.collector.agent
					err := w.spool.Close()
					if err == nil {
						err = w.open()
					}
					try(err)
				}
			},
			"crash soon": func(t *rapid.T) {
				w.disk.failAt = w.disk.ops + rapid.IntRange(1, 8).Draw(t, "in")
			},
		})
		w.disk.failAt = 0
		if w.disk.crashed {
			w.disk = w.disk.crash(true)
			must(w.open())
		}
		w.drain()
		for _, action := range w.collector.actions() {
			if !strings.HasPrefix(action, actionRollback) && !strings.HasPrefix(action, actionAdopted) {
				t.Fatalf("declares %s", action)
			}
		}
		w.forget()
		w.check()
		must(w.spool.Close())
	})
}
