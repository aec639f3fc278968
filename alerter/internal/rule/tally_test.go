package rule

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func TestTallyCountsWhatRoutingLeaves(t *testing.T) {
	const source = "logsource: {category: authentication}\n"
	m := load(t,
		"title: A\nid: a\n"+source+"detection: {s: {user.name: root, source.ip|cidr: 10.0.0.0/8}, condition: s}\n",
		"title: B\nid: b\n"+source+"detection: {s: {user.name: bob}, condition: s}\n").Matcher()
	for range 2 * sampled {
		m.Match(Input{Class: eventv1.Class_CLASS_AUTH, Event: eventOf("user.name=root", "source.ip=192.0.2.1")})
	}
	m.Match(Input{Class: eventv1.Class_CLASS_AUTH, Event: eventOf("user.name=root", "source.ip=10.0.0.1")})
	tallies := func() map[string]Tally {
		all := make(map[string]Tally)
		m.Tally(func(r *Info, t Tally) { all[r.ID] = t })
		return all
	}
	got := tallies()
	if a := got["a"]; a.Cost <= 0 || a.Cost%sampled != 0 {
		t.Errorf("a cost of %v", a.Cost)
	}
	a := got["a"]
	a.Cost = 0
	if diff := cmp.Diff(Tally{Asked: 2*sampled + 1, Matched: 1}, a); diff != "" || len(got) != 1 {
		t.Errorf("%d rules were asked; a: %s", len(got), diff)
	}
	if again := tallies(); len(again) > 0 {
		t.Errorf("counted twice: %v", again)
	}
}
