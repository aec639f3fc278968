package fim

import (
	"encoding/binary"
	"errors"
)

// Kinds of what is watched.
const (
	kindGone byte = 0
	kindFile byte = 'f'
	kindLink byte = 'l'
)

const (
	entryVersion = 1
	keyPrefix    = "fim/"
	maxTarget    = 4096
)

var errEntry = errors.New("malformed entry")

// fileID tells one file from all others of the host.
type fileID struct{ device, inode uint64 }

// entry is what one path was.
type entry struct {
	kind byte
	// hashed says that hash is known: a link has none, nor has a file that could
	// not be read.
	hashed bool
	mode   uint32
	uid    uint32
	gid    uint32
	// scan is the last scan that saw it; not stored.
	scan  uint32
	size  int64
	mtime int64
	// ctime is 0 where the file changed so shortly before it was read that a
	// later change could bear the same time: then it proves nothing.
	ctime  int64
	id     fileID
	hash   [32]byte
	target string
}

// unchanged tells whether two looks at a path's attributes leave no room for a
// change of its content: the kernel sets ctime at every change, and lets nobody
// choose it.
func (e *entry) unchanged(now *entry) bool {
	return e.ctime != 0 && e.ctime == now.ctime && e.mtime == now.mtime && e.size == now.size && e.id == now.id &&
		e.kind == now.kind && e.mode == now.mode && e.uid == now.uid && e.gid == now.gid
}

// sameContent tells whether what people would call the content is the same.
func (e *entry) sameContent(now *entry) bool {
	switch {
	case e.kind != now.kind || e.target != now.target:
		return false
	case e.kind == kindLink:
		return true
	case e.hashed && now.hashed:
		return e.hash == now.hash
	case e.hashed != now.hashed: // unreadable at one time: nothing better is known
		return e.size == now.size
	default:
		// ctime alone also moves when a link to the file is made; a change whose
		// times were set back is worse to miss.
		quiet := e.ctime == now.ctime || e.ctime == 0 || e.id != now.id || !e.sameAttributes(now)
		return e.size == now.size && e.mtime == now.mtime && quiet
	}
}

// sameAttributes leaves out the times of a link, which nothing sets on purpose,
// and inode and ctime, which say how a change was made, not what.
func (e *entry) sameAttributes(now *entry) bool {
	return e.mode == now.mode && e.uid == now.uid && e.gid == now.gid && (e.mtime == now.mtime || e.kind == kindLink)
}

// appendTo encodes an entry, as FORMAT.md has it.
func (e *entry) appendTo(dst []byte) []byte {
	flags := byte(0)
	if e.hashed {
		flags = 1
	}
	dst = append(dst, e.kind, flags)
	for _, v := range [...]uint64{uint64(e.mode), uint64(e.uid), uint64(e.gid), uint64(e.size), e.id.device, e.id.inode} {
		dst = binary.AppendUvarint(dst, v)
	}
	dst = binary.AppendVarint(dst, e.mtime)
	dst = binary.AppendVarint(dst, e.ctime)
	if e.hashed {
		dst = append(dst, e.hash[:]...)
	}
	if e.kind == kindLink {
		dst = binary.AppendUvarint(dst, uint64(len(e.target)))
		dst = append(dst, e.target...)
	}
	return dst
}

// decodeEntry reads one entry and returns what follows it.
func decodeEntry(b []byte) (*entry, []byte, error) {
	if len(b) < 2 || (b[0] != kindFile && b[0] != kindLink) || b[1] > 1 {
		return nil, nil, errEntry
	}
	e := &entry{kind: b[0], hashed: b[1] == 1}
	b = b[2:]
	var v [6]uint64
	for i := range v {
		x, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, nil, errEntry
		}
		v[i], b = x, b[n:]
	}
	if v[0] > 0o7777 || v[1] > 1<<32-1 || v[2] > 1<<32-1 || v[3] > 1<<63-1 {
		return nil, nil, errEntry
	}
	e.mode, e.uid, e.gid, e.size = uint32(v[0]), uint32(v[1]), uint32(v[2]), int64(v[3])
	e.id = fileID{v[4], v[5]}
	for _, into := range []*int64{&e.mtime, &e.ctime} {
		x, n := binary.Varint(b)
		if n <= 0 {
			return nil, nil, errEntry
		}
		*into, b = x, b[n:]
	}
	if e.hashed {
		if len(b) < len(e.hash) {
			return nil, nil, errEntry
		}
		b = b[copy(e.hash[:], b):]
	}
	if e.kind == kindLink {
		x, n := binary.Uvarint(b)
		if n <= 0 || x > maxTarget || uint64(len(b)-n) < x {
			return nil, nil, errEntry
		}
		e.target, b = string(b[n:n+int(x)]), b[n+int(x):]
	}
	return e, b, nil
}

// encodePosition is a path's position: what it is since the change that the
// position came with, nil for gone.
func encodePosition(e *entry) []byte {
	if e == nil {
		return []byte{entryVersion, kindGone}
	}
	return e.appendTo(append(make([]byte, 0, 112+len(e.target)), entryVersion))
}

func decodePosition(b []byte) (*entry, error) {
	if len(b) < 2 || b[0] != entryVersion {
		return nil, errEntry
	}
	if b[1] == kindGone && len(b) == 2 {
		return nil, nil
	}
	e, rest, err := decodeEntry(b[1:])
	if err != nil || len(rest) != 0 {
		return nil, errEntry
	}
	return e, nil
}
