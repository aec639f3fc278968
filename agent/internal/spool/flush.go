package spool

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	// resealBelow: staged batches are sealed anew while a lane's live ones take less.
	resealBelow = 1 << 20
	// resealBytes bounds what one flush seals anew of a lane.
	resealBytes = 1 << 20
)

// flush is what one write and one fsync bring into the log. It is built against
// a copy of the lanes' numberings and counts only when it is on disk.
type flush struct {
	segment *segment
	start   int64
	buf     []byte
	ops     []op
	// lanes holds the numberings as they are after the ops so far.
	lanes [event.ClassCount]laneNumbers
	// acks are the acked heads that it writes down.
	acks [event.ClassCount]head
	// releasable segments go when it is on disk.
	releasable []*segment
}

type laneNumbers struct {
	live, stage numbering
	staged      int
}

// flush writes what is pending. It does nothing if nothing is.
func (s *Spool) flush() error {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return s.flushLocked()
}

// flushLocked writes extra records and what is pending. logMu is held. After an
// fsync that failed it stops the spool, whoever asked for the flush.
func (s *Spool) flushLocked(extra ...op) error {
	err := s.writeLocked(extra)
	if errors.Is(err, errStopped) {
		s.stop(err)
	}
	return err
}

func (s *Spool) writeLocked(extra []op) error {
	if err := s.roll(false); err != nil {
		s.metrics.failed("write")
		return err
	}
	f := s.begin(extra)
	if err := s.fill(f); err != nil {
		s.metrics.failed("seal")
		return err
	}
	if len(f.ops) == 0 && s.inflight.empty() {
		s.mu.Lock()
		s.inflight = nil
		s.mu.Unlock()
	} else {
		s.end(f)
		if err := s.order.commit(s, f); err != nil {
			s.metrics.failed("write")
			return err
		}
	}
	return s.removeSegments(f.releasable)
}

// begin takes what is pending and starts a flush with acks, lanes and repairs.
func (s *Spool) begin(extra []op) *flush {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credit = 0
	if s.inflight == nil {
		s.inflight, s.pending = s.pending, newPending()
		s.pending.spare, s.pending.spareBytes = s.inflight.spare, s.inflight.spareBytes
		s.inflight.spare = nil
		s.wake() // memory is free again
		s.declareRefused(s.inflight)
		s.metrics.received(s.inflight)
	}
	f := &flush{segment: s.state.active(), buf: s.buf[:0]}
	f.start = f.segment.size
	for _, seg := range s.state.segments[:len(s.state.segments)-1] {
		if seg.refs > 0 {
			break
		}
		f.releasable = append(f.releasable, seg)
	}
	for i := range s.state.lanes {
		l := &s.state.lanes[i]
		f.lanes[i] = laneNumbers{live: l.num, stage: l.stage, staged: len(l.staged)}
		if l.ackDirty {
			f.acks[i] = l.acked
			f.add(op{kind: kindAck, head: headRecord{class: l.class, head: l.acked}})
		}
	}
	for _, o := range extra {
		if o.kind == kindLane {
			n := &f.lanes[o.head.class]
			if o.head.epoch != n.live.epoch {
				l := &s.state.lanes[o.head.class]
				if n.staged == 0 {
					n.stage = n.live
				}
				n.staged += len(l.live)
				n.live = numbering{epoch: o.head.epoch, next: 1}
			}
		}
		f.add(o)
	}
	s.acked = false
	return f
}

// add appends one record.
func (f *flush) add(o op) {
	at := len(f.buf)
	f.buf = beginFrame(f.buf)
	switch o.kind {
	case kindBatch:
		f.buf = o.batch.append(f.buf)
		o.at.sealed = len(o.batch.sealed)
	case kindCommit:
		f.buf = o.commit.append(f.buf)
	case kindAck:
		f.buf = o.head.appendAck(f.buf)
	case kindLane:
		f.buf = o.head.appendLane(f.buf)
	case kindRepair:
		f.buf = appendRepair(f.buf, o.repaired)
	case kindSnapshot:
	}
	o.at.segment, o.at.offset, o.at.size = f.segment, f.start+int64(at), int64(len(f.buf)-at)
	endFrame(f.buf, at, o.kind, f.segment.number, o.at.offset)
	f.ops = append(f.ops, o)
}

