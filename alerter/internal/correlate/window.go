package correlate

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// item is what a node counts: a signal, or the moment at which an inner
// correlation's condition was met.
type item struct {
	h   *held // the signal, or the last one of the inner window
	ref int   // which of the node's refs it is of
	// parts are the inner window's items, start its first that the condition
	// needed, group the inner group; none of them for a signal.
	parts []item
	start *held
	group []string
	seen  bool
}

// evaluation finds members. It keeps only buffers from one use to the next.
type evaluation struct {
	members []*held
	sigs    []*held
	base    []item
	latest  []int
}

// evaluate finds what a message's signals made members, and lets alerts count it.
func (e *Engine) evaluate(c *cell) {
	switch {
	case c.plan.top == nil:
		slices.SortFunc(c.fresh, compareHeld)
		e.join(c, c.fresh)
	case !c.plan.monotone:
		// Judged when time has passed.
	case e.known(c):
		slices.SortFunc(c.fresh, compareHeld)
		e.join(c, c.fresh)
	case c.plan.top.chained && len(c.held) > e.crowd:
		e.postpone(c)
	case c.possible(c.plan.top):
		e.join(c, e.buf.find(c, c.from-c.plan.reach, c.to+c.plan.reach, e.now))
	}
}

// postpone has a crowded chain looked at when the stream's next second begins. It
// is the stream's clock that says when, so that an owner that takes over looks
// at the same moments.
func (e *Engine) postpone(c *cell) {
	if c.lookAt == 0 {
		c.lookAt = (e.now/int64(time.Second) + 1) * int64(time.Second)
		c.looked = e.seq - 1
		c.lookFrom, c.lookTo = c.from, c.to
	}
	c.lookFrom, c.lookTo = min(c.lookFrom, c.from), max(c.lookTo, c.to)
}

// catchUp looks at what was postponed.
func (e *Engine) catchUp(c *cell) {
	if c.lookAt == 0 {
		return
	}
	c.lookAt = 0
	if c.possible(c.plan.top) {
		e.join(c, e.buf.find(c, c.lookFrom-c.plan.reach, c.lookTo+c.plan.reach, e.now))
	}
}

// known tells whether the fresh signals fall into a window that is satisfied
// without them, while there is no other signal that they could make a member. It
// spares a flood the search.
func (e *Engine) known(c *cell) bool {
	top := c.plan.top
	if c.free != len(c.fresh) || top.chained || c.from < c.satisfiedFrom || c.to > c.satisfiedTo {
		return false
	}
	if top.Type != rule.ValueCount {
		return true
	}
	for _, h := range c.fresh {
		if c.plan.counted(top, &item{h: h}) == "" {
			return false
		}
	}
	return true
}

// possible tells whether the group holds something of each ref that a
// temporal_ordered correlation wants.
func (c *cell) possible(n *node) bool {
	if n.refs == nil {
		return c.leafCount[n.leaf] > 0
	}
	if n.Type != rule.TemporalOrdered || n.threshold != len(n.refs) {
		return slices.ContainsFunc(n.refs, c.possible)
	}
	return !slices.ContainsFunc(n.refs, func(ref *node) bool { return !c.possible(ref) })
}

// find returns the signals between two times that satisfied windows newly hold.
func (ev *evaluation) find(c *cell, from, to, now int64) []*held {
	p, n := c.plan, c.plan.top
	items := ev.itemsOf(c, from, to, now)
	ev.latest = p.latestStarts(n, items, ev.latest[:0])
	end, marked := 0, 0
	for i := range items {
		end = max(end, i)
		for end+1 < len(items) && items[end+1].h.time-items[i].h.time <= n.span {
			end++
		}
		if ev.latest[end] < i {
			continue
		}
		c.satisfiedFrom, c.satisfiedTo = items[i].h.time, items[i].h.time+n.span
		for marked = max(marked, i); marked <= end; marked++ {
			ev.mark(&items[marked])
		}
	}
	return ev.sorted()
}

// judge returns the members of the windows that are over by now and satisfy a
// condition that more signals could have undone.
func (ev *evaluation) judge(c *cell, now int64) []*held {
	p, n := c.plan, c.plan.top
	items := ev.itemsOf(c, minTime, maxTime, now)
	p.eachWindow(n, items, func(from, to int) {
		// Each window once: what is held around it will not stay as it was.
		first := items[from].h
		if !n.monotone && (!p.over(first, now) || p.settled(first) <= c.judged) || !n.accepts(p.count(n, items[from:to+1])) {
			return
		}
		for i := from; i <= to; i++ {
			ev.mark(&items[i])
		}
	})
	return ev.sorted()
}

// over tells whether a window that begins with a signal is to be judged. One that
// begins before everything around it is known was judged by the owner before.
func (p *plan) over(first *held, now int64) bool {
	return p.settled(first) <= now && (p.whole == 0 || first.arrived >= p.whole+p.horizon)
}

// The ends of time, far enough from overflow that a timespan can be added.
const (
	minTime = -1 << 62
	maxTime = 1 << 62
)

