package spool

import (
	"encoding/binary"
	"errors"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

type (
	epoch [event.EpochSize]byte
	hash  [event.HashSize]byte
)

// ident names a batch within its lane.
type ident struct {
	epoch epoch
	first uint64
}

// head is a batch as the collector names it; the zero value is none.
type head struct {
	ident
	count uint32
	hash  hash
}

func (h *head) none() bool  { return h.epoch == epoch{} }
func (h *head) end() uint64 { return h.first + uint64(h.count) }

// numbering is where a lane's next batch goes.
type numbering struct {
	epoch epoch
	next  uint64
	last  hash
}

// position is one changed position; nil state forgets the key.
type position struct {
	key   string
	state []byte
}

type snapshotRecord struct {
	agent     string
	commit    uint64
	ordinal   uint64
	repaired  uint64
	lanes     []laneRecord
	positions []position
}

type laneRecord struct {
	class eventv1.Class
	live  numbering
	acked head
	base  head
	stage numbering
}

type batchRecord struct {
	head
	class  eventv1.Class
	oldest int64
	origin ident
	sealed []byte
}

type commitRecord struct {
	number    uint64
	start     int64
	records   uint64
	ordinal   uint64
	positions []position
}

// headRecord is an ack (epoch unused) or a lane record (its new epoch and base).
type headRecord struct {
	class eventv1.Class
	epoch epoch
	head  head
}

func appendBytes(dst, b []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(b)))
	return append(dst, b...)
}

func appendHead(dst []byte, h *head) []byte {
	dst = append(dst, h.epoch[:]...)
	dst = binary.AppendUvarint(dst, h.first)
	dst = binary.AppendUvarint(dst, uint64(h.count))
	return append(dst, h.hash[:]...)
}

func appendOptionalHead(dst []byte, h *head) []byte {
	if h.none() {
		return append(dst, 0)
	}
	return appendHead(append(dst, 1), h)
}

func appendNumbering(dst []byte, n *numbering) []byte {
	dst = append(dst, n.epoch[:]...)
	dst = binary.AppendUvarint(dst, n.next)
	return append(dst, n.last[:]...)
}

func appendPositions(dst []byte, positions []position) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(positions)))
	for _, p := range positions {
		dst = binary.AppendUvarint(dst, uint64(len(p.key)))
		dst = append(dst, p.key...)
		if p.state == nil {
			dst = append(dst, 0)
			continue
		}
		dst = appendBytes(append(dst, 1), p.state)
	}
	return dst
}

func (r *snapshotRecord) append(dst []byte) []byte {
	dst = appendBytes(dst, []byte(r.agent))
	dst = binary.AppendUvarint(dst, r.commit)
	dst = binary.AppendUvarint(dst, r.ordinal)
	dst = binary.AppendUvarint(dst, r.repaired)
	dst = binary.AppendUvarint(dst, uint64(len(r.lanes)))
	for i := range r.lanes {
		l := &r.lanes[i]
		dst = binary.AppendUvarint(dst, uint64(l.class))
		dst = appendNumbering(dst, &l.live)
		dst = appendOptionalHead(dst, &l.acked)
		dst = appendOptionalHead(dst, &l.base)
		dst = appendNumbering(dst, &l.stage)
	}
	return appendPositions(dst, r.positions)
}

func (r *batchRecord) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(r.class))
	dst = append(dst, r.epoch[:]...)
	dst = binary.AppendUvarint(dst, r.first)
	dst = binary.AppendUvarint(dst, uint64(r.count))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(r.oldest))
	if r.origin == (ident{}) {
		dst = append(dst, 0)
	} else {
		dst = append(append(dst, 1), r.origin.epoch[:]...)
		dst = binary.AppendUvarint(dst, r.origin.first)
	}
	dst = append(dst, r.hash[:]...)
	return append(dst, r.sealed...)
}

func (r *commitRecord) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, r.number)
	dst = binary.AppendUvarint(dst, uint64(r.start))
	dst = binary.AppendUvarint(dst, r.records)
	dst = binary.AppendUvarint(dst, r.ordinal)
	return appendPositions(dst, r.positions)
}

func (r *headRecord) appendAck(dst []byte) []byte {
	return appendHead(binary.AppendUvarint(dst, uint64(r.class)), &r.head)
}

func (r *headRecord) appendLane(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(r.class))
	dst = append(dst, r.epoch[:]...)
	return appendOptionalHead(dst, &r.head)
}

var errRecord = errors.New("malformed record")

// reader takes a payload apart. After a failure every read returns zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail()
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) fail() { r.bad, r.b = true, nil }

