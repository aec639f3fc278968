package journald

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
)

// A position's key is "journald/<hash of directory and namespace>". Its state is
//
//	byte     version, 1
//	byte     flags: 1 low, 2 high, 4 backfill, 8 declared
//	8 bytes  the hash of what is selected: units, identifiers, priority, matches
//	uvarint  since: where there is no low, what was written before is not read;
//	         microseconds since 1970
//	cursor   low (flag 1): everything up to this entry has become an event
//	cursor   high (flag 2): so has everything up to this one, but for the holes
//	cursor   backfill (flag 4): what existed at first sight ends here
//	8 bytes  declared (flag 8): the id of the entry before which a loss was declared
//	uvarint  number of holes, at most maxOpen
//	8 bytes  for each hole the id of its entry, little-endian
//
// and nothing after it. A cursor is 16 bytes file, 16 bytes boot, and four
// uvarints: number, monotonic, realtime, content.
//
// There are holes because a line that may have a further one waits for it, and
// what other programs write meanwhile does not wait with it.
const (
	keyPrefix    = "journald/"
	stateVersion = 1
	flagLow      = 1 << 0
	flagHigh     = 1 << 1
	flagBackfill = 1 << 2
	flagDeclared = 1 << 3
	flagsKnown   = flagLow | flagHigh | flagBackfill | flagDeclared
)

var errState = errors.New("malformed position")

// state is how far a journal has been read.
type state struct {
	selection           [8]byte
	since               uint64
	low, high, backfill cursor
	declared            uint64
	holes               []uint64
}

func (s *state) append(dst []byte) []byte {
	var flags byte
	for i, c := range [...]*cursor{&s.low, &s.high, &s.backfill} {
		if *c != (cursor{}) {
			flags |= 1 << i
		}
	}
	if s.declared != 0 {
		flags |= flagDeclared
	}
	dst = append(dst, stateVersion, flags)
	dst = append(dst, s.selection[:]...)
	dst = binary.AppendUvarint(dst, s.since)
	for _, c := range [...]*cursor{&s.low, &s.high, &s.backfill} {
		if *c != (cursor{}) {
			dst = c.append(dst)
		}
	}
	if s.declared != 0 {
		dst = binary.LittleEndian.AppendUint64(dst, s.declared)
	}
	dst = binary.AppendUvarint(dst, uint64(len(s.holes)))
	for _, id := range s.holes {
		dst = binary.LittleEndian.AppendUint64(dst, id)
	}
	return dst
}

func decodeState(b []byte) (state, error) {
	var s state
	if len(b) < 10 || b[0] != stateVersion || b[1]&^byte(flagsKnown) != 0 {
		return s, errState
	}
	flags := b[1]
	b = b[2:]
	b = b[copy(s.selection[:], b):]
	since, size := binary.Uvarint(b)
	if size <= 0 {
		return s, errState
	}
	s.since, b = since, b[size:]
	for i, into := range [...]*cursor{&s.low, &s.high, &s.backfill} {
		if flags&(1<<i) == 0 {
			continue
		}
		var ok bool
		if *into, b, ok = readCursor(b); !ok || *into == (cursor{}) {
			return s, errState
		}
	}
	if flags&flagDeclared != 0 {
		if len(b) < 8 {
			return s, errState
		}
		s.declared, b = binary.LittleEndian.Uint64(b), b[8:]
	}
	n, size := binary.Uvarint(b)
	if size <= 0 || n > maxOpen || uint64(len(b)-size) != 8*n {
		return s, errState
	}
	b = b[size:]
	for ; len(b) > 0; b = b[8:] {
		s.holes = append(s.holes, binary.LittleEndian.Uint64(b))
	}
	return s, nil
}

// key names the journal.
func (c *Config) key() string {
	sum := sha256.Sum256([]byte(c.Directory + "\x00" + c.Namespace))
	return keyPrefix + hex.EncodeToString(sum[:8])
}

// whole says whether all entries are read, so that their numbers have no gaps.
func (c *Config) whole() bool {
	several := c.Namespace != "" && (c.Namespace[0] == '*' || c.Namespace[0] == '+')
	return len(c.Units)+len(c.Identifiers)+len(c.Matches) == 0 && c.Priority == "" && !several
}

// selection is the hash of what is read of the journal.
func (c *Config) selection() (sum [8]byte) {
	h := sha256.New()
	for _, list := range [][]string{c.Units, c.Identifiers, {c.Priority}, c.Matches} {
		list = slices.Clone(list)
		slices.Sort(list)
		for _, word := range list {
			h.Write(append([]byte(word), 0))
		}
		h.Write([]byte{1})
	}
	copy(sum[:], h.Sum(nil))
	return sum
}
