package correlate

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"strings"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// held is one signal of a group.
type held struct {
	time    int64
	ordinal uint64
	agent   string
	id      string
	arrived int64
	leaf    int32
	// member says that an alert counts it, late that it came after its horizon.
	member, late bool
	// since is when the run began that it ends; of an absence.
	since int64
	// values are those of the plan's fields; "" for one that it has not.
	values []string
	// finding is kept until an alert counts it; after the message that brought it,
	// as its encoding: a third of the memory, and nothing for the collector of
	// garbage to follow.
	finding *alertv1.Finding
	packed  []byte
}

// newHeld makes a signal one of a cell's. It keeps no text of its own that the cell or
// the engine has.
func (e *Engine) newHeld(c *cell, s *alertv1.Signal, leaf int) *held {
	p, f, arrived := c.plan, s.GetFinding(), e.now
	h := &held{
		time: min(max(int64(f.GetTime()), minTime), maxTime), ordinal: f.GetOrdinal(), agent: e.agent(f.GetAgent()), id: f.GetEventId(),
		leaf: int32(leaf), arrived: arrived, finding: f,
	}
	h.late = arrived-h.time > p.horizon
	if isGroup(c, f) {
		h.values = c.group
	} else if len(p.fields) > 0 {
		h.values = make([]string, len(p.fields))
		for i, name := range p.fields {
			h.values[i] = string(fieldOf(f, name))
		}
	}
	return h
}

// isGroup says whether the values that a signal is to keep are those of its group.
func isGroup(c *cell, f *alertv1.Finding) bool {
	if len(c.plan.fields) == 0 || !slices.Equal(c.plan.fields, c.names) || len(c.group) != len(c.names) {
		return false
	}
	for i, name := range c.names {
		if c.group[i] != string(fieldOf(f, name)) {
			return false
		}
	}
	return true
}

// agent is one text for all signals of an agent.
func (e *Engine) agent(id string) string {
	known, ok := e.agents[id]
	if !ok {
		e.agents[id] = id
		return id
	}
	return known
}

// fieldOf is the first value of a finding's field; nil where it has none.
func fieldOf(f *alertv1.Finding, name string) []byte {
	id, registered := event.FieldByName(name)
	for _, field := range f.GetFields() {
		if registered && field.GetId() == id || !registered && field.GetId() == 0 && field.GetKey() == name {
			return field.GetValue()
		}
	}
	if name == "agent.id" {
		return []byte(f.GetAgent())
	}
	return nil
}

// compareHeld is the order of events, and then what tells two matches of one
// event apart.
func compareHeld(a, b *held) int {
	if a.time != b.time { // mostly, and texts take longer
		return cmp.Compare(a.time, b.time)
	}
	return cmp.Or(
		strings.Compare(a.agent, b.agent),
		cmp.Compare(a.ordinal, b.ordinal), strings.Compare(a.id, b.id), cmp.Compare(a.leaf, b.leaf),
	)
}

// cell is what is known of one group of one rule.
type cell struct {
	plan        *plan
	fingerprint string
	names       []string
	group       []string
	held        []*held // in the order of events
	// tree is what held means to the plan; nil where it is yet to be grown.
	tree *tree

	episodes []*episode // by first event
	// opened says that one of them was not taken yet, dirty that something was not.
	opened, dirty bool
	// index is the place among the timers, due when time alone changes something.
	index int32
	due   int64
	// judged is the time up to which windows were judged.
	judged int64
	// brought is what the message at hand brought; nil for nothing.
	*brought
}

// brought are the signals that a message brought for a group, and between which times
// they lie.
type brought struct {
	fresh    []*held
	from, to int64
}

func newCell(p *plan, fingerprint string, group []string) *cell {
	return &cell{
		plan: p, fingerprint: fingerprint, group: slices.Clone(group),
		due: math.MaxInt64,
	}
}

func (c *cell) adopt(p *plan) {
	c.plan = p
	c.held, c.tree = nil, nil
}

func (c *cell) ruleID() string { return c.plan.root.ID }

