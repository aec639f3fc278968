package fim

import (
	"bytes"
	"slices"
	"strings"
)

// none is no folder and no file.
const none = ^uint32(0)

// folder is one directory: of its files and folders it has the first, they have
// the next. A hundred thousand of them hold no pointer, so that they cost what
// they hold and no collector's time.
type folder struct {
	parent, firstSub, firstFile uint32
	// next and prev are its siblings.
	next, prev uint32
	name       ref
	// wd is the kernel's number of its watch, 0 for none; alias is another folder
	// that has the same one: a bind mount's.
	wd    int32
	alias uint32
	// id is which directory had the name when it was watched.
	id fileID
	// polled says that it should be watched but cannot be.
	polled bool
	used   bool
	// scan is the low byte of the last scan that came by it.
	scan uint8
}

// file is a watched path in memory.
type file struct {
	folder, next, prev uint32
	name               ref
	// extra is a link's target or a file's capabilities.
	extra    ref
	uid, gid uint32
	mode     uint16
	kind     byte
	flags    byte
	// scan is the low byte of the last scan that saw it.
	scan   uint8
	pkg    uint16
	size   int64
	mtime  int64
	ctime  int64
	xattrs uint64
	id     fileID
	hash   [32]byte
}

const (
	chunkBits = 9
	chunkSize = 1 << chunkBits
)

// tree is the baseline in memory.
type tree struct {
	folders [][]folder
	files   [][]file
	// freeFolders and freeFiles are numbers to use again.
	freeFolders, freeFiles    []uint32
	usedFolders, usedFiles    uint32
	names                     arena
	byName, byInode, subNames index
	// packages are the packages that files came from; number 0 is none.
	packages packageTable
	count    int
	watches  int
	// lastDir is the folder that was last found: a walk asks for it again for each
	// of its files.
	lastDir    string
	lastFolder uint32
}

func newTree() *tree {
	t := &tree{packages: newPackageTable()}
	t.byName.hash = func(n uint32) uint32 { f := t.file(n); return hashName(f.folder, t.names.bytes(f.name)) }
	t.byInode.hash = func(n uint32) uint32 { return t.file(n).id.hash() }
	t.subNames.hash = func(n uint32) uint32 { f := t.at(n); return hashName(f.parent, t.names.bytes(f.name)) }
	root := t.newFolder()
	*t.at(root) = folder{parent: none, firstSub: none, next: none, prev: none, firstFile: none, alias: none, used: true}
	return t
}

func (id fileID) hash() uint32 { return mix(id.inode ^ id.device<<40) }

func (t *tree) at(n uint32) *folder { return &t.folders[n>>chunkBits][n&(chunkSize-1)] }
func (t *tree) file(n uint32) *file { return &t.files[n>>chunkBits][n&(chunkSize-1)] }

func (t *tree) newFolder() uint32 {
	if n := len(t.freeFolders); n > 0 {
		f := t.freeFolders[n-1]
		t.freeFolders = t.freeFolders[:n-1]
		return f
	}
	if t.usedFolders&(chunkSize-1) == 0 {
		t.folders = append(t.folders, make([]folder, chunkSize))
	}
	t.usedFolders++
	return t.usedFolders - 1
}

func (t *tree) newFile() uint32 {
	if n := len(t.freeFiles); n > 0 {
		f := t.freeFiles[n-1]
		t.freeFiles = t.freeFiles[:n-1]
		return f
	}
	if t.usedFiles&(chunkSize-1) == 0 {
		t.files = append(t.files, make([]file, chunkSize))
	}
	t.usedFiles++
	return t.usedFiles - 1
}

// path is a folder's.
func (t *tree) path(n uint32) string {
	var parts [][]byte
	size := 0
	for ; n != 0; n = t.at(n).parent {
		name := t.names.bytes(t.at(n).name)
		parts = append(parts, name)
		size += len(name) + 1
	}
	if size == 0 {
		return "/"
	}
	var b strings.Builder
	b.Grow(size)
	for _, p := range slices.Backward(parts) {
		b.WriteByte('/')
		b.Write(p)
	}
	return b.String()
}

// pathOf is a file's.
func (t *tree) pathOf(n uint32) string {
	f := t.file(n)
	return join(t.path(f.folder), string(t.names.bytes(f.name)))
}

// sub finds a folder in a folder.
func (t *tree) sub(parent uint32, name string) uint32 {
	n, ok := t.subNames.find(hashName(parent, name), func(n uint32) bool {
		f := t.at(n)
		return f.parent == parent && string(t.names.bytes(f.name)) == name
	})
	if !ok {
		return none
	}
	return n
}

// lookup finds a folder.
func (t *tree) lookup(dir string) uint32 {
	if dir == t.lastDir {
		return t.lastFolder
	}
	n := uint32(0)
	for name := range parts(dir) {
		if n = t.sub(n, name); n == none {
			return none
		}
	}
	t.lastDir, t.lastFolder = dir, n
	return n
}

// splitPath gives the folder and the name of an absolute, clean path.
func splitPath(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 1)], path[i+1:]
}

// join is splitPath's opposite.
func join(dir, name string) string {
	if dir == "/" {
		return dir + name
	}
	return dir + "/" + name
}

// parts gives the names on the way to an absolute, clean path.
func parts(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for rest := strings.TrimPrefix(path, "/"); rest != ""; {
			name, after, _ := strings.Cut(rest, "/")
			if !yield(name) {
				return
			}
			rest = after
		}
	}
}

