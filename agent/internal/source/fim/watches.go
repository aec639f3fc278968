package fim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// watchFolder watches the folder that a descriptor names, under the path dir.
func (r *runner) watchFolder(ctx context.Context, fd int, dir string, id fileID) error {
	n := r.tree.folder(dir)
	f := r.tree.at(n)
	f.scan = uint8(r.scan)
	if f.wd != 0 && f.id == id {
		return nil
	}
	r.dropWatch(n)
	wd, err := r.addWatch(fd)
	if err != nil {
		return r.unwatchable(ctx, n, err)
	}
	f.polled, f.id, f.wd = false, id, wd
	f.alias = none
	if first, known := r.wds[wd]; known {
		f.alias = first // the same folder under another path
	}
	r.wds[wd] = n
	r.tree.watches++
	return nil
}

func (r *runner) addWatch(fd int) (int32, error) {
	if r.watch == nil {
		return 0, errLimit
	}
	return r.watch.add(fd)
}

// dropWatch ends a folder's watch, not the node.
func (r *runner) dropWatch(n uint32) {
	f := r.tree.at(n)
	f.polled = false
	if f.wd == 0 {
		return
	}
	if r.unlink(n) {
		r.watch.remove(f.wd)
	}
	f.wd, f.alias = 0, none
	r.tree.watches--
}

// unlink takes a folder out of those of its watch, and tells whether it was the
// last.
func (r *runner) unlink(n uint32) bool {
	f := r.tree.at(n)
	first := r.wds[f.wd]
	if first == n {
		if f.alias == none {
			delete(r.wds, f.wd)
			return true
		}
		r.wds[f.wd] = f.alias
		return false
	}
	for at := first; at != none; at = r.tree.at(at).alias {
		if r.tree.at(at).alias == n {
			r.tree.at(at).alias = f.alias
			break
		}
	}
	return false
}

// watchEnded takes note that the kernel has ended a watch.
func (r *runner) watchEnded(wd int32) {
	n, known := r.wds[wd]
	if !known {
		return
	}
	delete(r.wds, wd)
	for n != none {
		f := r.tree.at(n)
		next := f.alias
		r.touchFiles(n)
		f.wd, f.alias = 0, none
		r.tree.watches--
		r.tree.prune(n)
		n = next
	}
}

// folderGone ends the watches of a folder that lost its name, and looks at what
// was in it. It comes before the notification of the folder's new name: a watch
// follows the folder, and would go on to tell of it under the old name.
func (r *runner) folderGone(path string) {
	n := r.tree.lookup(path)
	if n == none {
		return
	}
	r.tree.below(n, func(n uint32) {
		r.touchFiles(n)
		r.dropWatch(n)
		r.tree.prune(n)
	})
}

func (r *runner) touchFiles(n uint32) {
	if r.tree.at(n).firstFile == none {
		return
	}
	dir := r.tree.path(n)
	for f := r.tree.at(n).firstFile; f != none; f = r.tree.file(f).next {
		r.touch(filepath.Join(dir, string(r.tree.names.bytes(r.tree.file(f).name))), false)
	}
}

// dropUnseen ends the watches of the folders that a scan of everything has not
// come by.
func (r *runner) dropUnseen() {
	for n := range r.tree.usedFolders {
		f := r.tree.at(n)
		if f.used && (f.wd != 0 || f.polled) && f.scan != uint8(r.scan) {
			r.dropWatch(n)
			r.tree.prune(n)
		}
	}
}

func (r *runner) unwatchable(ctx context.Context, n uint32, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	r.tree.at(n).polled = true
	r.polled = true
	if errors.Is(err, errLimit) {
		r.limited = true
		return nil // said once, with what is needed, after the scan
	}
	if r.complained["watch_failed"] {
		return nil
	}
	r.complained["watch_failed"] = true
	dir := r.tree.path(n)
	return r.declareUnwatched(ctx, "watch_failed", dir, "unreadable", fmt.Errorf("watch %s: %w", dir, err))
}

// declareLimit says, once, that folders did not fit the kernel's limit, and what
// to set.
func (r *runner) declareLimit(ctx context.Context) error {
	if !r.limited || r.complained["watch_limit"] {
		return nil
	}
	polled, example := 0, none
	for n, f := range r.tree.all() {
		if f.polled {
			polled++
			if example == none {
				example = n
			}
		}
	}
	if polled == 0 {
		return nil
	}
	r.complained["watch_limit"] = true
	dir := r.tree.path(example)
	err := fmt.Errorf("%w: %d of %d folders cannot be watched, %s first (limit %d): set sysctl fs.inotify.max_user_watches=%d",
		errLimit, polled, polled+r.tree.watches, dir, limitOf("max_user_watches"), wanted(polled+r.tree.watches))
	if r.watch == nil {
		err = fmt.Errorf("%w: no inotify instance is free (limit %d): set sysctl fs.inotify.max_user_instances=%d",
			errLimit, limitOf("max_user_instances"), 2*max(limitOf("max_user_instances"), 128))
	}
	return r.declareUnwatched(ctx, "watch_limit", dir, "inotify_limit", err)
}

func (r *runner) declareUnwatched(ctx context.Context, action, dir, reason string, err error) error {
	r.s.status.change(func(s *Status) { s.Error = err.Error() })
	r.log.Error("folders cannot be watched; comparing them every now and then", "path", dir, "every", pollEvery, "error", err)
	return r.declare(ctx, action, dir, reason, err.Error()+"; such folders are compared every "+pollEvery.String()+" or, if many, less often")
}

// wanted is a round limit that leaves room for others.
func wanted(watches int) int {
	limit := 65536
	for limit < 2*watches {
		limit *= 2
	}
	return limit
}

// limitOf is one of inotify's limits, 0 where it is not known.
func limitOf(name string) int {
	least := 0
	for _, path := range []string{"/proc/sys/fs/inotify/" + name, "/proc/sys/user/" + strings.Replace(name, "max_user_", "max_inotify_", 1)} {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}

// watchAbove watches the folder in which a root would appear.
func (r *runner) watchAbove(ctx context.Context, root string) error {
	for dir := filepath.Dir(root); ; dir = filepath.Dir(dir) {
		fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err == nil {
			var st unix.Stat_t
			if err = unix.Fstat(fd, &st); err == nil {
				err = r.watchFolder(ctx, fd, dir, fileID{st.Dev, st.Ino})
			}
			_ = unix.Close(fd) // a path descriptor: nothing to lose
			return err
		}
		if dir == "/" {
			return nil
		}
	}
}
