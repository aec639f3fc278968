package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// candidate is a file whose name says that it may have been a log's.
type candidate struct {
	path   string
	look   look
	rank   rank
	packed bool
	// vanished is set where the name was gone when it was looked at: its file has
	// another one by then.
	vanished bool
	// text is set where the file was opened.
	text content
}

// first reads a candidate's first bytes.
func (c *candidate) first() ([]byte, error) {
	f, l, err := open(c.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened for reading only
	if l.id != c.look.id {
		return nil, &fs.PathError{Op: "open", Path: c.path, Err: fs.ErrNotExist}
	}
	if c.packed {
		return firstUnpacked(f)
	}
	b := make([]byte, headSize)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", c.path, err)
	}
	return b[:n], nil
}

// listings are the rotated files of folders, by the names of their logs. It is
// made anew for each search, so that a folder is read once for all its logs.
type listings map[string]map[string][]string

// of are the files that may have been the log at a path.
func (l listings) of(path string) []candidate {
	dir, base := filepath.Dir(path), filepath.Base(path)
	names, ok := l[dir]
	if !ok {
		names = map[string][]string{}
		l[dir] = names
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil // gone, or not for us to see, which walking declares
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			plain := unpackedName(e.Name())
			for _, b := range append(basesOf(plain), plain) {
				names[b] = append(names[b], e.Name())
			}
		}
	}
	var list []candidate
	for _, name := range names[base] {
		rank, related := relate(base, name)
		if !related {
			continue
		}
		if _, err := os.Lstat(filepath.Join(dir, unpackedName(name))); isPacked(name) && err == nil {
			continue // it is only being made
		}
		c := candidate{path: filepath.Join(dir, name), rank: rank, packed: isPacked(name)}
		var err error
		c.look, err = lookAt(c.path)
		c.vanished = errors.Is(err, fs.ErrNotExist)
		list = append(list, c)
	}
	return list
}

// find looks for the file that begins with all that a state has read: a renamed
// log that was compressed, or the copy of one that was truncated. Files that are
// read already are not asked. The candidate's text is open. Where it is not found
// and the candidate is not empty, that is read already and begins alike.
func (r *runner) find(ctx context.Context, l listings, st *state, not identity) (candidate, bool) {
	if st.head.n == 0 {
		return candidate{}, false
	}
	var c candidate
	for range findAttempts {
		var vanished bool
		c, vanished = r.findIn(ctx, l, st, not)
		if c.text != nil || !vanished || ctx.Err() != nil {
			break
		}
		l = listings{} // one was renamed or compressed while it was looked at
	}
	return c, c.text != nil
}

// findAttempts bounds how often a folder is read while it changes.
const findAttempts = 5

func (r *runner) findIn(ctx context.Context, l listings, st *state, not identity) (found candidate, vanished bool) {
	list := l.of(st.path)
	if st.real != "" {
		list = append(list, l.of(st.real)...)
	}
	dir, name := filepath.Dir(st.path), filepath.Base(st.path)
	for _, base := range basesOf(name) {
		if path := filepath.Join(dir, base); r.newest[path] != nil && isLifeOf(st.path, path) {
			list = append(list, l.of(path)...)
		}
	}
	for _, c := range list {
		if c.look.id == not || ctx.Err() != nil {
			continue
		}
		first, err := c.first()
		vanished = vanished || errors.Is(err, fs.ErrNotExist)
		if err != nil || !st.head.matches(first) {
			continue // not it, or compressed in a way that is not known
		}
		if t := r.byID[c.look.id]; t != nil && !t.fresh {
			found = c
			continue
		}
		text, seen, err := openContent(c.path, c.packed)
		if err != nil {
			vanished = vanished || errors.Is(err, fs.ErrNotExist)
			continue
		}
		if s, err := take(text, st.offset); err == nil && seen.id == c.look.id && s.holds(st) {
			c.look, c.text = seen, text
			return c, false
		}
		_ = text.Close() // opened for reading only
	}
	return found, vanished
}

// takeOver goes on reading in another file what a state has read of one.
func (r *runner) takeOver(c candidate, st state, in int) *tail {
	st.packed, st.copied, st.done = c.packed, false, false
	t := r.byID[c.look.id]
	if t == nil {
		t = &tail{id: c.look.id, key: c.look.id.key(), input: in, path: c.path, detached: time.Now()}
		r.byID[t.id] = t
		if r.byPath[t.path] == nil {
			r.byPath[t.path] = t
		}
	}
	t.at, t.seen, t.grew, t.fresh = st, c.look, time.Now(), false
	if c.text != nil {
		r.closeFile(t)
		r.keepOpen(t, c.text)
	}
	r.log.Info("reading on in a file that holds what followed", "path", st.path, "now", c.path, "offset", st.offset)
	r.enqueue(t)
	r.show(t)
	return t
}

