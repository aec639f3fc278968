// Package correlate counts signals into alerts.
//
// In flow the signals of one partition, in any order and repeated; out flow
// alerts. The Engine is pure: it reads no clock and does no I/O. Around it the
// Owner reads TOCSIN_SIGNALS and writes TOCSIN_ALERTS for each partition that
// this process has the lease of.
//
// What an alert says does not depend on the order in which signals come. A
// window is a maximal run of a group's signals that lie within the timespan of
// its first one, and that no other such run contains. An alert's members are all
// signals of all windows that satisfy the condition; its episodes are the
// maximal runs of members whose gaps are at most the timespan.
package correlate

import (
	"container/heap"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Grace is how long beyond its timespan a quiet episode still counts as firing:
// what is on its way from a host takes a moment.
const Grace = time.Minute

// Options are what an Engine needs to know. Times are stream times.
type Options struct {
	// Roots are the rules that alert; signals of others are dropped and counted.
	Roots []*rule.Root
	// Lateness is how long after its window a signal may still come and count.
	Lateness time.Duration
	// MaxGroups bounds the groups that are counted at once, MaxHeld the signals
	// held for one of them; 0 for the defaults, 1,000,000 and 20,000. A signal
	// takes about 1 KiB until an alert counts it, then 200 bytes, and 80 bytes more
	// for each node of its rule that counts it. A group beyond its bound forgets
	// the older half of its signals, after counting them; beyond the number of
	// groups the one that is due first goes, or the new one is not counted. What
	// the bounds cost is in Stats, and the Owner logs it.
	MaxGroups, MaxHeld int
	// MaxBytes bounds what the findings take that no alert counts yet, 0 for the
	// default of 1 GiB. Beyond it, a finding keeps its event's identity and short
	// values only: it counts as before, but an alert shows less of it.
	MaxBytes int64
	// Since is where an owner that took over began to read; zero for the beginning.
	Since time.Time
}

// Stats counts what an Engine did.
type Stats struct {
	Signals, Repeated, Late, Unknown uint64
	// GroupsDropped and SignalsDropped are what the bounds cost.
	GroupsDropped, SignalsDropped uint64
	// Stripped are the findings of which only the essence is left.
	Stripped uint64
	// Groups and Held are how much there is now.
	Groups, Held int
}

// Change is one fingerprint whose alerts changed.
type Change struct {
	RuleID, Fingerprint string
	// Alerts are all episodes of the fingerprint that findings can still change,
	// oldest first.
	Alerts []*alertv1.Alert
	// Opened are those of them that are new since the last change.
	Opened []*alertv1.Alert
}

// Engine counts the signals of a partition. It belongs to one goroutine.
type Engine struct {
	o     Options
	plans map[rule.Hash]*plan
	cells map[string]*cell // by fingerprint
	// agents are the ids of those that sent anything.
	agents map[string]string
	due    timers
	now    int64
	seq    uint64

	touched []*cell // of the message at hand
	spare   []*brought
	dirty   []*cell
	opened  int
	packed  int64 // bytes of findings that wait for an alert to count them
	stats   Stats
	buf     evaluation
}

// New makes an empty engine.
func New(o Options) *Engine {
	if o.MaxGroups <= 0 {
		o.MaxGroups = 1_000_000
	}
	if o.MaxHeld <= 0 {
		o.MaxHeld = 20_000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 30
	}
	e := &Engine{o: o, plans: make(map[rule.Hash]*plan, len(o.Roots)), cells: make(map[string]*cell), agents: make(map[string]string)}
	for _, r := range o.Roots {
		p := newPlan(r, o.Lateness)
		if !o.Since.IsZero() {
			p.whole = o.Since.UnixNano()
		}
		e.plans[r.Hash] = p
	}
	return e
}

// Horizon is the longest time for which a signal of any rule is held.
func Horizon(roots []*rule.Root, lateness time.Duration) time.Duration {
	longest := int64(time.Hour + lateness)
	for _, r := range roots {
		longest = max(longest, newPlan(r, lateness).keep)
	}
	return time.Duration(longest)
}

// dropped is what the bounds cost.
func (s *Stats) dropped() uint64 { return s.SignalsDropped + s.GroupsDropped }

// Stats tells what was done so far.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.Groups = len(e.cells)
	return s
}

