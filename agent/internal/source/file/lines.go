package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// defaultMaxLines bounds a record of several lines.
const defaultMaxLines = 500

// complete checks what is to join lines.
func (m *Multiline) complete() (*Multiline, error) {
	c := *m
	switch {
	case (c.Start == nil) != c.Indent:
		return nil, errors.New("multiline needs one of start and indent")
	case c.MaxLines < 0 || c.MaxLines == 1:
		return nil, fmt.Errorf("multiline.max_lines is %d", c.MaxLines)
	case c.MaxLines == 0:
		c.MaxLines = defaultMaxLines
	}
	return &c, nil
}

// goesOn tells whether a line belongs to the record before it.
func (m *Multiline) goesOn(line []byte) bool {
	if m.Start != nil {
		return !m.Start.Match(line)
	}
	return len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
}

// pause is how long a file must have rested before its last record is given out.
func (r *runner) pause(t *tail) time.Duration {
	if m := r.s.inputs[t.input].Multiline; m != nil && m.Timeout > 0 {
		return m.Timeout
	}
	return r.s.cfg.Pause
}

// consume gives out the whole records of a block that begins at the position, and
// returns how many bytes of it are an unfinished one. Where final is set nothing
// follows the last whole line.
func (r *runner) consume(ctx context.Context, t *tail, b []byte, final bool) (int, error) {
	in := &r.s.inputs[t.input]
	limit, unit := in.limit, t.charset.Unit()
	for len(b) > 0 {
		var end int
		if t.charset == nil { // without a call, for most lines are these
			end = bytes.IndexByte(b, '\n')
		} else {
			end = t.charset.IndexNewline(b)
		}
		switch {
		case t.at.skipping:
			if end < 0 {
				whole := len(b) - len(b)%unit
				r.counts.SkippedBytes += uint64(whole)
				t.at.offset += int64(whole)
				return 0, nil
			}
			r.counts.SkippedBytes += uint64(end)
			t.at.skipping = false
			t.at.offset += int64(end + unit)
			t.at.line++
			b = b[end+unit:]
		case end < 0 && len(b) <= limit:
			return len(b), nil
		case end < 0:
			used, err := r.putCut(ctx, t, b[:limit])
			if err != nil {
				return 0, err
			}
			b = b[used:]
		default:
			size, count := end+unit, 1
			if in.Multiline != nil && !t.at.open && end <= limit {
				if size, count = r.record(t, b, size, final); count == 0 {
					return len(b), nil
				}
			}
			if err := r.putLines(ctx, t, b[:size], count); err != nil {
				return 0, err
			}
			b = b[size:]
		}
	}
	return 0, nil
}

// record finds the end of a record whose first line takes size bytes, newline
// included, and how many lines it has: 0 where that is not known yet.
func (r *runner) record(t *tail, b []byte, size int, final bool) (all, count int) {
	in := &r.s.inputs[t.input]
	unit := t.charset.Unit()
	for count = 1; count < in.Multiline.MaxLines; count++ {
		end := t.charset.IndexNewline(b[size:])
		switch {
		case end < 0 && len(b) > in.limit:
			return size, count // whatever comes, there is no room for it
		case end < 0 && final:
			return size, count
		case end < 0:
			return size, 0
		case size+end > in.limit || !in.Multiline.goesOn(r.text(t, b[size:size+end], size)):
			return size, count
		}
		size += end + unit
	}
	return size, count
}

// text decodes what begins at an offset behind the position. It is valid until
// the next call.
func (r *runner) text(t *tail, raw []byte, at int) []byte {
	if t.charset == nil {
		return raw
	}
	if t.at.offset == 0 && at == 0 {
		raw = raw[t.charset.Mark(raw):]
	}
	r.decoded, _ = r.decoder.Append(r.decoded[:0], t.charset, raw, false)
	return r.decoded
}

// putCut gives out the beginning of a line that is over the cap, and returns how
// many bytes that took: a character is not cut.
func (r *runner) putCut(ctx context.Context, t *tail, raw []byte) (int, error) {
	limit := r.s.inputs[t.input].limit
	text, used := raw, len(raw)
	if t.charset != nil {
		mark := 0
		if t.at.offset == 0 {
			mark = t.charset.Mark(raw)
		}
		r.decoded, used = r.decoder.Append(r.decoded[:0], t.charset, raw[mark:], true)
		text, used = cutText(r.decoded, limit), used+mark
	}
	return used, r.put(ctx, t, text, used, true, func(s *state) { s.skipping = true; s.open = false })
}

// cutText is at most limit bytes of a text, of whole characters.
func cutText(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && text[limit]&0xc0 == 0x80 {
		limit--
	}
	return text[:limit]
}

// putLines gives out lines that end with a newline as one record.
func (r *runner) putLines(ctx context.Context, t *tail, raw []byte, count int) error {
	limit := r.s.inputs[t.input].limit
	text := raw[:len(raw)-1]
	if t.charset != nil {
		text = r.text(t, raw[:len(raw)-t.charset.Unit()], 0)
	}
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	if count > 1 && bytes.Contains(text, []byte("\r\n")) {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	if t.at.open && len(text) == 0 { // only the end of what was given out before
		t.at.offset += int64(len(raw))
		t.at.line++
		t.at.open = false
		return nil
	}
	truncated := len(text) > limit
	if truncated {
		r.counts.SkippedBytes += uint64(len(text) - limit)
		if t.charset == nil {
			text = text[:limit]
		} else {
			text = cutText(text, limit)
		}
	}
	if count > 1 {
		t.at.line += int64(count) - 1
		r.lines = int64(count) - 1
	}
	return r.put(ctx, t, text, len(raw), truncated, func(s *state) { s.line++; s.open = false })
}

// putRest gives out a last record that nothing followed, and a last line that has
// no newline.
func (r *runner) putRest(ctx context.Context, t *tail) error {
	r.setWaiting(t, false)
	if ok, err := r.ensureOpen(ctx, t); !ok {
		return err
	}
	text, _, err := r.readBlock(t)
	if err != nil {
		return r.fail(ctx, t, err)
	}
	if text == nil {
		r.enqueue(t) // it was truncated in this moment
		return nil
	}
	r.fixed = t.at.appendFixed(r.fixed[:0])
	limit := r.s.inputs[t.input].limit
	if r.s.inputs[t.input].Multiline != nil && !t.at.skipping {
		rest, err := r.consume(ctx, t, text, true)
		t.at.check = checkOf(r.block[:t.at.offset-r.base])
		if err != nil {
			return err
		}
		text = text[len(text)-rest:]
	}
	if t.charset.IndexNewline(text) >= 0 || len(text) > limit {
		r.enqueue(t) // it has gone on in this moment
		return nil
	}
	var used int
	if t.charset == nil {
		text = bytes.TrimSuffix(text, []byte{'\r'}) // the first half of a line end
		used = len(text)
	} else {
		text, used = r.halfLine(t, text)
	}
	if len(text) == 0 {
		return nil
	}
	return r.put(ctx, t, text, used, false, func(s *state) { s.open = true })
}

// halfLine decodes a line that may go on, without what may be the first half of a
// line end or of a character, and tells how many bytes that took.
func (r *runner) halfLine(t *tail, raw []byte) (text []byte, used int) {
	mark := 0
	if t.at.offset == 0 {
		mark = t.charset.Mark(raw)
	}
	r.decoded, used = r.decoder.Append(r.decoded[:0], t.charset, raw[mark:], true)
	text = r.decoded
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
		used -= t.charset.Unit()
	}
	return cutText(text, r.s.inputs[t.input].limit), used + mark
}
