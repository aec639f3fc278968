package correlate

import (
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

func TestAFullGroupForgetsTheOldestAndSaysSo(t *testing.T) {
	root := roots()[1]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour, MaxHeld: 100})
	for n := range 1000 {
		s := sig{n: n, ordinal: uint64(n), at: int64(n), leaf: 1, group: "g"}
		e.Add(uint64(n+1), time.Unix(0, epoch+int64(n)*second), []*alertv1.Signal{s.signal(root)})
	}
	changes := e.Take(false)
	if got := changes[0].Alerts[0].GetCount(); got != 1000 {
		t.Errorf("counted %d of 1000: what was counted does not need to be held", got)
	}
	if got := len(changes[0].Alerts[0].GetEventIds()); got != 1000 {
		t.Errorf("%d ids", got)
	}
	if s := e.Stats(); s.SignalsDropped == 0 || s.Held > 100 {
		t.Errorf("stats %+v", s)
	}
}

func TestTooManyGroupsCostTheIdleOnesAndSaySo(t *testing.T) {
	root := roots()[1]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour, MaxGroups: 10})
	for n := range 100 {
		s := sig{n: n, ordinal: uint64(n), at: int64(n), leaf: 1, group: fmt.Sprint(n)}
		e.Add(uint64(n+1), time.Unix(0, epoch+int64(n)*second), []*alertv1.Signal{s.signal(root)})
	}
	if s := e.Stats(); s.Groups != 10 || s.GroupsDropped != 90 {
		t.Errorf("stats %+v", s)
	}
}

func TestWhatIsDeliveredAgainMuchLaterChangesNothing(t *testing.T) {
	root := roots()[1]
	var signals []*alertv1.Signal
	for n := range 5 {
		signals = append(signals, sig{n: n, ordinal: uint64(n), at: int64(n), leaf: 1, group: "g"}.signal(root))
	}
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	e.Add(1, time.Unix(0, epoch), signals)
	latest := make(map[string][]*alertv1.Alert)
	collect(latest, e.Take(false))
	before := outcomes(latest)
	for i, later := range []time.Duration{10 * time.Minute, 59 * time.Minute} {
		e.Add(uint64(2+i), time.Unix(0, epoch).Add(later), signals)
		changes := e.Take(false)
		for _, c := range changes {
			if len(c.Opened) > 0 {
				t.Errorf("after %v: %d alerts opened", later, len(c.Opened))
			}
		}
		collect(latest, changes)
		if diff := gocmp.Diff(before, outcomes(latest)); diff != "" {
			t.Errorf("after %v (-before +after):\n%s", later, diff)
		}
	}
}

func TestSignalsThatNoAlerterWroteStopNobody(t *testing.T) {
	root := roots()[1]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	good := sig{n: 1, leaf: 1, group: "g"}.signal(root)
	for i, bad := range []func(*alertv1.Signal){
		func(s *alertv1.Signal) { s.Root = s.GetRoot()[:5] },
		func(s *alertv1.Signal) { s.Rule = nil },
		func(s *alertv1.Signal) { s.Finding = nil },
		func(s *alertv1.Signal) { s.Group = nil },
		func(s *alertv1.Signal) { s.Finding.Time = 1 << 63 },
		func(s *alertv1.Signal) { s.Finding.Time = 1<<63 - 1 },
	} {
		s, _ := proto.Clone(good).(*alertv1.Signal)
		bad(s)
		e.Add(uint64(i+1), time.Unix(0, epoch), []*alertv1.Signal{s})
	}
	e.Finish()
	if s := e.Stats(); s.Unknown != 2 {
		t.Errorf("stats %+v", s)
	}
}

func TestEventsFromTheEndsOfTimeAreOneAlertEach(t *testing.T) {
	root := roots()[0]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	for n := range 10 {
		s := sig{n: n, ordinal: uint64(n), leaf: 1, group: "g"}.signal(root)
		s.Finding.Time = 1<<63 + uint64(n%2)*(1<<63-1)
		e.Add(uint64(n+1), time.Unix(0, epoch), []*alertv1.Signal{s})
	}
	if changes := e.Take(false); len(changes[0].Alerts) != 2 {
		t.Errorf("%d alerts", len(changes[0].Alerts))
	}
}

func TestWhatComesLateIsMarkedLate(t *testing.T) {
	root := roots()[0]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	at := time.Unix(0, epoch).Add(5 * time.Hour)
	shared := sig{n: 1, at: 0, leaf: 1, group: "g"}.signal(root)
	e.Add(1, at, []*alertv1.Signal{shared})
	e.Add(2, at, []*alertv1.Signal{sig{n: 2, at: 5 * 3600, leaf: 1, group: "h"}.signal(root)})
	for _, c := range e.Take(false) {
		a := c.Alerts[0]
		late := a.GetGroup()[0].GetValue() == "g"
		if a.GetLast().GetLate() != late || a.GetSamples()[0].GetLate() != late {
			t.Errorf("group %v: last late %v, sample late %v", a.GetGroup(), a.GetLast().GetLate(), a.GetSamples()[0].GetLate())
		}
	}
	if shared.GetFinding().GetLate() {
		t.Error("the finding that others count as well was changed")
	}
}

func TestFindingsThatWaitTakeBoundedMemory(t *testing.T) {
	root := correlation(1, rule.EventCount, time.Hour, "", atLeast(1001), detection(1))
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour, MaxBytes: 100_000})
	for n := range 1001 {
		s := sig{n: n, ordinal: uint64(n), at: int64(n), leaf: 1, group: "g"}.signal(root)
		s.Finding.Original = make([]byte, 4096)
		if n == 1000 && e.packed > 400_000 {
			t.Errorf("%d bytes of findings", e.packed)
		}
		e.Add(uint64(n+1), time.Unix(0, epoch+int64(n)*second), []*alertv1.Signal{s})
	}
	changes := e.Take(false)
	if len(changes) != 1 || changes[0].Alerts[0].GetCount() != 1001 || e.Stats().Stripped == 0 {
		t.Fatalf("changes %v, stats %+v", changes, e.Stats())
	}
	if e.packed != 0 {
		t.Errorf("%d bytes are left", e.packed)
	}
	e.Advance(time.Unix(0, epoch).Add(1000 * time.Hour))
	e.Discard()
	e.Advance(time.Unix(0, epoch).Add(2000 * time.Hour))
	if s := e.Stats(); s.Held != 0 || s.Groups != 0 || e.packed != 0 {
		t.Errorf("left behind: %+v, %d bytes", s, e.packed)
	}
}