// groupNames are the fields of a root's group.
func groupNames(r *rule.Root, f *alertv1.Finding) []string {
	if len(r.GroupBy) > 0 || r.Type != rule.Detection {
		return r.GroupBy
	}
	return rule.DefaultGroup(f.GetClass(), func(name string) []byte { return fieldOf(f, name) })
}

// evict drops what was held for a horizon.
func (e *Engine) evict(c *cell) {
	c.held = slices.DeleteFunc(c.held, func(h *held) bool {
		over := c.plan.expires(h.arrived) <= e.now
		if over {
			e.forget([]*held{h})
			c.tree = nil
		}
		return over
	})
}

// next is when time alone changes something about the group.
func (c *cell) next() int64 {
	due := int64(math.MaxInt64)
	oldest := int64(math.MaxInt64)
	for _, h := range c.held {
		oldest = min(oldest, h.arrived)
		if !c.plan.monotone {
			if judged := c.plan.settled(h); judged > c.judged {
				due = min(due, judged)
			}
		}
	}
	if oldest != math.MaxInt64 {
		due = min(due, c.plan.expires(oldest))
	}
	return min(due, c.nextEpisode())
}

// nextEpisode is when time alone changes an episode. What was not yet taken is
// not forgotten.
func (c *cell) nextEpisode() int64 {
	due := int64(math.MaxInt64)
	for _, ep := range c.episodes {
		if ep.state == alertv1.AlertState_ALERT_STATE_FIRING || !c.dirty {
			due = min(due, ep.next(c.plan))
		}
	}
	return due
}

// settled is when a window that begins with a signal can no longer change. It is
// the same for all nodes, so that each is judged at a time of its own, which
// nothing else moves.
func (p *plan) settled(h *held) int64 { return max(h.time+p.reach, h.arrived) + p.lateness }

// schedule puts a cell where its timer belongs. A timer that stands too early
// only costs a look.
func (e *Engine) schedule(c *cell) {
	due := c.due
	if c.brought != nil {
		for _, h := range c.fresh {
			due = min(due, c.plan.expires(h.arrived))
			if !c.plan.monotone {
				due = min(due, c.plan.settled(h))
			}
		}
		c.fresh = c.fresh[:0]
	}
	due = min(due, c.nextEpisode())
	if due != c.due {
		c.due = due
		heap.Fix(&e.due, int(c.index))
	}
}

// settle does what time alone does to a group.
func (e *Engine) settle(c *cell) {
	if !c.plan.monotone {
		e.join(c, e.buf.judge(c, e.now, e.now))
		c.judged = e.now
		if c.plan.absent() {
			e.found(c)
		}
	}
	e.evict(c)
	for _, ep := range c.episodes {
		if ep.state == alertv1.AlertState_ALERT_STATE_FIRING && ep.resolveAt(c.plan) <= e.now {
			ep.state, ep.resolved, ep.updated = alertv1.AlertState_ALERT_STATE_RESOLVED, e.now, e.now
			e.markDirty(c)
		}
	}
	c.episodes = slices.DeleteFunc(c.episodes, func(ep *episode) bool {
		return !c.dirty && ep.state != alertv1.AlertState_ALERT_STATE_FIRING && ep.forgetAt(c.plan) <= e.now
	})
	if len(c.held) == 0 && len(c.episodes) == 0 {
		e.remove(c)
		return
	}
	// Never again at the same time, whatever the sums say.
	c.due = max(c.next(), e.now+1)
	heap.Fix(&e.due, int(c.index))
}

func (e *Engine) markDirty(c *cell) {
	if !c.dirty {
		c.dirty = true
		e.dirty = append(e.dirty, c)
	}
}

// timers is a heap of cells by when they are due.
type timers []*cell

func (t timers) Len() int           { return len(t) }
func (t timers) Less(i, j int) bool { return t[i].due < t[j].due }

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = int32(i), int32(j)
}

// Push is for container/heap.
func (t *timers) Push(x any) {
	c, _ := x.(*cell)
	c.index = int32(len(*t))
	*t = append(*t, c)
}

// Pop is for container/heap.
func (t *timers) Pop() any {
	old := *t
	c := old[len(old)-1]
	old[len(old)-1] = nil
	*t = old[:len(old)-1]
	return c
}
