package fim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tocsin-security/tocsin/agent/internal/source/dirwatch"
)

// look compares what is at a path with its entry. a is an anchor that is open
// anyway, or nil.
func (r *runner) look(ctx context.Context, a *anchor, path string, since time.Time) error {
	if j := r.busy[path]; j != nil {
		j.again = true
		return nil
	}
	if a == nil {
		var err error
		if a, err = openAnchor(r.s.scope.root(path)); err != nil {
			if !missing(err) {
				return r.complain(ctx, path, err)
			}
			r.gone(path)
			return nil
		}
		defer a.close()
	}
	o, err := a.observe(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errOther):
		r.gone(path)
		return nil
	case err != nil:
		return r.complain(ctx, path, err)
	case o.folder:
		o.close()
		r.gone(path) // a folder took the place of a file, perhaps
		return nil
	}
	return r.compare(ctx, o, since)
}

// compare decides whether a file's content has to be read.
func (r *runner) compare(ctx context.Context, o *observation, since time.Time) error {
	delete(r.held, o.path)
	old := r.tree.get(o.path)
	if old != nil {
		old.scan = r.scan
	}
	refused := o.entry.kind == kindFile && r.s.opts.Refuse(o.entry.id.device, o.entry.id.inode)
	if refused || old != nil && old.unchanged(o.entry) && old.target == o.entry.target {
		o.close()
		return nil
	}
	if o.entry.kind == kindLink {
		o.close()
		return r.settled(ctx, o, since)
	}
	j := &job{o: o, since: since}
	r.busy[o.path] = j
	for {
		jobs := r.jobs
		if len(r.busy) > jobLimit {
			jobs = nil
		}
		select {
		case jobs <- j:
			return nil
		case done := <-r.results:
			if err := r.finish(ctx, done); err != nil {
				return err
			}
		case <-ctx.Done():
			o.close()
			delete(r.busy, o.path)
			return ctx.Err()
		}
	}
}

// finish takes in a hashed file.
func (r *runner) finish(ctx context.Context, j *job) error {
	delete(r.busy, j.o.path)
	if j.again {
		r.touch(j.o.path)
	}
	if j.err != nil {
		if errors.Is(j.err, context.Canceled) {
			return ctx.Err()
		}
		if err := r.complain(ctx, j.o.path, j.err); err != nil {
			return err
		}
	}
	return r.settled(ctx, j.o, j.since)
}

// settled compares what a path is now with what it was, and reports a change.
func (r *runner) settled(ctx context.Context, o *observation, since time.Time) error {
	path, now := o.path, o.entry
	now.scan = r.scan
	delete(r.held, path)
	c := change{path: path, now: now, was: r.tree.get(path), since: since}
	switch {
	case c.was == nil && r.takenInSilently(path):
		r.tree.set(path, now)
		r.dirty = true
		return nil
	case c.was == nil:
		c.action = "created"
		if from, e := r.renamedFrom(path, now); e != nil {
			c.action, c.from, c.was = "renamed", from, e
		}
	case !c.was.sameContent(now):
		c.action = "modified"
	case !c.was.sameAttributes(now):
		c.action = "attributes_modified"
	default: // another inode with the same content, a link more or less
		if !now.hashed && c.was.hashed {
			now.hash, now.hashed = c.was.hash, true // unreadable now; the hash last known stands
		}
		r.tree.set(path, now)
		return nil
	}
	return r.report(ctx, &c)
}

// takenInSilently tells whether a path without an entry is no change: nothing
// was known of its whereabouts before.
func (r *runner) takenInSilently(path string) bool {
	return r.silent || r.scanning && r.before.roots != nil && !r.before.covers(path)
}

// renamedFrom finds the path that a new file had before: the same inode with the
// same content, and no longer there.
func (r *runner) renamedFrom(path string, now *entry) (string, *entry) {
	from, ok := r.tree.inodes[now.id]
	if !ok || from == path {
		return "", nil
	}
	was := r.tree.get(from)
	if was == nil || was.id != now.id || !was.sameContent(now) {
		return "", nil
	}
	a, err := openAnchor(r.s.scope.root(from))
	if err == nil {
		defer a.close()
		o, err := a.observe(from)
		if err == nil {
			o.close()
			if o.entry.id == now.id {
				return "", nil // a hard link: both are there
			}
		}
	}
	return from, was
}

// gone notes that nothing watched is at a path.
func (r *runner) gone(path string) {
	if r.tree.get(path) == nil {
		return
	}
	if _, ok := r.held[path]; !ok {
		r.held[path] = time.Now()
	}
}

// deleted reports a path that stayed gone.
func (r *runner) deleted(ctx context.Context, path string, was *entry) error {
	return r.report(ctx, &change{action: "deleted", path: path, was: was})
}

