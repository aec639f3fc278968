package handover

import (
	"testing"
	"time"
)

func TestWhenASetBecomesTheActiveOne(t *testing.T) {
	const patience, ttl = 5 * time.Minute, 9 * time.Second
	const never = -1
	for _, tt := range []struct {
		name   string
		loaded string
		others []string
		active string // with revision 7; "" for none
		after  uint64
		want   time.Duration
	}{
		{"the first alerter of all", "G", nil, "", 0, 0},
		{"the first two, with different sets", "G", []string{"H"}, "", 0, 0},
		{"the active one stays", "G", []string{"H", "H"}, "G", 7, never},
		{"all have loaded it", "H", []string{"H", "H"}, "G", 7, ttl},
		{"one alone, started with other rules", "H", nil, "G", 7, ttl},
		{"one of three", "H", []string{"G", "G"}, "G", 7, never},
		{"two of three", "H", []string{"H", "G"}, "G", 7, patience},
		{"two of three, loaded before the last move", "H", []string{"H", "G"}, "G", 3, patience},
		{"one of two", "H", []string{"G"}, "G", 7, patience},
		{"one of two, loaded before the last move", "H", []string{"G"}, "G", 3, never},
		{"nobody runs the active one, most have ours", "H", []string{"H", "I"}, "G", 7, ttl},
		{"nobody runs the active one, most have another", "H", []string{"I", "I"}, "G", 7, patience},
		{"nobody runs the active one, all differ", "H", []string{"I", "J"}, "G", 7, ttl},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := newView("me", Options{TTL: ttl, Patience: patience})
			v.join(tt.loaded)
			for i, set := range tt.others {
				v.sets[string(rune('a'+i))] = set
			}
			if v.active, v.after = tt.active, tt.after; tt.active != "" {
				v.revision = 7
			}
			wait, ok := v.due(time.Unix(0, 0))
			if !ok {
				wait = never
			}
			if wait != tt.want {
				t.Errorf("due after %v, want %v", wait, tt.want)
			}
		})
	}
}

// What most have is due only when they have had it for as long as the patience lasts.
func TestPatienceBeginsAnew(t *testing.T) {
	v := newView("me", Options{TTL: time.Second, Patience: time.Minute})
	v.join("H")
	v.active, v.revision, v.after = "G", 1, 1
	v.sets["a"] = "G"
	at := time.Unix(0, 0)
	want := func(after, wait time.Duration, ok bool) {
		t.Helper()
		if w, o := v.due(at.Add(after)); o != ok || w != wait {
			t.Errorf("after %v: due after %v (%v), want %v (%v)", after, w, o, wait, ok)
		}
	}
	want(0, time.Minute, true)
	want(50*time.Second, 10*time.Second, true)
	v.sets["b"] = "G"
	want(55*time.Second, 0, false)
	delete(v.sets, "b")
	want(60*time.Second, time.Minute, true)
	v.load("I")
	want(90*time.Second, time.Minute, true)
	want(150*time.Second, 0, true)
}

// An outage makes nothing newer than it is: else of two halves the one that waits would
// have its turn after each.
func TestAnOutageDatesNothingAnew(t *testing.T) {
	v := newView("me", Options{TTL: time.Second, Patience: time.Minute})
	rejoin := func(loaded string, revision uint64) (later bool) {
		v.join(loaded)
		v.active, v.revision = "G", revision
		v.sets["a"] = "G"
		v.apply(nil)
		_, later = v.wanted()
		return later
	}
	if !rejoin("H", 1) {
		t.Error("what was loaded after the last move is not wanted")
	}
	if rejoin("H", 2) {
		t.Error("what was loaded before the last move is wanted after an outage")
	}
	if !rejoin("I", 2) {
		t.Error("what was loaded during an outage is not wanted")
	}
}
