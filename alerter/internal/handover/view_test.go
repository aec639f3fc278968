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
			v := newView("me", tt.loaded, Options{TTL: ttl, Patience: patience})
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
	v := newView("me", "H", Options{TTL: time.Second, Patience: time.Minute})
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
