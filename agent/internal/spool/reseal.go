package spool

import (
	"fmt"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// resealable tells whether a lane waits for staged batches to be sealed anew. mu
// is held.
func (s *Spool) resealable() bool {
	for i := range s.state.lanes {
		l := &s.state.lanes[i]
		if len(l.staged) > 0 && l.liveBytes() < resealBelow {
			return true
		}
	}
	return false
}

// fillStaged seals the oldest staged batches of each lane anew.
func (s *Spool) fillStaged(f *flush) error {
	for _, class := range event.Classes() {
		s.mu.Lock()
		l := &s.state.lanes[class]
		var take []*entry
		if len(l.staged) > 0 && l.liveBytes() < resealBelow {
			size := int64(0)
			for _, e := range l.staged {
				take, size = append(take, e), size+e.at.size
				if size >= resealBytes {
					break
				}
			}
		}
		s.mu.Unlock()
		for _, e := range take {
			if err := s.reseal(f, class, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// reseal adds a staged batch under the lane's epoch, with the same events.
func (s *Spool) reseal(f *flush, class eventv1.Class, e *entry) error {
	sealed, err := s.readEntry(e)
	if err != nil {
		return err
	}
	batch, err := s.codec.Open(nil, sealed)
	if err != nil {
		return fmt.Errorf("open staged batch: %w", err)
	}
	var w event.Walker
	if _, err := w.Open(batch); err != nil {
		return fmt.Errorf("read staged batch: %w", err)
	}
	c := newChunk(nil, e.oldest)
	var ev event.Event
	for {
		more, err := w.Next(&ev)
		if err != nil {
			return fmt.Errorf("read staged batch: %w", err)
		}
		if !more {
			break
		}
		c.add(&ev)
	}
	if err := s.seal(f, class, &c, e.ident); err != nil {
		return err
	}
	f.lanes[class].staged--
	return nil
}

// wasteful tells whether appends wait for room while much of the log is no longer
// needed. mu is held.
func (s *Spool) wasteful() bool {
	if s.waiters == 0 {
		return false
	}
	var size, waste int64
	for _, seg := range s.state.segments {
		size += seg.size
		waste += seg.size - seg.base - seg.held
	}
	return waste >= max(size/4, s.segmentSize/4)
}

// reclaimable tells whether a flush can delete a segment now. mu is held.
func (s *Spool) reclaimable() bool {
	return len(s.state.segments) > 1 && s.state.segments[0].refs == 0 || s.wasteful()
}

// fillMoved copies the batches that are left in the oldest segment, the same bytes,
// so that it can go: else one slow lane would keep all that the others wrote.
func (s *Spool) fillMoved(f *flush) error {
	moved := s.movable()
	for i := range moved {
		b := &moved[i].batch
		sealed, err := s.readEntry(moved[i].entry)
		if err != nil {
			return err
		}
		b.sealed = sealed
		f.add(moved[i])
		f.ops[len(f.ops)-1].batch.sealed = nil
	}
	return nil
}

func (s *Spool) movable() (moved []op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.state.segments) < 2 || !s.wasteful() {
		return nil
	}
	oldest := s.state.segments[0]
	for _, class := range event.Classes() {
		l := &s.state.lanes[class]
		for _, list := range [][]*entry{l.live, l.staged} {
			for _, e := range list {
				if e.at.segment == oldest {
					b := batchRecord{head: e.head, class: class, oldest: e.oldest, origin: e.origin}
					moved = append(moved, op{kind: kindBatch, batch: b, entry: e})
				}
			}
		}
	}
	return moved
}
