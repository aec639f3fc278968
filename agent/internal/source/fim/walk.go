package fim

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

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
