package journald

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// after lets virtual time pass.
func (r *rig) after(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
}

func TestFirstSight(t *testing.T) {
	for _, test := range []struct {
		name  string
		start Start
		old   []string
		want  []string
	}{
		{"at the end", "", []string{"a", "b"}, []string{"c"}},
		{"at the beginning", StartBeginning, []string{"a", "b"}, []string{"old a", "old b", "c"}},
		{"of nothing", "", nil, []string{"c"}},
		{"of nothing from the beginning", StartBeginning, nil, []string{"c"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.journal.time = uint64(time.Now().UnixMicro())
				r.cfg.Start = test.start
				r.journal.write(test.old...)
				r.start()
				if r.ready != 1 {
					t.Errorf("ready %d times", r.ready)
				}
				r.after(time.Second)
				r.journal.do(func() { r.journal.time = uint64(time.Now().UnixMicro()) })
				r.journal.write("c")
				r.expect(test.want...)
				r.stop()
				r.journal.write("d")
				r.start()
				r.expect("d")
			})
		})
	}
}

func TestADeadJournalctlIsStartedAgain(t *testing.T) {
	for _, test := range []struct {
		name string
		run  run
	}{
		{"between two entries", run{dies: 3}},
		{"within a line", run{cut: 3}},
		{"after what is no entry", run{prints: "-- No entries --\n{\"broken\n", dies: 2}},
		{"at once", run{fails: errFake}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.cfg.Start = StartBeginning
				r.journal.runs = []run{test.run, test.run}
				r.journal.write("a", "b", "c", "d", "e", "f")
				r.start()
				r.after(time.Second)
				r.expect("old a", "old b", "old c", "old d", "old e", "old f")
				r.journal.write("g")
				r.expect("g")
				if n := r.source.Status().Restarts; n != 2 {
					t.Errorf("%d restarts", n)
				}
			})
		})
	}
}

// TestAHangingJournalctlIsFound: one that prints no more looks like one that has
// nothing to print.
func TestAHangingJournalctlIsFound(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.cfg.Start = StartBeginning
		r.journal.runs = []run{{hangs: 2}}
		r.journal.write("a", "b", "c")
		r.start()
		r.expect("old a", "old b")
		r.after(65 * time.Second)
		if status := r.source.Status(); status.Lag != 1 || r.runs() != 1 {
			t.Errorf("lag %d after %d runs", status.Lag, r.runs())
		}
		r.after(10 * time.Second)
		r.expect("old c")
		r.after(time.Hour)
		if n := r.runs(); n != 2 {
			t.Errorf("%d runs: a quiet journal is no reason to start again", n)
		}
	})
}

func TestWhatCannotBeReadIsDeclaredOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.journal.runs = slices.Repeat([]run{{fails: errFake}}, 20)
		r.journal.broken = errFake
		r.start()
		if r.ready != 1 {
			t.Error("a journal that cannot be read holds up the agent")
		}
		r.expect("[journal_unreadable unreadable]")
		r.after(3 * time.Minute)
		r.journal.do(func() { r.journal.time = uint64(time.Now().UnixMicro()) })
		r.journal.write("a")
		if runs := r.runs(); runs < 8 || runs > 20 {
			t.Errorf("%d runs in 3 minutes", runs)
		}
		if why := r.source.Status().Error; why != errFake.Error() {
			t.Errorf("status says %q", why)
		}
		r.expect()
		r.journal.do(func() { r.journal.broken = nil })
		r.after(10 * time.Minute)
		r.expect("[journal_readable]", "a")
		if why := r.source.Status().Error; why != "" {
			t.Errorf("status says %q", why)
		}
	})
}

func TestReasonsWhyItCannotBeRead(t *testing.T) {
	for reason, err := range map[string]error{
		"journalctl_missing": fmt.Errorf("find journalctl: %w", &exec.Error{Name: "journalctl", Err: exec.ErrNotFound}),
		"permission_denied":  fmt.Errorf("journalctl: No journal files were opened due to insufficient permissions. (%w)", errFake),
		"unreadable":         errFake,
	} {
		inBubble(t, func(r *rig) {
			r.journal.broken = err
			r.start()
			r.expect("[journal_unreadable " + reason + "]")
		})
	}
}

// TestMissedEntriesAreReadAgain: a journalctl that loses sight of a file goes on
// with the next one as if nothing had been.
func TestMissedEntriesAreReadAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.cfg.Start = StartBeginning
		r.journal.runs = []run{{misses: []uint64{3, 4}}}
		r.journal.write("a", "b", "c", "d", "e")
		r.start()
		r.expect("old a", "old b", "old c", "old d", "old e")
		if r.runs() != 2 {
			t.Errorf("%d runs", r.runs())
		}
	})
}

// TestNumbersThatNobodyHasAreLetBe: journald may give numbers to nothing, and a
// process may not read every file. That is no loss, and no reason to start again
// and again.
func TestNumbersThatNobodyHasAreLetBe(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.journal.skipped = 1
		r.start()
		for range 50 {
			r.journal.write("a")
			r.after(100 * time.Millisecond)
		}
		r.expect(slices.Repeat([]string{"a"}, 50)...)
		if n := r.runs(); n > 6 {
			t.Errorf("%d runs in 5 seconds", n)
		}
	})
}

