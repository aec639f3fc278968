package correlate

import (
	"slices"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// latestStarts tells for each item b the largest a for which items a to b satisfy
// a monotone node, -1 where none does. A window that ends with b is satisfied
// exactly if it begins at that item or before.
func (p *plan) latestStarts(n *node, items []item, into []int) []int {
	switch {
	case n.Type == rule.TemporalOrdered:
		return latestChains(n, items, into)
	case n.Condition.Presence != nil:
		return latestPresences(n, items, into)
	case n.Type.Distinct():
		return p.latestValues(n, items, into)
	case n.Type == rule.ValueSum:
		return p.latestSums(n, items, into)
	case n.chained:
		for b := range items {
			into = append(into, latestDisjoint(n.threshold, items[:b+1]))
		}
		return into
	default:
		for b := range items {
			into = append(into, max(-1, b+1-n.threshold))
		}
		return into
	}
}

// latestValues slides a window that holds just enough different values.
func (p *plan) latestValues(n *node, items []item, into []int) []int {
	counts := make(map[string]int)
	first := 0
	for b := range items {
		counts[p.counted(n, &items[b])]++
		// Shrink while what remains is still enough.
		for first < b {
			value := p.counted(n, &items[first])
			if counts[value] == 1 && len(counts) == n.threshold {
				break
			}
			if len(counts) < n.threshold {
				break
			}
			if counts[value]--; counts[value] == 0 {
				delete(counts, value)
			}
			first++
		}
		if len(counts) >= n.threshold {
			into = append(into, first)
		} else {
			into = append(into, -1)
		}
	}
	return into
}

// latestPresences tries, for each item, the last ones of the refs, the latest first.
func latestPresences(n *node, items []item, into []int) []int {
	var recent []int // of each ref its last item, the latest first
	for b := range items {
		recent = slices.DeleteFunc(recent, func(i int) bool { return items[i].ref == items[b].ref })
		recent = slices.Insert(recent, 0, b)
		latest := -1
		for k, i := range recent {
			if n.Condition.Presence.Holds(func(ref int) bool {
				return slices.ContainsFunc(recent[:k+1], func(i int) bool { return items[i].ref == ref })
			}) {
				latest = i
				break
			}
		}
		into = append(into, latest)
	}
	return into
}

// latestChains follows, for each length, the chain of refs in order that began
// last.
func latestChains(n *node, items []item, into []int) []int {
	k := len(n.refs)
	// best[r][l] is the latest start of a chain of l+1 items that ends with ref r.
	best := make([]int, k*k)
	for i := range best {
		best[i] = -1
	}
	latest := -1
	for b := range items {
		r := items[b].ref
		for l := range r + 1 {
			start := -1
			if l == 0 {
				start = b
			}
			for q := range r {
				if l > 0 {
					start = max(start, best[q*k+l-1])
				}
			}
			best[r*k+l] = max(best[r*k+l], start)
			if l+1 >= n.threshold {
				latest = max(latest, start)
			}
		}
		into = append(into, latest)
	}
	return into
}

// latestDisjoint is the largest a for which items a to the last hold enough that
// share no event: a host that is attacked once was not attacked five times
// because five of its events each completed the window.
func latestDisjoint(enough int, items []item) int {
	starts := make(map[string]*held)
	for a := len(items) - 1; a >= 0; a-- {
		it := &items[a]
		key := itemKey(it)
		if last := starts[key]; last != nil && compareEvent(it.h, last) >= 0 {
			continue
		}
		starts[key] = it.start
		if enough--; enough <= 0 {
			return a
		}
	}
	return -1
}

// compareEvent is compareHeld without what tells two matches of one event apart.
func compareEvent(a, b *held) int {
	if a.id == b.id {
		return 0
	}
	return compareHeld(a, b)
}

// count is what a node counts among items.
func (p *plan) count(n *node, items []item) float64 {
	switch {
	case n.Type.Amounts():
		return p.reckon(n, items)
	case n.Type == rule.TemporalOrdered:
		return float64(longestChain(n, items))
	case n.Type.Distinct():
		values := make(map[string]struct{}, len(items))
		for i := range items {
			values[p.counted(n, &items[i])] = struct{}{}
		}
		return float64(len(values))
	case n.chained:
		count := 0
		for latestDisjoint(count+1, items) >= 0 {
			count++
		}
		return float64(count)
	default:
		return float64(len(items))
	}
}

// longestChain is the length of the longest run of refs that items hold in order.
func longestChain(n *node, items []item) int {
	best := make([]int, len(n.refs))
	longest := 0
	for i := range items {
		r := items[i].ref
		length := 1
		for q := range r {
			if best[q] > 0 {
				length = max(length, best[q]+1)
			}
		}
		best[r] = max(best[r], length)
		longest = max(longest, best[r])
	}
	return longest
}
