package fim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// anchor is an open folder. What is below it is opened relative to it, so that
// no name on the way can lead out by a link.
type anchor struct {
	fd  int
	dir string
	// old says that the kernel has no openat2, or may not be asked for it.
	old *atomic.Bool
}

// openAnchor opens the folder from which a path is looked at: the one that holds
// its root, or the one that a linked root names.
func (s *Source) openAnchor(root, path string) (*anchor, error) {
	dir := filepath.Dir(root)
	if s.linked[root] && path != root {
		if err := trusted(root); err != nil {
			return nil, err
		}
		dir = root
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	return &anchor{fd: fd, dir: dir, old: &s.old}, nil
}

// findLinks notes which roots are links to folders. Such a root is followed, for
// somebody named it; one that becomes a link later is not.
func (s *Source) findLinks() {
	s.linked = map[string]bool{}
	for _, root := range s.scope.roots {
		info, err := os.Lstat(root)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 || trusted(root) != nil {
			continue
		}
		if to, err := os.Stat(root); err == nil && to.IsDir() {
			s.linked[root] = true
		}
	}
}

// trusted tells whether a root that is a link may be followed: only if root or
// this process's user made it. Else who may write to the folder that holds it
// could have any folder watched.
func trusted(root string) error {
	var st unix.Stat_t
	if err := unix.Lstat(root, &st); err != nil {
		return &fs.PathError{Op: "stat", Path: root, Err: err}
	}
	if st.Mode&unix.S_IFMT == unix.S_IFLNK && st.Uid != 0 && st.Uid != uint32(os.Geteuid()) {
		return &fs.PathError{Op: "follow", Path: root, Err: fs.ErrPermission}
	}
	return nil
}

func (a *anchor) close() { _ = unix.Close(a.fd) } // a path descriptor: nothing to lose

// name is a path's, relative to the anchor.
func (a *anchor) name(path string) string {
	switch {
	case path == a.dir:
		return "."
	case a.dir == "/":
		return path[1:]
	default:
		return path[len(a.dir)+1:]
	}
}

// open gives a descriptor of what is at a path, no link on the way or at its end
// followed.
func (a *anchor) open(path string, flags int) (int, error) {
	name := a.name(path)
	flags |= unix.O_CLOEXEC | unix.O_NOFOLLOW
	for !a.old.Load() {
		fd, err := unix.Openat2(a.fd, name, &unix.OpenHow{
			Flags: uint64(flags), Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
		})
		switch {
		case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
			continue // something was renamed on the way
		case errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM):
			a.old.Store(true) // before Linux 5.6, or forbidden
			continue
		case err != nil:
			return -1, &fs.PathError{Op: "open", Path: path, Err: err}
		}
		return fd, nil
	}
	fd, err := a.openByName(name, flags)
	if err != nil {
		return -1, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return fd, nil
}

// openByName goes name by name, where openat2 cannot be had: no step follows a
// link.
func (a *anchor) openByName(name string, flags int) (int, error) {
	at := a.fd
	for {
		first, rest, more := strings.Cut(name, "/")
		step := unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
		if !more {
			step = flags
		}
		fd, err := unix.Openat(at, first, step, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if at != a.fd {
			_ = unix.Close(at) // a path descriptor: nothing to lose
		}
		if err != nil || !more {
			return fd, err
		}
		at, name = fd, rest
	}
}

// stat looks at a path that is directly in the anchor's folder.
func (a *anchor) stat(path string, st *unix.Stat_t) error {
	for {
		err := unix.Fstatat(a.fd, a.name(path), st, unix.AT_SYMLINK_NOFOLLOW)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
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
