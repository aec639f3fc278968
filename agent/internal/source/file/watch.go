package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func (r *runner) watchFolder(dir string) {
	if r.watched[dir] {
		return
	}
	if err := r.watch.Add(dir); err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !r.unwatchable[dir] {
			r.unwatchable[dir] = true
			r.log.Warn("folder cannot be watched; looking at it every now and then", "path", dir, "every", r.s.cfg.Poll, "error", err)
		}
		return
	}
	r.watched[dir] = true
}

// watchTarget watches the folder of what a link leads to, where writes are told,
// and returns what that is; the empty string where path is no link.
func (r *runner) watchTarget(path string) string {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return ""
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	r.targets[target] = path
	r.watchFolder(filepath.Dir(target))
	return target
}

func (r *runner) unwatch(dir string) {
	r.watch.Remove(dir)
	delete(r.watched, dir)
}

// unwatchBelow ends the watches of a folder that went and of those in it, whose
// notifications would come under their old names.
func (r *runner) unwatchBelow(dir string) {
	for d := range r.watched {
		if d == dir || strings.HasPrefix(d, dir+"/") {
			r.unwatch(d)
		}
	}
}
