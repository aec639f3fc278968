package spool

import (
	"context"
	"errors"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// chunk is one batch in the making: encoded events without their header.
type chunk struct {
	events []byte
	count  uint32
	oldest int64
}

func (c *chunk) full() bool {
	return c.count >= event.MaxBatchEvents || len(c.events) >= event.TargetBatch
}

// refusal counts what was refused of one class since the last flush.
type refusal struct{ count, bytes int64 }

// pending is what the next flush takes.
type pending struct {
	lanes     [event.ClassCount][]chunk
	refused   [event.ClassCount]refusal
	positions map[string][]byte
	committed []func()
	events    int
	bytes     int64
	// byClass splits bytes.
	byClass [event.ClassCount]int64
	// since is when the oldest of it came.
	since time.Time
	// spare are buffers of earlier chunks, spareBytes long together.
	spare      [][]byte
	spareBytes int
}

func newPending() *pending { return &pending{positions: map[string][]byte{}} }

func (p *pending) empty() bool {
	return p.events == 0 && len(p.positions) == 0 && len(p.committed) == 0 && p.refused == [event.ClassCount]refusal{}
}

// add encodes an event that has its ordinal.
func (p *pending) add(class eventv1.Class, e *event.Event) {
	list := p.lanes[class]
	if n := len(list); n == 0 || list[n-1].full() {
		list = append(list, chunk{events: p.buffer(), oldest: e.Observed})
	}
	c := &list[len(list)-1]
	before := len(c.events)
	c.events = event.AppendEvent(c.events, e)
	c.count++
	c.oldest = min(c.oldest, e.Observed)
	p.lanes[class] = list
	p.events++
	p.bytes += int64(len(c.events) - before)
	p.byClass[class] += int64(len(c.events) - before)
}

// buffer is an empty one for a new chunk.
func (p *pending) buffer() []byte {
	n := len(p.spare)
	if n == 0 {
		return nil
	}
	b := p.spare[n-1]
	p.spare[n-1], p.spare = nil, p.spare[:n-1]
	p.spareBytes -= cap(b)
	return b
}

// reuse takes the buffers of what is on disk now, as far as they are not too many.
func (p *pending) reuse(written *pending) {
	for i := range written.lanes {
		for _, c := range written.lanes[i] {
			if p.spareBytes+cap(c.events) <= maxSpare {
				p.spare = append(p.spare, c.events[:0])
				p.spareBytes += cap(c.events)
			}
		}
	}
}

// cover takes in what an event brings besides itself.
func (p *pending) cover(e *record.Event) {
	for _, pos := range e.Positions {
		if pos.State == nil {
			p.positions[pos.Key] = nil
			continue
		}
		state := p.positions[pos.Key]
		if state == nil {
			state = make([]byte, 0, len(pos.State)) // nil would forget the position
		}
		p.positions[pos.Key] = append(state[:0], pos.State...)
	}
	for _, f := range e.Committed {
		if f != nil {
			p.committed = append(p.committed, f)
		}
	}
}

// Append takes an event in, with its positions. It copies what it keeps. While
// the spool is full it blocks until ctx ends: the source stays where it is, and
// nothing is lost. An event of CLASS_UNSPECIFIED brings positions only. What
// breaks a bound of package event is cut to fit and marked tocsin.truncated.
// It returns before the event is on disk; e.Committed tells when it is.
func (s *Spool) Append(ctx context.Context, e *record.Event) error {
	return s.append(e, func(space <-chan struct{}) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-space:
			return nil
		}
	})
}

// Offer is Append for what cannot be read again, such as a datagram: instead of
// blocking it refuses with ErrRefused. The refusal is counted and declared by an
// event of class agent in the next flush, and the event's positions are covered
// by that flush.
func (s *Spool) Offer(e *record.Event) error {
	return s.append(e, func(<-chan struct{}) error { return ErrRefused })
}

func (s *Spool) append(from *record.Event, full func(space <-chan struct{}) error) error {
	ev := fit(&from.Event)
	s.mu.Lock()
	defer s.mu.Unlock()
	ev.Ordinal = s.ordinal
	size := int64(event.Size(&ev)) + eventOverhead
	for from.Class != eventv1.Class_CLASS_UNSPECIFIED {
		if _, err := s.laneOf(from.Class); err != nil {
			return err
		}
		if s.err != nil {
			return s.err
		}
		if s.admits(from.Class, size) {
			break
		}
		if err := s.wait(full); err != nil {
			if errors.Is(err, ErrRefused) {
				s.refuse(from, size)
			}
			return err
		}
	}
	if s.err != nil {
		return s.err
	}
	s.pending.touch()
	if from.Class != eventv1.Class_CLASS_UNSPECIFIED {
		ev.Ordinal = s.ordinal
		s.ordinal++
		s.pending.add(from.Class, &ev)
		s.metrics.received(from.Class)
	}
	s.pending.cover(from)
	notify(s.kick)
	return nil
}

// eventOverhead is an upper bound of what the log adds to an event's encoding,
// a batch of one included.
const eventOverhead = 256

// touch starts the clock of an empty pending.
func (p *pending) touch() {
	if p.empty() {
		p.since = time.Now()
	}
}

// wait gives up mu until there may be room.
func (s *Spool) wait(full func(space <-chan struct{}) error) error {
	s.waiters++
	space := s.space
	notify(s.kick)
	s.mu.Unlock()
	err := full(space)
	s.mu.Lock()
	s.waiters--
	return err
}

// refuse counts an event that found no room. mu is held.
func (s *Spool) refuse(e *record.Event, size int64) {
	s.pending.touch()
	r := &s.pending.refused[e.Class]
	r.count++
	r.bytes += size - eventOverhead
	s.pending.cover(e)
	s.metrics.dropped(e.Class, 1)
	notify(s.kick)
}

// reserved is the share of the budget, in percent, that no other class may take.
func reserved(class eventv1.Class) int64 {
	switch class {
	case eventv1.Class_CLASS_AGENT, eventv1.Class_CLASS_FILE:
		return 5
	case eventv1.Class_CLASS_AUTH:
		return 10
	default:
		return 0
	}
}

// admits tells whether an event fits into memory and into the budget. A segment's
// worth stays free for snapshots, acks and moved batches. mu is held.
func (s *Spool) admits(class eventv1.Class, size int64) bool {
	waiting := s.pending.bytes
	if waiting > 0 && waiting+size > maxPending {
		return false
	}
	var inflight [event.ClassCount]int64
	if s.inflight != nil {
		waiting += s.inflight.bytes
		inflight = s.inflight.byClass
	}
	limit := s.o.MaxSize - s.segmentSize
	for i := range s.state.lanes {
		c := eventv1.Class(i)
		if share := reserved(c); share > 0 && c != class {
			used := s.state.lanes[i].bytes + s.pending.byClass[i] + inflight[i]
			limit -= max(0, s.o.MaxSize*share/100-used)
		}
	}
	return s.state.size()+waiting+size <= limit
}
