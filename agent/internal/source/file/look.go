package file

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// look is what the file system says of a file.
type look struct {
	id      identity
	size    int64
	changed int64 // modification time, in nanoseconds
	links   uint32
	regular bool
}

const lookMask = unix.STATX_BASIC_STATS | unix.STATX_BTIME

// lookAt follows links: a log's name may be one.
func lookAt(path string) (look, error) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, lookMask, &st); err != nil {
		return look{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	return readLook(&st), nil
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
