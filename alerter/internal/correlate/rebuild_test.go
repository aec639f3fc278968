package correlate

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// arrival is one message of a partition.
type arrival struct {
	at   time.Time
	sigs []sig
}

func (a arrival) add(e *Engine, seq int, root *rule.Root) {
	signals := make([]*alertv1.Signal, len(a.sigs))
	for i, s := range a.sigs {
		signals[i] = s.signal(root)
	}
	e.Add(uint64(seq), a.at, signals)
}

// TestARebuiltEngineGoesOnLikeTheOldOne stops an engine anywhere, builds another
// from what was written and from the messages since two horizons before, and
// lets it go on: nothing is counted twice, nothing is missing, though both had
// forgotten most of what came before.
func TestARebuiltEngineGoesOnLikeTheOldOne(t *testing.T) {
	const lateness = 2 * time.Minute
	rapid.Check(t, func(t *rapid.T) {
		root := rapid.SampledFrom(append(roots(), chains()...)).Draw(t, "root")
		leaves := len(newPlan(root, lateness).leaves)
		messages := make([]arrival, rapid.IntRange(1, 80).Draw(t, "messages"))
		clock := int64(0)
		for i, n := 0, 0; i < len(messages); i++ {
			clock += rapid.Int64Range(0, 90).Draw(t, "pause")
			messages[i].at = time.Unix(0, epoch+clock*second)
			for range rapid.IntRange(1, 3).Draw(t, "signals") {
				messages[i].sigs = append(messages[i].sigs, sig{
					n: n, ordinal: uint64(n), at: clock - rapid.Int64Range(0, 100).Draw(t, "delay"),
					leaf: byte(1 + rapid.IntRange(0, leaves-1).Draw(t, "leaf")), group: "10.0.0.1",
					user: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "user"),
				})
				n++
			}
		}
		cut := rapid.IntRange(1, len(messages)).Draw(t, "cut")
		// The old one dies in the quiet after a message, until the next one comes.
		died, quiet := messages[cut-1].at, int64(1000)
		if cut < len(messages) {
			quiet = int64(messages[cut].at.Sub(died) / time.Second)
		}
		died = died.Add(time.Duration(rapid.Int64Range(0, quiet).Draw(t, "quiet")) * time.Second)
		o := Options{Roots: []*rule.Root{root}, Lateness: lateness}

		old, latest := New(o), make(map[string][]*alertv1.Alert)
		for i := range cut {
			messages[i].add(old, i+1, root)
		}
		old.Advance(died)
		collect(latest, old.Take(false))
		written := make(map[string][]*alertv1.Alert)
		for k, v := range latest {
			written[k] = v
		}

		since := died.Add(-2 * time.Duration(newPlan(root, lateness).keep))
		o.Since = since
		fresh := New(o)
		for _, alerts := range written {
			fresh.Restore(alerts)
		}
		for i, m := range messages[:cut] {
			if !m.at.Before(since) {
				m.add(fresh, i+1, root)
			}
		}
		fresh.Advance(died)
		collect(written, fresh.Take(false))
		for i := cut; i < len(messages); i++ {
			messages[i].add(old, i+1, root)
			messages[i].add(fresh, i+1, root)
			collect(latest, old.Take(false))
			collect(written, fresh.Take(false))
		}
		steps := rapid.SliceOfN(rapid.Int64Range(1, 200), 0, 10).Draw(t, "steps")
		for e, into := range map[*Engine]map[string][]*alertv1.Alert{old: latest, fresh: written} {
			at := messages[len(messages)-1].at
			for _, step := range steps {
				at = at.Add(time.Duration(step) * time.Second)
				e.Advance(at)
				collect(into, e.Take(false))
			}
			e.Advance(at.Add(root.Timespan + lateness + 100*time.Second)) // all is judged, and nothing forgotten
			collect(into, e.Take(false))
		}
		if diff := gocmp.Diff(outcomes(latest), outcomes(written)); diff != "" {
			t.Fatalf("%s: the rebuilt engine differs (-old +rebuilt):\n%s", root.ID, diff)
		}
	})
}

func TestTimeResolvesRevivesAndForgets(t *testing.T) {
	root := roots()[0]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	at := func(d time.Duration) time.Time { return time.Unix(0, epoch).Add(d) }
	one := func(n int, t time.Duration) []*alertv1.Signal {
		return []*alertv1.Signal{sig{n: n, ordinal: uint64(n), at: int64(t / time.Second), leaf: 1, group: "g"}.signal(root)}
	}
	state := func(changes []Change) alertv1.AlertState {
		t.Helper()
		if len(changes) != 1 || len(changes[0].Alerts) != 1 {
			t.Fatalf("changes: %v", changes)
		}
		return changes[0].Alerts[0].GetState()
	}
	e.Add(1, at(0), one(1, 0))
	if got := state(e.Take(false)); got != alertv1.AlertState_ALERT_STATE_FIRING {
		t.Fatalf("opened as %v", got)
	}
	e.Advance(at(time.Hour))
	if changed, _ := e.Pending(); changed != 0 {
		t.Fatal("resolved within its timespan")
	}
	e.Advance(at(time.Hour + Grace))
	if got := state(e.Take(false)); got != alertv1.AlertState_ALERT_STATE_RESOLVED {
		t.Fatalf("after the grace it is %v", got)
	}
	// Late, and of the past: silent.
	e.Add(2, at(70*time.Minute), one(2, 5*time.Minute))
	changes := e.Take(false)
	if got := state(changes); got != alertv1.AlertState_ALERT_STATE_FIRING && got != alertv1.AlertState_ALERT_STATE_RESOLVED {
		t.Fatalf("a late one made it %v", got)
	}
	if changes[0].Alerts[0].GetCount() != 2 || len(changes[0].Opened) != 0 {
		t.Fatalf("a late one was not joined: %v", changes[0])
	}
	e.Advance(at(1000 * time.Hour))
	e.Take(false)
	e.Advance(at(3000 * time.Hour))
	if s := e.Stats(); s.Groups != 0 || s.Held != 0 {
		t.Errorf("left behind: %+v", s)
	}
}

func TestALateFindingMergesTwoEpisodes(t *testing.T) {
	root := roots()[0]
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Hour})
	add := func(seq uint64, minutes ...int64) []Change {
		var list []*alertv1.Signal
		for _, m := range minutes {
			list = append(list, sig{n: int(m), at: 60 * m, leaf: 1, group: "g"}.signal(root))
		}
		e.Add(seq, time.Unix(0, epoch+int64(2*time.Hour)), list)
		return e.Take(false)
	}
	changes := add(1, 0, 100)
	if len(changes) != 1 || len(changes[0].Opened) != 2 {
		t.Fatalf("opened: %v", changes)
	}
	first, second := changes[0].Alerts[0], changes[0].Alerts[1]
	if first.GetId() == second.GetId() {
		t.Fatal("two alerts of one message have one id")
	}
	alerts := add(2, 50)[0].Alerts
	if alerts[0].GetCount() != 3 || alerts[0].GetState() != alertv1.AlertState_ALERT_STATE_FIRING {
		t.Errorf("the earlier: %v", alerts[0])
	}
	if alerts[1].GetState() != alertv1.AlertState_ALERT_STATE_MERGED || alerts[1].GetMergedInto() != first.GetId() {
		t.Errorf("the later: %v", alerts[1])
	}
}
