package fim

import (
	"path/filepath"
	"strings"
)

// folder is one directory: its watched files, and its directories that hold some
// or are watched.
type folder struct {
	path  string
	files map[string]*entry
	subs  map[string]struct{}
	// watched says that its notifications come in; id is which directory had the
	// name then.
	watched bool
	// polled says that it should be watched but does not fit the kernel's limit.
	polled bool
	id     fileID
}

// tree is the baseline in memory.
type tree struct {
	folders map[string]*folder
	// inodes finds a file; of several hard links, one.
	inodes  map[fileID]place
	count   int
	watches int
}

// place is where a file is, without a path of its own in memory.
type place struct {
	in   *folder
	name string
}

func newTree() *tree {
	return &tree{folders: map[string]*folder{}, inodes: map[fileID]place{}}
}

// find is the path of a file, "" if it has none.
func (t *tree) find(id fileID) string {
	p, ok := t.inodes[id]
	if !ok {
		return ""
	}
	return filepath.Join(p.in.path, p.name)
}

// folder makes a directory's node and those above it.
func (t *tree) folder(dir string) *folder {
	f := t.folders[dir]
	if f == nil {
		f = &folder{path: dir}
		t.folders[dir] = f
		for dir != "/" {
			parent := filepath.Dir(dir)
			p := t.folders[parent]
			known := p != nil
			if !known {
				p = &folder{path: parent}
				t.folders[parent] = p
			}
			if p.subs == nil {
				p.subs = map[string]struct{}{}
			}
			p.subs[filepath.Base(dir)] = struct{}{}
			if known {
				break
			}
			dir = parent
		}
	}
	return f
}

func (t *tree) get(path string) *entry {
	if f := t.folders[filepath.Dir(path)]; f != nil {
		return f.files[filepath.Base(path)]
	}
	return nil
}

func (t *tree) set(path string, e *entry) {
	f := t.folder(filepath.Dir(path))
	if f.files == nil {
		f.files = map[string]*entry{}
	}
	name := strings.Clone(filepath.Base(path)) // a part would keep the whole path in memory
	if old := f.files[name]; old == nil {
		t.count++
	} else if old.id != e.id && t.inodes[old.id] == (place{f, name}) {
		delete(t.inodes, old.id)
	}
	f.files[name] = e
	t.inodes[e.id] = place{f, name}
}

func (t *tree) remove(path string) {
	f := t.folders[filepath.Dir(path)]
	if f == nil {
		return
	}
	name := filepath.Base(path)
	e := f.files[name]
	if e == nil {
		return
	}
	delete(f.files, name)
	t.count--
	if t.inodes[e.id] == (place{f, name}) {
		delete(t.inodes, e.id)
	}
	t.prune(filepath.Dir(path))
}

// prune drops a node that nothing needs, and those above it.
func (t *tree) prune(dir string) {
	for dir != "/" {
		f := t.folders[dir]
		if f == nil || len(f.files) > 0 || len(f.subs) > 0 || f.watched || f.polled {
			return
		}
		delete(t.folders, dir)
		parent := filepath.Dir(dir)
		if p := t.folders[parent]; p != nil {
			delete(p.subs, filepath.Base(dir))
		}
		dir = parent
	}
}

// below calls visit for a directory and all that are below it, deepest first.
func (t *tree) below(dir string, visit func(dir string, f *folder)) {
	f := t.folders[dir]
	if f == nil {
		return
	}
	for name := range f.subs {
		t.below(filepath.Join(dir, name), visit)
	}
	visit(dir, f)
}

func (t *tree) paths() []string {
	paths := make([]string, 0, t.count)
	for dir, f := range t.folders {
		for name := range f.files {
			paths = append(paths, filepath.Join(dir, name))
		}
	}
	return paths
}
