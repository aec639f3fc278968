package fim

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/packages"
)

const (
	// indexKept is how long a package database stays in memory unused.
	indexKept = time.Minute
	// deferMax bounds how long changes wait for a package transaction to end: who
	// can hold its lock must not keep them back for ever.
	deferMax = 5 * time.Minute
	// busyEvery is how often a database is asked whether it is at work.
	busyEvery = 100 * time.Millisecond
	// findEvery spaces the searches for databases that have appeared.
	findEvery = time.Second
)

// What a file is to the package that brought it.
const (
	stateMatches    = "matches"
	stateDiffers    = "differs"
	stateConfigured = "configured" // differs, and is meant to
)

// packageBase is a package database that watched paths are in.
type packageBase struct {
	db    *packages.Database
	index *packages.Index
	stamp string
	used  time.Time
	// loading gives what is being read already.
	loading chan loadedIndex
	// complained says that it could not be read.
	complained bool

	busy  bool
	asked time.Time
	// deferred are the paths whose changes wait for the end of a transaction, and
	// since when.
	deferred map[string]struct{}
	since    time.Time
	// group collects the changes of a transaction that has ended.
	group *packageGroup
}

// loadedIndex is what loading a database gave.
type loadedIndex struct {
	index *packages.Index
	stamp string
	err   error
}

// load reads the database; so that the stamp is not newer than the index, it is
// taken first.
func (b *packageBase) load(ctx context.Context) loadedIndex {
	stamp := b.db.Stamp()
	index, err := b.db.Load(ctx)
	return loadedIndex{index: index, stamp: stamp, err: err}
}

// key names a package among those of all databases.
func (b *packageBase) key(of string) string {
	if b.db.Root() == "/" {
		return of
	}
	return b.db.Root() + "//" + of
}

// ours tells whether a key is of this database.
func (b *packageBase) ours(key string) bool {
	if b.db.Root() == "/" {
		return !strings.Contains(key, "//")
	}
	return strings.HasPrefix(key, b.db.Root()+"//")
}

// findBases looks which package databases the roots are in.
func (r *runner) findBases() {
	r.basesAt = time.Now()
	for _, root := range r.s.scope.roots {
		db := packages.Find(root)
		if db == nil || !under(db.Root(), root) && !(&packageBase{db: db}).territory(root) || slices.ContainsFunc(r.bases, func(b *packageBase) bool { return b.db.Root() == db.Root() }) {
			continue
		}
		r.bases = append(r.bases, &packageBase{db: db, deferred: map[string]struct{}{}})
	}
}

// base is the database whose system a path is in, nil where packages have nothing.
func (r *runner) base(path string) *packageBase {
	var found *packageBase
	for _, b := range r.bases {
		if under(path, b.db.Root()) && b.territory(path) && (found == nil || len(b.db.Root()) > len(found.db.Root())) {
			found = b
		}
	}
	return found
}

// packageIndex is what a database says now; nil if it cannot be read.
func (r *runner) packageIndex(ctx context.Context, b *packageBase) *packages.Index {
	b.used = time.Now()
	stamp := b.db.Stamp()
	if b.index != nil && b.stamp == stamp {
		return b.index
	}
	var now loadedIndex
	if b.loading != nil {
		now, b.loading = <-b.loading, nil
	}
	if now.index == nil || now.stamp != stamp {
		now = b.load(ctx)
	}
	if err := now.err; err != nil {
		if !b.complained {
			b.complained = true
			r.log.Warn("package database cannot be read; changes by packages are told as any other", "root", b.db.Root(), "error", err)
		}
		b.index = nil
		return nil
	}
	b.index, b.stamp = now.index, now.stamp
	return b.index
}

// preload reads the databases while the first scan runs.
func (r *runner) preload(ctx context.Context) {
	for _, b := range r.bases {
		loading := make(chan loadedIndex, 1)
		b.loading = loading
		r.hashers.Go(func() { loading <- b.load(ctx) })
	}
}

// dropIndexes lets go of databases that nobody has asked for a while.
func (r *runner) dropIndexes() {
	for _, b := range r.bases {
		if b.index != nil && b.group == nil && time.Since(b.used) > indexKept {
			b.index = nil
		}
	}
}

