package correlate

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	second = int64(time.Second)
	epoch  = int64(1_800_000_000) * second
)

func hash(b byte) rule.Hash { return rule.Hash{b} }

func detection(b byte) *rule.Node {
	return &rule.Node{Info: rule.Info{ID: fmt.Sprintf("d%d", b), Type: rule.Detection, Hash: hash(b)}}
}

func correlation(id byte, typ rule.Type, span time.Duration, field string, bounds []rule.Bound, refs ...*rule.Node) *rule.Root {
	info := rule.Info{ID: fmt.Sprintf("c%d", id), Name: "test", Type: typ, Hash: hash(100 + id)}
	return &rule.Root{
		Info: info, GroupBy: []string{"source.ip"}, Timespan: span, Fields: []string{"source.ip", "user.name"},
		Tree: &rule.Node{
			Info: info, Refs: refs, GroupBy: []string{"source.ip"}, Timespan: span,
			Condition: rule.Condition{Fields: strings.Fields(field), Bounds: bounds},
		},
	}
}

// presence is a temporal correlation with a condition over its rules, which are called
// a, b, c.
func presence(id byte, span time.Duration, condition string) *rule.Root {
	var text strings.Builder
	for _, name := range []string{"a", "b", "c"} {
		fmt.Fprintf(&text, "title: %s\nid: %s\nlogsource: {category: webserver}\ndetection: {s: {url.path: %s}, condition: s}\n---\n", name, name, name)
	}
	fmt.Fprintf(&text, "title: t\nid: t\ncorrelation: {type: temporal, rules: [a, b, c], timespan: 1m, condition: '%s'}\n", condition)
	set, err := rule.Load(rule.Options{Shipped: fstest.MapFS{"t.yml": {Data: []byte(text.String())}}})
	if err != nil {
		return nil // no test passes without a root
	}
	r := correlation(id, rule.Temporal, span, "", nil, detection(1), detection(2), detection(3))
	r.Tree.Condition.Presence = set.Roots()[0].Tree.Condition.Presence
	return r
}

// percentile is a correlation over amounts.
func percentileOf(id byte, typ rule.Type, percent float64, bounds ...rule.Bound) *rule.Root {
	r := correlation(id, typ, time.Minute, "user.name", bounds, detection(1))
	r.Tree.Condition.Percentile = percent
	return r
}

func atLeast(n int64) []rule.Bound { return []rule.Bound{{Operator: "gte", Value: float64(n)}} }

type sig struct {
	n       int // which event
	at      int64
	leaf    byte
	group   string
	user    string
	ordinal uint64
}

func (s sig) signal(root *rule.Root) *alertv1.Signal {
	h, leaf := root.Hash, hash(s.leaf)
	return &alertv1.Signal{
		Root: h[:], Group: []string{s.group}, Rule: leaf[:],
		Finding: &alertv1.Finding{
			EventId: event.HashID(fmt.Sprint(s.n)), Agent: "a", Time: uint64(epoch + s.at*second),
			Ordinal: s.ordinal, Received: uint64(epoch + s.at*second),
			Fields: []*eventv1.Field{
				{Id: eventv1.FieldId_FIELD_ID_SOURCE_IP, Value: []byte(s.group)},
				{Id: eventv1.FieldId_FIELD_ID_USER_NAME, Value: []byte(s.user)},
			},
		},
	}
}

// outcome is what two runs must have in common.
type outcome struct {
	Fingerprint string
	Count       uint64
	First, Last int64
	Sum         string
}

func collect(latest map[string][]*alertv1.Alert, changes []Change) {
	for _, c := range changes {
		// What the engine forgot stays as it was.
		kept := slices.DeleteFunc(slices.Clone(latest[c.Fingerprint]), func(old *alertv1.Alert) bool {
			return slices.ContainsFunc(c.Alerts, func(a *alertv1.Alert) bool { return a.GetId() == old.GetId() })
		})
		latest[c.Fingerprint] = append(kept, c.Alerts...)
	}
}