// complain says once what cannot be read, and goes on.
func (r *runner) complain(ctx context.Context, path string, err error) error {
	r.s.status.change(func(s *Status) { s.Error = err.Error() })
	if e := r.tree.get(path); e != nil {
		e.scan = r.scan // it is there; that is all that is known
	}
	if r.complained[path] || len(r.complained) > 10_000 {
		return nil
	}
	r.complained[path] = true
	r.log.Warn("file cannot be read", "path", path, "error", err)
	reason := "unreadable"
	if errors.Is(err, fs.ErrPermission) {
		reason = "permission_denied"
	}
	return r.declare(ctx, "file_unreadable", path, reason, err.Error())
}

// compareAll walks everything, sets the watches that are missing, and finds what
// is gone.
func (r *runner) compareAll(ctx context.Context) error {
	r.again = false
	r.scan++
	r.dropStaleWatches()
	for _, root := range r.s.scope.roots {
		r.watchAbove(root)
		if err := r.walkRoot(ctx, root, func(a *anchor, path string) error {
			return r.look(ctx, a, path, time.Now())
		}); err != nil {
			return err
		}
	}
	var unseen []string
	for dir, f := range r.tree.folders {
		for name, e := range f.files {
			if e.scan != r.scan {
				unseen = append(unseen, filepath.Join(dir, name))
			}
		}
	}
	// A folder that could not be read is no proof that its files are gone.
	for _, path := range unseen {
		if err := r.look(ctx, nil, path, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// missing tells errors that mean that nothing is at a path.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR)
}

func (r *runner) walkRoot(ctx context.Context, root string, visit func(*anchor, string) error) error {
	if r.s.scope.excluded(root) {
		return nil
	}
	a, err := openAnchor(root)
	if err != nil {
		if !missing(err) {
			return r.complain(ctx, root, err)
		}
		return nil // watchAbove waits for it
	}
	defer a.close()
	o, err := a.observe(root)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errOther) {
			return r.complain(ctx, root, err)
		}
		return nil
	}
	isFolder := o.folder
	o.close()
	if isFolder {
		return r.walk(ctx, a, root, visit)
	}
	return visit(a, root)
}

// walk watches a folder and then reads it, so that whatever comes after the
// reading is notified; and so on below it.
func (r *runner) walk(ctx context.Context, a *anchor, dir string, visit func(*anchor, string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.addWatch(ctx, a, dir); err != nil {
		return err
	}
	fd, err := a.open(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return r.complain(ctx, dir, err)
	}
	f := os.NewFile(uintptr(fd), dir)
	entries, err := f.ReadDir(-1)
	_ = f.Close() // opened for reading only
	if err != nil {
		return r.complain(ctx, dir, err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if r.s.scope.excluded(path) {
			continue
		}
		switch {
		case e.IsDir():
			err = r.walk(ctx, a, path, visit)
		case e.Type().IsRegular(), e.Type()&fs.ModeSymlink != 0, e.Type()&fs.ModeIrregular != 0:
			err = visit(a, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// folderAppeared takes in a new folder: what is in it may be older than its watch.
func (r *runner) folderAppeared(ctx context.Context, root, path string) error {
	a, err := openAnchor(root)
	if err != nil {
		return nil
	}
	defer a.close()
	o, err := a.observe(path)
	if err != nil {
		return nil // settling will look again
	}
	isFolder := o.folder
	o.close()
	if !isFolder {
		return nil
	}
	return r.walk(ctx, a, path, func(_ *anchor, path string) error {
		r.touch(path)
		return nil
	})
}

// rootAppeared takes in a root that was missing, or a folder on the way to it.
func (r *runner) rootAppeared(ctx context.Context, path string) error {
	for _, root := range r.s.scope.roots {
		if !under(root, path) {
			continue
		}
		r.watchAbove(root)
		if err := r.walkRoot(ctx, root, func(_ *anchor, path string) error {
			r.touch(path)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

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
			return nil // gone again: its parent tells
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

// pollUnwatched compares the folders that have no watch.
func (r *runner) pollUnwatched(ctx context.Context) error {
	var dirs []string
	for dir, f := range r.tree.folders {
		if f.polled {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		f := r.tree.folders[dir]
		if f == nil {
			continue
		}
		for name := range f.files {
			r.touch(filepath.Join(dir, name))
		}
		root := r.s.scope.root(dir)
		a, err := openAnchor(root)
		if err != nil {
			continue
		}
		err = r.walk(ctx, a, dir, func(_ *anchor, path string) error {
			r.touch(path)
			return nil
		})
		a.close()
		if err != nil {
			return err
		}
	}
	return nil
}
