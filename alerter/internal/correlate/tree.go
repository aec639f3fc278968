package correlate

import (
	"strings"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// tree is what a group's signals mean to the nodes of a monotone plan, kept up to
// date signal by signal, in whatever order they come.
//
// All of it rests on witnesses: two entries a and z of one state, at most the
// timespan apart, such that a to z satisfy the condition. A window is satisfied
// exactly if it holds a witness. So entries of the root are members exactly if
// they lie between z − timespan and a + timespan of a witness; an inner state's
// windows that end with an entry are satisfied exactly if that entry lies between
// z and a + timespan. More signals give more witnesses and never take one away.
//
// Entries in those spans are moved out of lists of those that are not, once each:
// that is why the work is about linear in the number of signals. The memory is
// one entry a signal and node that counts it, and one for each inner window.
type tree struct {
	plan   *plan
	root   *state
	states map[stateKey]*state
	// uncertain are the states whose witnesses change when windows beneath begin
	// later: those that count windows that share no event.
	uncertain []*state
	// members are the signals that became members since the last time.
	members []*held
}

type stateKey struct {
	node  *node
	group string
}

// state is one group of one node.
type state struct {
	node    *node
	group   []string
	entries entries
	// satisfied are where windows that are satisfied end, idle the entries that
	// lie outside; an inner node's only.
	satisfied spans
	idle      entries
	// covered are what is part of satisfied windows all the way up, free the
	// entries that lie outside.
	covered spans
	free    entries
	// recent are the last entries of the values, or rules, seen last, the latest
	// first, as many as may be needed.
	recent entries
	// last is the window of a value_sum that ends with its last entry.
	last lastWindow
	// byRef are the entries of each ref of a temporal_ordered.
	byRef []entries
}

func newTree(p *plan) *tree {
	t := &tree{plan: p}
	t.root = t.state(p.top, nil)
	return t
}

func (t *tree) state(n *node, group []string) *state {
	key := stateKey{n, strings.Join(group, "\x00")}
	if s := t.states[key]; s != nil {
		return s
	}
	s := &state{node: n, group: group}
	if n.Type == rule.TemporalOrdered {
		s.byRef = make([]entries, len(n.refs))
	}
	if n.Type == rule.EventCount && n.chained {
		t.uncertain = append(t.uncertain, s)
	}
	if n.parent != nil {
		if t.states == nil {
			t.states = make(map[stateKey]*state)
		}
		t.states[key] = s
	}
	return s
}

// add counts a signal.
func (t *tree) add(h *held) {
	for _, use := range t.plan.uses[h.leaf] {
		t.put(use.node, &entry{h: h, ref: use.ref})
	}
}

// put counts an entry in the state of a node that it belongs to.
func (t *tree) put(n *node, e *entry) {
	var inner []string
	if e.child != nil {
		inner = e.child.group
	}
	switch {
	case n.Type.Distinct():
		if e.value = t.plan.distinct(n, e.h, e.ref, inner); e.value == "" {
			return
		}
	case n.Type == rule.ValueSum:
		var ok bool
		if e.amount, ok = amountOf(t.plan.value(n, e.h, e.ref, inner, n.Condition.Fields[0])); !ok || !n.counts(e.amount) {
			return
		}
	}
	s := t.root
	if n.parent != nil {
		group, ok := t.plan.groupOf(n, e.h, e.ref, inner)
		if !ok {
			return
		}
		s = t.state(n, group)
	}
	t.insert(s, e)
}

func (t *tree) insert(s *state, e *entry) {
	i := s.entries.insert(e)
	if s.byRef != nil {
		s.byRef[e.ref].insert(e)
	}
	if s.covered.hold(e) {
		t.reach(e)
	} else {
		s.free.insert(e)
	}
	if s.node.parent != nil {
		if s.satisfied.hold(e) {
			t.complete(s, e)
		} else {
			s.idle.insert(e)
		}
	}
	t.witnesses(s, i)
}

// witness takes two entries between which a state is satisfied.
func (t *tree) witness(s *state, a, z *entry) {
	n := s.node
	switch {
	case a == nil || z == nil || z.h.time-a.h.time > n.span:
	case n.parent == nil:
		t.cover(s, span{before(z.h.time - n.span), after(a.h.time + n.span)})
	default:
		at := span{on(z), after(a.h.time + n.span)}
		if s.satisfied.add(at) {
			for _, e := range s.idle.cut(at) {
				t.complete(s, e)
			}
		}
	}
}

// complete lets the node above count a window that ends with an entry.
func (t *tree) complete(s *state, e *entry) {
	t.put(s.node.parent, &entry{h: e.h, ref: s.node.index, child: s, of: e})
}

// cover makes part of satisfied windows what lies within a span.
func (t *tree) cover(s *state, at span) {
	if !s.covered.add(at) {
		return
	}
	for _, e := range s.free.cut(at) {
		t.reach(e)
	}
}

// reach goes down from an entry that is part of satisfied windows to its signals.
func (t *tree) reach(e *entry) {
	if e.child != nil {
		t.cover(e.child, span{before(e.h.time - e.child.node.span), on(e.of)})
		return
	}
	if !e.h.member {
		e.h.member = true
		t.members = append(t.members, e.h)
	}
}

// take returns the new members, unmarked: who counts them marks them.
func (t *tree) take() []*held {
	members := t.members
	t.members = t.members[:0]
	for _, h := range members {
		h.member = false
	}
	return members
}
