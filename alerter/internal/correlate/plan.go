package correlate

import (
	"math"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// plan is a root as the engine evaluates it.
type plan struct {
	root   *rule.Root
	leaves map[rule.Hash]int
	top    *node
	// uses are, by leaf, the nodes that count its signals.
	uses [][]use
	// gap is the longest one within an episode, reach how far from a signal
	// others may lie that matter to it, horizon how long a signal is held at least
	// and keep how long at most.
	gap, reach, horizon, keep, lateness int64
	// fields are the names whose values a held signal keeps.
	fields []string
	// least is how many signals a group has at least where anything is satisfied.
	least int
	// monotone says that further signals never undo a satisfied condition;
	// otherwise windows are judged when they are over.
	monotone bool
	// whole is when the signals begin that the engine was given, 0 where that is
	// all there ever were.
	whole int64
}

// use is a ref of a node.
type use struct {
	node *node
	ref  int
}

// node is a rule.Node as the engine evaluates it.
type node struct {
	*rule.Node
	leaf int // of a detection
	refs []*node
	// parent is the node that refers to this one, index the place among its refs.
	parent *node
	index  int
	span   int64
	// chained says that the node counts what other correlations found.
	chained bool
	// threshold is the count at which a monotone node is satisfied, enoughOf the sum, in
	// thousandths.
	threshold int
	enoughOf  int64
	monotone  bool
}

// newPlan compiles a root.
func newPlan(r *rule.Root, lateness time.Duration) *plan {
	p := &plan{
		root: r, leaves: make(map[rule.Hash]int), lateness: int64(lateness),
		gap: int64(time.Hour), reach: int64(r.Timespan), monotone: true,
	}
	if r.Tree == nil || r.Tree.Type == rule.Detection {
		h := r.Hash
		if r.Tree != nil {
			h = r.Tree.Hash
		}
		p.leaves[h] = 0
		p.reach = p.gap
		p.hold(p.gap + p.lateness)
		return p
	}
	p.top = p.compile(r.Tree)
	p.least = p.top.least()
	p.gap = p.top.span
	p.reach = max(p.reach, p.gap)
	if p.monotone {
		p.hold(p.reach + p.lateness)
	} else {
		// Whether a window is maximal depends on the one before it; and what is
		// judged twice, before and after a takeover, has to be known whole.
		p.hold(2 * (p.reach + p.lateness))
	}
	p.uses = make([][]use, len(p.leaves))
	p.useAll(p.top)
	return p
}

// hold sets for how long signals are held.
func (p *plan) hold(horizon int64) {
	p.horizon = max(horizon, 1)
	p.keep = p.horizon + p.grain()
}

// grain is the time by which what is held is forgotten at once: a group is looked
// at as a whole after that.
func (p *plan) grain() int64 { return max(p.horizon/8, 1) }

// expires is when a signal that arrived at some time is forgotten. It is the
// stream's clock alone that says when, so that all owners hold the same.
func (p *plan) expires(arrived int64) int64 {
	g := p.grain()
	return (arrived + p.horizon + g - 1) / g * g
}

// useAll notes which nodes count the signals of each leaf.
func (p *plan) useAll(n *node) {
	for leaf := range p.uses {
		// The last ref first: one event is not its own successor.
		for i := len(n.refs) - 1; i >= 0; i-- {
			if ref := n.refs[i]; ref.refs != nil || ref.leaf != leaf {
				continue
			}
			p.uses[leaf] = append(p.uses[leaf], use{n, i})
			if n.Type != rule.TemporalOrdered {
				break
			}
		}
	}
	for _, ref := range n.refs {
		if ref.refs != nil {
			p.useAll(ref)
		}
	}
}

func (p *plan) compile(n *rule.Node) *node {
	c := &node{Node: n, span: int64(n.Timespan), monotone: true}
	if n.Type == rule.Detection {
		leaf, ok := p.leaves[n.Hash]
		if !ok {
			leaf = len(p.leaves)
			p.leaves[n.Hash] = leaf
		}
		c.leaf = leaf
		return c
	}
	for i, ref := range n.Refs {
		sub := p.compile(ref)
		sub.parent, sub.index = c, i
		c.refs = append(c.refs, sub)
		c.chained = c.chained || sub.refs != nil
	}
	p.need(n)
	c.threshold, c.monotone = threshold(n)
	if n.Type == rule.ValueSum && c.monotone {
		c.enoughOf = enoughOf(n)
	}
	p.monotone = p.monotone && c.monotone
	return c
}

// least is how many signals satisfy a node at least: of those that count signals, or
// different ones of them, their threshold. One signal may do for several rules.
func (n *node) least() int {
	counts := n.Type == rule.EventCount || n.Type == rule.ValueCount
	if !n.monotone || n.chained || !counts {
		return 1
	}
	return max(n.threshold, 1)
}

// need notes the fields that a node asks of signals.
func (p *plan) need(n *rule.Node) {
	add := func(name string) {
		if name != "" && !slices.Contains(p.fields, name) {
			p.fields = append(p.fields, name)
		}
	}
	for _, name := range n.GroupBy {
		add(name)
		for _, field := range n.Aliases[name] {
			add(field)
		}
	}
	for _, name := range n.Condition.Fields {
		add(name)
		for _, field := range n.Aliases[name] {
			add(field)
		}
	}
}

// field is the index of a name among the plan's fields, or -1.
func (p *plan) field(name string) int { return slices.Index(p.fields, name) }

// threshold is the least count that satisfies a condition of lower bounds only;
// any other condition is not monotone.
func threshold(n *rule.Node) (least int, monotone bool) {
	if n.Type == rule.Absence {
		return 0, false
	}
	if n.Condition.Presence != nil {
		return len(n.Refs), n.Condition.Presence.Monotone()
	}
	least = 1
	if (n.Type == rule.TemporalOrdered || n.Type == rule.Temporal) && len(n.Condition.Bounds) == 0 {
		return len(n.Refs), true
	}
	for _, b := range n.Condition.Bounds {
		switch b.Operator {
		case "gte":
			least = max(least, int(b.Value))
		case "gt":
			least = max(least, int(b.Value)+1)
		default:
			return 0, false
		}
	}
	return least, n.Type == rule.ValueSum || !n.Type.Amounts()
}

// enoughOf is the least sum, in thousandths, that satisfies lower bounds.
func enoughOf(n *rule.Node) int64 {
	least := int64(math.MinInt64)
	for _, b := range n.Condition.Bounds {
		at := math.Round(b.Value*thousandths*1000) / 1000 // no bound is finer than that
		bound := int64(math.Ceil(at))
		if b.Operator == "gt" && float64(bound) == at {
			bound++
		}
		least = max(least, bound)
	}
	return least
}

// accepts tells whether items satisfy the condition.
func (p *plan) accepts(n *node, items []item) bool {
	if presence := n.Condition.Presence; presence != nil {
		return presence.Holds(func(ref int) bool {
			return slices.ContainsFunc(items, func(it item) bool { return it.ref == ref })
		})
	}
	count := p.count(n, items)
	if n.monotone && !n.Type.Amounts() {
		return count >= float64(n.threshold)
	}
	for _, b := range n.Condition.Bounds {
		if !compare(count, b) {
			return false
		}
	}
	return true
}

func compare(count float64, b rule.Bound) bool {
	switch b.Operator {
	case "gt":
		return count > b.Value
	case "gte":
		return count >= b.Value
	case "lt":
		return count < b.Value
	case "lte":
		return count <= b.Value
	case "eq":
		return count == b.Value
	case "neq":
		return count != b.Value
	default:
		return false
	}
}
