package packages

import (
	"hash/maphash"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Package is an installed package.
type Package struct {
	// Key names it within its database: the name, and the architecture where
	// several are installed.
	Key string
	// Name and Version are as the package manager shows them.
	Name, Version string
	// Stamp tells one installation of a version from the next.
	Stamp string
}

// File is what a database says of a path.
type File struct {
	// Package is whose the path is.
	Package *Package
	// Digest is the beginning, 16 bytes, of the content's digest as the package
	// brought it; empty where the database has none, for a link or a folder.
	Digest []byte
	// SHA256 says that the digest is of SHA-256; else it is a whole MD5.
	SHA256 bool
	// Config says that the file is meant to be changed by people.
	Config bool
}

// Index finds paths. It holds no path, only hashes of them.
type Index struct {
	root     string
	seed     maphash.Seed
	packages []Package
	byKey    map[string]int
	files    []indexed
}

type indexed struct {
	path                     uint64
	digest                   [digestSize]byte
	pkg                      uint16
	digested, sha256, config bool
}

// digestSize is all of an MD5, and enough of a SHA-256.
const digestSize = 16

func newIndex(root string) *Index {
	return &Index{root: root, seed: maphash.MakeSeed(), byKey: map[string]int{}}
}

// add takes a package in; its number is for put.
func (x *Index) add(p Package) (int, bool) {
	if _, twice := x.byKey[p.Key]; twice || len(x.packages) == 1<<16-1 {
		return 0, false
	}
	x.packages = append(x.packages, p)
	x.byKey[p.Key] = len(x.packages) - 1
	return len(x.packages) - 1, true
}

// put takes a path in, as the database writes it.
func (x *Index) put(pkg int, path, digest []byte, config bool) {
	f := indexed{path: x.hash(path), pkg: uint16(pkg), config: config}
	f.digested, f.sha256 = copy(f.digest[:], digest) == digestSize, len(digest) > digestSize
	x.files = append(x.files, f)
}

func (x *Index) hash(path []byte) uint64 { return maphash.Bytes(x.seed, path) }

// finish makes an index ready to be asked: of what was put of one path, a digest
// counts more than none.
func (x *Index) finish() *Index {
	slices.SortStableFunc(x.files, func(a, b indexed) int {
		switch {
		case a.path != b.path && a.path < b.path:
			return -1
		case a.path != b.path:
			return 1
		case a.digested && !b.digested:
			return -1
		case b.digested && !a.digested:
			return 1
		default:
			return 0
		}
	})
	x.files = slices.CompactFunc(x.files, func(a, b indexed) bool { return a.path == b.path })
	if cap(x.files) > len(x.files)*3/2 {
		x.files = slices.Clone(x.files) // what loading left over is let go
	}
	return x
}

// Packages are all installed packages.
func (x *Index) Packages() []Package { return x.packages }

// Get finds a package; nil for one that is not installed.
func (x *Index) Get(key string) *Package {
	if n, ok := x.byKey[key]; ok {
		return &x.packages[n]
	}
	return nil
}

// Find is what the database says of an absolute path; nil for nothing.
func (x *Index) Find(path string) *File {
	rel := strings.TrimPrefix(path, x.root)
	if x.root == "/" {
		rel = path
	}
	hash := maphash.String(x.seed, rel) // as hash gives for the same bytes
	at, ok := slices.BinarySearchFunc(x.files, hash, func(f indexed, hash uint64) int {
		switch {
		case f.path < hash:
			return -1
		case f.path > hash:
			return 1
		default:
			return 0
		}
	})
	if !ok {
		return nil
	}
	f := &x.files[at]
	file := &File{Package: &x.packages[f.pkg], SHA256: f.sha256, Config: f.config}
	if f.digested {
		file.Digest = f.digest[:]
	}
	return file
}

// LinkTarget is where a link of the system leads, as far as names tell.
func (x *Index) LinkTarget(link, target string) string {
	if filepath.IsAbs(target) {
		return filepath.Join(x.root, target)
	}
	return filepath.Join(filepath.Dir(link), target)
}

func stampOf(info os.FileInfo) string {
	stamp := strconv.FormatInt(info.ModTime().UnixNano(), 36)
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		stamp += "." + strconv.FormatUint(st.Ino, 36)
	}
	return stamp
}
