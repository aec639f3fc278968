package spool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// headerRoom is kept free before the events of a chunk: a batch's header is put
// there when its numbers are known, so that the events need not be copied.
const headerRoom = 192

// chunk is one batch in the making: room for its header, and encoded events.
type chunk struct {
	buf    []byte
	count  uint32
	oldest int64
}

func newChunk(buf []byte, oldest int64) chunk {
	if cap(buf) < headerRoom {
		buf = make([]byte, headerRoom, chunkRoom)
	}
	return chunk{buf: buf[:headerRoom], oldest: oldest}
}

// chunkRoom is what a chunk's buffer begins with.
const chunkRoom = 8 << 10

func (c *chunk) add(e *event.Event) {
	c.buf = event.AppendEvent(c.buf, e)
	c.count++
}

func (c *chunk) full() bool {
	return c.count >= event.MaxBatchEvents || len(c.buf)-headerRoom >= event.TargetBatch
}

// batch is the chunk as a whole batch. It writes over the room before the events.
func (c *chunk) batch(h *event.Header) ([]byte, error) {
	var room [headerRoom]byte
	header := event.AppendHeader(room[:0], h)
	if len(header) > headerRoom {
		return nil, fmt.Errorf("seal batch: a header of %d bytes", len(header))
	}
	start := headerRoom - len(header)
	copy(c.buf[start:], header)
	return c.buf[start:], nil
}

// refusal counts what was refused of one class since the last flush.
type refusal struct{ count, bytes int64 }

// pending is what the next flush takes.
type pending struct {
	lanes   [event.ClassCount][]chunk
	refused [event.ClassCount]refusal
	// positions are in the order in which their keys first came; at finds them.
	positions []position
	at        map[string]int
	committed []func()
	events    int
	bytes     int64
	// byClass splits bytes.
	byClass [event.ClassCount]int64
	// since is when the oldest of it came; zero while there is nothing.
	since time.Time
	// spare are buffers of earlier chunks, spareBytes long together.
	spare      [][]byte
	spareBytes int
}

func newPending() *pending { return &pending{at: map[string]int{}} }

func (p *pending) empty() bool { return p.since.IsZero() }

// add encodes an event that has its ordinal. It tells whether a batch was begun
// or filled by it: then there may be something to do.
func (p *pending) add(class eventv1.Class, e *event.Event) (turn bool) {
	list := p.lanes[class]
	if n := len(list); n == 0 || list[n-1].full() {
		list = append(list, newChunk(p.buffer(), e.Observed))
		p.lanes[class] = list
		turn = true
	}
	c := &list[len(list)-1]
	before := len(c.buf)
	c.add(e)
	c.oldest = min(c.oldest, e.Observed)
	p.events++
	p.bytes += int64(len(c.buf) - before)
	p.byClass[class] += int64(len(c.buf) - before)
	return turn || c.full()
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
			if p.spareBytes+cap(c.buf) <= maxSpare {
				p.spare = append(p.spare, c.buf[:0])
				p.spareBytes += cap(c.buf)
			}
		}
	}
}

// cover takes in what an event brings besides itself.
func (p *pending) cover(e *record.Event) {
	for i := range e.Positions {
		p.move(&e.Positions[i])
	}
	for _, f := range e.Committed {
		if f != nil {
			p.committed = append(p.committed, f)
		}
	}
}

