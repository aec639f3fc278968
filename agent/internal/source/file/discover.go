package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// discover walks all globs: new files are taken in, changed ones queued, and
// those that lost their name are told so.
func (r *runner) discover(ctx context.Context) error {
	r.rescan = false
	return r.walk(ctx, nil)
}

// walk walks the globs of some inputs, of all where only is nil.
func (r *runner) walk(ctx context.Context, only map[int]bool) error {
	found, failed := map[string]bool{}, map[string]bool{}
	for i := range r.s.inputs {
		if only != nil && !only[i] {
			continue
		}
		in := &r.s.inputs[i]
		var paths []string
		var failures []failure
		w := walker{
			in:     in,
			folder: func(dir string) { r.visit(dir, i) },
			file: func(path string) {
				if !isPacked(path) {
					paths = append(paths, path)
				}
			},
			failed: func(dir string, err error) { failures = append(failures, failure{dir, err}) },
		}
		w.walk()
		for _, f := range failures {
			failed[f.path] = true
			if err := r.deny(ctx, f.path, i, f.err); err != nil {
				return err
			}
		}
		for _, path := range paths {
			if found[path] {
				continue
			}
			found[path] = true
			if err := r.consider(ctx, path, i); err != nil {
				return err
			}
		}
	}
	for path, t := range r.byPath {
		if !found[path] && t.detached.IsZero() && (only == nil || only[t.input]) {
			if l, err := lookAt(path); err != nil || l.id != t.id {
				r.detach(t)
			}
		}
	}
	if only == nil {
		if err := r.allowFolders(ctx, failed); err != nil {
			return err
		}
	}
	r.findNames()
	return r.sweepDue(ctx)
}

type failure struct {
	path string
	err  error
}

// consider looks at a name that an input matches.
func (r *runner) consider(ctx context.Context, path string, in int) error {
	l, err := lookAt(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !l.regular) {
		if r.hadLife(path) {
			r.due[path] = struct{}{} // it came and went
		}
		return nil
	}
	if err != nil {
		return r.deny(ctx, path, in, err)
	}
	if r.s.opts.Refuse(l.id.device, l.id.inode) {
		return r.refuse(ctx, path, in)
	}
	if err := r.allow(ctx, path); err != nil {
		return err
	}
	target := r.watchTarget(path)
	if t := r.byID[l.id]; t != nil {
		r.meet(t, path, l)
		if t.path == path {
			t.at.real = target
		}
		return nil
	}
	if old := r.byPath[path]; old != nil {
		r.detach(old)
	}
	t := &tail{id: l.id, key: l.id.key(), input: in, path: path, seen: l, grew: time.Now()}
	t.at.real = target
	claimed, err := r.begin(ctx, t)
	if err != nil {
		return err
	}
	r.byID[t.id], r.byPath[path] = t, t
	if !claimed && (r.known[path] || r.hadLife(path)) {
		r.due[path] = struct{}{}
	}
	r.succeed(t)
	for _, log := range r.logsOf(path) {
		r.due[log] = struct{}{} // it may be one of its lives
	}
	r.enqueue(t)
	r.show(t)
	return nil
}

// hadLife tells whether a path has, or had, a file that was read.
func (r *runner) hadLife(path string) bool {
	_, buried := r.tombs[path]
	return buried || r.newest[path] != nil
}

// meet sees a known file again, perhaps under another name.
func (r *runner) meet(t *tail, path string, l look) {
	if t.path != path {
		if t.path != "" && t.detached.IsZero() {
			if now, err := lookAt(t.path); err == nil && now.id == t.id {
				return // a second name of the same file: read once
			}
		}
		if t.path == "" {
			r.due[path] = struct{}{} // or another file got its number
		}
		r.rename(t, path)
		t.at.path = path
		t.detached = time.Time{}
	}
	if l.size != t.seen.size || l.changed != t.seen.changed || t.failure != "" {
		r.enqueue(t)
	}
}

