// Package statedir guards a command's state folder: one process at a time, one
// format, private to its user.
package statedir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another process uses the folder.
var ErrLocked = errors.New("another process uses this state folder")

// ErrFormat says that the folder is another command's, or of a newer format.
var ErrFormat = errors.New("state folder of another format")

// Dir is a state folder that this process holds.
type Dir struct {
	path string
	lock *os.File
}

// Open takes a state folder, creating it where it is missing. kind and version
// are its format: they are written down once, and a folder of another kind or
// a newer version is refused untouched.
func Open(path, kind string, version int) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("create state folder: %w", err)
	}
	if err := checkFormat(path, kind, version); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, "LOCK"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("open %s: %w", path, ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := writeFormat(path, kind, version); err != nil {
		_ = lock.Close()
		return nil, err
	}
	return &Dir{path: path, lock: lock}, nil
}

// Path is the folder, or a name in it.
func (d *Dir) Path(names ...string) string {
	return filepath.Join(append([]string{d.path}, names...)...)
}

// Close gives the folder up.
func (d *Dir) Close() error {
	if err := d.lock.Close(); err != nil {
		return fmt.Errorf("close lock: %w", err)
	}
	return nil
}

func formatFile(path string) string { return filepath.Join(path, "FORMAT") }

func checkFormat(path, kind string, version int) error {
	data, err := os.ReadFile(formatFile(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read format: %w", err)
	}
	foundKind, number, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	found, err := strconv.Atoi(number)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w: %q", formatFile(path), ErrFormat, data)
	case foundKind != kind:
		return fmt.Errorf("%s: %w: it belongs to %s", path, ErrFormat, foundKind)
	case found > version:
		return fmt.Errorf("%s: %w: version %d, this build knows up to %d", path, ErrFormat, found, version)
	}
	return nil
}

// writeFormat writes the format down in a way that a crash leaves either
// nothing or all of it.
func writeFormat(path, kind string, version int) error {
	if _, err := os.Stat(formatFile(path)); err == nil {
		return nil
	}
	return WriteFile(formatFile(path), fmt.Appendf(nil, "%s %d\n", kind, version), 0o600)
}

// WriteFile replaces a file so that a crash or a power cut leaves the old
// content or the new: temporary file, fsync, rename, fsync of the folder.
func WriteFile(path string, data []byte, mode os.FileMode) (err error) {
	folder := filepath.Dir(path)
	temporary, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("create temporary file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = temporary.Close()
			_ = os.Remove(temporary.Name())
		}
	}()
	if err := temporary.Chmod(mode); err != nil {
		return fmt.Errorf("set mode: %w", err)
	}
	if _, err := temporary.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := temporary.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", path, err)
	}
	if err := temporary.Close(); err != nil {
		return fmt.Errorf("close %s: %w", path, err)
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	return syncFolder(folder)
}

func syncFolder(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	if err := dir.Sync(); err != nil {
		_ = dir.Close()
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := dir.Close(); err != nil {
		return fmt.Errorf("close folder: %w", err)
	}
	return nil
}