func (r *reader) bytes() []byte { return r.take(r.uvarint()) }

func (r *reader) present() bool {
	b := r.take(1)
	if r.bad || b[0] > 1 {
		r.fail()
		return false
	}
	return b[0] == 1
}

func (r *reader) epoch() (e epoch) {
	copy(e[:], r.take(uint64(len(e))))
	return e
}

func (r *reader) hash() (h hash) {
	copy(h[:], r.take(uint64(len(h))))
	return h
}

func (r *reader) class() eventv1.Class {
	v := r.uvarint()
	if v == 0 || v >= uint64(event.ClassCount) {
		r.fail()
		return 0
	}
	return eventv1.Class(v)
}

func (r *reader) count() uint32 {
	v := r.uvarint()
	if v == 0 || v > event.MaxBatchEvents {
		r.fail()
		return 0
	}
	return uint32(v)
}

// sequence reads a batch's place; its end may not overflow.
func (r *reader) sequence() (uint64, uint32) {
	first, count := r.uvarint(), r.count()
	if first == 0 || first+uint64(count) < first {
		r.fail()
	}
	return first, count
}

func (r *reader) head() (h head) {
	h.epoch = r.epoch()
	h.first, h.count = r.sequence()
	h.hash = r.hash()
	if h.none() {
		r.fail()
	}
	return h
}

func (r *reader) optionalHead() head {
	if !r.present() {
		return head{}
	}
	return r.head()
}

func (r *reader) numbering() numbering {
	return numbering{epoch: r.epoch(), next: r.uvarint(), last: r.hash()}
}

func (r *reader) positions() []position {
	n := r.uvarint()
	if n > uint64(len(r.b)) { // each takes at least a byte
		r.fail()
		return nil
	}
	out := make([]position, 0, n)
	for range n {
		p := position{key: string(r.bytes())}
		if r.present() {
			p.state = append([]byte{}, r.bytes()...)
		}
		out = append(out, p)
	}
	return out
}

// done is nil if the whole payload was read and all of it was well-formed.
func (r *reader) done() error {
	if r.bad || len(r.b) != 0 {
		return errRecord
	}
	return nil
}

func decodeSnapshot(payload []byte) (s snapshotRecord, err error) {
	r := reader{b: payload}
	s.agent = string(r.bytes())
	s.commit, s.ordinal, s.repaired = r.uvarint(), r.uvarint(), r.uvarint()
	n := r.uvarint()
	if n >= uint64(event.ClassCount) {
		return s, errRecord
	}
	for range n {
		s.lanes = append(s.lanes, laneRecord{
			class: r.class(), live: r.numbering(), acked: r.optionalHead(), base: r.optionalHead(), stage: r.numbering(),
		})
	}
	s.positions = r.positions()
	return s, r.done()
}

func decodeBatch(payload []byte) (b batchRecord, err error) {
	r := reader{b: payload}
	b.class, b.epoch = r.class(), r.epoch()
	b.first, b.count = r.sequence()
	if oldest := r.take(8); oldest != nil {
		b.oldest = int64(binary.LittleEndian.Uint64(oldest))
	}
	if r.present() {
		b.origin = ident{epoch: r.epoch(), first: r.uvarint()}
	}
	b.hash = r.hash()
	b.sealed = r.take(uint64(len(r.b)))
	if b.none() || len(b.sealed) > event.MaxSealed {
		return b, errRecord
	}
	return b, r.done()
}

func decodeCommit(payload []byte) (c commitRecord, err error) {
	r := reader{b: payload}
	c.number = r.uvarint()
	c.start = int64(r.uvarint())
	c.records, c.ordinal = r.uvarint(), r.uvarint()
	c.positions = r.positions()
	if c.start < 0 {
		return c, errRecord
	}
	return c, r.done()
}

func decodeAck(payload []byte) (a headRecord, err error) {
	r := reader{b: payload}
	a.class, a.head = r.class(), r.head()
	return a, r.done()
}

func decodeLane(payload []byte) (l headRecord, err error) {
	r := reader{b: payload}
	l.class, l.epoch, l.head = r.class(), r.epoch(), r.optionalHead()
	if l.epoch == (epoch{}) {
		return l, errRecord
	}
	return l, r.done()
}

func decodeRepair(payload []byte) (uint64, error) {
	r := reader{b: payload}
	segment := r.uvarint()
	return segment, r.done()
}

func appendRepair(dst []byte, segment uint64) []byte { return binary.AppendUvarint(dst, segment) }
