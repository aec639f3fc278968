package fim

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Kinds of what is watched.
const (
	kindGone byte = 0
	kindFile byte = 'f'
	kindLink byte = 'l'
)

const (
	entryVersion = 2
	keyPrefix    = "fim/"
	maxTarget    = 4096
	// maxCaps is more than the kernel's capability attribute has.
	maxCaps = 64
	maxName = 255
)

// What follows in an encoded entry.
const (
	flagHash byte = 1 << iota
	flagCaps
	flagXattrs
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
	size   int64
	mtime  int64
	// ctime is 0 where the file changed so shortly before it was read that a
	// later change could bear the same time: then it proves nothing.
	ctime int64
	id    fileID
	// xattrs is a digest of the extended attributes but for the capabilities, 0
	// for none; caps is the attribute that holds those.
	xattrs uint64
	caps   string
	hash   [32]byte
	target string
	// pkg is the package that the path came from, "" for none.
	pkg string
	// md5 is the content's, where a package's digest was to be compared; not stored.
	md5 []byte
}

// unchanged tells whether two looks at a path's attributes leave no room for a
// change: the kernel sets ctime at every change, and lets nobody choose it.
func (e *entry) unchanged(now *entry) bool {
	return e.ctime != 0 && e.ctime == now.ctime && e.mtime == now.mtime && e.size == now.size && e.id == now.id &&
		e.kind == now.kind && e.mode == now.mode && e.uid == now.uid && e.gid == now.gid
}

// unchanged is entry's, for a record and what the kernel says, without an entry of
// either: a scan of everything asks it for every file.
func (f *file) unchanged(st *unix.Stat_t) bool {
	kind := kindGone
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		kind = kindFile
	case unix.S_IFLNK:
		kind = kindLink
	}
	return f.ctime != 0 && f.ctime == st.Ctim.Nano() && f.mtime == st.Mtim.Nano() && f.size == st.Size &&
		f.id == fileID{st.Dev, st.Ino} && f.kind == kind && uint32(f.mode) == st.Mode&0o7777 && f.uid == st.Uid && f.gid == st.Gid
}

