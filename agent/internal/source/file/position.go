package file

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// A position's key is "file/<device>-<inode>-<birth>" (hexadecimal; birth in
// nanoseconds, 0 where the file system has none). Its state is
//
//	byte     version, 1
//	byte     flags: 1 inside an over-long line, 2 inside a given-out line, 4 line numbers unknown
//	uvarint  offset: everything before it was given out (or skipped, in an over-long line)
//	uvarint  line: how many lines end before the offset
//	uvarint  backfill: where the file ended when it was first seen, with start: beginning
//	uvarint  n, at most 1024: how many first bytes the hash covers
//	16 bytes the first half of their SHA-256
//	uvarint  length, and the path under which an input matched the file
//
// and nothing after it. Another key, "file/seen-<hash of globs>" with the single
// byte 1, says that an input's existing files have had their first sight: a file
// without a position has appeared since, and is read from its beginning.
const (
	keyPrefix  = "file/"
	markPrefix = "file/seen-"

	stateVersion = 1
	flagSkipping = 1 << 0
	flagOpen     = 1 << 1
	flagUnknown  = 1 << 2
	flagsKnown   = flagSkipping | flagOpen | flagUnknown

	headSize = 1024
	hashSize = 16
	maxPath  = 4096
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
	return len(b) >= h.n && headOf(b[:h.n]).sum == h.sum
}

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
	open     bool
	backfill int64
	head     head
	path     string
}

func (s *state) append(dst []byte) []byte {
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
	dst = append(dst, stateVersion, flags)
	dst = binary.AppendUvarint(dst, uint64(s.offset))
	dst = binary.AppendUvarint(dst, uint64(s.line))
	dst = binary.AppendUvarint(dst, uint64(s.backfill))
	dst = binary.AppendUvarint(dst, uint64(s.head.n))
	dst = append(dst, s.head.sum[:]...)
	dst = binary.AppendUvarint(dst, uint64(len(s.path)))
	return append(dst, s.path...)
}

func decodeState(b []byte) (state, error) {
	if len(b) < 2 || b[0] != stateVersion || b[1]&^byte(flagsKnown) != 0 {
		return state{}, errState
	}
	s := state{skipping: b[1]&flagSkipping != 0, open: b[1]&flagOpen != 0, unknown: b[1]&flagUnknown != 0}
	b = b[2:]
	var n int64
	for _, into := range []*int64{&s.offset, &s.line, &s.backfill, &n} {
		v, size := binary.Uvarint(b)
		if size <= 0 || int64(v) < 0 {
			return state{}, errState
		}
		*into, b = int64(v), b[size:]
	}
	if n > headSize || len(b) < hashSize {
		return state{}, errState
	}
	s.head.n = int(n)
	b = b[copy(s.head.sum[:], b):]
	length, size := binary.Uvarint(b)
	if size <= 0 || length > maxPath || uint64(len(b)-size) != length {
		return state{}, errState
	}
	s.path = string(b[size:])
	return s, nil
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

func (a *arena) position(key string, s *state) []record.Position {
	if need := 64 + len(s.path); cap(a.bytes)-len(a.bytes) < need {
		a.bytes = make([]byte, 0, max(16<<10, need))
	}
	from := len(a.bytes)
	a.bytes = s.append(a.bytes)
	if len(a.positions) == cap(a.positions) {
		a.positions = make([]record.Position, 0, 128)
	}
	a.positions = append(a.positions, record.Position{Key: key, State: a.bytes[from:len(a.bytes):len(a.bytes)]})
	n := len(a.positions)
	return a.positions[n-1 : n : n]
}
