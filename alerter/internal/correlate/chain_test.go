package correlate

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

const (
	innerSpan = time.Minute
	outerSpan = 2 * time.Minute
)

// chained is a success (2) after a burst of failures (1) of one user.
func chained(least int64, id byte) *rule.Root {
	burst := &rule.Node{
		Info: rule.Info{ID: "burst", Type: rule.EventCount, Hash: hash(50)}, Refs: []*rule.Node{detection(1)},
		GroupBy: []string{"source.ip", "user.name"}, Timespan: innerSpan, Condition: rule.Condition{Bounds: atLeast(least)},
	}
	root := correlation(id, rule.TemporalOrdered, outerSpan, "", nil, burst, detection(2))
	root.Timespan = innerSpan + outerSpan
	return root
}

// chainReference follows the definition: a burst is complete at each failure that
// has enough of its user behind it; a window holds a completion and then a
// success; members are what the window holds and what completed in it.
func chainReference(root *rule.Root, least int, sigs []sig) []outcome {
	g := slices.Clone(sigs)
	slices.SortFunc(g, func(a, b sig) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ordinal, b.ordinal)) })
	type entry struct {
		at    int64
		ref   int
		parts []int
	}
	var entries []entry
	for i, s := range g {
		if s.leaf == 2 {
			entries = append(entries, entry{s.at, 1, []int{i}})
			continue
		}
		var parts []int
		for j := range i + 1 {
			if g[j].leaf == 1 && g[j].user == s.user && s.at-g[j].at <= int64(innerSpan.Seconds()) {
				parts = append(parts, j)
			}
		}
		if s.user != "" && len(parts) >= least {
			entries = append(entries, entry{s.at, 0, parts})
		}
	}
	member := make([]bool, len(g))
	for i := range entries {
		var window []entry
		for j := i; j < len(entries) && entries[j].at-entries[i].at <= int64(outerSpan.Seconds()); j++ {
			window = append(window, entries[j])
		}
		burst := slices.IndexFunc(window, func(e entry) bool { return e.ref == 0 })
		if burst < 0 || !slices.ContainsFunc(window[burst:], func(e entry) bool { return e.ref == 1 }) {
			continue
		}
		for _, e := range window {
			for _, p := range e.parts {
				member[p] = true
			}
		}
	}
	var list []outcome
	var run []sig
	for i, s := range g {
		if !member[i] {
			continue
		}
		if len(run) > 0 && s.at-run[len(run)-1].at > int64(outerSpan.Seconds()) {
			list = append(list, episodeOf(root, "g", run))
			run = nil
		}
		run = append(run, s)
	}
	if len(run) > 0 {
		list = append(list, episodeOf(root, "g", run))
	}
	return list
}

func TestACorrelationOfACorrelationFollowsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.IntRange(1, 4).Draw(t, "least")
		root := chained(int64(least), 1)
		reach := rapid.SampledFrom([]int64{100, 500, 3000}).Draw(t, "reach")
		sigs := make([]sig, rapid.IntRange(0, 50).Draw(t, "signals"))
		for i := range sigs {
			sigs[i] = sig{
				n: i, ordinal: uint64(i), at: rapid.Int64Range(0, reach).Draw(t, "time"), group: "g",
				leaf: byte(1 + rapid.IntRange(0, 4).Draw(t, "leaf")/4), user: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "user"),
			}
		}
		want := chainReference(root, least, sigs)
		got := run(root, rapid.Permutation(sigs).Draw(t, "order"), rapid.IntRange(1, 5).Draw(t, "batch"))
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("differs from the reference (-want +got):\n%s", diff)
		}
	})
}
