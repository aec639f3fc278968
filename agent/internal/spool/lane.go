package spool

import (
	"cmp"
	"slices"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// entry is one sealed batch in the log that is neither acked nor replaced.
type entry struct {
	head
	// origin names the staged batch that this one replaced, if any.
	origin ident
	oldest int64
	at     place
	// sealed is the batch itself while nobody has read it yet and the cache has room.
	sealed []byte
}

// place is where a batch's frame is in the log.
type place struct {
	segment *segment
	offset  int64
	size    int64
	// sealed is the length of the sealed batch at the frame's end.
	sealed int
}

// lane is the state of one class. Replay and the running spool change it by the
// same methods, one a record.
type lane struct {
	class eventv1.Class
	num   numbering
	// acked is the last batch of this epoch that the collector has.
	acked head
	// base is what the collector held when the epoch was opened.
	base head
	// stage numbers batches of staged.
	stage numbering
	// live are the unacked batches of the epoch, in order; staged those that are
	// to be sealed anew, in order.
	live, staged []*entry
	// bytes and events count live and staged.
	bytes  int64
	events uint64
	// ackDirty: acked is newer than what the log says.
	ackDirty bool
}

func (l *lane) idle() bool { return len(l.live) == 0 && len(l.staged) == 0 }

func (l *lane) liveBytes() (n int64) {
	for _, e := range l.live {
		n += e.at.size
	}
	return n
}

func (l *lane) hold(e *entry) {
	l.bytes += e.at.size
	l.events += uint64(e.count)
	e.at.segment.hold(e.at.size)
}

func (l *lane) release(e *entry) {
	l.bytes -= e.at.size
	l.events -= uint64(e.count)
	e.at.segment.release(e.at.size)
	e.uncache()
}

func (e *entry) uncache() {
	e.at.segment.cached -= len(e.sealed)
	e.sealed = nil
}

func find(entries []*entry, id ident) int {
	return slices.IndexFunc(entries, func(e *entry) bool { return e.ident == id })
}

// known is the unacked batch of that name, nil if there is none. A batch that
// follows the last one is new: however many there are, none is looked at.
func (l *lane) known(id ident) *entry {
	if id.epoch == l.num.epoch {
		i, ok := slices.BinarySearchFunc(l.live, id.first, func(e *entry, first uint64) int { return cmp.Compare(e.first, first) })
		if !ok || l.live[i].ident != id {
			return nil
		}
		return l.live[i]
	}
	if n := len(l.staged); n > 0 && l.staged[n-1].epoch == id.epoch && l.staged[n-1].first < id.first {
		return nil
	}
	if i := find(l.staged, id); i >= 0 {
		return l.staged[i]
	}
	return nil
}

// addBatch takes a batch record in.
func (l *lane) addBatch(b *batchRecord, at place) *entry {
	if e := l.known(b.ident); e != nil { // moved
		e.uncache()
		e.at.segment.release(e.at.size)
		l.bytes += at.size - e.at.size
		e.at = at
		at.segment.hold(at.size)
		return e
	}
	e := &entry{head: b.head, origin: b.origin, oldest: b.oldest, at: at}
	l.hold(e)
	if b.epoch != l.num.epoch {
		l.addStaged(e)
		return e
	}
	if b.origin != (ident{}) {
		l.replaced(b.origin)
	}
	l.insert(e)
	if b.end() > l.num.next {
		l.num.next, l.num.last = b.end(), b.hash
	}
	return e
}

func (l *lane) addStaged(e *entry) {
	i := slices.IndexFunc(l.staged, func(x *entry) bool { return x.epoch == e.epoch && x.first > e.first })
	if i >= 0 { // moved here out of a segment that is gone
		l.staged = slices.Insert(l.staged, i, e)
		return
	}
	l.staged = append(l.staged, e)
	if l.stage.epoch != e.epoch || l.stage.next < e.end() {
		l.stage = numbering{epoch: e.epoch, next: e.end(), last: e.hash}
	}
}

// insert keeps live sorted: a batch moved out of a segment that is gone comes late.
func (l *lane) insert(e *entry) {
	if n := len(l.live); n == 0 || l.live[n-1].first < e.first {
		l.live = append(l.live, e)
		return
	}
	i, _ := slices.BinarySearchFunc(l.live, e.first, func(x *entry, first uint64) int { return cmp.Compare(x.first, first) })
	l.live = slices.Insert(l.live, i, e)
}

func (l *lane) replaced(origin ident) {
	if i := find(l.staged, origin); i >= 0 {
		l.release(l.staged[i])
		l.staged = slices.Delete(l.staged, i, i+1)
	}
}

// ack drops everything up to a head, and tells how many events that were.
func (l *lane) ack(h *head) (events uint64) {
	if h.epoch != l.num.epoch {
		return l.ackStaged(h)
	}
	n := 0
	for n < len(l.live) && l.live[n].first <= h.first {
		events += uint64(l.live[n].count)
		n++
	}
	if l.acked.epoch != h.epoch || l.acked.first < h.first {
		l.acked = *h
	}
	l.live = l.drop(l.live, n)
	return events
}

// ackStaged drops staged batches that turn out to be stored as they were.
func (l *lane) ackStaged(h *head) (events uint64) {
	i := find(l.staged, h.ident)
	if i < 0 {
		return 0
	}
	for _, e := range l.staged[:i+1] {
		events += uint64(e.count)
	}
	l.staged = l.drop(l.staged, i+1)
	l.base = *h
	return events
}

func (l *lane) drop(list []*entry, n int) []*entry {
	for i, e := range list[:n] {
		l.release(e)
		list[i] = nil
	}
	return list[n:]
}

// open takes a lane record in: a new epoch, or only a new base.
func (l *lane) open(e epoch, base head) {
	l.base = base
	if e == l.num.epoch {
		return
	}
	if len(l.staged) == 0 {
		l.stage = l.num
	}
	l.staged = append(slices.Clip(l.live), l.staged...)
	l.live = nil
	l.num = numbering{epoch: e, next: 1}
	l.acked = head{}
	l.ackDirty = false
}

// recognise makes staged batches live that turn out to be of the lane's epoch.
func (l *lane) recognise() {
	for i := 0; i < len(l.staged); {
		e := l.staged[i]
		if e.epoch != l.num.epoch {
			i++
			continue
		}
		l.staged = slices.Delete(l.staged, i, i+1)
		l.insert(e)
	}
}

// missing counts the events that the lane numbered and neither holds nor knows
// as acked.
func (l *lane) missing() (n uint64) {
	expected := uint64(1)
	if !l.acked.none() {
		expected = l.acked.end()
	}
	for _, e := range l.live {
		if e.first > expected {
			n += e.first - expected
		}
		expected = max(expected, e.end())
	}
	if l.num.next > expected {
		n += l.num.next - expected
	}
	for i := 1; i < len(l.staged); i++ {
		a, b := l.staged[i-1], l.staged[i]
		if a.epoch == b.epoch && b.first > a.end() {
			n += b.first - a.end()
		}
	}
	return n
}

func (l *lane) oldest() int64 {
	if len(l.live) > 0 {
		return l.live[0].oldest
	}
	if len(l.staged) > 0 {
		return l.staged[0].oldest
	}
	return 0
}
