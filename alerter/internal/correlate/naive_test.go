package correlate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// inner is a correlation that another one counts.
func inner(id byte, typ rule.Type, span time.Duration, condition rule.Condition, groupBy []string, refs ...*rule.Node) *rule.Node {
	return &rule.Node{
		Info: rule.Info{ID: fmt.Sprintf("i%d", id), Type: typ, Hash: hash(150 + id)}, Refs: refs, Timespan: span,
		GroupBy: append([]string{"source.ip"}, groupBy...), Condition: condition,
	}
}

func withTimespan(r *rule.Root) *rule.Root {
	var longest func(n *rule.Node) time.Duration
	longest = func(n *rule.Node) (span time.Duration) {
		for _, ref := range n.Refs {
			span = max(span, longest(ref))
		}
		return span + n.Timespan
	}
	r.Timespan = longest(r.Tree)
	return r
}

// chains are correlations of correlations, every type over every other.
func chains() []*rule.Root {
	user := []string{"user.name"}
	burst := inner(1, rule.EventCount, time.Minute, rule.Condition{Bounds: atLeast(3)}, user, detection(1))
	burstOfAny := inner(2, rule.EventCount, time.Minute, rule.Condition{Bounds: atLeast(3)}, nil, detection(1), detection(2))
	users := inner(3, rule.ValueCount, time.Minute, rule.Condition{Fields: []string{"user.name"}, Bounds: atLeast(2)}, nil, detection(1), detection(3))
	order := inner(4, rule.TemporalOrdered, time.Minute, rule.Condition{}, user, detection(1), detection(2))
	some := inner(5, rule.TemporalOrdered, 90*time.Second, rule.Condition{Bounds: atLeast(2)}, nil, detection(1), detection(2), detection(3))
	both := inner(7, rule.Temporal, time.Minute, rule.Condition{}, nil, detection(1), detection(2))
	either := inner(8, rule.Temporal, time.Minute, presence(8, time.Minute, "a and (b or c)").Tree.Condition, nil, detection(1), detection(2), detection(3))
	sum := inner(9, rule.ValueSum, time.Minute, rule.Condition{Fields: []string{"user.name"}, Bounds: atLeast(4)}, nil, detection(1), detection(3))
	bursts := inner(6, rule.EventCount, 3*time.Minute, rule.Condition{Bounds: atLeast(2)}, nil, burst)
	return []*rule.Root{
		withTimespan(correlation(20, rule.TemporalOrdered, 2*time.Minute, "", nil, burst, detection(2))),
		withTimespan(correlation(21, rule.TemporalOrdered, 2*time.Minute, "", atLeast(2), burstOfAny, detection(2), users)),
		withTimespan(correlation(22, rule.EventCount, 5*time.Minute, "", atLeast(2), burst)),
		withTimespan(correlation(23, rule.EventCount, 5*time.Minute, "", atLeast(3), burst, detection(2))),
		withTimespan(correlation(24, rule.ValueCount, 5*time.Minute, "user.name", atLeast(2), burst)),
		withTimespan(correlation(25, rule.TemporalOrdered, 2*time.Minute, "", nil, detection(3), users, detection(2))),
		withTimespan(correlation(26, rule.EventCount, 2*time.Minute, "", atLeast(2), order)),
		withTimespan(correlation(27, rule.TemporalOrdered, 2*time.Minute, "", nil, bursts, some)),
		withTimespan(correlation(28, rule.EventCount, 10*time.Minute, "", atLeast(2), bursts, some)),
		withTimespan(correlation(29, rule.Temporal, 2*time.Minute, "", nil, burst, detection(2))),
		withTimespan(correlation(30, rule.Temporal, 3*time.Minute, "", atLeast(2), users, detection(2), sum)),
		withTimespan(correlation(31, rule.TemporalOrdered, 2*time.Minute, "", nil, both, detection(3))),
		withTimespan(correlation(32, rule.EventCount, 5*time.Minute, "", atLeast(2), either, sum)),
		withTimespan(correlation(33, rule.ValueSum, 5*time.Minute, "user.name", atLeast(7), burst, detection(2))),
	}
}

// moment is an item as the definition has it.
type moment struct {
	last  int // which signal it is, or the last of its window
	ref   int
	group []string // nil for a signal
	parts map[int]bool
	start int
}

// naive evaluates a tree straight from the definitions.
type naive struct{ sigs []sig }

func (v naive) value(n *rule.Node, m moment, name string) string {
	if i := slices.Index(n.Refs[m.ref].GroupBy, name); i >= 0 && m.group != nil {
		return m.group[i]
	}
	return map[string]string{"source.ip": v.sigs[m.last].group, "user.name": v.sigs[m.last].user}[name]
}

func (v naive) moments(n *rule.Node) []moment {
	var list []moment
	for i, ref := range n.Refs {
		if ref.Refs != nil {
			list = append(list, v.completions(ref, i)...)
			continue
		}
		for k, s := range v.sigs {
			if ref.Hash == hash(s.leaf) {
				list = append(list, moment{last: k, ref: i, parts: map[int]bool{k: true}, start: k})
			}
		}
	}
	if fields := n.Condition.Fields; len(fields) > 0 {
		list = slices.DeleteFunc(list, func(m moment) bool { return !isCounted(n, sig{user: v.value(n, m, fields[0])}) })
	}
	slices.SortStableFunc(list, func(a, b moment) int { return cmp.Or(cmp.Compare(a.last, b.last), cmp.Compare(b.ref, a.ref)) })
	return list
}

