package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// adoptOrphans looks for the files of positions that no glob matched: they were
// rotated while nothing ran. They lie under another name in the same folder, or
// what they held does, in a compressed file.
func (r *runner) adoptOrphans(ctx context.Context) error {
	folders := map[string]bool{}
	for _, s := range r.saved {
		folders[filepath.Dir(s.path)] = true
		if s.real != "" {
			folders[filepath.Dir(s.real)] = true
		}
	}
	for dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // its logs are declared missing
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
			if s, ok := r.saved[l.id]; ok && r.inputOf(s.path) >= 0 {
				delete(r.saved, l.id)
				r.adopt(path, l, s)
			}
		}
	}
	for id, s := range r.saved {
		delete(r.saved, id)
		r.lost = append(r.lost, s)
	}
	return r.seekLost(ctx)
}

// adopt follows a rotated file under its new name. A number that is another
// file's by now is found out here: nothing would tell when it is read.
func (r *runner) adopt(path string, l look, s savedState) {
	c := candidate{path: path, look: l, packed: s.packed}
	r.due[s.path] = struct{}{}
	if first, err := c.first(); err == nil && !s.head.matches(first) {
		r.lost = append(r.lost, s)
		return
	}
	t := &tail{
		id: l.id, key: l.id.key(), input: r.inputOf(s.path), path: path, at: s.state, seen: l,
		grew: time.Now(), detached: time.Now(),
	}
	r.byID[t.id] = t
	if r.byPath[path] == nil {
		r.byPath[path] = t
	}
	if now := r.byPath[s.path]; now != nil {
		now.follow(t)
	}
	r.log.Info("reading on in a file that was rotated meanwhile", "path", s.path, "now", path, "offset", s.offset)
	r.enqueue(t)
	r.show(t)
}

// seekLost looks for what files held that are there no more, and declares what
// is not found.
func (r *runner) seekLost(ctx context.Context) error {
	l := listings{}
	for _, s := range r.lost {
		in := r.inputOf(s.path)
		if in < 0 || s.copied {
			if err := r.putPositions(ctx, &tail{key: s.key, at: s.state}, r.release(s.key)); err != nil {
				return err
			}
			continue
		}
		r.due[s.path] = struct{}{}
		if c, ok := r.find(ctx, l, &s.state, identity{}); ok {
			t := r.takeOver(c, s.state, in)
			if now := r.byPath[s.path]; now != nil {
				now.follow(t)
			}
			if err := r.putPositions(ctx, t, append(r.release(s.key), r.arena.position(t.key, &t.at, nil)...)); err != nil {
				return err
			}
			continue
		}
		if err := r.declare(ctx, declaration{
			action: "file_missing", path: s.path, stream: s.key, input: in, reason: "missing",
			message:   fmt.Sprintf("%s was read up to offset %d and was gone when reading began again; what followed is lost", s.path, s.offset),
			positions: r.release(s.key),
		}); err != nil {
			return err
		}
	}
	r.lost = nil
	return r.dropTombs(ctx)
}

// dropTombs forgets the rotated files of paths that have none any more.
func (r *runner) dropTombs(ctx context.Context) error {
	for path, s := range r.tombs {
		_, due := r.due[path]
		if due || r.byPath[path] != nil {
			continue
		}
		delete(r.tombs, path)
		if err := r.putPositions(ctx, &tail{key: s.key, at: s.state}, r.release(s.key)); err != nil {
			return err
		}
	}
	return nil
}
