package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

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

	file *os.File
	// used orders the open files by when they were read.
	used uint64
	// seen is what the file was when last looked at.
	seen look
	// grew is when bytes were last found.
	grew time.Time
	// detached is when the name it was matched under became another's; zero before.
	detached time.Time
	queued   bool
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
	l, err := lookInto(t.file)
	if err != nil {
		return false, r.fail(ctx, t, err)
	}
	r.saw(t, l)
	if err := r.checkHead(ctx, t); err != nil {
		return false, err
	}
	n, err := t.file.ReadAt(r.block, t.at.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, r.fail(ctx, t, fmt.Errorf("read %s: %w", t.name(), err))
	}
	// Had it been truncated and written anew in between, the block would be torn.
	if after, err := lookInto(t.file); err == nil && after.size < t.at.offset+int64(n) {
		r.saw(t, after)
		return true, nil
	}
	t.failure = ""
	r.read = r.s.opts.Clock()
	rest, err := r.consume(ctx, t, r.block[:n])
	if err != nil {
		return false, err
	}
	full := n == len(r.block)
	r.setWaiting(t, !full && !t.at.skipping && rest > 0)
	return full, nil
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

// consume gives out the whole lines of a block that begins at the position, and
// returns how many bytes of it are an unfinished line.
func (r *runner) consume(ctx context.Context, t *tail, b []byte) (int, error) {
	limit := r.s.inputs[t.input].limit
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		switch {
		case t.at.skipping:
			if end < 0 {
				r.counts.SkippedBytes += uint64(len(b))
				t.at.offset += int64(len(b))
				return 0, nil
			}
			r.counts.SkippedBytes += uint64(end)
			t.at.skipping = false
			t.at.offset += int64(end) + 1
			t.at.line++
			b = b[end+1:]
		case end < 0 && len(b) <= limit:
			return len(b), nil
		case end < 0:
			if err := r.put(ctx, t, b[:limit], limit, true, func(s *state) { s.skipping = true; s.open = false }); err != nil {
				return 0, err
			}
			b = b[limit:]
		default:
			if err := r.putLine(ctx, t, b[:end], limit); err != nil {
				return 0, err
			}
			b = b[end+1:]
		}
	}
	return 0, nil
}

// putLine gives out a line that ends with a newline.
func (r *runner) putLine(ctx context.Context, t *tail, text []byte, limit int) error {
	advance := len(text) + 1
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	if t.at.open && len(text) == 0 { // only the end of what was given out before
		t.at.offset += int64(advance)
		t.at.line++
		t.at.open = false
		return nil
	}
	truncated := len(text) > limit
	if truncated {
		r.counts.SkippedBytes += uint64(len(text) - limit)
		text = text[:limit]
	}
	return r.put(ctx, t, text, advance, truncated, func(s *state) { s.line++; s.open = false })
}

// putRest gives out a last line that has no newline.
func (r *runner) putRest(ctx context.Context, t *tail) error {
	r.setWaiting(t, false)
	if ok, err := r.ensureOpen(ctx, t); !ok {
		return err
	}
	n, err := t.file.ReadAt(r.block, t.at.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return r.fail(ctx, t, fmt.Errorf("read %s: %w", t.name(), err))
	}
	r.read = r.s.opts.Clock()
	text := r.block[:n]
	if bytes.IndexByte(text, '\n') >= 0 || n > r.s.inputs[t.input].limit {
		r.enqueue(t) // it has gone on in this moment
		return nil
	}
	if n > 0 && text[n-1] == '\r' {
		text = text[:n-1] // the first half of a line end
	}
	if len(text) == 0 {
		return nil
	}
	return r.put(ctx, t, text, len(text), false, func(s *state) { s.open = true })
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
		raw.Line = t.at.line + 1
	}
	t.at.offset += int64(advance)
	move(&t.at)
	raw.Positions = r.arena.position(t.key, &t.at)
	r.counts.Lines++
	r.counts.Bytes += uint64(len(text))
	if truncated {
		r.counts.Truncated++
	}
	return r.sink.Put(ctx, raw)
}

// checkHead compares the first bytes with those known, and starts at the
// beginning where the file holds something else by now.
func (r *runner) checkHead(ctx context.Context, t *tail) error {
	n, err := t.file.ReadAt(r.head[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil // reading on will meet the same error, and report it
	}
	first := r.head[:n]
	if t.seen.size < t.at.offset || !t.at.head.matches(first) {
		return r.restart(ctx, t, first)
	}
	if t.at.head.n < min(n, headSize) {
		t.at.head = headOf(first)
	}
	return nil
}

// restart goes to the beginning of a file that was truncated or overwritten, and
// says so: what it held past the position is lost.
func (r *runner) restart(ctx context.Context, t *tail, first []byte) error {
	old := t.at.offset
	t.at = state{head: headOf(first), path: t.at.path}
	r.counts.Truncations++
	r.log.Info("file was truncated; reading from its beginning", "path", t.name(), "offset", old, "size", t.seen.size)
	return r.declare(ctx, declaration{
		action: "file_truncated", path: t.name(), stream: t.key, input: t.input,
		message:   fmt.Sprintf("%s was truncated or overwritten after offset %d; lines written between the last read and then are lost", t.name(), old),
		reason:    "truncated",
		positions: r.arena.position(t.key, &t.at),
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
