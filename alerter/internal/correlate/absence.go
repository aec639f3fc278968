package correlate

import (
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// missedFor is how long what stopped is missed: a host that was taken away for good
// would else be told of for ever.
const missedFor = 7 * 24 * time.Hour

// An absence's members are the signals that no other of their group follows within
// the timespan. Such a signal ends a run: signals of which each follows the one before
// within the timespan. A run is held as its last signal, and since when it goes on; so
// that a group costs the same however often it is seen. A signal within a run, or a
// repeated one, changes nothing. One that stands between two runs, closely enough to
// both, makes them one.

// follow puts a signal where its run is, and ends what missed it.
func (e *Engine) follow(c *cell, h *held) {
	span := c.plan.top.span
	at, found := slices.BinarySearchFunc(c.held, h, compareHeld)
	if found {
		e.stats.Repeated++
		return
	}
	if h.late {
		e.stats.Late++
	}
	h.since = h.time
	if at < len(c.held) && h.time >= c.held[at].since-span {
		// Inside of a run, or before it.
		next := c.held[at]
		next.since = min(next.since, h.time)
		if at > 0 && h.time-c.held[at-1].time <= span {
			next.since = min(next.since, c.held[at-1].since)
			e.drop(c, at-1)
		}
		return
	}
	if at > 0 && h.time-c.held[at-1].time <= span {
		h.since = c.held[at-1].since
		at--
		e.drop(c, at)
	}
	c.held = slices.Insert(c.held, at, h)
	e.stats.Held++
	e.touch(c, h)
	e.found(c)
}

// drop forgets one signal.
func (e *Engine) drop(c *cell, at int) {
	gone := c.held[at]
	e.forget(c.held[at : at+1])
	c.held = slices.Delete(c.held, at, at+1)
	if c.brought != nil {
		c.fresh = slices.DeleteFunc(c.fresh, func(h *held) bool { return h == gone })
	}
}

// found resolves alerts whose group has been seen again.
func (e *Engine) found(c *cell) {
	if len(c.held) == 0 {
		return
	}
	last := c.held[len(c.held)-1].time
	for _, ep := range c.episodes {
		if ep.state == alertv1.AlertState_ALERT_STATE_FIRING && last > ep.last {
			ep.state, ep.resolved, ep.updated = alertv1.AlertState_ALERT_STATE_RESOLVED, e.now, e.now
			e.markDirty(c)
		}
	}
}

// absences appends the ends of runs that are settled by now. At the end of time, only
// what is over by the stream's own clock has been missed.
func (ev *evaluation) absences(c *cell, now, clock int64) []*held {
	ev.members = ev.members[:0]
	for i, h := range c.held {
		followed := i+1 < len(c.held)
		if c.plan.over(h, now) && c.plan.settled(h) > c.judged && (followed || now < maxTime || h.time+c.plan.top.span < clock) {
			ev.members = append(ev.members, h)
		}
	}
	return ev.members
}

// absent says that a plan is an absence.
func (p *plan) absent() bool { return p.top != nil && p.top.Type == rule.Absence }