// seek looks for what a file that is gone held. One that was gone before its
// first byte was seen can only be found as one of the lives that nobody knows.
func (r *runner) seek(ctx context.Context, t *tail) (bool, error) {
	if t.at.head.n == 0 {
		log, _ := r.logOf(t)
		l := listings{}
		if err := r.sweep(ctx, l, log); err != nil || r.byID[t.id] != t {
			return true, err
		}
		for _, c := range l.of(log) {
			if !c.packed || unpackedName(c.path) != t.at.path {
				continue
			}
			if first, err := c.first(); err != nil || r.byID[c.look.id] == nil && r.reader(log, first, &life{candidate: c}, t) == nil {
				continue
			}
			r.drop(t)
			return true, r.putForget(ctx, t.key, t.input, t.at.path)
		}
		return false, nil
	}
	c, ok := r.find(ctx, listings{}, &t.at, t.id)
	if !ok && t.fresh && c.path != "" {
		r.drop(t) // it was a copy
		return true, r.putForget(ctx, t.key, t.input, t.at.path)
	}
	if !ok {
		return false, nil
	}
	n := r.takeOver(c, t.at, t.input)
	n.fresh = t.fresh
	r.replace(t, n)
	r.drop(t)
	return true, r.putPositions(ctx, n, append(r.release(t.key), r.arena.position(n.key, &n.at, nil)...))
}

// judge tells whether a new file is to be read. A copy of a log that is followed,
// as copytruncate makes it, is not, until the log is found truncated: then what
// was not yet read of it is read from the copy.
func (r *runner) judge(ctx context.Context, t *tail, first []byte) (bool, error) {
	if len(first) == 0 {
		return true, nil
	}
	switch r.compare(t, first) {
	case notYetKnown:
		return false, nil
	case sameContent:
		if t.at.copied {
			return false, nil
		}
		t.at.copied = true
		return false, r.putPositions(ctx, t, r.arena.position(t.key, &t.at, nil))
	case outgrown:
		t.fresh, t.at.copied = false, false // it has become a log of its own
		return true, nil
	case otherContent:
	}
	t.fresh = false
	if !t.at.copied {
		return true, nil
	}
	// The log that it was a copy of has gone on or away, and was read itself.
	t.at = state{head: headOf(first), path: t.at.path, real: t.at.real, offset: t.seen.size, unknown: true}
	return true, r.putPositions(ctx, t, r.arena.position(t.key, &t.at, nil))
}

// originals are the logs that a file's name may be a rotated one of.
func (r *runner) originals(t *tail) []*tail {
	var list []*tail
	dir, name := filepath.Dir(t.path), filepath.Base(t.path)
	for _, base := range basesOf(name) {
		o := r.byPath[filepath.Join(dir, base)]
		if o == nil || o == t || o.fresh {
			continue
		}
		if _, related := relate(base, name); related {
			list = append(list, o)
		}
	}
	return list
}

// comparison is how a new file stands to the logs that it may be a copy of.
type comparison byte

const (
	otherContent comparison = iota
	sameContent
	// outgrown is what begins like another file and is longer.
	outgrown
	notYetKnown
)

func (r *runner) compare(t *tail, first []byte) comparison {
	for _, o := range r.originals(t) {
		if by := r.reader(o.at.path, first, &life{candidate: candidate{look: t.seen}}, t); by != nil && by != o && !by.fresh {
			return sameContent // an older life, which is read from another copy
		}
		if tomb, ok := r.tombs[o.at.path]; ok && tomb.head.n > 0 && tomb.head.matches(first) && tomb.id != t.id {
			return sameContent
		}
		s, err := r.sampleOf(o)
		switch {
		case err != nil || o.at.head.n == 0:
			continue
		case !s.holds(&o.at): // truncated, which reading it will find
			r.enqueue(o)
			return notYetKnown
		case t.seen.size <= s.size && bytes.HasPrefix(s.first, first):
			return sameContent
		case bytes.HasPrefix(first, s.first):
			return outgrown
		}
	}
	return otherContent
}

// sampleOf reads a sample of what a followed file holds now.
func (r *runner) sampleOf(t *tail) (sample, error) {
	if t.file != nil {
		return take(t.file, t.at.offset)
	}
	text, l, err := openContent(t.path, t.at.packed)
	if err != nil {
		return sample{}, err
	}
	defer func() { _ = text.Close() }() // opened for reading only
	if l.id != t.id {
		return sample{}, &fs.PathError{Op: "open", Path: t.path, Err: fs.ErrNotExist}
	}
	return take(text, t.at.offset)
}

// judgeAgain is for the files that may have been copies of a log that was
// truncated, and did not go on in them.
func (r *runner) judgeAgain() {
	for _, t := range r.byID {
		if t.fresh {
			r.enqueue(t)
		}
	}
}
