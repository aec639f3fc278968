package file

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// A log's path has one file after the other: its lives. The lines of one come
// before those of the next, whatever order the files are noticed in.

// succeed makes a file the newest life of its path.
func (r *runner) succeed(t *tail) {
	if before := r.newest[t.at.path]; before != nil {
		t.follow(before)
		r.lookOnce(t)
	}
	r.newest[t.at.path] = t
	r.sequence++
	t.order = r.sequence
}

// follow puts a file behind another, unless that one is behind it.
func (t *tail) follow(before *tail) {
	steps := 0
	for p := before; p != nil; p = p.prev {
		if steps++; p == t || steps > maxLives {
			return
		}
	}
	t.prev = before
}

// lookOnce queues what a new file follows: what was written to that one last may have
// been told of under the name that is the new one's by now.
func (r *runner) lookOnce(t *tail) {
	if t.fresh && t.prev != nil {
		r.enqueue(t.prev)
	}
}

// replace puts one tail in another's place in the order.
func (r *runner) replace(old, by *tail) {
	if by.prev == nil && old.prev != nil {
		by.follow(old.prev)
	}
	for _, t := range r.byID {
		if t.prev == old && t != by {
			t.prev = nil
			t.follow(by)
		}
	}
	if r.newest[old.at.path] == old {
		r.newest[old.at.path] = by
	}
	by.order = old.order
}

// behind tells whether an earlier life of the file's path has lines that come
// first. An unfinished last line counts, unless it still grows.
func (t *tail) behind() bool {
	steps := 0
	for p := t.prev; p != nil; p = p.prev {
		if p.queued || !p.held.IsZero() || p.astray() || p.waiting && !p.grew.After(t.held) {
			return true
		}
		if steps++; steps > maxLives {
			return false
		}
	}
	t.prev = nil
	return false
}

// astray tells whether there is more to read of a file that is not open and has
// no name that is known.
func (t *tail) astray() bool {
	return !t.left && t.file == nil && t.path == "" && (t.touched || t.seen.size > t.at.offset)
}

// gone tells whether a file is neither open nor under the name it had.
func (t *tail) gone() bool {
	if t.file != nil || t.path == "" {
		return t.file == nil
	}
	l, err := lookAt(t.path)
	return err != nil || l.id != t.id
}

// maxLives bounds a walk over the lives of one log.
const maxLives = 1000

// hold keeps a file out of the queue while it is behind.
func (r *runner) hold(t *tail) bool {
	if t.prev == nil {
		return false
	}
	if t.held.IsZero() {
		t.held = time.Now()
	}
	if !t.behind() {
		t.held = time.Time{}
		return false
	}
	r.held[t] = struct{}{}
	return true
}

// letGo queues the held files that may be read by now.
func (r *runner) letGo() {
	for t := range r.held {
		if !t.behind() {
			delete(r.held, t)
			t.held = time.Time{}
			r.enqueue(t)
		}
	}
}

// done keeps the position of a rotated file that was read to its end, in place of
// the one before: what is found later beside it, and newer, has not been read.
func (r *runner) done(ctx context.Context, t *tail, log string) error {
	t.at.done, t.at.path = true, log
	positions := r.arena.position(t.key, &t.at, nil)
	if old, ok := r.tombs[t.at.path]; ok && old.key != t.key {
		positions = append(positions, r.release(old.key)...)
	}
	r.tombs[t.at.path] = savedState{id: t.id, key: t.key, state: t.at}
	return r.putPositions(ctx, t, positions)
}

// release are positions that forget a key, none while a file has it.
func (r *runner) release(key string) []record.Position {
	if id, err := parseKey(key); err == nil && r.byID[id] != nil && r.byID[id].key == key {
		return nil
	}
	return []record.Position{{Key: key}}
}

// sweepDue looks for lives that came and went unseen, of the paths whose file was
// found to be another one.
func (r *runner) sweepDue(ctx context.Context) error {
	if len(r.due) == 0 {
		return nil
	}
	for range findAttempts {
		l := listings{}
		due := r.due
		r.due = map[string]struct{}{}
		for path := range due {
			// A rotated file that the globs match is a life of its log, and has none.
			for _, log := range r.logsOf(path) {
				path = log
			}
			if err := r.sweep(ctx, l, path); err != nil {
				return err
			}
		}
		if len(r.due) == 0 {
			break
		}
	}
	return nil
}

// life is a candidate of a sweep.
type life struct {
	candidate
	// tail is what reads it; it may do so from another file.
	tail *tail
}

// sweep takes in the rotated files of a path that nobody knows and that are newer
// than one that is known, and puts all of them in order.
func (r *runner) sweep(ctx context.Context, l listings, path string) error {
	in := r.inputOf(path)
	if in < 0 {
		return nil
	}
	var lives []life
	for _, c := range l.of(path) {
		if c.rank.scheme == unordered {
			continue
		}
		if c.vanished {
			r.due[path] = struct{}{} // what it is now was not listed
		}
		if c.look.regular {
			lives = append(lives, life{candidate: c, tail: r.byID[c.look.id]})
		}
	}
	slices.SortStableFunc(lives, func(a, b life) int {
		switch {
		case a.rank.newer(b.rank):
			return 1
		case b.rank.newer(a.rank):
			return -1
		default:
			return cmp.Compare(a.look.changed, b.look.changed)
		}
	})
	now := r.current(path)
	known := r.readUpTo(path, now, lives)
	for i := range lives {
		n := &lives[i]
		if known < 0 || n.tail != nil || !n.rank.newer(lives[known].rank) || n.look.changed < lives[known].look.changed {
			continue
		}
		if err := r.takeIn(ctx, path, n, in); err != nil {
			return err
		}
	}
	r.putInOrder(path, now, lives)
	return nil
}

