package correlate

import (
	"cmp"
	"slices"
	"strings"
)

// entry is what a state counts: a signal, or the moment at which an inner state's
// condition was met.
type entry struct {
	h   *held // the signal, or the last one of the inner window
	ref int   // which of the node's refs it is of
	// child is the inner state, of its entry that the window ends with; nil for a
	// signal.
	child *state
	of    *entry
	// value is what a value_count or a temporal tells it apart by, amount what a
	// value_sum adds of it.
	value  string
	amount int64
}

// compareEntry is the order of events. Of one event the last ref comes first: an
// event is not its own successor.
func compareEntry(a, b *entry) int {
	if a.h.time != b.h.time { // mostly, and texts take longer
		return cmp.Compare(a.h.time, b.h.time)
	}
	return cmp.Or(
		strings.Compare(a.h.agent, b.h.agent), cmp.Compare(a.h.ordinal, b.h.ordinal),
		strings.Compare(a.h.id, b.h.id), cmp.Compare(b.ref, a.ref), cmp.Compare(a.h.leaf, b.h.leaf),
	)
}

// edge is where a span begins or ends: at an entry, or before or after all
// entries of a time.
type edge struct {
	time int64
	at   *entry // nil for a time
	side int    // -1 before all entries of the time, 1 after them
}

func before(t int64) edge { return edge{time: t, side: -1} }
func after(t int64) edge  { return edge{time: t, side: 1} }
func on(e *entry) edge    { return edge{time: e.h.time, at: e} }

func compareEdge(a, b edge) int {
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	if a.at != nil && b.at != nil {
		return compareEntry(a.at, b.at)
	}
	return cmp.Compare(a.side, b.side)
}

// span reaches from one edge to another, both included.
type span struct{ from, to edge }

// spans are sorted and apart.
type spans []span

// around is the first span that ends at an edge or after it.
func (s spans) around(e edge) int {
	i, _ := slices.BinarySearchFunc(s, e, func(s span, e edge) int { return compareEdge(s.to, e) })
	return i
}

func (s spans) hold(e *entry) bool {
	i := s.around(on(e))
	return i < len(s) && compareEdge(s[i].from, on(e)) <= 0
}

// add joins a span with those that it meets. It tells whether that made a
// difference.
func (s *spans) add(add span) bool {
	if compareEdge(add.from, add.to) > 0 {
		return false
	}
	i := s.around(add.from)
	j := i
	for j < len(*s) && compareEdge((*s)[j].from, add.to) <= 0 {
		j++
	}
	if i == j {
		*s = slices.Insert(*s, i, add)
		return true
	}
	first, last := (*s)[i], (*s)[j-1]
	if j == i+1 && compareEdge(first.from, add.from) <= 0 && compareEdge(add.to, first.to) <= 0 {
		return false
	}
	if compareEdge(first.from, add.from) < 0 {
		add.from = first.from
	}
	if compareEdge(last.to, add.to) > 0 {
		add.to = last.to
	}
	*s = slices.Replace(*s, i, j, add)
	return true
}

// entries are in their order.
type entries []*entry

func (l entries) search(e edge) int {
	i, _ := slices.BinarySearchFunc(l, e, func(x *entry, e edge) int { return compareEdge(on(x), e) })
	return i
}

// insert puts an entry where it belongs, which is mostly the end.
func (l *entries) insert(e *entry) int {
	i := len(*l)
	if i > 0 && compareEntry((*l)[i-1], e) > 0 {
		i = l.search(on(e))
	}
	*l = slices.Insert(*l, i, e)
	return i
}

// cut takes out what lies within a span.
func (l *entries) cut(s span) entries {
	from := l.search(s.from)
	to := from
	for to < len(*l) && compareEdge(on((*l)[to]), s.to) <= 0 {
		to++
	}
	if from == to {
		return nil
	}
	taken := slices.Clone((*l)[from:to])
	*l = slices.Delete(*l, from, to)
	return taken
}

// last is the last entry before another, first the first after it; nil where
// there is none.
func (l entries) last(e *entry) *entry {
	if i := l.search(on(e)); i > 0 {
		return l[i-1]
	}
	return nil
}

func (l entries) first(e *entry) *entry {
	for _, x := range l[l.search(on(e)):] {
		if compareEntry(x, e) > 0 {
			return x
		}
	}
	return nil
}
