package correlate

import (
	"slices"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// witnesses finds the witnesses that an entry newly makes, those only that no
// other has a later beginning or an earlier end than.
func (t *tree) witnesses(s *state, i int) {
	n := s.node
	switch {
	case n.Type == rule.TemporalOrdered:
		t.chains(s, s.entries[i])
	case n.Type.Distinct():
		t.values(s, i)
	case n.Type == rule.ValueSum:
		t.sums(s, i)
	case n.chained:
		t.disjoints(s, i, s.entries[i].h.time+n.span)
	default:
		// With the entry among them, as many as are enough begin up to that many
		// places before it.
		for b := max(i, n.threshold-1); b < min(i+n.threshold, len(s.entries)); b++ {
			t.witness(s, s.entries[b+1-n.threshold], s.entries[b])
		}
	}
}

// chains finds the shortest runs of refs in order that an entry is part of.
func (t *tree) chains(s *state, e *entry) {
	n := s.node
	skips := len(n.refs) - n.threshold
	most := n.threshold - 1
	ahead := s.walk(e, min(e.ref, most), skips, -1)
	behind := s.walk(e, min(len(n.refs)-1-e.ref, most), skips, 1)
	for i, a := range ahead {
		if j := most - i; j < len(behind) {
			t.witness(s, a, behind[j])
		}
	}
}

// walk tells, for each number of steps from an entry to entries of other refs in
// order, the nearest that one can get to: backward with step -1, forward with 1.
// Of the refs on the way at most so many may be left out.
func (s *state) walk(e *entry, steps, skips, step int) []*entry {
	near := []*entry{e}
	byRef := make([]*entry, len(s.byRef)) // the nearest after the last step that ends with a ref
	byRef[e.ref] = e
	for j := 1; j <= steps; j++ {
		next := make([]*entry, len(s.byRef))
		var best *entry
		for gap := j; gap <= j+skips; gap++ {
			q := e.ref + step*gap
			if q < 0 || q >= len(s.byRef) {
				break
			}
			for between := gap - 1; between >= j-1; between-- {
				from := byRef[e.ref+step*between]
				if from == nil {
					continue
				}
				next[q] = nearer(next[q], s.neighbour(q, from, step), step)
			}
			best = nearer(best, next[q], step)
		}
		if best == nil {
			break
		}
		near, byRef = append(near, best), next
	}
	return near
}

func (s *state) neighbour(ref int, e *entry, step int) *entry {
	if step < 0 {
		return s.byRef[ref].last(e)
	}
	return s.byRef[ref].first(e)
}

func nearer(a, b *entry, step int) *entry {
	if a == nil || b != nil && compareEntry(a, b)*step > 0 {
		return b
	}
	return a
}

// values finds the windows of enough different values that an entry is part of.
func (t *tree) values(s *state, i int) {
	n, e := s.node, s.entries[i]
	s.recent.see(e, n.threshold)
	first := n.enough(s.recent)
	if first == nil {
		return
	}
	if i == len(s.entries)-1 {
		t.witness(s, first, e)
		return
	}
	recent := s.seen(i)
	for b := i; b < len(s.entries); b++ {
		z := s.entries[b]
		if z.h.time-e.h.time > n.span || b > i && z.value == e.value {
			return // from here on the entry makes no difference
		}
		recent.see(z, n.threshold)
		if first := n.enough(recent); first != nil {
			if compareEntry(first, e) > 0 {
				return
			}
			t.witness(s, first, z)
		}
	}
}

// enough is the entry from which on up to the last one the node is satisfied, of the
// last entries of the values, the latest first; nil where there is none.
func (n *node) enough(recent entries) *entry {
	presence := n.Condition.Presence
	if presence == nil {
		if len(recent) < n.threshold {
			return nil
		}
		return recent[n.threshold-1]
	}
	for i, first := range recent {
		if presence.Holds(func(ref int) bool {
			return slices.ContainsFunc(recent[:i+1], func(e *entry) bool { return e.ref == ref })
		}) {
			return first
		}
	}
	return nil
}

// seen are the recent values as they were at an entry.
func (s *state) seen(i int) entries {
	var recent entries
	known := make(map[string]bool)
	for a := i; a >= 0 && len(recent) < s.node.threshold && s.entries[i].h.time-s.entries[a].h.time <= s.node.span; a-- {
		if e := s.entries[a]; !known[e.value] {
			known[e.value] = true
			recent = append(recent, e)
		}
	}
	return recent
}

// see keeps the last entries of the values seen last, the latest first.
func (l *entries) see(e *entry, most int) {
	if i := slices.IndexFunc(*l, func(x *entry) bool { return x.value == e.value }); i >= 0 {
		if compareEntry((*l)[i], e) >= 0 {
			return
		}
		*l = slices.Delete(*l, i, i+1)
	}
	at := slices.IndexFunc(*l, func(x *entry) bool { return compareEntry(x, e) < 0 })
	if at < 0 {
		at = len(*l)
	}
	*l = slices.Insert(*l, at, e)
	*l = (*l)[:min(len(*l), most)]
}

// disjoints finds the windows of enough entries that share no event and that end
// with entry i or later, up to a time.
func (t *tree) disjoints(s *state, i int, to int64) {
	for b := i; b < len(s.entries) && s.entries[b].h.time <= to; b++ {
		t.witness(s, s.disjoint(b), s.entries[b])
	}
}

// disjoint is the last entry from which on up to entry b there are enough that
// share no event: a host that is attacked once was not attacked five times
// because five of its events each completed the window. Nil where there is none.
func (s *state) disjoint(b int) *entry {
	starts := make(map[*state]*held)
	enough := s.node.threshold
	for a := b; a >= 0 && s.entries[b].h.time-s.entries[a].h.time <= s.node.span; a-- {
		e := s.entries[a]
		if last := starts[e.child]; last != nil && compareEvent(e.h, last) >= 0 {
			continue
		}
		starts[e.child] = e.start()
		if enough--; enough <= 0 {
			return e
		}
	}
	return nil
}

// start is the first event that an entry's condition needed.
func (e *entry) start() *held {
	if e.child == nil {
		return e.h
	}
	if a := e.child.latest(e.of); a != nil {
		return a.start()
	}
	return e.h
}

// latest is the last beginning of a satisfied window that ends with an entry.
func (s *state) latest(e *entry) *entry {
	n := s.node
	b := s.entries.search(on(e))
	switch {
	case n.Type == rule.TemporalOrdered:
		var a *entry
		for _, z := range s.entries[max(0, s.entries.search(before(e.h.time-n.span))) : b+1] {
			ahead := s.walk(z, min(z.ref, n.threshold-1), len(n.refs)-n.threshold, -1)
			if len(ahead) == n.threshold {
				a = nearer(a, ahead[n.threshold-1], -1)
			}
		}
		return a
	case n.Type.Distinct():
		return n.enough(s.seen(b))
	case n.Type == rule.ValueSum:
		if a, sum := s.back(b); sum >= n.enoughOf {
			return s.entries[a]
		}
		return nil
	case n.chained:
		return s.disjoint(b)
	default:
		if b+1 < n.threshold {
			return nil
		}
		return s.entries[b+1-n.threshold]
	}
}

// again looks anew at the states whose witnesses depend on where windows beneath
// begin, after signals came that were not the last.
func (t *tree) again(from, to int64) {
	for _, s := range t.uncertain {
		t.disjoints(s, s.entries.search(before(from)), to)
	}
}