// current is the file that has a path; nil where it lost it, of which nothing may have
// been told yet.
func (r *runner) current(path string) *tail {
	t := r.byPath[path]
	if t == nil {
		return nil
	}
	if l, err := lookAt(path); err != nil || l.id != t.id {
		return nil
	}
	return t
}

// putInOrder makes each life of a path wait for the one before it. Those without
// a name on disk stand where they were noticed.
func (r *runner) putInOrder(path string, now *tail, lives []life) {
	var list []*tail
	for i := range lives {
		if t := lives[i].tail; t != nil && !t.at.copied && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	for _, t := range r.byID {
		if t == now || t.path != "" && t != r.byPath[path] || t.at.copied || !isLifeOf(t.at.path, path) || slices.Contains(list, t) {
			continue
		}
		at := slices.IndexFunc(list, func(other *tail) bool { return other.order > t.order })
		if at < 0 {
			at = len(list)
		}
		list = slices.Insert(list, at, t)
	}
	if len(list) > 0 && slices.Contains(list, list[0].prev) {
		list[0].prev = nil
	}
	var before *tail
	for _, t := range list {
		before = r.behindOf(t, before)
	}
	if now == nil {
		now = before
	}
	if now != nil {
		r.newest[path] = r.behindOf(now, before)
	}
}

// behindOf puts a life behind another, and returns it.
func (r *runner) behindOf(t, before *tail) *tail {
	if before != nil && before != t {
		t.follow(before)
		r.lookOnce(t)
	}
	r.sequence++
	t.order = r.sequence
	return t
}

// readUpTo is the life, in order, up to which none is unread that nobody knows: the one
// that was finished last, else the oldest that is being read; -1 if there is neither. It
// finds out which of them are read from another file.
func (r *runner) readUpTo(path string, now *tail, lives []life) int {
	tomb, buried := r.tombs[path]
	oldest, finished := -1, -1
	for i := range lives {
		n := &lives[i]
		known := n.tail != nil && !n.tail.fresh
		isTomb := buried && n.tail == nil && n.look.id == tomb.id
		if n.tail == nil && !isTomb {
			first, err := n.first()
			switch {
			case errors.Is(err, fs.ErrNotExist):
				r.due[path] = struct{}{} // renamed or compressed in this moment
			case err == nil:
				n.tail = r.reader(path, first, n, nil)
				known = n.tail != nil && n.tail != now
				isTomb = n.tail == nil && buried && tomb.head.n > 0 && tomb.head.matches(first)
			}
		}
		if isTomb {
			finished = i
		}
		if known && oldest < 0 {
			oldest = i
		}
		if n.tail == now {
			n.tail = nil // a copy of what is being written
		}
	}
	if finished >= 0 {
		return finished
	}
	return oldest
}

// reader is what reads a candidate's content from another file of its path, which
// may have no name any more.
func (r *runner) reader(path string, first []byte, n *life, not *tail) *tail {
	for _, t := range r.byID {
		if t == not || t.at.copied || !isLifeOf(t.at.path, path) {
			continue
		}
		if t.at.head.n < headSize && t.file != nil {
			if s, err := take(t.file, 0); err == nil && len(s.first) > 0 && bytes.HasPrefix(s.first, first) && s.size >= n.look.size {
				return t
			}
		}
		if t.at.head.n > 0 && t.at.head.matches(first) && (t.at.head.n == headSize || n.packed || t.seen.size >= n.look.size) {
			return t
		}
	}
	return nil
}

// isLifeOf tells whether a file that was matched under one name was a log's at a
// path: under its name, or under one that it got by rotation.
func isLifeOf(name, path string) bool {
	if name == path || filepath.Dir(name) != filepath.Dir(path) {
		return name == path
	}
	rank, related := relate(filepath.Base(path), filepath.Base(name))
	return related && rank.scheme != unordered
}

// logOf is the path of the log that a rotated file was, if there is one now.
func (r *runner) logOf(t *tail) (string, bool) {
	for _, log := range r.logsOf(t.at.path) {
		return log, true
	}
	return t.at.path, r.byPath[t.at.path] != nil
}

// logsOf are the paths of the logs that a name may be a rotated one of.
func (r *runner) logsOf(path string) []string {
	var logs []string
	dir, name := filepath.Dir(path), filepath.Base(path)
	for _, base := range basesOf(name) {
		if log := filepath.Join(dir, base); (r.byPath[log] != nil || r.newest[log] != nil) && isLifeOf(path, log) {
			logs = append(logs, log)
		}
	}
	return logs
}

// takeIn begins to read a life that was never seen, or was gone before a byte of
// it was.
func (r *runner) takeIn(ctx context.Context, path string, n *life, in int) error {
	if r.s.opts.Refuse(n.look.id.device, n.look.id.inode) {
		return nil
	}
	first, err := n.first()
	if errors.Is(err, fs.ErrNotExist) {
		r.due[path] = struct{}{} // renamed or compressed in this moment
		return nil
	}
	if err != nil {
		return r.deny(ctx, n.path, in, err)
	}
	if len(first) == 0 || r.reader(path, first, n, nil) != nil {
		return nil
	}
	n.tail = r.takeOver(n.candidate, state{head: headOf(first), path: path}, in)
	n.tail.fresh = true
	positions := r.arena.position(n.tail.key, &n.tail.at, nil)
	for _, t := range r.byID {
		if t != n.tail && isLifeOf(t.at.path, path) && t.at.head.n == 0 && t.gone() {
			r.replace(t, n.tail)
			r.drop(t)
			positions = append(positions, r.release(t.key)...)
			break
		}
	}
	return r.putPositions(ctx, n.tail, positions)
}
