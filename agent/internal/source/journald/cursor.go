package journald

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"strconv"
	"time"
)

// cursor is the place of an entry in a journal, as __CURSOR has it:
// "s=…;i=…;b=…;m=…;t=…;x=…". The zero value is no entry.
type cursor struct {
	// file is the id of the sequence of numbers, boot that of the boot.
	file, boot [16]byte
	// number counts the entries of the sequence.
	number uint64
	// monotonic and realtime are when it was written, in microseconds.
	monotonic, realtime uint64
	// content is a hash of what it says.
	content uint64
}

func parseCursor(b []byte) (c cursor, ok bool) {
	seen := 0
	for len(b) > 0 {
		part, rest, _ := bytes.Cut(b, []byte(";"))
		b = rest
		if len(part) < 3 || part[1] != '=' {
			return cursor{}, false
		}
		value := part[2:]
		switch part[0] {
		case 's':
			ok = readID(&c.file, value)
		case 'b':
			ok = readID(&c.boot, value)
		case 'i':
			c.number, ok = readHex(value)
		case 'm':
			c.monotonic, ok = readHex(value)
		case 't':
			c.realtime, ok = readHex(value)
		case 'x':
			c.content, ok = readHex(value)
		default:
			continue // what a later version may add
		}
		if !ok {
			return cursor{}, false
		}
		seen |= 1 << (part[0] - 'a')
	}
	const all = 1<<('s'-'a') | 1<<('i'-'a') | 1<<('b'-'a') | 1<<('m'-'a') | 1<<('t'-'a') | 1<<('x'-'a')
	return c, seen == all
}

func readID(into *[16]byte, b []byte) bool {
	if len(b) != 32 {
		return false
	}
	_, err := hex.Decode(into[:], b)
	return err == nil
}

func readHex(b []byte) (uint64, bool) {
	if len(b) == 0 || len(b) > 16 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		switch {
		case c-'0' < 10:
			n = n<<4 | uint64(c-'0')
		case c-'a' < 6:
			n = n<<4 | uint64(c-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// String is what journalctl takes.
func (c *cursor) String() string {
	b := append(make([]byte, 0, 160), "s="...)
	b = hex.AppendEncode(b, c.file[:])
	b = strconv.AppendUint(append(b, ";i="...), c.number, 16)
	b = hex.AppendEncode(append(b, ";b="...), c.boot[:])
	b = strconv.AppendUint(append(b, ";m="...), c.monotonic, 16)
	b = strconv.AppendUint(append(b, ";t="...), c.realtime, 16)
	return string(strconv.AppendUint(append(b, ";x="...), c.content, 16))
}

// time is when the entry was written.
func (c *cursor) time() time.Time { return time.UnixMicro(int64(c.realtime)) }

// same says whether two cursors are of one entry. A journal that is moved from
// /run to /var gets other numbers; all else stays. One that lost its end in a
// power cut may give the same numbers again.
func (c *cursor) same(o *cursor) bool {
	return c.boot == o.boot && c.monotonic == o.monotonic && c.realtime == o.realtime && c.content == o.content &&
		(c.file != o.file || c.number == o.number)
}

// after says whether an entry was written after another one.
func (c *cursor) after(o *cursor) bool {
	switch {
	case c.file == o.file:
		return c.number > o.number
	case c.boot == o.boot:
		return c.monotonic > o.monotonic
	default:
		return c.realtime > o.realtime
	}
}

// id is what stays of an entry whose journal is moved. Entries that are alike to
// the microsecond and the last byte have the same, and which of them is which
// makes no difference.
func (c *cursor) id() uint64 {
	h := fnv.New64a()
	var b [40]byte
	copy(b[:], c.boot[:])
	binary.LittleEndian.PutUint64(b[16:], c.monotonic)
	binary.LittleEndian.PutUint64(b[24:], c.realtime)
	binary.LittleEndian.PutUint64(b[32:], c.content)
	_, _ = h.Write(b[:])
	return h.Sum64()
}

func (c *cursor) append(dst []byte) []byte {
	dst = append(append(dst, c.file[:]...), c.boot[:]...)
	for _, n := range [...]uint64{c.number, c.monotonic, c.realtime, c.content} {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

func readCursor(b []byte) (c cursor, rest []byte, ok bool) {
	if len(b) < 32 {
		return c, nil, false
	}
	b = b[copy(c.file[:], b):]
	b = b[copy(c.boot[:], b):]
	for _, into := range [...]*uint64{&c.number, &c.monotonic, &c.realtime, &c.content} {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			return c, nil, false
		}
		*into, b = n, b[size:]
	}
	return c, b, true
}