// fill moves, seals anew and seals what is to go into the flush.
func (s *Spool) fill(f *flush) error {
	fresh := len(f.ops) == 0 || !slices.ContainsFunc(f.ops, func(o op) bool { return o.kind == kindLane })
	if fresh {
		if err := s.fillMoved(f); err != nil {
			return err
		}
		if err := s.fillStaged(f); err != nil {
			return err
		}
	}
	for _, class := range event.Classes() {
		for i := range s.inflight.lanes[class] {
			c := &s.inflight.lanes[class][i]
			if err := s.seal(f, class, c, ident{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// seal adds a batch. With an origin it is a staged one's new form.
func (s *Spool) seal(f *flush, class eventv1.Class, c *chunk, origin ident) error {
	n := &f.lanes[class]
	num := &n.live
	if origin == (ident{}) && n.staged > 0 {
		num = &n.stage
		n.staged++
	}
	h := event.Header{
		Agent: s.o.Agent, Class: class, Epoch: num.epoch,
		FirstSequence: num.next, Count: c.count, Previous: num.last,
	}
	batch, err := c.batch(&h)
	if err != nil {
		return err
	}
	s.sealed = s.codec.Seal(s.sealed[:0], batch)
	if len(s.sealed) > event.MaxSealed {
		return fmt.Errorf("seal batch: %d bytes are over the bound", len(s.sealed))
	}
	b := batchRecord{
		head:  head{ident: ident{epoch: num.epoch, first: num.next}, count: c.count, hash: event.Hash(s.sealed)},
		class: class, oldest: c.oldest, origin: origin, sealed: s.sealed,
	}
	f.add(op{kind: kindBatch, batch: b})
	f.ops[len(f.ops)-1].batch.sealed = nil // scratch; it is in f.buf
	num.next, num.last = b.end(), b.hash
	return nil
}

// end appends the commit.
func (s *Spool) end(f *flush) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := commitRecord{
		number: s.state.commit + 1, start: f.start, records: uint64(len(f.ops)), ordinal: s.ordinal,
	}
	c.positions = slices.SortedFunc(slices.Values(s.inflight.positions), func(a, b position) int { return strings.Compare(a.key, b.key) })
	f.add(op{kind: kindCommit, commit: c})
}

// write brings a flush to the disk. A write that fails is taken back; an fsync
// that fails leaves nothing to rely on.
func (s *Spool) write(f *flush) error {
	if _, err := f.segment.file.WriteAt(f.buf, f.start); err != nil {
		undo := f.segment.file.Truncate(f.start)
		if undo == nil {
			undo = f.segment.file.Sync()
		}
		if undo != nil {
			return fmt.Errorf("%w: take back a write that failed (%w): %w", errStopped, err, undo)
		}
		return fmt.Errorf("write segment: %w", err)
	}
	if err := f.segment.file.Sync(); err != nil {
		return fmt.Errorf("%w: sync segment: %w", errStopped, err)
	}
	return nil
}

// report makes a flush count: its batches can be read, its positions are
// returned, and whoever waits for it is called.
func (s *Spool) report(f *flush) {
	s.mu.Lock()
	taken := s.inflight
	s.inflight, s.credit = nil, 0
	s.pending.reuse(taken)
	f.segment.last = f.start
	f.segment.size += int64(len(f.buf))
	s.state.apply(f.ops)
	for i := range f.acks {
		if l := &s.state.lanes[i]; !f.acks[i].none() && l.acked == f.acks[i] {
			l.ackDirty = false
		}
	}
	s.cache(f)
	s.wake()
	s.mu.Unlock()
	s.buf = f.buf
	if cap(s.buf) > 2*maxPending {
		s.buf = nil
	}
	notify(s.ready)
	for _, committed := range taken.committed {
		committed()
	}
}

// cache keeps new batches in memory for their first reading. mu is held.
func (s *Spool) cache(f *flush) {
	cached := 0
	for _, seg := range s.state.segments {
		cached += seg.cached
	}
	for i := range f.ops {
		o := &f.ops[i]
		if o.kind != kindBatch || o.entry.at != o.at || cached+o.at.sealed > maxCache {
			continue // the second: acked or moved since
		}
		end := o.at.offset - f.start + o.at.size
		o.entry.sealed = slices.Clone(f.buf[end-int64(o.at.sealed) : end])
		f.segment.cached += o.at.sealed
		cached += o.at.sealed
	}
}

// roll begins a new segment if the last one is full, or if that lets a blocked
// append go on. logMu is held.
func (s *Spool) roll(force bool) error {
	s.mu.Lock()
	number, full := uint64(1), true
	if n := len(s.state.segments); n > 0 {
		last := s.state.segments[n-1]
		number = last.number + 1
		full = last.size >= s.segmentSize || n == 1 && s.wasteful()
	}
	if !full && !force {
		s.mu.Unlock()
		return nil
	}
	record := s.state.snapshot()
	s.mu.Unlock()

	buf := appendHeader(nil, number)
	buf = record.append(beginFrame(buf))
	endFrame(buf, headerSize, kindSnapshot, number, headerSize)
	seg := &segment{number: number, size: int64(len(buf)), base: int64(len(buf))}
	if err := s.create(seg, buf); err != nil {
		return err
	}
	s.mu.Lock()
	s.state.segments = append(s.state.segments, seg)
	s.credit = 0
	s.mu.Unlock()
	return nil
}

// create makes a segment's file durable with its snapshot in it.
func (s *Spool) create(seg *segment, buf []byte) error {
	name := segmentName(seg.number)
	f, err := s.disk.open(name, true)
	if err != nil {
		return err
	}
	seg.file = f
	if _, err := f.WriteAt(buf, 0); err != nil {
		err = fmt.Errorf("write segment: %w", err)
		return errors.Join(err, f.Close(), s.disk.remove(name))
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("%w: sync segment: %w", errStopped, err), f.Close())
	}
	if err := s.disk.sync(); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", errStopped, err), f.Close())
	}
	return nil
}

// removeSegments deletes the oldest segments, which nothing needs any more, one
// by one: after a crash no older one may come back without its successor.
func (s *Spool) removeSegments(segments []*segment) error {
	for _, seg := range segments {
		s.io.Lock()
		s.mu.Lock()
		s.state.segments = s.state.segments[1:]
		s.wake()
		s.mu.Unlock()
		err := errors.Join(seg.file.Close(), s.disk.remove(segmentName(seg.number)), s.disk.sync())
		s.io.Unlock()
		if err != nil {
			s.metrics.failed("remove")
			return fmt.Errorf("%w: remove segment %d: %w", errStopped, seg.number, err)
		}
	}
	return nil
}
