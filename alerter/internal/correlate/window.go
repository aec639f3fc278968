package correlate

import (
	"slices"
	"strconv"
	"strings"

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

// evaluation judges windows that are over. It keeps only buffers from one use to
// the next.
type evaluation struct {
	members []*held
	sigs    []*held
	base    []item
}

// evaluate finds what a message's signals made members, and lets alerts count it.
// Conditions that more signals could undo are judged when time has passed.
func (e *Engine) evaluate(c *cell) {
	if !c.plan.monotone {
		return
	}
	slices.SortFunc(c.fresh, compareHeld)
	if c.plan.top == nil {
		e.join(c, c.fresh)
		return
	}
	members := c.grow()
	slices.SortFunc(members, compareHeld)
	e.join(c, members)
}

// grow gives the tree the fresh signals, and returns the new members.
func (c *cell) grow() []*held {
	if c.tree == nil {
		if len(c.held) < c.plan.least {
			return nil // most groups never have enough, and cost no tree
		}
		c.tree = newTree(c.plan)
		for _, h := range c.held {
			c.tree.add(h)
		}
		return c.tree.take()
	}
	for _, h := range c.fresh {
		c.tree.add(h)
	}
	if last := len(c.held) - len(c.fresh); len(c.fresh) > 0 && c.held[last] != c.fresh[0] {
		c.tree.again(c.from, c.to+c.plan.reach)
	}
	return c.tree.take()
}

// judge returns the members of the windows that are over by now and satisfy a
// condition that more signals could have undone. At the end of time, clock is the
// stream's.
func (ev *evaluation) judge(c *cell, now, clock int64) []*held {
	p, n := c.plan, c.plan.top
	if p.absent() {
		return ev.absences(c, now, clock)
	}
	items := ev.itemsOf(c, now)
	p.eachWindow(n, items, func(from, to int) {
		// Each window once: what is held around it will not stay as it was.
		first := items[from].h
		if !n.monotone && (!p.over(first, now) || p.settled(first) <= c.judged) || !p.accepts(n, items[from:to+1]) {
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
	return p.settled(first) <= now && (p.whole == 0 || first.arrived >= p.whole+p.keep)
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

// itemsOf are the items of the root, without what is no longer held.
func (ev *evaluation) itemsOf(c *cell, now int64) []item {
	ev.members = ev.members[:0]
	ev.sigs = ev.sigs[:0]
	for _, h := range c.held {
		if c.plan.expires(h.arrived) > now || now >= maxTime {
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
			if ref.refs != nil || int32(ref.leaf) != h.leaf {
				continue
			}
			into = append(into, item{h: h, ref: i, start: h})
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
	switch {
	case n.Type == rule.ValueCount:
		into = slices.DeleteFunc(into, func(it item) bool { return p.counted(n, &it) == "" })
	case n.Type.Amounts():
		into = slices.DeleteFunc(into, func(it item) bool { _, ok := p.amount(n, &it); return !ok })
	}
	if n.chained || n.Type == rule.TemporalOrdered || n.Type == rule.Temporal {
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
	groups, values := make(map[string][]item), make(map[string][]string)
	for _, it := range p.items(n, sigs, now, nil) {
		if group, ok := p.groupOf(n, it.h, it.ref, it.group); ok {
			key := strings.Join(group, "\x00")
			groups[key], values[key] = append(groups[key], it), group
		}
	}
	for key, items := range groups {
		group := values[key]
		if !n.monotone {
			p.eachWindow(n, items, func(from, to int) {
				if p.over(items[from].h, now) && p.accepts(n, items[from:to+1]) {
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

// groupOf are the values of a node's own group that an item of a ref has; none
// where one is missing.
func (p *plan) groupOf(n *node, h *held, ref int, inner []string) ([]string, bool) {
	values := make([]string, len(n.GroupBy))
	for i, name := range n.GroupBy {
		if values[i] = p.value(n, h, ref, inner, name); values[i] == "" {
			return nil, false
		}
	}
	return values, true
}

// value is what an item of a ref has under a name that a node uses. inner is the
// group of the inner correlation that the item is of, nil for a signal.
func (p *plan) value(n *node, h *held, ref int, inner []string, name string) string {
	of := n.refs[ref]
	if field, ok := n.Aliases[name][of.ID]; ok {
		name = field
	}
	if i := slices.Index(of.GroupBy, name); i >= 0 && inner != nil {
		return inner[i]
	}
	if i := p.field(name); i >= 0 {
		return h.values[i]
	}
	return ""
}

// counted is what a value_count or a temporal tells items apart by.
func (p *plan) counted(n *node, it *item) string {
	return p.distinct(n, it.h, it.ref, it.group)
}

// distinct is the value of a node's fields, or the rule that matched; "" where a field
// is missing.
func (p *plan) distinct(n *node, h *held, ref int, inner []string) string {
	if n.Type == rule.Temporal {
		return strconv.Itoa(ref)
	}
	if fields := n.Condition.Fields; len(fields) == 1 {
		return p.value(n, h, ref, inner, fields[0])
	}
	values := make([]string, len(n.Condition.Fields))
	for i, name := range n.Condition.Fields {
		if values[i] = p.value(n, h, ref, inner, name); values[i] == "" {
			return ""
		}
	}
	return strings.Join(values, "\x00")
}

// itemKey tells apart items that cannot share an event.
func itemKey(it *item) string {
	if it.parts == nil {
		return ""
	}
	return strconv.Itoa(it.ref) + "\x00" + strings.Join(it.group, "\x00")
}