func (v naive) completions(n *rule.Node, ref int) (list []moment) {
	groups := make(map[string][]moment)
	for _, m := range v.moments(n) {
		var values []string
		for _, name := range n.GroupBy {
			values = append(values, v.value(n, m, name))
		}
		if !slices.Contains(values, "") {
			groups[strings.Join(values, "\x00")] = append(groups[strings.Join(values, "\x00")], m)
		}
	}
	for key, g := range groups {
		for b := range g {
			first := b
			for first > 0 && v.at(g[b])-v.at(g[first-1]) <= int64(n.Timespan.Seconds()) {
				first--
			}
			a := b
			for a >= first && !v.satisfied(n, g[a:b+1]) {
				a--
			}
			if a < first {
				continue
			}
			c := moment{last: g[b].last, ref: ref, group: strings.Split(key, "\x00"), parts: make(map[int]bool), start: g[a].start}
			for _, m := range g[first : b+1] {
				for k := range m.parts {
					c.parts[k] = true
				}
			}
			list = append(list, c)
		}
	}
	return list
}

func (v naive) at(m moment) int64 { return v.sigs[m.last].at }

func (v naive) satisfied(n *rule.Node, window []moment) bool {
	bounds := n.Condition.Bounds
	count := float64(len(window))
	matched := make(map[int]bool)
	for _, m := range window {
		matched[m.ref] = true
	}
	if p := n.Condition.Presence; p != nil {
		return p.Holds(func(ref int) bool { return matched[ref] })
	}
	switch {
	case n.Type == rule.Temporal:
		if count = float64(len(matched)); bounds == nil {
			bounds = atLeast(int64(len(n.Refs)))
		}
	case n.Type == rule.ValueSum:
		var users []sig
		for _, m := range window {
			users = append(users, sig{user: v.value(n, m, n.Condition.Fields[0])})
		}
		_, sum := amounts(users)
		count = float(sum)
	case n.Type == rule.TemporalOrdered:
		if bounds == nil {
			bounds = atLeast(int64(len(n.Refs)))
		}
		longest := make([]int64, len(n.Refs)+1)
		for _, m := range window {
			longest[m.ref+1] = max(longest[m.ref+1], 1+slices.Max(longest[:m.ref+1]))
		}
		count = float64(slices.Max(longest))
	case n.Type == rule.ValueCount:
		values := make(map[string]bool)
		for _, m := range window {
			values[v.value(n, m, n.Condition.Fields[0])] = true
		}
		count = float64(len(values))
	case slices.ContainsFunc(n.Refs, func(r *rule.Node) bool { return r.Refs != nil }):
		count = 0
		starts := make(map[string]int)
		for _, m := range slices.Backward(window) {
			key := ""
			if m.group != nil {
				key = fmt.Sprint(m.ref, m.group)
			}
			if start, ok := starts[key]; !ok || m.last < start {
				starts[key] = m.start
				count++
			}
		}
	}
	for _, b := range bounds {
		if !compare(count, b) {
			return false
		}
	}
	return true
}

func (v naive) outcomes(root *rule.Root) []outcome {
	span := int64(root.Tree.Timespan.Seconds())
	member := make(map[int]bool)
	top := v.moments(root.Tree)
	for i := range top {
		end := i
		for end+1 < len(top) && v.at(top[end+1])-v.at(top[i]) <= span {
			end++
		}
		if v.satisfied(root.Tree, top[i:end+1]) {
			for _, m := range top[i : end+1] {
				for k := range m.parts {
					member[k] = true
				}
			}
		}
	}
	var list []outcome
	var run []sig
	for k, s := range v.sigs {
		if !member[k] {
			continue
		}
		if len(run) > 0 && s.at-run[len(run)-1].at > span {
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

func TestChainsFollowTheirDefinitionsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := rapid.SampledFrom(chains()).Draw(t, "root")
		reach := rapid.SampledFrom([]int64{20, 100, 500, 3000}).Draw(t, "reach")
		sigs := make([]sig, rapid.IntRange(0, 50).Draw(t, "signals"))
		for i := range sigs {
			sigs[i] = sig{
				n: i, ordinal: uint64(i), at: rapid.Int64Range(0, reach).Draw(t, "time"), group: "g",
				leaf: byte(1 + rapid.IntRange(0, 4).Draw(t, "leaf")%3),
				user: rapid.SampledFrom([]string{"a", "2.5", ""}).Draw(t, "user"),
			}
		}
		// Only what the root counts can come.
		leaves := newPlan(root, 0).leaves
		sigs = slices.DeleteFunc(sigs, func(s sig) bool { _, ok := leaves[hash(s.leaf)]; return !ok })
		sorted := slices.Clone(sigs)
		slices.SortFunc(sorted, func(a, b sig) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ordinal, b.ordinal)) })
		want := naive{sorted}.outcomes(root)
		for range rapid.IntRange(0, 20).Draw(t, "repeats") {
			if len(sorted) > 0 {
				sigs = append(sigs, rapid.SampledFrom(sorted).Draw(t, "repeat"))
			}
		}
		got := run(root, rapid.Permutation(sigs).Draw(t, "order"), rapid.IntRange(1, 7).Draw(t, "batch"))
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("%s differs from the definition (-want +got):\n%s", root.ID, diff)
		}
	})
}
