package fim

import (
	"context"
	"crypto/md5" //nolint:gosec // dpkg's and rpm's databases hold it; integrity rests on SHA-256
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// racy is how close to now a change time must not be to prove anything. Two
// changes within the kernel's clock tick bear the same time; and a page that is
// written through a memory map bears the time of its first write until the kernel
// has written it back, 35 s later at most by default.
const racy = time.Minute

// errOther is for what is neither a regular file, a link nor a folder.
var errOther = errors.New("not a regular file or link")

// observation is what is at a path now.
type observation struct {
	path string
	// fd names it (O_PATH); -1 when closed.
	fd     int
	folder bool
	entry  *entry
	// at is shortly before it was looked at.
	at time.Time
	// text is the content, where a difference is to be shown.
	text []byte
}

func (o *observation) close() {
	if o.fd >= 0 {
		_ = unix.Close(o.fd) // a path descriptor: nothing to lose
		o.fd = -1
	}
}

func (o *observation) read() error {
	var st unix.Stat_t
	o.at = time.Now()
	if err := unix.Fstat(o.fd, &st); err != nil {
		return &fs.PathError{Op: "stat", Path: o.path, Err: err}
	}
	e := entryOf(&st)
	o.entry = e
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG, unix.S_IFDIR:
		o.folder = st.Mode&unix.S_IFMT == unix.S_IFDIR
	case unix.S_IFLNK:
		var buf [maxTarget]byte
		n, err := unix.Readlinkat(o.fd, "", buf[:])
		if err != nil {
			return &fs.PathError{Op: "readlink", Path: o.path, Err: err}
		}
		e.target = string(buf[:n])
	default:
		return errOther
	}
	return nil
}

func entryOf(st *unix.Stat_t) *entry {
	e := &entry{
		mode: st.Mode & 0o7777, uid: st.Uid, gid: st.Gid, size: st.Size,
		mtime: st.Mtim.Nano(), ctime: st.Ctim.Nano(), id: fileID{st.Dev, st.Ino},
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.kind = kindFile
	case unix.S_IFLNK:
		e.kind = kindLink
	}
	return e
}

// doubtRecent marks a change time that a later change could bear too.
func (o *observation) doubtRecent() {
	if age := o.at.UnixNano() - o.entry.ctime; age < int64(racy) && age > -int64(time.Hour) {
		o.entry.ctime = 0
	}
}

// hasher reads files. It uses bare descriptors: os.File costs several system calls
// more a file.
type hasher struct {
	buf []byte
	sum hash.Hash
	// limit is the size past which a file is given up.
	limit int64
	// wait, when set, is called before so many bytes are read.
	wait func(ctx context.Context, bytes int) error
	// own is the folder of this process's descriptors: a name relative to it is
	// looked up in half the time. It is -1 where there is none.
	own int
}

func newHasher(limit int64) *hasher {
	own, err := unix.Open(ownDescriptors, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		own = -1
	}
	return &hasher{buf: make([]byte, hashBlock), sum: sha256.New(), limit: limit, own: own}
}

func (h *hasher) close() {
	if h.own >= 0 {
		_ = unix.Close(h.own) // a path descriptor: nothing to lose
	}
}

// do hashes what a job asks for.
func (h *hasher) do(ctx context.Context, j *job) {
	j.err = h.hash(ctx, j.o, j.digest, j.keep)
	j.o.close()
}

// hash reads the file that the observation's descriptor names, and no other. One
// that grows past the limit meanwhile is given up, without a hash: it might grow
// for ever. What is kept of its text is at most keep bytes, nothing if there is
// more.
func (h *hasher) hash(ctx context.Context, o *observation, digest bool, keep int) error {
	fd, err := unix.Openat(h.own, strconv.Itoa(o.fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: o.path, Err: err}
	}
	defer func() { _ = unix.Close(fd) }() // opened for reading only
	o.entry.readXattrs(fd)
	h.sum.Reset()
	var second hash.Hash
	if digest {
		second = md5.New() //nolint:gosec // see the import
	}
	for total := int64(0); ; {
		if err := h.pace(ctx, min(int64(len(h.buf)), o.entry.size-total)); err != nil {
			return err
		}
		n, err := unix.Read(fd, h.buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return &fs.PathError{Op: "read", Path: o.path, Err: err}
		}
		h.sum.Write(h.buf[:n])
		if second != nil {
			second.Write(h.buf[:n])
		}
		if total += int64(n); total > h.limit {
			o.entry.size, o.text = total, nil
			return nil
		}
		if total <= int64(keep) {
			o.text = append(o.text, h.buf[:n]...)
		} else {
			o.text = nil
		}
		// A short read of a regular file is its end.
		if n == 0 || n < len(h.buf) && total >= o.entry.size {
			h.sum.Sum(o.entry.hash[:0])
			o.entry.hashed = true
			if second != nil {
				o.entry.md5 = second.Sum(nil)
			}
			return nil
		}
	}
}

func (h *hasher) pace(ctx context.Context, bytes int64) error {
	if h.wait != nil && bytes > 0 {
		return h.wait(ctx, int(bytes))
	}
	return ctx.Err()
}

const capability = "security.capability"

// readXattrs reads the extended attributes that a descriptor open for reading
// has; a file system without any has none.
func (e *entry) readXattrs(fd int) {
	var names [4096]byte
	n, err := unix.Flistxattr(fd, names[:])
	if err != nil || n == 0 {
		return
	}
	e.takeXattrs(string(names[:n]), func(name string, buf []byte) (int, error) { return unix.Fgetxattr(fd, name, buf) })
}

// readXattrs is for a descriptor that only names a file.
func (o *observation) readXattrs() {
	if o.entry.kind != kindFile {
		return
	}
	path := procPath(o.fd)
	var names [4096]byte
	n, err := unix.Listxattr(path, names[:])
	if err != nil || n == 0 {
		return
	}
	o.entry.takeXattrs(string(names[:n]), func(name string, buf []byte) (int, error) { return unix.Getxattr(path, name, buf) })
}

func (e *entry) takeXattrs(list string, get func(string, []byte) (int, error)) {
	names := strings.Split(strings.TrimSuffix(list, "\x00"), "\x00")
	slices.Sort(names)
	var buf [4096]byte
	sum := sha256.New()
	var others int
	for _, name := range names {
		n, err := get(name, buf[:])
		if err != nil {
			n = 0 // larger than any that is used, or gone again: its name counts
		}
		if name == capability {
			e.caps = string(buf[:min(n, maxCaps)])
			continue
		}
		others++
		sum.Write(binary.LittleEndian.AppendUint64([]byte(name), uint64(n)))
		sum.Write(buf[:n])
	}
	if others > 0 {
		e.xattrs = binary.LittleEndian.Uint64(sum.Sum(nil)) | 1 // not 0: that is for none
	}
}
