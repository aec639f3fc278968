package fim

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// racy is how close to now a change time must not be to prove anything: two
// changes within the kernel's clock tick bear the same time.
const racy = 20 * time.Millisecond

// errOther is for what is neither a regular file, a link nor a folder.
var errOther = errors.New("not a regular file or link")

// anchor is the folder that holds a root. Everything below is opened relative to
// it, so that no name on the way can lead out by a link.
type anchor struct {
	fd   int
	root string
}

func openAnchor(root string) (*anchor, error) {
	dir := filepath.Dir(root)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	return &anchor{fd: fd, root: root}, nil
}

func (a *anchor) close() { _ = unix.Close(a.fd) } // a path descriptor: nothing to lose

// open gives a descriptor that only names what is at a path.
func (a *anchor) open(path string, flags int) (int, error) {
	name, err := filepath.Rel(filepath.Dir(a.root), path)
	if err != nil {
		return -1, err
	}
	flags |= unix.O_CLOEXEC | unix.O_NOFOLLOW
	for {
		fd, err := unix.Openat2(a.fd, name, &unix.OpenHow{
			Flags: uint64(flags), Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
		})
		switch {
		case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
			continue // something was renamed on the way
		case errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM):
			fd, err = unix.Openat(a.fd, name, flags, 0) // before Linux 5.6, or forbidden: the last name only is guarded
		}
		if err != nil {
			return -1, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		return fd, nil
	}
}

// observation is what is at a path now.
type observation struct {
	path string
	// fd names it (O_PATH); -1 when closed.
	fd     int
	folder bool
	entry  *entry
	// at is shortly before it was looked at.
	at time.Time
}

func (o *observation) close() {
	if o.fd >= 0 {
		_ = unix.Close(o.fd) // a path descriptor: nothing to lose
		o.fd = -1
	}
}

// observe looks at a path without reading it. The error is fs.ErrNotExist where
// nothing is, a link on the way to it included, and errOther for what is not
// watched. The caller closes the observation.
func (a *anchor) observe(path string) (*observation, error) {
	fd, err := a.open(path, unix.O_PATH)
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EXDEV) {
		return nil, fmt.Errorf("look at %s: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	o := &observation{path: path, fd: fd}
	if err := o.read(); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func (o *observation) read() error {
	var st unix.Stat_t
	o.at = time.Now()
	if err := unix.Fstat(o.fd, &st); err != nil {
		return &fs.PathError{Op: "stat", Path: o.path, Err: err}
	}
	e := &entry{
		mode: st.Mode & 0o7777, uid: st.Uid, gid: st.Gid, size: st.Size,
		mtime: st.Mtim.Nano(), ctime: st.Ctim.Nano(), id: fileID{st.Dev, st.Ino},
	}
	o.entry = e
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.kind = kindFile
	case unix.S_IFDIR:
		o.folder = true
	case unix.S_IFLNK:
		e.kind = kindLink
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

// doubtRecent marks a change time that a later change could bear too.
func (o *observation) doubtRecent() {
	if age := o.at.UnixNano() - o.entry.ctime; age < int64(racy) && age > -int64(time.Hour) {
		o.entry.ctime = 0
	}
}

// hash reads the file that the descriptor names, and no other. One that grows past
// the limit meanwhile is given up, without a hash: it might grow for ever. It uses
// bare descriptors: os.File costs several system calls more a file.
func (o *observation) hash(ctx context.Context, buf []byte, limit int64) error {
	fd, err := unix.Open("/proc/self/fd/"+strconv.Itoa(o.fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &fs.PathError{Op: "open", Path: o.path, Err: err}
	}
	defer func() { _ = unix.Close(fd) }() // opened for reading only
	h := sha256.New()
	for total := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := unix.Read(fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return &fs.PathError{Op: "read", Path: o.path, Err: err}
		}
		h.Write(buf[:n])
		if total += int64(n); total > limit {
			o.entry.size = total
			return nil
		}
		// A short read of a regular file is its end.
		if n == 0 || n < len(buf) && total >= o.entry.size {
			h.Sum(o.entry.hash[:0])
			o.entry.hashed = true
			return nil
		}
	}
}

// lookFolder tells which folder a path names now.
func lookFolder(dir string) (fileID, error) {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return fileID{}, &fs.PathError{Op: "stat", Path: dir, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return fileID{}, &fs.PathError{Op: "stat", Path: dir, Err: unix.ENOTDIR}
	}
	return fileID{st.Dev, st.Ino}, nil
}
