package correlate

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// An absence fires until its group is seen again, or for a week. Times are minutes.
func TestAnAbsenceFiresUntilItsGroupIsSeenAgain(t *testing.T) {
	root := correlation(1, rule.Absence, 10*time.Minute, "", nil, detection(1))
	e := New(Options{Roots: []*rule.Root{root}, Lateness: 5 * time.Minute})
	seq, n := uint64(0), 0
	at := func(minutes int) time.Time { return time.Unix(0, epoch).Add(time.Duration(minutes) * time.Minute) }
	seen := func(now, minutes int) {
		seq, n = seq+1, n+1
		e.Add(seq, at(now), []*alertv1.Signal{sig{n: n, ordinal: uint64(n), at: int64(minutes) * 60, leaf: 1, group: "g"}.signal(root)})
	}
	steps := []struct {
		name string
		do   func()
		want []string
	}{
		{"a group that goes on is not missed", func() {
			for m := range 30 {
				seen(m, m)
			}
		}, nil},
		{"nor before the lateness is over", func() { e.Advance(at(43)) }, nil},
		{"then it is", func() { e.Advance(at(44)) }, []string{"FIRING"}},
		{"what comes late and belongs before it changes nothing", func() { seen(50, 20) }, nil},
		{"it fires for as long as it is missed", func() { e.Advance(at(5000)) }, nil},
		{"until it is seen again", func() { seen(5000, 5000) }, []string{"RESOLVED"}},
		{"and missed again", func() { e.Advance(at(5015)) }, []string{"RESOLVED", "FIRING"}},
		{"for a week at most", func() { e.Advance(at(5015 + 7*24*60)) }, []string{"RESOLVED"}},
		{
			"one that was away and is back when it is judged is told of as over",
			func() { seen(20000, 20000); seen(20012, 20012); e.Advance(at(20015)) },
			[]string{"RESOLVED"},
		},
	}
	for _, s := range steps {
		s.do()
		var got []string
		for _, change := range e.Take(false) {
			for _, a := range change.Alerts {
				got = append(got, a.GetState().String()[len("ALERT_STATE_"):])
				if a.GetCount() != 1 {
					t.Errorf("%s: counts %d", s.name, a.GetCount())
				}
			}
		}
		if diff := gocmp.Diff(s.want, got); diff != "" {
			t.Errorf("%s: %s", s.name, diff)
		}
	}
	if held := e.Stats().Held; held > 2 {
		t.Errorf("%d signals are held of one group", held)
	}
}

// At the end of the input, what has been quiet for longer than the timespan is missed,
// and what was there until the end is not.
func TestAbsenceAtTheEnd(t *testing.T) {
	root := correlation(1, rule.Absence, 10*time.Minute, "", nil, detection(1))
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	for n, s := range []sig{{group: "gone", at: 0}, {group: "there", at: 60}, {group: "there", at: 660}} {
		s.n, s.leaf, s.ordinal = n, 1, uint64(n)
		e.Add(uint64(n+1), time.Unix(0, epoch+s.at*second), []*alertv1.Signal{s.signal(root)})
	}
	e.Finish()
	changes := e.Take(false)
	if len(changes) != 1 || changes[0].Alerts[0].GetGroup()[0].GetValue() != "gone" {
		t.Errorf("%v", changes)
	}
}