// folder makes a directory's node and those above it.
func (t *tree) folder(dir string) uint32 {
	n := t.lookup(dir)
	if n != none {
		return n
	}
	n = 0
	for name := range parts(dir) {
		child := t.sub(n, name)
		if child == none {
			child = t.newFolder()
			first := t.at(n).firstSub
			*t.at(child) = folder{
				parent: n, firstSub: none, next: first, prev: none, firstFile: none, alias: none,
				name: t.names.put(name), used: true,
			}
			if first != none {
				t.at(first).prev = child
			}
			t.at(n).firstSub = child
			t.subNames.insert(child)
		}
		n = child
	}
	return n
}

// fileIn finds a file in a folder.
func (t *tree) fileIn(in uint32, name string) uint32 {
	if in == none {
		return none
	}
	n, ok := t.byName.find(hashName(in, name), func(n uint32) bool {
		f := t.file(n)
		return f.folder == in && string(t.names.bytes(f.name)) == name
	})
	if !ok {
		return none
	}
	return n
}

// find finds a path's file.
func (t *tree) find(path string) uint32 {
	dir, name := splitPath(path)
	return t.fileIn(t.lookup(dir), name)
}

// get is what a path was; nil for nothing.
func (t *tree) get(path string) *entry {
	if n := t.find(path); n != none {
		return t.entry(n)
	}
	return nil
}

// set makes what is at a path what a change made of it, and gives its number.
func (t *tree) set(path string, e *entry) uint32 {
	dir, name := splitPath(path)
	in := t.folder(dir)
	n := t.fileIn(in, name)
	if n == none {
		n = t.newFile()
		first := t.at(in).firstFile
		*t.file(n) = file{folder: in, next: first, prev: none, name: t.names.put(name)}
		if first != none {
			t.file(first).prev = n
		}
		t.at(in).firstFile = n
		t.byName.insert(n)
		t.count++
	} else {
		t.byInode.remove(n)
		t.names.drop(t.file(n).extra)
	}
	t.file(n).fill(e)
	t.file(n).extra = t.names.put(e.target + e.caps)
	t.file(n).pkg = t.packages.number(e.pkg)
	t.byInode.insert(n)
	t.tidy()
	return n
}

func (t *tree) remove(path string) {
	n := t.find(path)
	if n == none {
		return
	}
	f := t.file(n)
	in := f.folder
	if f.prev == none {
		t.at(in).firstFile = f.next
	} else {
		t.file(f.prev).next = f.next
	}
	if f.next != none {
		t.file(f.next).prev = f.prev
	}
	t.byName.remove(n)
	t.byInode.remove(n)
	t.names.drop(f.name)
	t.names.drop(f.extra)
	t.freeFiles = append(t.freeFiles, n)
	*f = file{}
	t.count--
	t.prune(in)
	t.tidy()
}

// prune drops a node that nothing needs, and those above it.
func (t *tree) prune(n uint32) {
	for n != 0 {
		f := t.at(n)
		if !f.used || f.firstFile != none || f.firstSub != none || f.wd != 0 || f.polled {
			return
		}
		parent := f.parent
		if f.prev == none {
			t.at(parent).firstSub = f.next
		} else {
			t.at(f.prev).next = f.next
		}
		if f.next != none {
			t.at(f.next).prev = f.prev
		}
		t.subNames.remove(n)
		t.names.drop(f.name)
		t.lastDir, t.lastFolder = "", 0
		*f = folder{}
		t.freeFolders = append(t.freeFolders, n)
		n = parent
	}
}

// tidy moves the names together when most are of what is gone.
func (t *tree) tidy() {
	if !t.names.wasteful() {
		return
	}
	old := t.names
	t.names = arena{}
	move := func(at ref) ref { return t.names.put(string(old.bytes(at))) }
	for n := range t.usedFolders {
		if f := t.at(n); f.used {
			f.name = move(f.name)
		}
	}
	for n := range t.usedFiles {
		if f := t.file(n); f.kind != kindGone {
			f.name, f.extra = move(f.name), move(f.extra)
		}
	}
}

// below calls visit for a directory and all that are below it, deepest first.
func (t *tree) below(n uint32, visit func(n uint32)) {
	for sub := t.at(n).firstSub; sub != none; {
		next := t.at(sub).next // visit may drop it
		t.below(sub, visit)
		sub = next
	}
	visit(n)
}

// all gives every folder.
func (t *tree) all() func(func(uint32, *folder) bool) {
	return func(yield func(uint32, *folder) bool) {
		for n := range t.usedFolders {
			if f := t.at(n); f.used && !yield(n, f) {
				return
			}
		}
	}
}

// filesOf are the numbers of a folder's files, in the order of their names if
// sorted, appended to dst.
func (t *tree) filesOf(dst []uint32, n uint32, sorted bool) []uint32 {
	for f := t.at(n).firstFile; f != none; f = t.file(f).next {
		dst = append(dst, f)
	}
	if sorted {
		slices.SortFunc(dst, func(a, b uint32) int {
			return bytes.Compare(t.names.bytes(t.file(a).name), t.names.bytes(t.file(b).name))
		})
	}
	return dst
}

// subsOf are the numbers of a folder's folders, in the order of their names.
func (t *tree) subsOf(n uint32) []uint32 {
	var subs []uint32
	for s := t.at(n).firstSub; s != none; s = t.at(s).next {
		subs = append(subs, s)
	}
	slices.SortFunc(subs, func(a, b uint32) int {
		return bytes.Compare(t.names.bytes(t.at(a).name), t.names.bytes(t.at(b).name))
	})
	return subs
}

func (t *tree) paths() []string {
	paths := make([]string, 0, t.count)
	for n, f := range t.all() {
		dir := t.path(n)
		for at := f.firstFile; at != none; at = t.file(at).next {
			paths = append(paths, join(dir, string(t.names.bytes(t.file(at).name))))
		}
	}
	return paths
}
