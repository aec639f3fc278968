package spool

import (
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
)

// Ack drops a batch that the collector has stored, and every earlier one of its
// lane. A head that is not among the lane's unacked batches is an error: the
// stream that brought it should end, so that Resume can sort it out.
func (s *Spool) Ack(h *ingestv1.LaneHead) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.laneOf(h.GetClass())
	if err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	given, err := parseHead(h)
	if err != nil {
		return fmt.Errorf("ack: %w", err)
	}
	if given == l.acked {
		return nil
	}
	if !slices.ContainsFunc(l.live, func(e *entry) bool { return e.head == given }) {
		return fmt.Errorf("ack: lane %s has no unacked batch at %d with that hash", event.ClassName(l.class), given.first)
	}
	s.ackLive(l, &given)
	return nil
}

// ackLive drops live batches and has the log told soon. mu is held.
func (s *Spool) ackLive(l *lane, h *head) {
	events := l.ack(h)
	l.ackDirty = true
	s.metrics.sent(l.class, events)
	if !s.acked {
		s.acked, s.ackedAt = true, time.Now()
	}
	notify(s.kick)
}

// Resume compares what a collector says it holds of this agent with what the
// spool knows, before anything is sent. What the collector has is dropped. Where
// the two contradict each other, because the spool or the collector was lost or
// set back, the lane goes on under a new epoch, and an event of class agent says so
// (event.action spool_rollback). It returns when that is on disk.
func (s *Spool) Resume(heads []*ingestv1.LaneHead) error {
	given := [event.ClassCount]head{}
	for _, h := range heads {
		parsed, err := parseHead(h)
		if err != nil {
			return fmt.Errorf("resume: %w", err)
		}
		if h.GetClass() <= 0 || int(h.GetClass()) >= len(given) {
			continue // a class that this build does not have
		}
		given[h.GetClass()] = parsed
	}
	s.logMu.Lock()
	defer s.logMu.Unlock()
	if err := s.usable(); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	if err := s.flushLocked(); err != nil { // so that what follows is one flush
		return fmt.Errorf("resume: %w", err)
	}
	var extra []op
	s.mu.Lock()
	for _, class := range event.Classes() {
		extra = append(extra, s.resumeLane(&s.state.lanes[class], given[class])...)
	}
	s.mu.Unlock()
	if len(extra) == 0 {
		return nil
	}
	if err := s.flushLocked(extra...); err != nil {
		return fmt.Errorf("resume: %w", err)
	}
	notify(s.kick) // staged batches wait
	return nil
}

func (s *Spool) usable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// resumeLane is the records that make a lane agree with the collector's head of
// it. mu is held.
func (s *Spool) resumeLane(l *lane, h head) []op {
	if h.none() {
		return s.resumeNone(l)
	}
	if h == l.acked || l.acked.none() && h == l.base {
		return nil
	}
	for _, e := range l.live {
		if e.head == h {
			s.ackLive(l, &h)
			return nil
		}
		if e.origin == h.ident { // it was stored under its old name after all
			s.o.Log.Warn("a batch that was sealed anew had been stored", "class", event.ClassName(l.class))
			return []op{ackOp(l, e.head), laneOp(l, newEpoch(), h)}
		}
	}
	if i := find(l.staged, h.ident); i >= 0 && l.staged[i].head == h {
		return resumeStaged(l, h)
	}
	return s.rollback(l, h)
}

// resumeStaged handles a head that waits to be sealed anew: it and all before it
// are stored, also those that have been sealed anew already.
func resumeStaged(l *lane, h head) (ops []op) {
	next := l.num.epoch
	if l.num.next > 1 {
		next = newEpoch() // what this one numbered will never be stored
	}
	if n := len(l.live); n > 0 {
		ops = append(ops, ackOp(l, l.live[n-1].head))
	}
	return append(ops, ackOp(l, h), laneOp(l, next, h))
}

// resumeNone handles a lane of which the collector has nothing.
func (s *Spool) resumeNone(l *lane) []op {
	if l.acked.none() && l.base.none() {
		return nil
	}
	next := l.num.epoch
	loss := uint64(0)
	if !l.acked.none() {
		next, loss = newEpoch(), l.acked.end()-1
	}
	s.declare(s.pending, declaration{
		action: actionRollback, reason: "collector_empty", class: l.class, count: loss,
		message: "the collector has nothing of a lane of which it had acked batches",
	})
	return []op{laneOp(l, next, head{})}
}

// rollback handles a head that the lane cannot show.
func (s *Spool) rollback(l *lane, h head) []op {
	d := declaration{action: actionRollback, class: l.class, reason: "spool_behind",
		message: "the collector holds batches of a lane that this spool does not know: the spool was lost, restored or cloned"}
	next := newEpoch()
	switch {
	case l.acked.none() && h.epoch != l.num.epoch:
		next = l.num.epoch // new already
	case h.epoch == l.acked.epoch && h.first < l.acked.first, !l.acked.none() && h == l.base:
		d.reason, d.message = "collector_behind", "the collector has lost batches of a lane that it had acked"
		d.count = l.acked.end() - 1
		if h.epoch == l.acked.epoch && h.end() <= l.acked.end() {
			d.count = l.acked.end() - h.end()
		}
	}
	s.declare(s.pending, d)
	return []op{laneOp(l, next, h)}
}

func ackOp(l *lane, h head) op { return op{kind: kindAck, head: headRecord{class: l.class, head: h}} }

func laneOp(l *lane, e epoch, base head) op {
	return op{kind: kindLane, head: headRecord{class: l.class, epoch: e, head: base}}
}

// laneOps is a new epoch for each of some lanes.
func laneOps(lanes []*lane) (ops []op) {
	for _, l := range lanes {
		ops = append(ops, laneOp(l, newEpoch(), l.acked))
	}
	return ops
}

// classes names lanes, for logs and declarations.
func classNames(lanes []*lane) (names []string) {
	for _, l := range lanes {
		names = append(names, event.ClassName(l.class))
	}
	return names
}

// all is every lane in order of priority.
func (s *state) all() (lanes []*lane) {
	for _, class := range event.Classes() {
		lanes = append(lanes, &s.lanes[class])
	}
	return lanes
}