// TestWhatWasVacuumedIsDeclared: with how many entries it was, where all are read.
func TestWhatWasVacuumedIsDeclared(t *testing.T) {
	for _, test := range []struct {
		name string
		cfg  Config
		want []string
	}{
		{"of the whole journal", Config{}, []string{"[journal_gap vacuumed 2]", "e"}},
		{"of a part", Config{Units: []string{"x.service"}}, []string{"[journal_gap vacuumed]", "e"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.cfg = test.cfg
				r.start()
				r.journal.write("a", "b")
				r.expect("a", "b")
				r.stop()
				r.journal.write("c", "d", "e")
				r.journal.vacuum(4)
				r.start()
				r.expect(test.want...)
				r.stop()
				r.start()
				r.expect()
			})
		})
	}
}

// TestAVacuumThatTookNothingUnreadIsNoLoss: the last entry read is gone, the next
// one is there.
func TestAVacuumThatTookNothingUnreadIsNoLoss(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start()
		r.journal.write("a", "b")
		r.expect("a", "b")
		r.stop()
		r.journal.write("c")
		r.journal.vacuum(2)
		r.start()
		r.expect("c")
	})
}

// TestAVacuumThatOvertakesIsDeclared: while journalctl runs.
func TestAVacuumThatOvertakesIsDeclared(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start()
		r.journal.do(func() { r.journal.runs = []run{{}} })
		r.journal.write("a")
		r.expect("a")
		r.journal.do(func() {
			for n := range 4 { // written and deleted in one moment, the first of them read
				e := r.journal.entries[len(r.journal.entries)-1]
				e.at.number++
				e.at.monotonic++
				e.at.realtime++
				e.message = fmt.Sprint(n)
				r.journal.entries = append(r.journal.entries, e)
			}
			r.journal.entries = r.journal.entries[3:]
			close(r.journal.changed)
			r.journal.changed = make(chan struct{})
		})
		r.expect("[journal_gap vacuumed 2]", "2", "3")
	})
}

// TestAnotherSelectionIsNoLoss: the last entry may not be among those asked for.
func TestAnotherSelectionIsNoLoss(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start()
		r.journal.write("a", "b")
		r.expect("a", "b")
		r.stop()
		r.cfg.Identifiers = []string{"demo"}
		r.journal.write("c", "d")
		r.journal.vacuum(3)
		r.start()
		r.expect("d")
		if _, ok := option(r.journal.asked[len(r.journal.asked)-1], "--identifier"); !ok {
			t.Error("the selection was not asked for")
		}
	})
}

// TestAClockThatIsSetBackIsSurvived: a volatile journal does not outlive a start
// of the system; where its clock is behind, the last place is in the future.
func TestAClockThatIsSetBackIsSurvived(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start()
		r.journal.write("a", "b")
		r.expect("a", "b")
		r.stop()
		r.journal.do(func() {
			r.journal.entries, r.journal.file, r.journal.boot = nil, 8, 2
			r.journal.time -= uint64(time.Hour.Microseconds())
		})
		r.journal.write("c", "d")
		r.start()
		r.after(5 * time.Minute)
		r.expect("[journal_gap position_gone]", "c", "d")
		r.journal.write("e")
		r.expect("e")
		r.after(time.Hour)
		r.stop()
		r.start()
		r.expect()
	})
}

// TestNumbersThatAreGivenAgain: a power cut takes the end of a journal, which had
// been read and was on its way.
func TestNumbersThatAreGivenAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.start()
		r.journal.write("a", "b", "c", "d")
		r.expect("a", "b", "c", "d")
		r.stop()
		r.journal.do(func() { r.journal.entries, r.journal.boot = r.journal.entries[:1], 2 })
		r.journal.write("e", "f", "g", "h")
		r.start()
		r.expect("e", "f", "g", "h")
		r.stop()
		r.start()
		r.expect()
	})
}

// TestTheAgentsOwnEntriesAreLeftOut: else what it says of an entry would be an
// entry, and so on. That it has passed them is remembered.
func TestTheAgentsOwnEntriesAreLeftOut(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.cfg.Start = StartBeginning
		r.journal.write("a", "mine")
		r.journal.entries[1].pid = fmt.Sprint(os.Getpid())
		r.start()
		r.expect("old a")
		st, err := decodeState(r.positions[r.source.key])
		if err != nil || st.low.number != 2 {
			t.Errorf("position %+v, %v", st, err)
		}
	})
}

func TestArguments(t *testing.T) {
	cfg := Config{
		Units: []string{"ssh.service", "-x"}, Identifiers: []string{"sshd"}, Priority: "0..4",
		Matches: []string{"_UID=0", "+", "_COMM=cron"}, Namespace: "web", Directory: "/j",
	}
	s, err := New(cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := parseCursor([]byte(cursorOf(7)))
	got := strings.Join(s.following(&c, 5, ""), " ")
	want := "--output=json --all --quiet --no-pager --output-fields=" + outputFields + " --directory=/j --namespace=web" +
		" --unit=ssh.service --unit=-x --identifier=sshd --priority=0..4 --follow --no-tail --cursor=" + cursorOf(7) + " -- _UID=0 + _COMM=cron"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := strings.Join(s.following(&cursor{}, 1759827600000007, ""), " "); !strings.Contains(got, " --since=@1759827600.000007 --") {
		t.Errorf("got %s", got)
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Config{MaxLine: 1 << 30}, Options{}); err == nil {
		t.Error("a line of a gigabyte is taken")
	}
}

// TestProbe tells a journal that can be read from one that cannot.
func TestProbe(t *testing.T) {
	j := newFakeJournal()
	s, err := New(Config{}, Options{start: j.start})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "no entry") {
		t.Errorf("of an empty journal: %v", err)
	}
	j.write("a")
	if err := s.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	j.broken = errFake
	if err := s.Probe(t.Context()); err == nil {
		t.Error("of a journal that cannot be read: nothing")
	}
}