// begin decides where a file is read from, and tells whether there is a position
// that says so.
func (r *runner) begin(ctx context.Context, t *tail) (claimed bool, err error) {
	first, last, err := r.peek(t)
	if err != nil {
		last = '\n' // not known; the likely case
	}
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		r.log.Warn("file cannot be read yet", "path", t.path, "error", err)
	}
	if s, ok := r.claim(t, first, err == nil); ok {
		known := r.byPath[t.path] == nil
		target := t.at.real
		t.at = s.state
		t.at.path, t.at.real = t.path, target
		t.fresh = t.at.offset == 0 && t.at.backfill == 0 && !t.at.open
		if s.path != t.path {
			t.was = s.path
			r.due[s.path] = struct{}{}
		}
		if s.key != t.key {
			return true, r.putPositions(ctx, t, append(r.release(s.key), r.arena.position(t.key, &t.at, nil)...))
		}
		if known && s.state == t.at {
			return true, nil // as the spool has it
		}
		return true, r.putPositions(ctx, t, r.arena.position(t.key, &t.at, nil))
	}
	t.at = state{head: headOf(first), path: t.path, real: t.at.real}
	in := &r.s.inputs[t.input]
	firstSight := !r.marked[in.mark] && !r.known[t.path]
	switch {
	case firstSight && in.Start == StartEnd:
		t.at.offset = t.seen.size
		t.at.unknown = t.seen.size > 0
		t.at.open = t.seen.size > 0 && last != '\n'
	case firstSight:
		t.at.backfill = t.seen.size
	default:
		t.fresh = true
	}
	return false, r.putPositions(ctx, t, r.arena.position(t.key, &t.at, nil))
}

// peek reads a file's first bytes and its last.
func (r *runner) peek(t *tail) (first []byte, last byte, err error) {
	f, l, err := open(t.path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = f.Close() }() // opened for reading only
	if l.id != t.id {
		return nil, 0, &fs.PathError{Op: "open", Path: t.path, Err: fs.ErrNotExist}
	}
	t.seen = l
	n, err := f.ReadAt(r.head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, fmt.Errorf("read %s: %w", t.path, err)
	}
	if l.size > 0 {
		var b [1]byte
		if _, err := f.ReadAt(b[:], l.size-1); err != nil {
			b[0] = '\n' // truncated in this moment
		}
		last = b[0]
	}
	return r.head[:n], last, nil
}

// claim finds the saved position of a file. Device numbers may change at a
// restart of the host, so that inode, birth time and first bytes also do. A
// position whose first bytes are not the file's is returned for the file's own
// key and path only: it was truncated or overwritten, which reading it will find.
// Under another path it is another file with the number of one that is gone.
func (r *runner) claim(t *tail, first []byte, readable bool) (savedState, bool) {
	if s, ok := r.buried(t.id); ok {
		s.done = false
		return s, true
	}
	if s, ok := r.saved[t.id]; ok {
		delete(r.saved, t.id)
		if readable && s.path != t.path && !s.packed && !s.head.matches(first) {
			r.lost = append(r.lost, s)
			return savedState{}, false
		}
		return s, true
	}
	if !readable || t.id.birth == 0 {
		return savedState{}, false
	}
	for other, s := range r.saved {
		if other.inode == t.id.inode && other.birth == t.id.birth && s.head.n > 0 && s.head.matches(first) {
			delete(r.saved, other)
			return s, true
		}
	}
	return savedState{}, false
}

// buried finds the position of a rotated file that was read to its end, and has
// a name again that an input matches.
func (r *runner) buried(id identity) (savedState, bool) {
	for path, s := range r.tombs {
		if s.id == id {
			delete(r.tombs, path)
			return s, true
		}
	}
	return savedState{}, false
}

func (r *runner) inputOf(path string) int {
	for i := range r.s.inputs {
		if r.s.inputs[i].matches(path) {
			return i
		}
	}
	return -1
}

// mark remembers that every input's existing files have had their first sight.
func (r *runner) mark(ctx context.Context) error {
	current := map[string]bool{}
	for i := range r.s.inputs {
		key := r.s.inputs[i].mark
		current[key] = true
		if r.marked[key] {
			continue
		}
		r.marked[key] = true
		raw := record.Raw{Stream: key, Input: i, Observed: r.s.opts.Clock(), Positions: []record.Position{{Key: key, State: []byte{stateVersion}}}}
		if err := r.sink.Put(ctx, &raw); err != nil {
			return err
		}
	}
	for key := range r.marked {
		if current[key] || !strings.HasPrefix(key, markPrefix) {
			continue
		}
		delete(r.marked, key)
		if err := r.putForget(ctx, key, 0, ""); err != nil {
			return err
		}
	}
	return nil
}
