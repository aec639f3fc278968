package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// discover walks all globs: new files are taken in, changed ones queued, and
// those that lost their name are told so.
func (r *runner) discover(ctx context.Context) error {
	r.rescan = false
	found := map[string]bool{}
	for i := range r.s.inputs {
		in := &r.s.inputs[i]
		var paths []string
		var failures []failure
		w := walker{
			in:     in,
			folder: r.watchFolder,
			file:   func(path string) { paths = append(paths, path) },
			failed: func(dir string, err error) { failures = append(failures, failure{dir, err}) },
		}
		w.walk()
		for _, f := range failures {
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
		if !found[path] && t.detached.IsZero() {
			if l, err := lookAt(path); err != nil || l.id != t.id {
				r.detach(t)
			}
		}
	}
	return r.findNameless(ctx)
}

type failure struct {
	path string
	err  error
}

// consider looks at a name that an input matches.
func (r *runner) consider(ctx context.Context, path string, in int) error {
	l, err := lookAt(path)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !l.regular) {
		return nil
	}
	if err != nil {
		return r.deny(ctx, path, in, err)
	}
	if r.s.opts.Refuse(l.id.device, l.id.inode) {
		return r.refuse(ctx, path, in)
	}
	if r.denied[path] {
		delete(r.denied, path)
		r.s.status.remove(path)
	}
	r.watchTarget(path)
	if t := r.byID[l.id]; t != nil {
		r.meet(t, path, l)
		return nil
	}
	if old := r.byPath[path]; old != nil {
		r.detach(old)
	}
	t := &tail{id: l.id, key: l.id.key(), input: in, path: path, seen: l, grew: time.Now()}
	if err := r.begin(ctx, t); err != nil {
		return err
	}
	r.byID[t.id], r.byPath[path] = t, t
	r.enqueue(t)
	r.show(t)
	return nil
}

// meet sees a known file again, perhaps under another name.
func (r *runner) meet(t *tail, path string, l look) {
	if t.path != path {
		if t.path != "" && t.detached.IsZero() {
			if now, err := lookAt(t.path); err == nil && now.id == t.id {
				return // a second name of the same file: read once
			}
		}
		r.rename(t, path)
		t.at.path = path
		t.detached = time.Time{}
	}
	if l.size != t.seen.size || l.changed != t.seen.changed || t.failure != "" {
		r.enqueue(t)
	}
}

// begin decides where a file is read from.
func (r *runner) begin(ctx context.Context, t *tail) error {
	first, last, err := r.peek(t)
	if err != nil {
		last = '\n' // not known; the likely case
	}
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		r.log.Warn("file cannot be read yet", "path", t.path, "error", err)
	}
	if s, ok := r.claim(t.id, first, err == nil); ok {
		renumbered := s.key != t.key
		known := r.byPath[t.path] == nil
		t.at = s.state
		t.at.path = t.path
		if renumbered {
			return r.putPositions(ctx, t, []record.Position{{Key: s.key}, r.arena.position(t.key, &t.at)[0]})
		}
		if known && s.path == t.path {
			return nil // as the spool has it
		}
		return r.putPositions(ctx, t, r.arena.position(t.key, &t.at))
	}
	t.at = state{head: headOf(first), path: t.path}
	in := &r.s.inputs[t.input]
	firstSight := !r.marked[in.mark] && !r.known[t.path]
	switch {
	case firstSight && in.Start == StartEnd:
		t.at.offset = t.seen.size
		t.at.unknown = t.seen.size > 0
		t.at.open = t.seen.size > 0 && last != '\n'
	case firstSight:
		t.at.backfill = t.seen.size
	}
	return r.putPositions(ctx, t, r.arena.position(t.key, &t.at))
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
// position whose first bytes are not the file's is returned under the file's own
// key only: the file was overwritten, which reading it will find.
func (r *runner) claim(id identity, first []byte, readable bool) (savedState, bool) {
	if s, ok := r.saved[id]; ok {
		delete(r.saved, id)
		return s, true
	}
	if !readable || id.birth == 0 {
		return savedState{}, false
	}
	for other, s := range r.saved {
		if other.inode == id.inode && other.birth == id.birth && s.head.n > 0 && s.head.matches(first) {
			delete(r.saved, other)
			return s, true
		}
	}
	return savedState{}, false
}

// adoptOrphans looks for the files of positions that no glob matched: they were
// rotated while nothing ran, and lie under another name in the same folder.
func (r *runner) adoptOrphans(ctx context.Context) error {
	folders := map[string]bool{}
	for _, s := range r.saved {
		folders[filepath.Dir(s.path)] = true
	}
	for dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			continue // kept: the folder may be readable another time
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
			s, ok := r.saved[l.id]
			if !ok || filepath.Dir(s.path) != dir {
				continue
			}
			delete(r.saved, l.id)
			r.adopt(path, l, s)
		}
		if err := r.forgetMissing(ctx, dir); err != nil {
			return err
		}
	}
	return nil
}

// adopt follows a rotated file under its new name.
func (r *runner) adopt(path string, l look, s savedState) {
	in := r.inputOf(s.path)
	if in < 0 {
		r.saved[l.id] = s // no longer configured: forgotten with the missing
		return
	}
	t := &tail{id: l.id, key: s.key, input: in, path: path, at: s.state, seen: l, grew: time.Now(), detached: time.Now()}
	r.byID[t.id] = t
	if r.byPath[path] == nil {
		r.byPath[path] = t
	}
	r.log.Info("reading on in a file that was rotated meanwhile", "path", s.path, "now", path, "offset", s.offset)
	r.enqueue(t)
	r.show(t)
}

// forgetMissing drops the positions of files that are not there any more.
func (r *runner) forgetMissing(ctx context.Context, dir string) error {
	for id, s := range r.saved {
		if filepath.Dir(s.path) != dir {
			continue
		}
		delete(r.saved, id)
		in := r.inputOf(s.path)
		if in < 0 {
			if err := r.putForget(ctx, s.key, 0, s.path); err != nil {
				return err
			}
			continue
		}
		if err := r.declare(ctx, declaration{
			action: "file_missing", path: s.path, stream: s.key, input: in, reason: "missing",
			message:   fmt.Sprintf("%s was read up to offset %d and was gone when reading began again; what followed is lost", s.path, s.offset),
			positions: []record.Position{{Key: s.key}},
		}); err != nil {
			return err
		}
	}
	return nil
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
