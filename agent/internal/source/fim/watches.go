package fim

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/tocsin-security/tocsin/agent/internal/source/dirwatch"
)

// folderGone ends the watches of a folder that lost its name, and looks at what
// was in it. It comes before the notification of the folder's new name: a watch
// follows the folder, and would go on to tell of it under the old name.
func (r *runner) folderGone(path string) {
	if r.tree.folders[path] == nil {
		return
	}
	r.tree.below(path, func(dir string, f *folder) {
		for name := range f.files {
			r.touch(filepath.Join(dir, name))
		}
		r.dropWatch(dir, f)
	})
}

func (r *runner) dropWatch(dir string, f *folder) {
	if f.watched {
		r.watch.Remove(dir)
		f.watched = false
		r.tree.watches--
	}
	f.polled = false
	r.tree.prune(dir)
}

// dropStaleWatches ends the watches of folders whose names mean others by now.
func (r *runner) dropStaleWatches() {
	var stale []string
	for dir, f := range r.tree.folders {
		if f.watched {
			if id, err := lookFolder(dir); err != nil || id != f.id {
				stale = append(stale, dir)
			}
		}
	}
	for _, dir := range stale {
		r.dropWatch(dir, r.tree.folders[dir])
	}
}

// addWatch watches a folder of the tree, checking that its name still means it.
func (r *runner) addWatch(ctx context.Context, a *anchor, dir string) error {
	f := r.tree.folder(dir)
	for range 3 {
		o, err := a.observe(dir)
		if err != nil {
			r.tree.prune(dir)
			return nil //nolint:nilerr // gone again: its parent tells
		}
		o.close()
		if f.watched && f.id == o.entry.id {
			return nil
		}
		r.dropWatchOnly(dir, f)
		if err := r.watch.Add(dir); err != nil {
			return r.unwatchable(ctx, dir, f, err)
		}
		f.watched, f.polled, f.id = true, false, o.entry.id
		r.tree.watches++
		if id, err := lookFolder(dir); err == nil && id == f.id {
			return nil
		}
	}
	return nil
}

func (r *runner) dropWatchOnly(dir string, f *folder) {
	if f.watched {
		r.watch.Remove(dir)
		f.watched = false
		r.tree.watches--
	}
}

func (r *runner) unwatchable(ctx context.Context, dir string, f *folder, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	f.polled = true
	r.s.status.change(func(s *Status) { s.Error = err.Error() })
	action, reason := "watch_failed", "unreadable"
	if errors.Is(err, dirwatch.ErrLimit) {
		action, reason = "watch_limit", "inotify_limit"
	}
	if r.complained[action] {
		return nil
	}
	r.complained[action] = true
	r.log.Error("folder cannot be watched; comparing it every now and then", "path", dir, "every", pollEvery, "error", err)
	return r.declare(ctx, action, dir, reason, err.Error()+"; such folders are compared every "+pollEvery.String())
}

// watchAbove watches the folder in which a root would appear.
func (r *runner) watchAbove(root string) {
	for dir := filepath.Dir(root); ; dir = filepath.Dir(dir) {
		id, err := lookFolder(dir)
		if err == nil {
			f := r.tree.folder(dir)
			if f.watched && f.id == id {
				return
			}
			r.dropWatchOnly(dir, f)
			if err := r.watch.Add(dir); err == nil {
				f.watched, f.id = true, id
				r.tree.watches++
			}
			return
		}
		if dir == "/" {
			return
		}
	}
}