func outcomes(latest map[string][]*alertv1.Alert) []outcome {
	var list []outcome
	for fingerprint, alerts := range latest {
		for _, a := range alerts {
			if a.GetState() != alertv1.AlertState_ALERT_STATE_MERGED {
				list = append(list, outcome{
					fingerprint, a.GetCount(), int64(a.GetFirstEvent()), int64(a.GetLastEvent()),
					hex.EncodeToString(a.GetEventSum()),
				})
			}
		}
	}
	slices.SortFunc(list, func(a, b outcome) int {
		return cmp.Or(strings.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.First, b.First))
	})
	return list
}

// run adds signals in batches, all within the lateness, and drains.
func run(root *rule.Root, sigs []sig, batch int) []outcome {
	e := New(Options{Roots: []*rule.Root{root}, Lateness: 1000 * time.Hour})
	latest := make(map[string][]*alertv1.Alert)
	seq := uint64(0)
	at := time.Unix(0, epoch)
	for chunk := range slices.Chunk(sigs, batch) {
		seq++
		at = at.Add(time.Second)
		signals := make([]*alertv1.Signal, len(chunk))
		for i, s := range chunk {
			signals[i] = s.signal(root)
		}
		e.Add(seq, at, signals)
		collect(latest, e.Take(false))
	}
	// What is judged late is judged bit by bit, and taken in between.
	sorted := slices.SortedFunc(slices.Values(sigs), func(a, b sig) int { return cmp.Compare(a.at, b.at) })
	for _, s := range sorted {
		e.Advance(time.Unix(0, epoch+s.at*second).Add(root.Timespan + 1000*time.Hour))
		collect(latest, e.Take(false))
	}
	e.Finish()
	collect(latest, e.Take(false))
	return outcomes(latest)
}

// reference does it the slow way, straight from the definitions.
func reference(root *rule.Root, sigs []sig) []outcome {
	groups := make(map[string][]sig)
	seen := make(map[string]bool)
	for _, s := range sigs {
		key := fmt.Sprint(s.n, s.leaf)
		if !seen[key] && isCounted(root.Tree, s) {
			seen[key] = true
			groups[s.group] = append(groups[s.group], s)
		}
	}
	var list []outcome
	for group, g := range groups {
		slices.SortFunc(g, func(a, b sig) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ordinal, b.ordinal)) })
		member := make([]bool, len(g))
		span := int64(root.Tree.Timespan.Seconds())
		if root.Type == rule.Detection {
			for i := range member {
				member[i] = true
			}
			span = 3600
		} else {
			naiveWindows(root.Tree, g, span, member)
		}
		var members []sig
		for i, s := range g {
			if member[i] {
				members = append(members, s)
			}
		}
		for len(members) > 0 {
			n := 1
			for n < len(members) && members[n].at-members[n-1].at <= span {
				n++
			}
			list = append(list, episodeOf(root, group, members[:n]))
			members = members[n:]
		}
	}
	latest := slices.Clone(list)
	slices.SortFunc(latest, func(a, b outcome) int {
		return cmp.Or(strings.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(a.First, b.First))
	})
	return latest
}

func naiveWindows(tree *rule.Node, g []sig, span int64, member []bool) {
	last := -1
	for i := range g {
		if tree.Type == rule.Absence {
			member[i] = i+1 == len(g) || g[i+1].at-g[i].at > span
			continue
		}
		var window []sig
		end := i
		for j := i; j < len(g) && g[j].at-g[i].at <= span; j++ {
			window = append(window, g[j])
			end = j
		}
		if end <= last {
			continue // another window contains it
		}
		last = end
		if !satisfied(tree, window) {
			continue
		}
		for j := i; j <= end; j++ {
			member[j] = true
		}
	}
}

// isCounted tells whether a correlation of detections counts a signal at all.
func isCounted(tree *rule.Node, s sig) bool {
	switch {
	case tree.Type == rule.ValueCount:
		return s.user != ""
	case tree.Type.Amounts():
		amount, ok := new(big.Rat).SetString(s.user)
		return ok && (tree.Type != rule.ValueSum || amount.Sign() >= 0)
	}
	return true
}

// amounts are the numbers of a window, and their sum.
func amounts(window []sig) (list []*big.Rat, sum *big.Rat) {
	sum = new(big.Rat)
	for _, s := range window {
		if amount, ok := new(big.Rat).SetString(s.user); ok {
			list, sum = append(list, amount), sum.Add(sum, amount)
		}
	}
	slices.SortFunc(list, (*big.Rat).Cmp)
	return list, sum
}

