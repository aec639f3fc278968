package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// detach takes a file's name away: it was renamed or deleted, or another took
// the name. It is still read to its end.
func (r *runner) detach(t *tail) {
	if r.byPath[t.path] == t {
		delete(r.byPath, t.path)
	}
	if t.detached.IsZero() {
		t.detached = time.Now()
	}
	t.path = ""
	t.touched = t.touched || t.file == nil && t.fresh // who knows what it holds
	r.nameless[t] = struct{}{}
	r.enqueue(t)
	if target := t.at.real; target != "" {
		// Only the link is another one; what it led to is where it was.
		if l, err := lookAt(target); err == nil && l.id == t.id {
			r.rename(t, target)
		}
	}
}

// rename gives a file its new name.
func (r *runner) rename(t *tail, path string) {
	if r.byPath[t.path] == t {
		delete(r.byPath, t.path)
	}
	delete(r.nameless, t)
	t.path, t.ended = path, false
	r.byPath[path] = t
	r.enqueue(t)
}

// chase looks for the files that lost their names before they were read, in time
// for their lines to come before those of what follows.
func (r *runner) chase(ctx context.Context) error {
	astray := false
	for t := range r.nameless {
		astray = astray || t.astray()
	}
	if !astray {
		return nil
	}
	r.findNames()
	for t := range r.nameless {
		if !t.astray() || r.byID[t.id] != t {
			continue
		}
		if _, err := r.seek(ctx, t); err != nil {
			return err
		}
	}
	r.letGo()
	return nil
}

// findNames looks in their folders for the files that lost their names.
func (r *runner) findNames() {
	folders := map[string]bool{}
	for t := range r.nameless {
		folders[filepath.Dir(t.at.path)] = true
		if t.at.real != "" {
			folders[filepath.Dir(t.at.real)] = true
		}
	}
	for dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			path := filepath.Join(dir, e.Name())
			l, err := lookAt(path)
			if err != nil {
				continue
			}
			if t := r.byID[l.id]; t != nil && t.path == "" {
				r.rename(t, path)
			}
		}
	}
}

// settleNameless finds the files that lost their names. One that is not open
// either is at its end.
func (r *runner) settleNameless() {
	r.findNames()
	for t := range r.nameless {
		delete(r.nameless, t)
		t.ended = t.ended || t.file == nil && t.path == ""
	}
}

// poll looks at everything in case a notification was missed.
func (r *runner) poll(ctx context.Context) error {
	for _, t := range r.byID {
		if t.failure != "" || !t.detached.IsZero() {
			r.enqueue(t)
		}
	}
	if err := r.discover(ctx); err != nil {
		return err
	}
	if err := r.serveQueue(ctx); err != nil {
		return err
	}
	r.settleNameless()
	return r.finishRested(ctx)
}

// finishRested leaves the rotated files that do not grow any more: of each path
// the oldest first, so that the last one left is the newest.
func (r *runner) finishRested(ctx context.Context) error {
	oldest := map[string]*tail{}
	for _, t := range r.byID {
		if t.detached.IsZero() {
			continue
		}
		path, _ := r.logOf(t)
		if o := oldest[path]; o == nil || t.order < o.order {
			oldest[path] = t
		}
	}
	for _, t := range oldest {
		rested := t.ended || time.Since(t.grew) >= r.s.cfg.Linger && time.Since(t.detached) >= r.s.cfg.Linger
		if !rested || t.queued || !t.held.IsZero() || t.failure != "" {
			continue
		}
		if err := r.finish(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// finish ends the reading of a rotated or deleted file.
func (r *runner) finish(ctx context.Context, t *tail) error {
	if t.waiting && t.file != nil {
		if err := r.putRest(ctx, t); err != nil {
			return err
		}
	}
	lost := t.seen.size - t.at.offset
	unread := lost > 0 && (!t.at.open || lost > 1) && !t.at.copied
	if t.file == nil && (unread || t.touched) {
		if found, err := r.seek(ctx, t); found || err != nil {
			return err
		}
	}
	r.drop(t)
	log, goesOn := r.logOf(t)
	goesOn = goesOn || t.path != "" || mayGoOn(log)
	switch {
	case unread || t.file == nil && t.touched:
		message := fmt.Sprintf("%s was removed before it was read; what followed offset %d is lost", t.at.path, t.at.offset)
		if unread {
			message = fmt.Sprintf("%s was removed before it was read; at least %d bytes after offset %d are lost", t.at.path, lost, t.at.offset)
		}
		return r.declare(ctx, declaration{
			action: "file_missing", path: t.at.path, stream: t.key, input: t.input, reason: "missing", bytes: max(lost, 0),
			message: message, positions: r.release(t.key),
		})
	case goesOn && !t.at.copied:
		return r.done(ctx, t, log)
	default:
		return r.putForget(ctx, t.key, t.input, t.at.path)
	}
}

// mayGoOn tells whether a log goes on in a file that is yet to be told of, or was rotated
// and may do so yet.
func mayGoOn(log string) bool {
	if _, err := lookAt(log); err == nil {
		return true
	}
	return slices.ContainsFunc(listings{}.of(log), func(c candidate) bool { return c.rank.scheme != unordered })
}

// drop takes a file out of everything.
func (r *runner) drop(t *tail) {
	r.setWaiting(t, false)
	r.closeFile(t)
	t.queued, t.held, t.left = false, time.Time{}, true
	delete(r.held, t)
	delete(r.byID, t.id)
	delete(r.nameless, t)
	if r.byPath[t.path] == t {
		delete(r.byPath, t.path)
	}
	if r.newest[t.at.path] == t {
		delete(r.newest, t.at.path)
	}
	r.s.status.remove(t)
	r.letGo()
}