// move takes in where a source now stands. Most often it is the source of the
// position before.
func (p *pending) move(pos *record.Position) {
	i := len(p.positions) - 1
	if i < 0 || p.positions[i].key != pos.Key {
		var ok bool
		if i, ok = p.at[pos.Key]; !ok {
			i = len(p.positions)
			p.at[pos.Key] = i
			p.positions = append(p.positions, position{key: pos.Key})
		}
	}
	have := &p.positions[i]
	if pos.State == nil {
		have.state = nil // forgets the position
		return
	}
	if have.state == nil {
		have.state = make([]byte, 0, len(pos.State))
	}
	have.state = append(have.state[:0], pos.State...)
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
	class := from.Class
	s.mu.Lock()
	defer s.mu.Unlock()
	turn := false
	if class != eventv1.Class_CLASS_UNSPECIFIED {
		size := roomFor(&ev)
		if err := s.makeRoom(class, size, full); err != nil {
			if errors.Is(err, ErrRefused) {
				ev.Ordinal = s.ordinal
				s.refuse(from, &ev)
			}
			return err
		}
		turn = s.pending.touch()
		ev.Ordinal = s.ordinal
		s.ordinal++
		turn = s.pending.add(class, &ev) || turn
	} else if s.err != nil {
		return s.err
	} else if len(from.Positions)+len(from.Committed) > 0 {
		turn = s.pending.touch()
	}
	s.pending.cover(from)
	if turn {
		notify(s.kick)
	}
	return nil
}

// makeRoom returns when an event may be added. mu is held, and given up while
// there is no room.
func (s *Spool) makeRoom(class eventv1.Class, size int64, full func(space <-chan struct{}) error) error {
	if _, err := s.laneOf(class); err != nil {
		return err
	}
	if s.err == nil && size <= s.credit {
		s.credit -= size
		return nil
	}
	for {
		if s.err != nil {
			return s.err
		}
		short := s.admits(class, size)
		if short == enough {
			return nil
		}
		if err := s.wait(short, full); err != nil {
			return err
		}
	}
}

// roomFor is an upper bound of what the log needs for an event, a batch of its
// own included.
func roomFor(e *event.Event) int64 {
	n := eventOverhead + len(e.Original)
	for i := range e.Fields {
		n += fieldOverhead + len(e.Fields[i].Key) + len(e.Fields[i].Value)
	}
	return int64(n)
}

const (
	// eventOverhead is more than the log adds to an event's text and fields.
	eventOverhead = 320
	// fieldOverhead is more than a field takes besides its key and value.
	fieldOverhead = 16
)

// touch starts the clock of an empty pending, and tells whether it did.
func (p *pending) touch() bool {
	if !p.empty() {
		return false
	}
	p.since = time.Now()
	return true
}

// shortage is why an event has to wait.
type shortage int

const (
	enough   shortage = iota
	noMemory          // until the next flush
	noBudget          // until something is acked
)

// wait gives up mu until there may be room.
func (s *Spool) wait(short shortage, full func(space <-chan struct{}) error) error {
	waiters := &s.starved
	if short == noBudget {
		waiters = &s.waiters
	}
	*waiters++
	space := s.space
	notify(s.kick)
	s.mu.Unlock()
	err := full(space)
	s.mu.Lock()
	*waiters--
	return err
}

// refuse counts an event that found no room. mu is held.
func (s *Spool) refuse(e *record.Event, fitted *event.Event) {
	s.pending.touch()
	r := &s.pending.refused[e.Class]
	r.count++
	r.bytes += int64(event.Size(fitted))
	s.pending.cover(e)
	s.dropped(e.Class, 1)
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
// worth stays free for snapshots, acks and moved batches. Where there is more room
// than that, it leaves a credit, from which events are taken without looking
// again until the next flush changes what there is. mu is held.
func (s *Spool) admits(class eventv1.Class, size int64) shortage {
	s.credit = 0
	memory := maxPending - s.pending.bytes
	if s.pending.bytes > 0 && size > memory {
		return noMemory
	}
	waiting := s.pending.bytes
	var inflight [event.ClassCount]int64
	if s.inflight != nil {
		waiting += s.inflight.bytes
		inflight = s.inflight.byClass
	}
	free := s.o.MaxSize - s.segmentSize - s.state.size() - waiting - size
	own := int64(0)
	for i := range s.state.lanes {
		if share := reserved(eventv1.Class(i)); share > 0 {
			used := s.state.lanes[i].bytes + s.pending.byClass[i] + inflight[i]
			left := max(0, s.o.MaxSize*share/100-used)
			free -= left
			if eventv1.Class(i) == class {
				own = left
			}
		}
	}
	if free+own < 0 {
		return noBudget
	}
	s.credit = max(0, min(free, memory-size))
	return enough
}