func float(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

func satisfied(tree *rule.Node, window []sig) bool {
	matched := make(map[int]bool)
	for _, s := range window {
		matched[slices.IndexFunc(tree.Refs, func(r *rule.Node) bool { return r.Hash == hash(s.leaf) })] = true
	}
	if p := tree.Condition.Presence; p != nil {
		return p.Holds(func(ref int) bool { return matched[ref] })
	}
	count := float64(len(window))
	list, sum := amounts(window)
	switch tree.Type {
	case rule.Temporal:
		if count = float64(len(matched)); tree.Condition.Bounds == nil {
			return len(matched) == len(tree.Refs)
		}
	case rule.ValueSum:
		count = float(sum)
	case rule.ValueAvg:
		count = float(sum.Quo(sum, big.NewRat(int64(len(list)), 1)))
	case rule.ValuePercentile, rule.ValueMedian:
		at := tree.Condition.Percentile / 100 * float64(len(list)-1)
		low, high := list[int(at)], list[min(int(at)+1, len(list)-1)]
		count = float(low) + (at-math.Floor(at))*(float(high)-float(low))
	case rule.ValueCount:
		users := make(map[string]bool)
		for _, s := range window {
			users[s.user] = true
		}
		count = float64(len(users))
	case rule.TemporalOrdered:
		next := 0
		for _, s := range window {
			if next < len(tree.Refs) && tree.Refs[next].Hash == hash(s.leaf) {
				next++
			}
		}
		return next == len(tree.Refs)
	}
	for _, b := range tree.Condition.Bounds {
		if !compare(count, b) {
			return false
		}
	}
	return true
}

func episodeOf(root *rule.Root, group string, members []sig) outcome {
	sum := new(big.Int)
	for _, s := range members {
		h := event.IDHash(event.HashID(fmt.Sprint(s.n)))
		sum.Add(sum, new(big.Int).SetBytes(h[:]))
	}
	sum.Mod(sum, new(big.Int).Lsh(big.NewInt(1), 128))
	return outcome{
		finding.Fingerprint(root.ID, []string{group}), uint64(len(members)),
		epoch + members[0].at*second, epoch + members[len(members)-1].at*second, fmt.Sprintf("%032x", sum),
	}
}

func roots() []*rule.Root {
	d := detection(1)
	single := &rule.Root{Info: d.Info, Tree: d, GroupBy: []string{"source.ip"}, Timespan: time.Hour}
	return []*rule.Root{
		single,
		correlation(1, rule.EventCount, time.Minute, "", atLeast(3), detection(1)),
		correlation(2, rule.EventCount, time.Minute, "", []rule.Bound{{Operator: "gt", Value: 4}}, detection(1), detection(2)),
		correlation(3, rule.ValueCount, 2*time.Minute, "user.name", atLeast(3), detection(1)),
		correlation(4, rule.TemporalOrdered, time.Minute, "", nil, detection(1), detection(2), detection(3)),
		correlation(5, rule.EventCount, time.Minute, "", []rule.Bound{{Operator: "lt", Value: 3}}, detection(1)),
		correlation(6, rule.EventCount, time.Minute, "", []rule.Bound{{Operator: "eq", Value: 2}}, detection(1)),
		correlation(7, rule.ValueCount, time.Minute, "user.name", []rule.Bound{{Operator: "neq", Value: 2}}, detection(1)),
		correlation(8, rule.ValueCount, time.Minute, "user.name source.ip", atLeast(2), detection(1)),
		correlation(9, rule.Temporal, time.Minute, "", nil, detection(1), detection(2), detection(3)),
		correlation(10, rule.Temporal, time.Minute, "", atLeast(2), detection(1), detection(2), detection(3)),
		correlation(11, rule.Temporal, time.Minute, "", []rule.Bound{{Operator: "lte", Value: 1}}, detection(1), detection(2)),
		presence(12, time.Minute, "a and (b or c)"),
		presence(13, 2*time.Minute, "a and b or c"),
		presence(14, time.Minute, "a and b and not c"),
		correlation(15, rule.ValueSum, time.Minute, "user.name", []rule.Bound{{Operator: "gte", Value: 10}}, detection(1), detection(2)),
		correlation(16, rule.ValueSum, 2*time.Minute, "user.name", []rule.Bound{{Operator: "gt", Value: 4.5}}, detection(1)),
		correlation(17, rule.ValueSum, time.Minute, "user.name", []rule.Bound{{Operator: "gt", Value: 4}, {Operator: "lt", Value: 9}}, detection(1)),
		correlation(18, rule.ValueAvg, time.Minute, "user.name", []rule.Bound{{Operator: "gt", Value: 3}}, detection(1)),
		percentileOf(19, rule.ValuePercentile, 75, rule.Bound{Operator: "gte", Value: 4}),
		percentileOf(20, rule.ValueMedian, 50, rule.Bound{Operator: "lt", Value: 3.75}),
		correlation(21, rule.Absence, time.Minute, "", nil, detection(1), detection(2)),
	}
}

func TestOrderRepeatsAndBatchesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := rapid.SampledFrom(roots()).Draw(t, "root")
		leaves := 1
		if root.Tree.Refs != nil {
			leaves = len(root.Tree.Refs)
		}
		reach := rapid.SampledFrom([]int64{30, 300, 2000, 20000}).Draw(t, "reach")
		sigs := make([]sig, rapid.IntRange(0, 60).Draw(t, "signals"))
		for i := range sigs {
			sigs[i] = sig{
				n: i, ordinal: uint64(i), at: rapid.Int64Range(0, reach).Draw(t, "time"),
				leaf:  byte(1 + rapid.IntRange(0, leaves-1).Draw(t, "leaf")),
				group: rapid.SampledFrom([]string{"10.0.0.1", "10.0.0.2"}).Draw(t, "group"),
				user:  rapid.SampledFrom([]string{"a", "b", "2.5", "5", "0.125", "-3", ""}).Draw(t, "user"),
			}
		}
		want := reference(root, sigs)
		repeats := rapid.IntRange(0, 20).Draw(t, "repeats")
		shuffled := slices.Clone(sigs)
		for range repeats {
			if len(sigs) > 0 {
				shuffled = append(shuffled, rapid.SampledFrom(sigs).Draw(t, "repeat"))
			}
		}
		shuffled = rapid.Permutation(shuffled).Draw(t, "order")
		got := run(root, shuffled, rapid.IntRange(1, 7).Draw(t, "batch"))
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: differs from the reference (-want +got):\n%s", root.ID, diff)
		}
	})
}

