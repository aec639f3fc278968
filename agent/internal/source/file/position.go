package file

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// A position's key is "file/<device>-<inode>-<birth>" (hexadecimal; birth in
// nanoseconds, 0 where the file system has none). Its state is
//
//	byte     version, 2
//	byte     flags: 1 inside an over-long line, 2 inside a given-out line, 4 line
//	         numbers unknown, 8 the file is compressed, 16 a copy, 32 done,
//	         64 no check, 128 a link
//	uvarint  offset: everything before it was given out (or skipped, in an over-long line)
//	uvarint  line: how many lines end before the offset
//	4 bytes  check, little endian, of the (at most 64) bytes before the offset: see sumOf
//	uvarint  backfill: where the file ended when it was first seen, with start: beginning
//	uvarint  n, at most 1024: how many first bytes the hash covers
//	12 bytes the beginning of their SHA-256
//	uvarint  length, and the path under which an input matched the file
//	uvarint  if it was a link: length, and where that path led
//
// and nothing after it. Of a compressed file, offset, check and hash are of what
// it unpacks to. Version 1, which is still read, has no check and no link's end,
// and 16 bytes of the hash.
// Another key, "file/seen-<hash of globs>" with a single byte, says that an
// input's existing files have had their first sight: a file without a position
// has appeared since, and is read from its beginning.
const (
	keyPrefix  = "file/"
	markPrefix = "file/seen-"

	stateVersion = 2
	flagSkipping = 1 << 0
	flagOpen     = 1 << 1
	flagUnknown  = 1 << 2
	flagPacked   = 1 << 3
	flagCopy     = 1 << 4
	flagDone     = 1 << 5
	flagNoCheck  = 1 << 6
	flagLink     = 1 << 7
	flagsOld     = flagSkipping | flagOpen | flagUnknown

	headSize  = 1024
	hashSize  = 12
	hashOld   = 16
	checkSize = 64
	maxPath   = 4096
)

var errState = errors.New("malformed position")

// head is what the first bytes of a file were.
type head struct {
	n   int
	sum [hashSize]byte
}

// headOf is the head of a file that begins with b.
func headOf(b []byte) head {
	b = b[:min(len(b), headSize)]
	sum := sha256.Sum256(b)
	return head{n: len(b), sum: [hashSize]byte(sum[:hashSize])}
}

// matches tells whether a file that begins with b may be the one of this head.
func (h head) matches(b []byte) bool {
	return h.n == 0 || len(b) >= h.n && headOf(b[:h.n]).sum == h.sum
}

// check is what the bytes before an offset were. Together with the head it tells
// a file that goes on from one that was truncated and has grown past the offset.
type check struct {
	known bool
	sum   uint32
}

// checkOf is the check of an offset that b ends at. b holds at least the checkSize
// bytes before it, or all there are.
func checkOf(b []byte) check {
	b = b[max(0, len(b)-checkSize):]
	return check{known: true, sum: sumOf(b)}
}

// sumOf mixes bytes: of 64, as words in little endian, those at even places and
// those at odd ones by themselves, each word xored in and the sum multiplied by
// an odd number; of fewer, byte by byte. It is made for every line, so it has to
// cost a few nanoseconds; a CRC took 17.
func sumOf(b []byte) uint32 {
	const odd = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	even, uneven := uint64(len(b)), uint64(odd)
	if len(b) == checkSize {
		for i := 0; i < checkSize; i += 16 {
			even = (even ^ binary.LittleEndian.Uint64(b[i:])) * odd
			uneven = (uneven ^ binary.LittleEndian.Uint64(b[i+8:])) * odd
			even, uneven = bits.RotateLeft64(even, 29), bits.RotateLeft64(uneven, 31)
		}
	} else {
		for _, c := range b {
			even = bits.RotateLeft64((even^uint64(c))*odd, 29)
		}
	}
	return uint32(((even ^ bits.RotateLeft64(uneven, 17)) * odd) >> 32)
}

// matches tells whether b may end at the offset of this check. Without a check,
// in a position of version 1, anything may.
func (c check) matches(b []byte) bool { return !c.known || checkOf(b) == c }

// state is how far one file has been read.
type state struct {
	// offset is the beginning of what comes next.
	offset int64
	// line counts the lines that end before offset, unless unknown.
	line    int64
	unknown bool
	// skipping is set within a line over the cap whose beginning was given out.
	skipping bool
	// open is set where everything up to offset was given out but the line has
	// not ended: its newline, when it comes, is no line of its own, and what comes
	// before the newline is a record with the same line number.
	open bool
	// packed is set where the file is compressed.
	packed bool
	// copied is set where the file holds what another one does, and is not read.
	copied bool
	// done is set where a rotated file was read to its end; it is kept to tell
	// which of its successors are newer.
	done     bool
	check    check
	backfill int64
	head     head
	path     string
	real     string
}

func (s *state) flags() byte {
	var flags byte
	if s.skipping {
		flags |= flagSkipping
	}
	if s.open {
		flags |= flagOpen
	}
	if s.unknown {
		flags |= flagUnknown
	}
	if s.packed {
		flags |= flagPacked
	}
	if s.copied {
		flags |= flagCopy
	}
	if s.done {
		flags |= flagDone
	}
	if !s.check.known {
		flags |= flagNoCheck
	}
	if s.real != "" {
		flags |= flagLink
	}
	return flags
}