// Add counts the signals of one message. seq is its sequence, which never falls;
// at is the stream's time of storing it. A message that was added before changes
// nothing.
func (e *Engine) Add(seq uint64, at time.Time, signals []*alertv1.Signal) {
	e.Advance(at)
	e.seq = seq
	for _, s := range signals {
		e.stats.Signals++
		e.hold(s)
	}
	for i, c := range e.touched {
		e.evaluate(c)
		e.pack(c.fresh)
		e.schedule(c)
		clear(c.fresh[:cap(c.fresh)])
		e.spare, c.brought = append(e.spare, c.brought), nil
		e.touched[i] = nil
	}
	e.touched = e.touched[:0]
}

// hold puts a signal among those of its group.
func (e *Engine) hold(s *alertv1.Signal) {
	p := e.plans[hashOf(s.GetRoot())]
	if p == nil {
		e.stats.Unknown++
		return
	}
	leaf, ok := p.leaves[hashOf(s.GetRule())]
	if !ok {
		e.stats.Unknown++
		return
	}
	c := e.cell(p, s)
	if c == nil {
		e.stats.SignalsDropped++
		return
	}
	h := e.newHeld(c, s, leaf)
	if p.absent() {
		e.follow(c, h)
		return
	}
	at, found := slices.BinarySearchFunc(c.held, h, compareHeld)
	if found && setSemantics {
		e.stats.Repeated++
		return
	}
	if h.late {
		e.stats.Late++
	}
	if len(c.held) >= e.o.MaxHeld {
		e.overflow(c)
		at, _ = slices.BinarySearchFunc(c.held, h, compareHeld)
	}
	c.held = slices.Insert(c.held, at, h)
	e.stats.Held++
	e.touch(c, h)
}

// touch notes that the message at hand brought a signal.
func (e *Engine) touch(c *cell, h *held) {
	if c.brought == nil {
		if last := len(e.spare) - 1; last >= 0 {
			c.brought, e.spare = e.spare[last], e.spare[:last]
		} else {
			c.brought = &brought{}
		}
		c.from, c.to = h.time, h.time
		e.touched = append(e.touched, c)
	}
	c.from, c.to = min(c.from, h.time), max(c.to, h.time)
	c.fresh = append(c.fresh, h)
}

// cell finds a signal's group, or makes room for it; nil where there is none.
func (e *Engine) cell(p *plan, s *alertv1.Signal) *cell {
	fingerprint := finding.Fingerprint(p.root.ID, s.GetGroup())
	c := e.cells[fingerprint]
	if c == nil {
		if len(e.cells) >= e.o.MaxGroups && !e.dropGroup() {
			return nil
		}
		c = newCell(p, fingerprint, s.GetGroup())
		e.cells[fingerprint] = c
		heap.Push(&e.due, c)
	}
	if c.plan != p {
		// The alerts are of another version of the rule, which held no signals here.
		e.forget(c.held)
		c.adopt(p)
	}
	if c.names == nil {
		c.names = groupNames(p.root, s.GetFinding())
	}
	return c
}

// dropGroup makes room by forgetting the group without alerts that would be
// looked at first.
func (e *Engine) dropGroup() bool {
	for i := range min(64, len(e.due)) {
		c := e.due[i]
		if len(c.episodes) == 0 && c.brought == nil {
			e.stats.GroupsDropped++
			e.remove(c)
			return true
		}
	}
	return false
}

// overflow drops the older half of what a full group holds, after counting it.
func (e *Engine) overflow(c *cell) {
	if c.brought != nil {
		e.evaluate(c)
		e.pack(c.fresh)
		e.schedule(c)
		c.from, c.to = maxTime, minTime
	}
	half := len(c.held) / 2
	e.stats.SignalsDropped += uint64(half)
	e.forget(c.held[:half])
	c.held = slices.Delete(c.held, 0, half)
	c.tree = nil
}

func (e *Engine) remove(c *cell) {
	heap.Remove(&e.due, int(c.index))
	delete(e.cells, c.fingerprint)
	e.forget(c.held)
}