// looksLike is unchanged, with the benefit of the doubt about a recent change.
func (e *entry) looksLike(now *entry) bool {
	was := *e
	if was.ctime == 0 {
		was.ctime = now.ctime
	}
	return was.unchanged(now)
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

// replaced tells that another file has the path now, and was written at another
// time: of two that were written just now, one time proves nothing.
func (e *entry) replaced(now *entry) bool {
	recent := time.Since(time.Unix(0, now.mtime)) < racy
	return e.kind == kindFile && e.id != now.id && (e.mtime != now.mtime || recent)
}

// sameAttributes leaves out the times of a link, which nothing sets on purpose,
// and inode and ctime, which say how a change was made, not what.
func (e *entry) sameAttributes(now *entry) bool {
	return e.mode == now.mode && e.uid == now.uid && e.gid == now.gid && (e.mtime == now.mtime || e.kind == kindLink) &&
		e.xattrs == now.xattrs && e.caps == now.caps
}

// changed names what differs from what was: never nothing for a change.
func (e *entry) changed(now *entry) []string {
	var names []string
	add := func(differs bool, name string) {
		if differs {
			names = append(names, name)
		}
	}
	add(e.kind != now.kind, "type")
	add(e.kind == kindFile && now.kind == kindFile && !e.sameContent(now), "hash")
	add(e.size != now.size && e.kind == now.kind && e.kind == kindFile, "size")
	add(e.mode != now.mode, "mode")
	add(e.uid != now.uid || e.gid != now.gid, "owner")
	add(e.mtime != now.mtime && e.kind == now.kind && e.kind == kindFile, "mtime")
	add(e.id != now.id, "inode")
	add(e.target != now.target, "target")
	add(e.caps != now.caps, "capabilities")
	add(e.xattrs != now.xattrs, "xattr")
	return names
}

// fill makes a file's record say what the entry says, but for its texts.
func (f *file) fill(e *entry) {
	f.kind, f.flags, f.mode, f.uid, f.gid = e.kind, 0, uint16(e.mode), e.uid, e.gid
	if e.hashed {
		f.flags |= flagHash
	}
	f.size, f.mtime, f.ctime, f.id, f.xattrs, f.hash = e.size, e.mtime, e.ctime, e.id, e.xattrs, e.hash
}

// entry is what a file's record says.
func (t *tree) entry(n uint32) *entry {
	f := t.file(n)
	e := &entry{
		kind: f.kind, hashed: f.flags&flagHash != 0, mode: uint32(f.mode), uid: f.uid, gid: f.gid,
		size: f.size, mtime: f.mtime, ctime: f.ctime, id: f.id, xattrs: f.xattrs, hash: f.hash, pkg: t.packages.name(f.pkg),
	}
	if f.kind == kindLink {
		e.target = string(t.names.bytes(f.extra))
	} else {
		e.caps = string(t.names.bytes(f.extra))
	}
	return e
}

// appendTo encodes an entry, as FORMAT.md has it.
func (e *entry) appendTo(dst []byte) []byte {
	flags := byte(0)
	if e.hashed {
		flags |= flagHash
	}
	if e.caps != "" {
		flags |= flagCaps
	}
	if e.xattrs != 0 {
		flags |= flagXattrs
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
	if e.caps != "" {
		dst = appendText(dst, e.caps)
	}
	if e.xattrs != 0 {
		dst = binary.LittleEndian.AppendUint64(dst, e.xattrs)
	}
	if e.kind == kindLink {
		dst = appendText(dst, e.target)
	}
	return dst
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// readEntry reads an entry of a version.
func (d *decoder) readEntry(version byte) *entry {
	e := &entry{kind: d.byte()}
	flags := d.byte()
	most := flagHash
	if version > 1 {
		most |= flagCaps | flagXattrs
	}
	if e.kind != kindFile && e.kind != kindLink || flags&^most != 0 || e.kind == kindLink && flags&flagCaps != 0 {
		d.fail()
	}
	e.hashed = flags&flagHash != 0
	e.mode = uint32(d.number(0o7777))
	e.uid = uint32(d.number(1<<32 - 1))
	e.gid = uint32(d.number(1<<32 - 1))
	e.size = int64(d.number(1<<63 - 1))
	e.id = fileID{d.number(1<<64 - 1), d.number(1<<64 - 1)}
	e.mtime, e.ctime = d.signed(), d.signed()
	if e.hashed {
		d.full(e.hash[:])
	}
	if flags&flagCaps != 0 {
		if e.caps = string(d.text(maxCaps)); e.caps == "" {
			d.fail()
		}
	}
	if flags&flagXattrs != 0 {
		var b [8]byte
		d.full(b[:])
		if e.xattrs = binary.LittleEndian.Uint64(b[:]); e.xattrs == 0 {
			d.fail()
		}
	}
	if e.kind == kindLink {
		e.target = string(d.text(maxTarget))
	}
	return e
}

// encodePosition is a path's position: what it is since the change that the
// position came with, nil for gone.
func encodePosition(e *entry) []byte {
	if e == nil {
		return []byte{entryVersion, kindGone}
	}
	dst := e.appendTo(append(make([]byte, 0, 128+len(e.target)), entryVersion))
	return appendText(dst, e.pkg)
}

func decodePackage(b []byte) (version, stamp string, err error) {
	d := newDecoder(b)
	if d.byte() != entryVersion {
		return "", "", errEntry
	}
	version, stamp = string(d.text(maxPath)), string(d.text(maxPath))
	if d.byte(); d.err == nil || !d.ended {
		return "", "", errEntry
	}
	return version, stamp, nil
}

func decodePosition(b []byte) (*entry, error) {
	d := newDecoder(b)
	version := d.byte()
	if d.err != nil || version == 0 || version > entryVersion {
		return nil, errEntry
	}
	if len(b) == 2 && b[1] == kindGone {
		return nil, nil
	}
	e := d.readEntry(version)
	if version > 1 {
		e.pkg = string(d.text(maxPath))
	}
	if d.byte(); d.err == nil || !d.ended {
		return nil, errEntry
	}
	return e, nil
}
