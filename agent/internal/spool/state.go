package spool

import (
	"maps"
	"slices"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// segment is one file of the log.
type segment struct {
	number uint64
	file   file
	size   int64
	// end is where its last whole flush ended when the spool was opened.
	end int64
	// refs and held count the batches in it that are still needed.
	refs int
	held int64
	// base is what its header and snapshot take.
	base int64
	// cached counts the bytes of its batches that are also in memory.
	cached int
	// last is where its last flush begins, 0 where that is the snapshot.
	last int64
}

func (s *segment) hold(size int64)    { s.refs, s.held = s.refs+1, s.held+size }
func (s *segment) release(size int64) { s.refs, s.held = s.refs-1, s.held-size }

// state is all that the log says.
type state struct {
	agent   string
	commit  uint64
	ordinal uint64
	// repaired: corruption of segments before this one has been declared.
	repaired  uint64
	lanes     [event.ClassCount]lane
	positions map[string][]byte
	// segments are in order; the last one is written to.
	segments []*segment
}

func newState() *state {
	s := &state{ordinal: 1, positions: map[string][]byte{}}
	for _, class := range event.Classes() {
		s.lanes[class].class = class
	}
	return s
}

func (s *state) active() *segment { return s.segments[len(s.segments)-1] }

func (s *state) size() (n int64) {
	for _, seg := range s.segments {
		n += seg.size
	}
	return n
}

// lane is the lane of a class that a record or a caller named.
func (s *state) lane(class eventv1.Class) (*lane, bool) {
	if class <= 0 || int(class) >= len(s.lanes) {
		return nil, false
	}
	return &s.lanes[class], true
}

func (s *state) snapshot() *snapshotRecord {
	r := &snapshotRecord{agent: s.agent, commit: s.commit, ordinal: s.ordinal, repaired: s.repaired}
	for _, class := range event.Classes() {
		l := &s.lanes[class]
		r.lanes = append(r.lanes, laneRecord{class: class, live: l.num, acked: l.acked, base: l.base, stage: l.stage})
	}
	for _, key := range slices.Sorted(maps.Keys(s.positions)) {
		r.positions = append(r.positions, position{key: key, state: s.positions[key]})
	}
	return r
}

// restore takes a snapshot in. Batches that are known stay known.
func (s *state) restore(r *snapshotRecord) {
	s.agent, s.commit, s.ordinal, s.repaired = r.agent, r.commit, r.ordinal, r.repaired
	for _, from := range r.lanes {
		l := &s.lanes[from.class]
		if l.num.epoch != from.live.epoch && l.num.epoch != (epoch{}) {
			l.open(from.live.epoch, from.base) // only where the lane record was lost
		}
		l.num, l.base, l.stage = from.live, from.base, from.stage
		l.recognise() // only where the snapshot before was lost
		if from.acked.none() {
			l.acked = head{}
		} else {
			l.ack(&from.acked)
		}
	}
	s.positions = make(map[string][]byte, len(r.positions))
	for _, p := range r.positions {
		s.positions[p.key] = p.state
	}
}

// op is one record of a flush with its place.
type op struct {
	kind   kind
	batch  batchRecord
	head   headRecord
	commit commitRecord
	// repaired is a repair record.
	repaired uint64
	at       place
	// entry is what became of a batch record.
	entry *entry
}

// apply takes a flush in, whose last op is its commit.
func (s *state) apply(ops []op) {
	for i := range ops {
		o := &ops[i]
		switch o.kind {
		case kindBatch:
			o.entry = s.lanes[o.batch.class].addBatch(&o.batch, o.at)
		case kindAck:
			s.lanes[o.head.class].ack(&o.head.head)
		case kindLane:
			s.lanes[o.head.class].open(o.head.epoch, o.head.head)
		case kindCommit:
			s.commit, s.ordinal = o.commit.number, o.commit.ordinal
			for _, p := range o.commit.positions {
				if p.state == nil {
					delete(s.positions, p.key)
				} else {
					s.positions[p.key] = p.state
				}
			}
		case kindRepair:
			s.repaired = o.repaired
		case kindSnapshot:
		}
	}
}
