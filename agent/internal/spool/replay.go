package spool

import (
	"fmt"
	"slices"
)

// damage is a part of the log that did not check and was not a torn tail.
type damage struct {
	segment  uint64
	from, to int64
	// flushes is how many commit numbers are missing because of it, where known.
	flushes uint64
}

// replay rebuilds the state from segments. It does no I/O.
type replay struct {
	state   *state
	damages []damage
	// begun: a snapshot or a flush was applied.
	begun bool
}

func newReplay() *replay { return &replay{state: newState()} }

// segment reads one segment whole. It returns where its last whole flush (or
// its snapshot) ends, 0 if it has neither; newest says that no later segment follows.
func (r *replay) segment(seg *segment, data []byte, newest bool) (int64, error) {
	headed, err := checkHeader(data, seg.number)
	if err != nil {
		return 0, err
	}
	at := int64(0)
	if headed {
		at = r.snapshot(seg, data)
	}
	for {
		start := at
		if at > 0 {
			if at = r.flushes(seg, data, at); at == int64(len(data)) {
				return at, nil
			}
			start = at
		}
		ops, next := findFlush(seg, data, start, r.state.commit)
		if ops == nil {
			return r.tail(seg, data, start, newest), nil
		}
		r.note(seg, start, next.start, next.number)
		r.take(seg, ops, next.start)
		at = next.end
	}
}

// tail handles what follows the last whole flush of a segment.
func (r *replay) tail(seg *segment, data []byte, end int64, newest bool) int64 {
	if newest && (end > 0 || r.begun || seg.number == 1) {
		return end // torn: it was never fsynced, or never used
	}
	r.note(seg, end, int64(len(data)), 0)
	return end
}

func (r *replay) note(seg *segment, from, to int64, commit uint64) {
	d := damage{segment: seg.number, from: from, to: to}
	if r.begun && commit > r.state.commit+1 {
		d.flushes = commit - r.state.commit - 1
	}
	r.damages = append(r.damages, d)
}

// snapshot applies the segment's first record and returns its end, 0 if it is
// not whole.
func (r *replay) snapshot(seg *segment, data []byte) int64 {
	k, payload, size, ok := readFrame(data, seg.number, headerSize)
	if !ok || k != kindSnapshot {
		return 0
	}
	s, err := decodeSnapshot(payload)
	if err != nil {
		return 0
	}
	r.damages = slices.DeleteFunc(r.damages, func(d damage) bool { return d.segment < s.repaired })
	if r.begun && s.commit != r.state.commit {
		r.note(seg, 0, 0, s.commit+1)
	}
	r.state.restore(&s)
	r.begun = true
	seg.base = headerSize + size
	return headerSize + size
}

// flushes applies whole flushes from at on and returns where they end.
func (r *replay) flushes(seg *segment, data []byte, at int64) int64 {
	for {
		ops, end := readFlush(seg, data, at)
		if ops == nil || ops[len(ops)-1].commit.number <= r.state.commit {
			return at
		}
		if commit := ops[len(ops)-1].commit.number; commit != r.state.commit+1 {
			r.note(seg, at, at, commit)
		}
		r.take(seg, ops, at)
		at = end
	}
}

func (r *replay) take(seg *segment, ops []op, start int64) {
	for i := range ops {
		if ops[i].kind == kindRepair { // what came before is declared
			r.damages = slices.DeleteFunc(r.damages, func(d damage) bool { return d.segment < ops[i].repaired })
		}
	}
	r.state.apply(ops)
	r.begun = true
	seg.last = start
}

// readFlush reads the records from at to the next commit, nil if they are not whole.
func readFlush(seg *segment, data []byte, at int64) ([]op, int64) {
	var ops []op
	start := at
	for {
		k, payload, size, ok := readFrame(data, seg.number, at)
		if !ok {
			return nil, 0
		}
		o := op{kind: k, at: place{segment: seg, offset: at, size: size}}
		if err := o.decode(payload); err != nil {
			return nil, 0
		}
		ops = append(ops, o)
		at += size
		if k == kindCommit {
			if o.commit.start != start || o.commit.records != uint64(len(ops)-1) {
				return nil, 0
			}
			return ops, at
		}
	}
}

func (o *op) decode(payload []byte) (err error) {
	switch o.kind {
	case kindBatch:
		o.batch, err = decodeBatch(payload)
		o.at.sealed = len(o.batch.sealed)
		o.batch.sealed = nil // stays in the file
	case kindCommit:
		o.commit, err = decodeCommit(payload)
	case kindAck:
		o.head, err = decodeAck(payload)
	case kindLane:
		o.head, err = decodeLane(payload)
	case kindRepair:
		o.repaired, err = decodeRepair(payload)
	default:
		err = fmt.Errorf("record of type %d within a flush: %w", o.kind, errRecord)
	}
	return err
}

// found is a flush that a search came upon.
type found struct {
	start, end int64
	number     uint64
}

// findFlush searches for a whole flush later than commit number after that begins
// at from or later. Commits say
// where their flush begins, so a search for a commit finds both ends.
func findFlush(seg *segment, data []byte, from int64, after uint64) ([]op, found) {
	for at := from; at <= int64(len(data))-frameSize; at++ {
		if kind(data[at+4]) != kindCommit {
			continue
		}
		_, payload, _, ok := readFrame(data, seg.number, at)
		if !ok {
			continue
		}
		c, err := decodeCommit(payload)
		if err != nil || c.start < from || c.number <= after {
			continue
		}
		if ops, end := readFlush(seg, data, c.start); ops != nil {
			return ops, found{start: c.start, end: end, number: ops[len(ops)-1].commit.number}
		}
	}
	return nil, found{}
}