// eachWindow visits the maximal windows over items.
func (p *plan) eachWindow(n *node, items []item, visit func(from, to int)) {
	end, previous := 0, -1
	for i := range items {
		end = max(end, i)
		for end+1 < len(items) && items[end+1].h.time-items[i].h.time <= n.span {
			end++
		}
		if end > previous {
			visit(i, end)
			previous = end
		}
	}
}

// itemsOf are the items of the root between two times, without what is held only
// because nobody looked since its horizon.
func (ev *evaluation) itemsOf(c *cell, from, to, now int64) []item {
	ev.members = ev.members[:0]
	ev.sigs = ev.sigs[:0]
	first, _ := slices.BinarySearchFunc(c.held, from, func(h *held, t int64) int {
		if h.time < t {
			return -1
		}
		return 1
	})
	for _, h := range c.held[first:] {
		if h.time > to {
			break
		}
		if h.arrived+c.plan.horizon > now || now >= maxTime {
			ev.sigs = append(ev.sigs, h)
		}
	}
	ev.base = c.plan.items(c.plan.top, ev.sigs, now, ev.base[:0])
	return ev.base
}

// mark makes an item's signals members. Items are marked in order, so that
// behind one that was seen everything of the same window was seen too.
func (ev *evaluation) mark(it *item) {
	if it.seen {
		return
	}
	it.seen = true
	if it.parts == nil {
		if !it.h.member {
			it.h.member = true
			ev.members = append(ev.members, it.h)
		}
		return
	}
	for i := len(it.parts) - 1; i >= 0 && !it.parts[i].seen; i-- {
		ev.mark(&it.parts[i])
	}
}

// sorted returns the new members in the order of events, unmarked: who counts
// them marks them.
func (ev *evaluation) sorted() []*held {
	for _, h := range ev.members {
		h.member = false
	}
	slices.SortFunc(ev.members, compareHeld)
	return ev.members
}

// items appends what a node counts among signals, in the order of events.
func (p *plan) items(n *node, sigs []*held, now int64, into []item) []item {
	for _, h := range sigs {
		// The last ref first: one event is not its own successor.
		for i := len(n.refs) - 1; i >= 0; i-- {
			ref := n.refs[i]
			if ref.refs != nil || ref.leaf != h.leaf {
				continue
			}
			it := item{h: h, ref: i, start: h}
			if n.Type == rule.ValueCount && p.counted(n, &it) == "" {
				continue
			}
			into = append(into, it)
			if n.Type != rule.TemporalOrdered {
				break
			}
		}
	}
	for i, ref := range n.refs {
		if ref.refs != nil {
			into = p.completions(ref, i, sigs, now, into)
		}
	}
	if n.chained || n.Type == rule.TemporalOrdered {
		slices.SortStableFunc(into, func(a, b item) int {
			if a.h.id == b.h.id && a.h.time == b.h.time {
				return b.ref - a.ref
			}
			return compareHeld(a.h, b.h)
		})
	}
	return into
}

// completions appends the moments at which an inner correlation's condition was
// met: one for each signal that ends a satisfying window.
func (p *plan) completions(n *node, ref int, sigs []*held, now int64, into []item) []item {
	groups := make(map[string][]item)
	for _, it := range p.items(n, sigs, now, nil) {
		if values, ok := p.groupOf(n, &it); ok {
			it.group = values
			key := strings.Join(values, "\x00")
			groups[key] = append(groups[key], it)
		}
	}
	for _, items := range groups {
		group := items[0].group
		if !n.monotone {
			p.eachWindow(n, items, func(from, to int) {
				if p.over(items[from].h, now) && n.accepts(p.count(n, items[from:to+1])) {
					into = append(into, item{
						h: items[to].h, ref: ref, parts: items[from : to+1], start: items[from].start, group: group,
					})
				}
			})
			continue
		}
		latest := p.latestStarts(n, items, nil)
		first := 0
		for b := range items {
			for items[b].h.time-items[first].h.time > n.span {
				first++
			}
			if latest[b] >= first {
				into = append(into, item{
					h: items[b].h, ref: ref, parts: items[first : b+1], start: items[latest[b]].start, group: group,
				})
			}
		}
	}
	return into
}

// groupOf are an item's values of a node's own group; none where one is missing.
func (p *plan) groupOf(n *node, it *item) ([]string, bool) {
	values := make([]string, len(n.GroupBy))
	for i, name := range n.GroupBy {
		if values[i] = p.value(n, it, name); values[i] == "" {
			return nil, false
		}
	}
	return values, true
}

// value is what an item has under a name that a node uses.
func (p *plan) value(n *node, it *item, name string) string {
	ref := n.refs[it.ref]
	if field, ok := n.Aliases[name][ref.ID]; ok {
		name = field
	}
	if i := slices.Index(ref.GroupBy, name); i >= 0 && it.parts != nil {
		return it.group[i]
	}
	if i := p.field(name); i >= 0 {
		return it.h.values[i]
	}
	return ""
}

// counted is the value that a value_count counts of an item.
func (p *plan) counted(n *node, it *item) string { return p.value(n, it, n.Condition.Field) }

// itemKey tells apart items that cannot share an event.
func itemKey(it *item) string {
	if it.parts == nil {
		return ""
	}
	return strconv.Itoa(it.ref) + "\x00" + strings.Join(it.group, "\x00")
}