// isBusy tells whether a package manager is at work.
func (b *packageBase) isBusy() bool {
	if now := time.Now(); now.Sub(b.asked) >= busyEvery {
		b.busy, b.asked = b.db.Busy(now), now
	}
	return b.busy
}

// learnOwners notes of every entry which package it came from, and of every
// package what it is: what there is at a first run, or the first with a database.
func (r *runner) learnOwners(ctx context.Context) {
	for _, b := range r.bases {
		if slices.ContainsFunc(r.tree.packages.list, func(p packageInfo) bool { return b.ours(p.name) }) {
			continue
		}
		index := r.packageIndex(ctx, b)
		if index == nil {
			continue
		}
		r.tree.packages.set(packageInfo{name: b.key(".")}) // so that an empty database is known, too
		for _, p := range index.Packages() {
			r.tree.packages.set(packageInfo{b.key(p.Key), p.Version, p.Stamp})
		}
		var files []uint32
		for n := range r.tree.all() {
			dir := r.tree.path(n)
			if files = r.tree.filesOf(files[:0], n, false); len(files) == 0 || r.base(dir) != b {
				continue
			}
			for _, f := range files {
				if of := index.Find(join(dir, string(r.tree.names.bytes(r.tree.file(f).name)))); of != nil {
					r.tree.file(f).pkg = r.tree.packages.number(b.key(of.Package.Key))
				}
			}
		}
		r.dirty = true
		b.index = nil
	}
}

// wantsDigest tells whether a changed file's content has to be held against a
// package's digest.
func (r *runner) wantsDigest(path string, old *entry) bool {
	if r.silent {
		return false
	}
	b := r.base(path)
	return b != nil && (old == nil || old.pkg != "" || b.group != nil)
}

// shownName is a package's name without its database and its architecture.
func shownName(key string) string {
	if _, name, ok := strings.Cut(key, "//"); ok {
		key = name
	}
	name, _, _ := strings.Cut(key, ":")
	return name
}

// packaged tells of a change what the package database says. It keeps back what
// belongs to a transaction, and then the change is taken care of.
func (r *runner) packaged(ctx context.Context, c *change) (taken bool) {
	b := r.base(c.path)
	if b == nil && time.Since(r.basesAt) > findEvery {
		r.findBases()
		b = r.base(c.path)
	}
	if b == nil {
		return false
	}
	if b.group == nil && r.s.opts.GroupPackages && (len(b.deferred) > 0 || b.isBusy()) {
		if len(b.deferred) == 0 {
			b.since = time.Now()
		}
		if len(b.deferred) < pendingLimit {
			b.deferred[c.path] = struct{}{}
			return true
		}
	}
	if c.was != nil && c.was.pkg == "" && b.group == nil {
		return false // no package's
	}
	index := r.packageIndex(ctx, b)
	if index == nil {
		return false
	}
	of := index.Find(c.path)
	c.mark(b, of)
	if b.group == nil || !b.group.takes(c, of) {
		return false
	}
	if c.now == nil {
		r.tree.remove(c.path)
	} else {
		r.takeIn(c.path, c.now)
	}
	r.dirty = true
	return true
}

// territory tells whether a package may have a path: not in people's folders.
func (b *packageBase) territory(path string) bool {
	rel := strings.TrimPrefix(strings.TrimPrefix(path, b.db.Root()), "/")
	top, _, _ := strings.Cut(rel, "/")
	return slices.Contains([]string{"usr", "etc", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "boot", "var"}, top)
}

// mark notes what the changed file is to its package.
func (c *change) mark(b *packageBase, of *packages.File) {
	if of == nil {
		return
	}
	c.pkg = of.Package
	if c.now == nil {
		return
	}
	c.now.pkg = b.key(of.Package.Key)
	is := c.now.md5
	if of.SHA256 {
		is = c.now.hash[:len(of.Digest)]
	}
	switch {
	case of.Digest == nil || !c.now.hashed || len(is) == 0:
	case bytes.Equal(is, of.Digest):
		c.pkgState = stateMatches
	case of.Config:
		c.pkgState = stateConfigured
	default:
		c.pkgState = stateDiffers
	}
}