func TestACounterInsteadOfASetIsNoticed(t *testing.T) {
	if !setSemantics {
		t.Skip("this is the mutant")
	}
	if testing.Short() {
		t.Skip("builds a mutant")
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-tags", "tocsin_mutant_counter", "-run", "TestOrderRepeatsAndBatchesDoNotMatter", "-rapid.nofailfile", ".")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "differs from the reference") {
		t.Fatalf("the mutant passed: %v\n%s", err, out)
	}
}

// Windows are judged one after another, also when no message comes any more and what
// was judged first has been written.
func TestJudgingGoesOnAfterTheLastMessage(t *testing.T) {
	root := correlation(5, rule.EventCount, time.Minute, "", []rule.Bound{{Operator: "lt", Value: 3}}, detection(1))
	sigs := []sig{{n: 1, at: 0, leaf: 1, group: "g"}, {n: 2, at: 50, leaf: 1, group: "g"}, {n: 3, at: 100, leaf: 1, group: "g"}}
	e := New(Options{Roots: []*rule.Root{root}, Lateness: time.Minute})
	var signals []*alertv1.Signal
	for _, s := range sigs {
		signals = append(signals, s.signal(root))
	}
	e.Add(1, time.Unix(0, epoch+100*second), signals)
	var counts []uint64
	for at := range int64(300) {
		e.Advance(time.Unix(0, epoch+(100+at)*second))
		for _, change := range e.Take(false) {
			counts = append(counts, change.Alerts[0].GetCount())
		}
	}
	if diff := gocmp.Diff([]uint64{2, 3, 3}, counts); diff != "" { // the last time it is over
		t.Error(diff)
	}
}
