package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tocsin-security/tocsin/agent/internal/charset"
	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// tail is one file that is being followed. It keeps no text: an unfinished line
// is read again from its beginning when there is more of it, so that ten thousand
// quiet files cost no buffers.
//
// A last line without a newline that has rested for Config.Pause is given out,
// and its end becomes the position ("open"). If the line goes on after all, what
// follows up to its newline is a further record with the same line number and a
// later offset: nothing is lost, nothing is repeated, and the two are to be told
// from two lines by their number. If only its newline follows, that is no record.
type tail struct {
	id    identity
	key   string
	input int
	// path is the file's present name, "" when it has none that is known.
	path string
	// at.path is the name an input matched it under.
	at state

	file content
	// charset is what the input says, and the file's first bytes.
	charset *charset.Charset
	// used orders the open files by when they were read.
	used uint64
	// seen is what the file was when last looked at.
	seen look
	// grew is when bytes were last found.
	grew time.Time
	// detached is when the name it was matched under became another's; zero before.
	detached time.Time
	queued   bool
	// touched is set where a write was told of since the file was last read.
	touched bool
	// fresh is set until the first byte of a new file is given out.
	fresh bool
	// cut is set where the file was truncated and nothing was read of it since.
	cut bool
	// was is the path that the position told of, where it is another one.
	was string
	// prev is the life of the path before this one, while that may have lines
	// that come first; held is since when this one waits for it.
	prev *tail
	held time.Time
	// order is greater than that of the lives before.
	order uint64
	// ended is set for what cannot grow any more and was read.
	ended bool
	// left is set where it is followed no more.
	left bool
	// waiting is set while an unfinished line rests.
	waiting bool
	// failure is why it could not be read the last time.
	failure  string
	declared bool
}

// serve reads one block of a file. It reports whether there is more to read.
func (r *runner) serve(ctx context.Context, t *tail) (bool, error) {
	if ok, err := r.ensureOpen(ctx, t); !ok {
		return false, err
	}
	told := t.touched
	t.touched = false
	l, err := t.file.look()
	if err != nil {
		return false, r.fail(ctx, t, err)
	}
	r.saw(t, l)
	// The block before the head: what the head is of covers what is given out.
	text, full, err := r.readBlock(t)
	if err != nil {
		return false, r.fail(ctx, t, err)
	}
	n, err := t.file.ReadAt(r.head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, r.fail(ctx, t, fmt.Errorf("read %s: %w", t.name(), err))
	}
	first := r.head[:n]
	if l.size < t.at.offset || !t.at.head.matches(first) {
		return true, r.restart(ctx, t)
	}
	if text == nil {
		return true, nil
	}
	if !t.at.check.matches(r.block[:t.at.offset-r.base]) {
		return true, r.restart(ctx, t)
	}
	if t.at.head.n < n {
		t.at.head = headOf(first)
	}
	if t.fresh {
		if read, err := r.judge(ctx, t, first); !read || err != nil {
			return false, err
		}
		if t.at.offset > 0 {
			return true, nil
		}
	}
	t.charset = r.s.inputs[t.input].charset.For(first)
	if t.cut && (n > 0 || told) {
		return r.firstAfterCut(ctx, t)
	}
	return full, r.give(ctx, t, text, full)
}

// give gives out the records of a block, and says when they are the last ones.
func (r *runner) give(ctx context.Context, t *tail, text []byte, full bool) error {
	if err := r.recovered(ctx, t); err != nil {
		return err
	}
	r.fixed = t.at.appendFixed(r.fixed[:0])
	rest, err := r.consume(ctx, t, text, false)
	t.at.check = checkOf(r.block[:t.at.offset-r.base])
	if err != nil {
		return err
	}
	r.setWaiting(t, !full && !t.at.skipping && rest > 0)
	if full || !t.at.packed {
		return nil
	}
	t.ended = true // what is compressed does not grow
	if t.waiting {
		return r.putRest(ctx, t)
	}
	return nil
}

// readBlock reads on from a file's position, and what the check before it needs.
// The text is nil where the file became shorter meanwhile, so that a block of
// two contents is never given out.
func (r *runner) readBlock(t *tail) (text []byte, full bool, err error) {
	r.base = max(0, t.at.offset-checkSize)
	n, err := t.file.ReadAt(r.block, r.base)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read %s: %w", t.name(), err)
	}
	if after, err := t.file.look(); err == nil && after.size < r.base+int64(n) || r.base+int64(n) < t.at.offset {
		return nil, false, err
	}
	r.read = r.s.opts.Clock()
	return r.block[t.at.offset-r.base : n], n == len(r.block), nil
}