func (s *state) append(dst []byte) []byte { return s.appendFixed(s.appendMoving(dst)) }

// appendMoving appends what differs from line to line.
func (s *state) appendMoving(dst []byte) []byte {
	dst = append(dst, stateVersion, s.flags())
	dst = binary.AppendUvarint(dst, uint64(s.offset))
	dst = binary.AppendUvarint(dst, uint64(s.line))
	return binary.LittleEndian.AppendUint32(dst, s.check.sum)
}

// appendFixed appends what stays the same for a block of lines.
func (s *state) appendFixed(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.backfill))
	dst = binary.AppendUvarint(dst, uint64(s.head.n))
	dst = append(dst, s.head.sum[:]...)
	dst = binary.AppendUvarint(dst, uint64(len(s.path)))
	dst = append(dst, s.path...)
	if s.real == "" {
		return dst
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.real)))
	return append(dst, s.real...)
}

func decodeState(b []byte) (state, error) {
	if len(b) < 2 || b[0] == 0 || b[0] > stateVersion {
		return state{}, errState
	}
	old, flags := b[0] == 1, b[1]
	if old && flags&^byte(flagsOld) != 0 {
		return state{}, errState
	}
	s := state{
		skipping: flags&flagSkipping != 0, open: flags&flagOpen != 0, unknown: flags&flagUnknown != 0,
		packed: flags&flagPacked != 0, copied: flags&flagCopy != 0, done: flags&flagDone != 0,
	}
	d := decoder{rest: b[2:]}
	s.offset, s.line = d.number(), d.number()
	if !old {
		s.check = check{known: flags&flagNoCheck == 0, sum: binary.LittleEndian.Uint32(d.bytes(4))}
	}
	s.backfill = d.number()
	s.head.n = int(min(d.number(), headSize+1))
	hash := hashSize
	if old {
		hash = hashOld
	}
	copy(s.head.sum[:], d.bytes(hash))
	s.path = d.text()
	if flags&flagLink != 0 {
		s.real = d.text()
		d.bad = d.bad || s.real == ""
	}
	if d.bad || len(d.rest) > 0 || s.head.n > headSize || !s.check.known && s.check.sum != 0 {
		return state{}, errState
	}
	return s, nil
}

// decoder takes a position apart; past the first mistake it yields zeros.
type decoder struct {
	rest []byte
	bad  bool
	none [hashOld]byte
}

func (d *decoder) number() int64 {
	v, size := binary.Uvarint(d.rest)
	if size <= 0 || int64(v) < 0 {
		d.bad = true
		return 0
	}
	d.rest = d.rest[size:]
	return int64(v)
}

// bytes are the next n, at most hashOld.
func (d *decoder) bytes(n int) []byte {
	if d.bad || len(d.rest) < n {
		d.bad = true
		return d.none[:n]
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) text() string {
	n := d.number()
	if d.bad || n > maxPath || n > int64(len(d.rest)) {
		d.bad = true
		return ""
	}
	s := string(d.rest[:n])
	d.rest = d.rest[n:]
	return s
}

// identity tells one file from all others of the host.
type identity struct {
	device uint64
	inode  uint64
	birth  int64
}

func (id identity) key() string {
	return fmt.Sprintf("%s%x-%x-%x", keyPrefix, id.device, id.inode, uint64(id.birth))
}

func parseKey(key string) (identity, error) {
	var id identity
	var birth uint64
	rest, ok := strings.CutPrefix(key, keyPrefix)
	if !ok {
		return id, errState
	}
	if n, err := fmt.Sscanf(rest, "%x-%x-%x", &id.device, &id.inode, &birth); n != 3 || err != nil {
		return id, errState
	}
	id.birth = int64(birth)
	return id, nil
}

func markKey(in Input) string {
	h := sha256.New()
	for _, list := range [][]string{in.Paths, in.Exclude} {
		for _, p := range list {
			h.Write(append([]byte(p), 0))
		}
		h.Write([]byte{1})
	}
	return markPrefix + hex.EncodeToString(h.Sum(nil)[:8])
}

// arena makes positions without an allocation for each: they outlive the call
// that hands them out, so their memory is never used again, only shared.
type arena struct {
	bytes     []byte
	positions []record.Position
}

// position encodes a state. fixed, if any, is what its appendFixed appends.
func (a *arena) position(key string, s *state, fixed []byte) []record.Position {
	need := 96 + len(s.path) + len(s.real)
	if cap(a.bytes)-len(a.bytes) < need {
		a.bytes = make([]byte, 0, max(16<<10, need))
	}
	from := len(a.bytes)
	a.bytes = s.appendMoving(a.bytes)
	if fixed != nil {
		a.bytes = append(a.bytes, fixed...)
	} else {
		a.bytes = s.appendFixed(a.bytes)
	}
	if len(a.positions) == cap(a.positions) {
		a.positions = make([]record.Position, 0, 128)
	}
	a.positions = append(a.positions, record.Position{Key: key, State: a.bytes[from:len(a.bytes):len(a.bytes)]})
	n := len(a.positions)
	return a.positions[n-1 : n : n]
}
