package file

import (
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// look is what the file system says of a file.
type look struct {
	id      identity
	size    int64
	changed int64 // modification time, in nanoseconds
	links   uint32
	owner   uint32
	regular bool
}

const lookMask = unix.STATX_BASIC_STATS | unix.STATX_BTIME

// errLink says that a link's owner is not to be trusted with where it leads. To
// whoever asks, it is a matter of permission.
var errLink = fmt.Errorf("a link of a user who owns neither this agent nor the file: %w", fs.ErrPermission)

// lookAt follows links: a log's name may be one. But this agent may read what the
// user of a log folder may not, so a link there leads on only if root, the agent
// itself or the file's own owner made it. The file is looked at before the link:
// whoever puts another in between finds that the two do not fit.
func lookAt(path string) (look, error) {
	var st, link unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, lookMask, &st); err != nil {
		return look{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, lookMask, &link); err != nil {
		return look{}, &os.PathError{Op: "lstat", Path: path, Err: err}
	}
	l, name := readLook(&st), readLook(&link)
	if link.Mode&unix.S_IFMT != unix.S_IFLNK {
		return name, nil
	}
	if name.owner != 0 && name.owner != l.owner && int(name.owner) != os.Geteuid() {
		return look{}, &os.PathError{Op: "follow", Path: path, Err: errLink}
	}
	return l, nil
}

func lookInto(f *os.File) (look, error) {
	var st unix.Statx_t
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, lookMask, &st); err != nil {
		return look{}, &os.PathError{Op: "stat", Path: f.Name(), Err: err}
	}
	return readLook(&st), nil
}

func readLook(st *unix.Statx_t) look {
	l := look{
		id:      identity{device: unix.Mkdev(st.Dev_major, st.Dev_minor), inode: st.Ino},
		size:    int64(st.Size),
		changed: st.Mtime.Sec*1e9 + int64(st.Mtime.Nsec),
		links:   st.Nlink,
		owner:   st.Uid,
		regular: st.Mode&unix.S_IFMT == unix.S_IFREG,
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		l.id.birth = st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
	}
	return l
}

// open never waits, whatever the name has become by now: a pipe's reader would
// block until a writer came.
func open(path string) (*os.File, look, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, look{}, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	l, err := lookInto(f)
	if err == nil && !l.regular {
		err = fmt.Errorf("open %s: not a regular file", path)
	}
	if err != nil {
		_ = f.Close() // opened for reading only; the first error matters
		return nil, look{}, err
	}
	return f, l, nil
}