// firstAfterCut is for a file that was truncated and from which nothing was read
// since. It may have been filled and truncated once more, unseen: then there is a
// copy that nobody knows, whose lines come first.
func (r *runner) firstAfterCut(ctx context.Context, t *tail) (more bool, err error) {
	if err := r.sweep(ctx, listings{}, t.at.path); err != nil || t.behind() {
		return true, err
	}
	if t.seen.size == 0 {
		return false, nil
	}
	if err := r.skipHole(t); err != nil {
		return false, r.fail(ctx, t, err)
	}
	return true, nil
}

// skipHole goes over the NULs that a program leaves before its first line when
// it writes on where it was in a file that was truncated.
func (r *runner) skipHole(t *tail) error {
	t.cut = false
	if f, ok := t.file.(plain); ok && r.head[0] == 0 {
		if at, err := f.Seek(0, unix.SEEK_DATA); err == nil {
			t.at.offset = at
		}
	}
	for {
		n, err := t.file.ReadAt(r.block, t.at.offset)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", t.name(), err)
		}
		text := bytes.TrimLeft(r.block[:n], "\x00")
		t.at.offset += int64(n - len(text))
		if len(text) > 0 || n == 0 {
			t.at.check = check{}
			return nil
		}
	}
}

// saw remembers a look at a file, and when it last differed from the one before.
func (r *runner) saw(t *tail, l look) {
	if l.size != t.seen.size || l.changed != t.seen.changed {
		t.grew = time.Now()
	}
	t.seen = l
}

// name is what to call the file in messages.
func (t *tail) name() string {
	if t.path != "" {
		return t.path
	}
	return t.at.path
}

// put gives out one record and moves the position by advance bytes.
func (r *runner) put(ctx context.Context, t *tail, text []byte, advance int, truncated bool, move func(*state)) error {
	raw := &r.raw
	*raw = record.Raw{
		Stream: t.key, Input: t.input, Parser: r.s.inputs[t.input].Parser, Path: t.at.path,
		Offset: t.at.offset, Text: text, Truncated: truncated,
		Backfill: t.at.offset < t.at.backfill, Observed: r.read,
	}
	if !t.at.unknown {
		raw.Line = t.at.line + 1 - r.lines
	}
	r.lines = 0
	t.at.offset += int64(advance)
	t.at.check = checkOf(r.block[:t.at.offset-r.base])
	move(&t.at)
	raw.Positions = r.arena.position(t.key, &t.at, r.fixed)
	r.counts.Lines++
	r.counts.Bytes += uint64(len(text))
	if truncated {
		r.counts.Truncated++
	}
	return r.sink.Put(ctx, raw)
}

// restart goes to the beginning of a file that was truncated or overwritten. What
// was not yet read of it is read from the copy, where there is one. What was
// written after the copy was made is lost, and whether there was any is not
// known: so it is declared.
func (r *runner) restart(ctx context.Context, t *tail) error {
	old := t.at
	if t.was != "" {
		old.path = t.was
	}
	t.at = state{head: headOf(nil), path: t.at.path, real: t.at.real} // its first bytes may be others by now
	t.cut, t.was, t.fresh = true, "", false
	r.counts.Truncations++
	r.log.Info("file was truncated; reading from its beginning", "path", t.name(), "offset", old.offset, "size", t.seen.size)
	positions := r.arena.position(t.key, &t.at, nil)
	lost := "lines written between the last read and then are lost"
	if c, ok := r.find(ctx, listings{}, &old, t.id); ok {
		n := r.takeOver(c, old, t.input)
		r.replace(t, n)
		t.prev = nil
		r.newest[t.at.path] = r.behindOf(t, n)
		positions = append(positions, r.arena.position(n.key, &n.at, nil)...)
		lost = "reading on in its copy " + c.path + "; lines written after that was made are lost"
	}
	r.due[t.at.path] = struct{}{}
	r.judgeAgain()
	return r.declare(ctx, declaration{
		action: "file_truncated", path: t.name(), stream: t.key, input: t.input, reason: "truncated",
		message:   fmt.Sprintf("%s was truncated or overwritten after offset %d; %s", t.name(), old.offset, lost),
		positions: positions,
	})
}

func (r *runner) setWaiting(t *tail, waiting bool) {
	if waiting == t.waiting {
		return
	}
	t.waiting = waiting
	if waiting {
		r.waiting[t] = struct{}{}
	} else {
		delete(r.waiting, t)
	}
}
