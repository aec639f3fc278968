package fim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// compareAll walks everything, sets the watches that are missing, and finds what
// is gone.
func (r *runner) compareAll(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(stockGC))
	r.again = false
	r.scan++
	for _, root := range r.s.scope.roots {
		if err := r.watchAbove(ctx, root); err != nil {
			return err
		}
		if err := r.walkRoot(ctx, root, r.lookIn); err != nil {
			return err
		}
	}
	r.dropUnseen()
	if err := r.declareLimit(ctx); err != nil {
		return err
	}
	var unseen []string
	for n := range r.tree.usedFiles {
		if f := r.tree.file(n); f.kind != kindGone && f.scan != uint8(r.scan) {
			unseen = append(unseen, r.tree.pathOf(n))
		}
	}
	// A folder that could not be read is no proof that its files are gone.
	for _, path := range unseen {
		if err := r.look(ctx, nil, path, pending{first: time.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// missing tells errors that mean that nothing is at a path.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR)
}

// visit is called for each file and link of a walk, with the folder that it is in.
type visit func(ctx context.Context, a *anchor, path string) error

func (r *runner) walkRoot(ctx context.Context, root string, visit visit) error {
	if r.s.scope.excluded(root) {
		return nil
	}
	a, err := r.s.openAnchor(root, root)
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
	if err := visit(ctx, a, root); err != nil || !r.s.linked[root] {
		return err
	}
	return r.walkLinked(ctx, root, visit)
}

// walkLinked walks the folder that a linked root names now.
func (r *runner) walkLinked(ctx context.Context, root string, visit visit) error {
	in, err := r.s.openAnchor(root, root+"/")
	if err != nil {
		if !missing(err) {
			return r.complain(ctx, root, err)
		}
		return nil
	}
	defer in.close()
	return r.walk(ctx, in, root, visit)
}

// walk watches a folder and then reads it, so that whatever comes after the
// reading is notified; and so on below it.
func (r *runner) walk(ctx context.Context, a *anchor, dir string, visit visit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	fd, err := a.open(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if missing(err) || errors.Is(err, unix.ELOOP) {
		return nil
	}
	if err != nil {
		return r.complain(ctx, dir, err)
	}
	subs, err := r.readFolder(ctx, a, fd, dir, visit)
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if err := r.walk(ctx, a, join(dir, sub), visit); err != nil {
			return err
		}
	}
	return nil
}

// readFolder visits the files of a folder, and gives the names of its folders. It
// closes the descriptor, so that a deep tree needs one at a time.
func (r *runner) readFolder(ctx context.Context, a *anchor, fd int, dir string, visit visit) ([]string, error) {
	f := os.NewFile(uintptr(fd), dir)
	defer func() { _ = f.Close() }() // opened for reading only
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, r.complain(ctx, dir, err)
	}
	if err := r.watchFolder(ctx, fd, dir, fileID{st.Dev, st.Ino}); err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(-1)
	if err != nil {
		return nil, r.complain(ctx, dir, err)
	}
	here := &anchor{fd: fd, dir: dir, old: a.old}
	var subs []string
	for _, e := range entries {
		path := join(dir, e.Name())
		if r.s.scope.excluded(path) {
			continue
		}
		switch {
		case e.IsDir():
			subs = append(subs, e.Name())
		case e.Type().IsRegular(), e.Type()&fs.ModeSymlink != 0, e.Type()&fs.ModeIrregular != 0:
			if err := visit(ctx, here, path); err != nil {
				return nil, err
			}
		}
	}
	return subs, nil
}

// touchIn is a visit that lets a name settle.
func (r *runner) touchIn(_ context.Context, _ *anchor, path string) error {
	r.touch(path, false)
	return nil
}

// folderAppeared takes in a new folder: what is in it may be older than its watch.
func (r *runner) folderAppeared(ctx context.Context, root, path string) error {
	a, err := r.s.openAnchor(root, path)
	if err != nil {
		return nil
	}
	defer a.close()
	return r.walk(ctx, a, path, r.touchIn)
}

// rootAppeared takes in a root that was missing, or a folder on the way to it, or
// a link to it that names another folder now.
func (r *runner) rootAppeared(ctx context.Context, path string) error {
	for _, root := range r.s.scope.roots {
		if !under(root, path) {
			continue
		}
		if r.s.linked[root] {
			r.folderGone(root)
		}
		if err := r.watchAbove(ctx, root); err != nil {
			return err
		}
		if err := r.walkRoot(ctx, root, r.touchIn); err != nil {
			return err
		}
	}
	return nil
}

// pollUnwatched compares the folders that have no watch. While that takes long it
// is done less often.
func (r *runner) pollUnwatched(ctx context.Context) error {
	if !r.polled || time.Now().Before(r.pollAt) {
		return nil
	}
	began := time.Now()
	var dirs []string
	for n, f := range r.tree.all() {
		if f.polled {
			dirs = append(dirs, r.tree.path(n))
		}
	}
	r.polled = len(dirs) > 0
	for _, dir := range dirs {
		root := r.s.scope.root(dir)
		if root == "" {
			if err := r.pollAbove(ctx, dir); err != nil {
				return err
			}
			continue
		}
		if err := r.pollFolder(ctx, root, dir); err != nil {
			return err
		}
	}
	r.pollAt = time.Now().Add(50 * time.Since(began))
	return nil
}

// pollAbove looks for roots that have appeared below a folder.
func (r *runner) pollAbove(ctx context.Context, dir string) error {
	for _, root := range r.s.scope.roots {
		if under(root, dir) && r.tree.lookup(root) == none && r.tree.find(root) == none {
			if err := r.rootAppeared(ctx, root); err != nil {
				return err
			}
		}
	}
	return nil
}

// pollFolder lets what differs in a folder settle. Its folders are polled for
// themselves, unless they are new.
func (r *runner) pollFolder(ctx context.Context, root, dir string) error {
	a, err := r.s.openAnchor(root, dir)
	if err != nil {
		return nil
	}
	defer a.close()
	fd, err := a.open(dir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		if missing(err) {
			r.folderGone(dir)
		}
		return nil
	}
	polled := map[string]bool{}
	subs, err := r.readFolder(ctx, a, fd, dir, func(_ context.Context, a *anchor, path string) error {
		polled[filepath.Base(path)] = true
		var st unix.Stat_t
		n := r.tree.find(path)
		if err := a.stat(path, &st); err != nil || n == none || !r.tree.entry(n).looksLike(entryOf(&st)) {
			r.touch(path, false)
		}
		return nil
	})
	if err != nil {
		return err
	}
	n := r.tree.lookup(dir)
	if n == none {
		return nil
	}
	for f := r.tree.at(n).firstFile; f != none; f = r.tree.file(f).next {
		if name := string(r.tree.names.bytes(r.tree.file(f).name)); !polled[name] {
			r.touch(filepath.Join(dir, name), false)
		}
	}
	for _, sub := range subs {
		if r.tree.sub(n, sub) == none {
			if err := r.walk(ctx, a, filepath.Join(dir, sub), r.touchIn); err != nil {
				return err
			}
		}
	}
	return nil
}