// Advance moves the stream's time on: what is over is judged, resolved and
// forgotten. An earlier time changes nothing.
func (e *Engine) Advance(to time.Time) {
	now := to.UnixNano()
	if now <= e.now {
		return
	}
	// Each group is settled at its own time, so that a clock that jumps does what
	// one that creeps does.
	for len(e.due) > 0 && e.due[0].due <= now {
		c := e.due[0]
		e.now = max(e.now, c.due)
		e.settle(c)
	}
	e.now = now
}

// Finish judges everything as if time had run out.
func (e *Engine) Finish() {
	for _, c := range e.sorted() {
		if !c.plan.monotone {
			e.join(c, e.buf.judge(c, maxTime, e.now))
			c.judged = maxTime
		}
	}
}

func (e *Engine) sorted() []*cell {
	list := make([]*cell, 0, len(e.cells))
	for _, c := range e.cells {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *cell) int { return strings.Compare(a.fingerprint, b.fingerprint) })
	return list
}

// Pending tells how many fingerprints changed since the last Take, and how many
// alerts opened.
func (e *Engine) Pending() (changed, opened int) { return len(e.dirty), e.opened }

// Sequence is that of the last message added.
func (e *Engine) Sequence() uint64 { return e.seq }

// Take returns the changes since the last Take, in the order in which they came:
// all of them, or only those of fingerprints with new alerts.
func (e *Engine) Take(onlyOpened bool) []Change {
	var changes []Change
	rest := e.dirty[:0]
	for _, c := range e.dirty {
		if onlyOpened && !c.opened {
			rest = append(rest, c)
			continue
		}
		changes = append(changes, e.take(c))
	}
	clear(e.dirty[len(rest):])
	e.dirty = rest
	return changes
}

// Discard forgets the changes since the last Take, for who only wants to know
// what opens.
func (e *Engine) Discard() {
	for _, c := range e.dirty {
		c.discard()
		e.schedule(c)
	}
	clear(e.dirty)
	e.dirty, e.opened = e.dirty[:0], 0
}

func (e *Engine) take(c *cell) Change {
	change := Change{RuleID: c.ruleID(), Fingerprint: c.fingerprint}
	for _, ep := range c.episodes {
		ep.counted = max(ep.counted, e.seq)
		alert := ep.alert(c)
		change.Alerts = append(change.Alerts, alert)
		if ep.untold {
			change.Opened = append(change.Opened, alert)
			e.opened--
		}
	}
	c.discard()
	e.schedule(c)
	return change
}

// Restore takes over the alerts of one fingerprint as they were last written.
// It comes before the first Add.
func (e *Engine) Restore(alerts []*alertv1.Alert) {
	if len(alerts) == 0 {
		return
	}
	a := alerts[len(alerts)-1]
	p := e.planOf(a.GetRule())
	group := make([]string, 0, len(a.GetGroup()))
	names := make([]string, 0, len(a.GetGroup()))
	for _, g := range a.GetGroup() {
		group, names = append(group, g.GetValue()), append(names, g.GetField())
	}
	c := newCell(p, a.GetFingerprint(), group)
	c.names = names
	for _, a := range alerts {
		c.episodes = append(c.episodes, restoreEpisode(a))
	}
	c.sortEpisodes()
	e.cells[c.fingerprint] = c
	c.due = c.next()
	heap.Push(&e.due, c)
}

// planOf finds the plan of an alert's rule: the same version of it, else the
// version of today, else one that only lets the alert end.
func (e *Engine) planOf(r *alertv1.Rule) *plan {
	if p := e.plans[hashOf(r.GetHash())]; p != nil {
		return p
	}
	for _, p := range e.plans {
		if p.root.ID == r.GetId() {
			return p
		}
	}
	return newPlan(&rule.Root{
		Info: rule.Info{
			ID: r.GetId(), Name: r.GetName(), Type: rule.Type(r.GetType()), Level: r.GetLevel(),
			Tags: r.GetTags(), Hash: hashOf(r.GetHash()), Shadow: r.GetShadow(),
		},
		Timespan: time.Hour,
	}, e.o.Lateness)
}

func hashOf(b []byte) rule.Hash {
	if len(b) != len(rule.Hash{}) {
		return rule.Hash{}
	}
	return rule.Hash(b)
}
