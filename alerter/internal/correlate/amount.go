package correlate

import (
	"math"
	"slices"
	"strconv"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// Amounts are reckoned with in thousandths, as whole numbers: their sum is the same in
// whatever order they come.
const (
	thousandths = 1000
	// maxAmount bounds one amount, in thousandths.
	maxAmount = 1 << 47 * thousandths
)

// amountOf reads a field's decimal number. What is none, or out of bounds, does not count.
func amountOf(text string) (int64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > maxAmount/thousandths {
		return 0, false
	}
	return int64(math.Round(n * thousandths)), true
}

// counts tells whether a node counts an amount. A sum that a further amount could make
// smaller would not be one to act on at once: it is of what adds to it.
func (n *node) counts(amount int64) bool { return n.Type != rule.ValueSum || amount >= 0 }

// amount is what an item has of a node's field; false where it has no number there.
func (p *plan) amount(n *node, it *item) (int64, bool) {
	a, ok := amountOf(p.value(n, it.h, it.ref, it.group, n.Condition.Fields[0]))
	return a, ok && n.counts(a)
}

// reckon is what a node makes of the amounts of a window.
func (p *plan) reckon(n *node, items []item) float64 {
	amounts := make([]int64, 0, len(items))
	sum := int64(0)
	for i := range items {
		if a, ok := p.amount(n, &items[i]); ok {
			amounts = append(amounts, a)
			sum = add(sum, a)
		}
	}
	switch n.Type {
	case rule.ValueSum:
		return float64(sum) / thousandths
	case rule.ValueAvg:
		return float64(sum) / thousandths / float64(len(amounts))
	default:
		return percentile(amounts, n.Condition.Percentile)
	}
}

// add sums without going round at the end.
func add(a, b int64) int64 {
	if sum := a + b; (sum > a) == (b > 0) {
		return sum
	}
	if b > 0 {
		return math.MaxInt64
	}
	return math.MinInt64
}

// percentile is the amount below which so many percent lie, between two of them in
// proportion (R-7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996;
// SQL's percentile_cont).
func percentile(amounts []int64, percent float64) float64 {
	slices.Sort(amounts)
	at := percent / 100 * float64(len(amounts)-1)
	low := int(at)
	value := float64(amounts[low])
	if low+1 < len(amounts) {
		value += (at - float64(low)) * float64(amounts[low+1]-amounts[low])
	}
	return value / thousandths
}

// latestSums goes back from each item until there is enough.
func (p *plan) latestSums(n *node, items []item, into []int) []int {
	for b := range items {
		latest, sum := -1, int64(0)
		for a := b; a >= 0 && items[b].h.time-items[a].h.time <= n.span; a-- {
			amount, _ := p.amount(n, &items[a])
			if sum = add(sum, amount); sum >= n.enoughOf {
				latest = a
				break
			}
		}
		into = append(into, latest)
	}
	return into
}

// lastWindow is the window that ends with the last entry: from first on, within the
// timespan, and no longer than it takes to have enough.
type lastWindow struct {
	first int
	sum   int64
}

// sums finds the windows of enough that an entry is part of.
func (t *tree) sums(s *state, i int) {
	n, last := s.node, len(s.entries)-1
	s.slide(i)
	if i == last {
		if s.last.sum >= n.enoughOf {
			t.witness(s, s.entries[s.last.first], s.entries[last])
		}
		return
	}
	e := s.entries[i]
	a, sum := s.back(i)
	for b := i; ; {
		for a < i && s.without(sum, a, b) >= n.enoughOf {
			sum = s.without(sum, a, b)
			a++
		}
		if sum >= n.enoughOf {
			t.witness(s, s.entries[a], s.entries[b])
			if a == i && b > i && s.without(sum, a, b) >= n.enoughOf {
				return // from here on the entry makes no difference
			}
		}
		if b++; b > last || s.entries[b].h.time-e.h.time > n.span {
			return
		}
		sum = add(sum, s.entries[b].amount)
	}
}

// slide moves the running window on, after an entry was put in.
func (s *state) slide(i int) {
	w, last := &s.last, len(s.entries)-1
	if i < w.first {
		w.first++
		return
	}
	w.sum = add(w.sum, s.entries[i].amount)
	for w.first < last {
		rest := s.without(w.sum, w.first, last)
		if rest < s.node.enoughOf && s.entries[last].h.time-s.entries[w.first].h.time <= s.node.span {
			return
		}
		w.sum = rest
		w.first++
	}
}

// back goes back from an entry until there is enough, or a timespan has passed.
func (s *state) back(b int) (first int, sum int64) {
	first = b
	sum = s.entries[b].amount
	for first > 0 && sum < s.node.enoughOf && s.entries[b].h.time-s.entries[first-1].h.time <= s.node.span {
		first--
		sum = add(sum, s.entries[first].amount)
	}
	return first, sum
}

// without is the sum of the entries from one to another, without the first. One that
// came to its end has to be added up anew.
func (s *state) without(sum int64, first, last int) int64 {
	if sum < math.MaxInt64 {
		return sum - s.entries[first].amount
	}
	sum = 0
	for _, e := range s.entries[first+1 : last+1] {
		sum = add(sum, e.amount)
	}
	return sum
}
