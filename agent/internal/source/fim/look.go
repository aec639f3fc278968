package fim

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// look compares what is at a path with its entry. a is an anchor that is open
// anyway, or nil.
func (r *runner) look(ctx context.Context, a *anchor, path string, p pending) error {
	if j := r.busy[path]; j != nil {
		j.again = true
		return nil
	}
	if a == nil {
		var err error
		if a, err = r.s.openAnchor(r.s.scope.root(path), path); err != nil {
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
	return r.compare(ctx, o, p)
}

// lookIn is look for a name that a walk found in the anchor's folder: one system
// call, when nothing has changed.
func (r *runner) lookIn(ctx context.Context, a *anchor, path string) error {
	if n := r.tree.find(path); n != none {
		var st unix.Stat_t
		if err := a.stat(path, &st); err == nil && r.tree.file(n).unchanged(&st) && r.textKept(path, n) {
			r.tree.file(n).scan = uint8(r.scan)
			delete(r.held, path)
			return nil
		}
	}
	return r.look(ctx, a, path, pending{first: time.Now()})
}

// textKept tells whether nothing has to be read for a difference to come.
func (r *runner) textKept(path string, n uint32) bool {
	return r.tree.file(n).kind != kindFile || !r.s.texts.wants(path) || r.s.texts.has(r.tree.entry(n))
}

// compare decides whether a file's content has to be read.
func (r *runner) compare(ctx context.Context, o *observation, p pending) error {
	delete(r.held, o.path)
	old := r.tree.get(o.path)
	r.seen(o.path)
	refused := o.entry.kind == kindFile && r.s.opts.Refuse(o.entry.id.device, o.entry.id.inode)
	quiet := old != nil && (old.kind != kindFile || !r.s.texts.wants(o.path) || r.s.texts.has(old)) && old.unchanged(o.entry) && old.target == o.entry.target && (!p.force || !old.hashed)
	if refused || quiet {
		o.close()
		return nil
	}
	if o.entry.kind == kindLink || o.entry.size > r.s.opts.MaxHash {
		o.readXattrs()
		o.close()
		return r.settled(ctx, o, p.first)
	}
	o.doubtRecent()
	j := &job{o: o, since: p.first, digest: r.wantsDigest(o.path, old), keep: r.s.texts.keep(o.path)}
	r.busy[o.path] = j
	return r.queue(ctx, j)
}

// queue has a file hashed. A small one that finds all hashers at work is hashed
// at once: to wait for them, and to be woken, takes longer.
func (r *runner) queue(ctx context.Context, j *job) error {
	for {
		jobs := r.jobs
		if len(r.busy) > jobLimit {
			jobs = nil
		}
		select {
		case done := <-r.results:
			if err := r.finish(ctx, done); err != nil {
				return err
			}
			continue
		case jobs <- j:
			return nil
		default:
		}
		if j.o.entry.size <= hashBlock && r.s.rate == nil {
			r.hasher.do(ctx, j)
			return r.finish(ctx, j)
		}
		select {
		case jobs <- j:
			return nil
		case done := <-r.results:
			if err := r.finish(ctx, done); err != nil {
				return err
			}
		case <-ctx.Done():
			j.o.close()
			delete(r.busy, j.o.path)
			return ctx.Err()
		}
	}
}

// seen marks that the running scan has come by a path.
func (r *runner) seen(path string) {
	if n := r.tree.find(path); n != none {
		r.tree.file(n).scan = uint8(r.scan)
	}
}

// finish takes in a hashed file.
func (r *runner) finish(ctx context.Context, j *job) error {
	delete(r.busy, j.o.path)
	if j.again {
		r.touch(j.o.path, true)
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
	delete(r.held, path)
	c := change{path: path, now: now, was: r.tree.get(path), since: since}
	if c.was != nil {
		now.pkg = c.was.pkg
	}
	if now.kind == kindFile && now.hashed && int64(len(o.text)) == now.size && r.s.texts.wants(path) {
		if c.was != nil && !c.was.sameContent(now) {
			c.diff = r.s.texts.difference(path, c.was, o.text)
		}
		if err := r.s.texts.put(now, o.text); err != nil {
			r.log.Warn("no difference can be told later", "path", path, "error", err)
		}
	}
	switch {
	case c.was == nil && r.takenInSilently(path):
		r.takeIn(path, now)
		r.dirty = true
		return nil
	case c.was == nil:
		c.action = "created"
		if from, e := r.renamedFrom(path, now); e != nil {
			c.action, c.from, c.was = "renamed", from, e
		}
	case !c.was.sameContent(now), c.was.replaced(now):
		c.action = "modified"
	case !c.was.sameAttributes(now):
		c.action = "attributes_modified"
	default: // another inode with the same content, a link more or less
		if !now.hashed && c.was.hashed {
			now.hash, now.hashed = c.was.hash, true // unreadable now; the hash last known stands
		}
		r.takeIn(path, now)
		return nil
	}
	return r.report(ctx, &c)
}

// takeIn makes a path's entry part of the tree.
func (r *runner) takeIn(path string, e *entry) {
	r.tree.file(r.tree.set(path, e)).scan = uint8(r.scan)
}

// takenInSilently tells whether a path without an entry is no change: nothing
// was known of its whereabouts before.
func (r *runner) takenInSilently(path string) bool {
	return r.silent || r.scanning && r.before.roots != nil && !r.before.covers(path)
}

// renamedFrom finds the path that a new file had before: the same inode with the
// same content and the same time, and nothing is there any more. A number that was
// used again comes with another time. Where something is there again, that is
// modified, and the file's new name is created: a save that leaves a backup.
func (r *runner) renamedFrom(path string, now *entry) (string, *entry) {
	from := ""
	var was *entry
	r.tree.byInode.find(now.id.hash(), func(n uint32) bool {
		if r.tree.file(n).id != now.id {
			return false
		}
		p, e := r.tree.pathOf(n), r.tree.entry(n)
		if p == path || !e.sameContent(now) || e.mtime != now.mtime || r.isAt(p) {
			return false
		}
		from, was = p, e
		return true
	})
	return from, was
}

// isAt tells whether a path names a file or a link.
func (r *runner) isAt(path string) bool {
	a, err := r.s.openAnchor(r.s.scope.root(path), path)
	if err != nil {
		return false
	}
	defer a.close()
	o, err := a.observe(path)
	if err != nil {
		return false
	}
	o.close()
	return !o.folder
}

// gone notes that nothing watched is at a path.
func (r *runner) gone(path string) {
	if r.tree.find(path) == none {
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
	r.seen(path) // it is there; that is all that is known
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
