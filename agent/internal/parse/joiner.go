package parse

import (
	"bytes"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

const (
	// maxJoined and maxJoinedLines bound a joined record: its text, again as the
	// stack trace and again as messages, has to fit one event.
	maxJoined      = 160 << 10
	maxJoinedLines = 4096
	// maxGap is how far apart two lines of one record may be read.
	maxGap = 5 * time.Second
	// maxDoubt is how many lines of a message that follows a traceback may wait for
	// an indented one; maxTentative how many lines before a stack may wait for it.
	maxDoubt     = 3
	maxTentative = 16
	// maxOpening bounds the line that may begin a record of several, in bytes.
	maxOpening = 32 << 10
)

// heldLine is one line that waits: where it is in the joiner's texts and what came
// with it.
type heldLine struct {
	start, end int // of the line as it was read
	from, to   int // of what its envelope holds
	raw        record.Raw
}

// joiner collects the lines of one multi-line record. The first keep of them
// belong together for certain; the rest wait for what comes next.
type joiner struct {
	phase  phase
	opened phase // that of the first line
	kept   phase // that of the last line that is certain
	lines  []heldLine
	keep   int
	text   []byte
	// wrap is the envelope that every line of the record is in; inner are their
	// texts without it, empty where there is none.
	wrap  envelopeKind
	id    []byte
	inner []byte
	// partial says that the last line goes on in the next one of its stream;
	// logical is the index of the first of the lines that are one.
	partial bool
	logical int
	before  phase // that of the lines before those
}

func (j *joiner) active() bool { return len(j.lines) > 0 }

// stale says whether a record comes too late or would make what is held too long.
func (j *joiner) stale(r *record.Raw) bool {
	last := &j.lines[len(j.lines)-1].raw
	if len(j.lines) >= maxJoinedLines || len(j.text)+len(r.Text)+1 > maxJoined {
		return true
	}
	return !r.Observed.IsZero() && !last.Observed.IsZero() && r.Observed.Sub(last.Observed) > maxGap
}

// hold copies a line. Its positions are copied too: the source may use their
// memory again.
func (j *joiner) hold(r *record.Raw, inner []byte, to phase) {
	if len(j.lines) > 0 {
		j.text = append(j.text, '\n')
	}
	l := heldLine{start: len(j.text)}
	j.text = append(j.text, r.Text...)
	l.end = len(j.text)
	if j.wrap != bare {
		if len(j.lines) > 0 && !j.partial {
			j.inner = append(j.inner, '\n')
		}
		l.from = len(j.inner)
		j.inner = append(j.inner, inner...)
		l.to = len(j.inner)
	}
	l.raw = *r
	l.raw.Text = nil
	l.raw.Envelope = copyEnvelope(r.Envelope)
	l.raw.Positions = make([]record.Position, len(r.Positions))
	for i, p := range r.Positions {
		l.raw.Positions[i] = record.Position{Key: p.Key, State: slices.Clone(p.State)}
	}
	if !j.partial {
		j.logical = len(j.lines)
	}
	if j.lines = append(j.lines, l); len(j.lines) == 1 {
		j.opened = to
	}
	j.enter(to)
}

// enter goes on to a phase. Unless that is a tentative one, all lines belong
// together.
func (j *joiner) enter(to phase) {
	j.phase = to
	if !to.tentative() {
		j.keep, j.kept = len(j.lines), to
	}
}

func (j *joiner) reset() {
	clear(j.lines)
	*j = joiner{lines: j.lines[:0], text: j.text[:0], inner: j.inner[:0], id: j.id[:0]}
}

// next says in which phase a line continues what is held; idle means that it does
// not.
func (j *joiner) next(line []byte) phase {
	waiting := len(j.lines) - j.keep
	if j.phase == doubt && waiting >= maxDoubt && len(line) > 0 && !isSpace(line[0]) {
		return idle
	}
	to := next(j.phase, line)
	if to.tentative() && waiting >= maxTentative {
		return idle
	}
	return to
}

// join reads one line of a stream whose records may have several.
func (s *Stream) join(r *record.Raw, emit func(*record.Event)) {
	line := chomp(r.Text)
	for s.joiner.active() {
		if s.continues(r, line, emit) {
			return
		}
		s.settle(emit) // after which the last of the lines may be held anew
	}
	if len(line) == 0 {
		s.pass(r, emit)
		return
	}
	clock := s.clock
	e := s.one(r)
	if to := s.opens(); to != idle {
		s.clock = clock
		w := &s.wrap
		s.joiner.wrap, s.joiner.id = w.kind, append(s.joiner.id[:0], w.id...)
		s.joiner.hold(r, w.text, to)
		s.joiner.partial = w.partial
		return
	}
	emit(e)
}

// continues holds a line if it may belong to what is held already.
func (s *Stream) continues(r *record.Raw, line []byte, emit func(*record.Event)) bool {
	j := &s.joiner
	w := wrapped{kind: bare, text: line}
	if j.wrap != bare {
		in, ok := s.unwrap(line, j.wrap)
		switch {
		case ok && !bytes.Equal(in.id, j.id), !ok && j.wrap != inSyslog:
			return false
		case ok:
			w = in
		default:
			// A message of several lines, of which only the first has the envelope.
		}
	}
	switch {
	case !j.partial && !w.partial:
		to := j.next(w.text)
		if to == idle {
			return false
		}
		j.hold(r, w.text, to)
	case !j.partial:
		j.before = j.phase
		j.hold(r, w.text, piece)
		j.partial = true
	default:
		j.hold(r, w.text, piece)
		if j.partial = w.partial; !j.partial {
			s.complete(emit)
		}
	}
	return true
}

// complete decides about a logical line whose last piece was held just now.
func (s *Stream) complete(emit func(*record.Event)) {
	j := &s.joiner
	line := chomp(j.inner[j.lines[j.logical].from:])
	if j.logical == 0 {
		to := opensAny(line)
		j.keep, j.opened, j.kept, j.phase = len(j.lines), to, to, to
		if to == idle {
			s.release(emit)
		}
		return
	}
	j.phase = j.before
	to := j.next(line)
	if to == idle {
		s.settle(emit)
		return
	}
	j.enter(to)
}

// release emits what is held. It ends although settling reads lines again: each
// time at least one of them is emitted.
func (s *Stream) release(emit func(*record.Event)) {
	for s.joiner.active() {
		s.settle(emit)
	}
}

// settle emits the lines that belong together as one event, and reads the rest as
// if they came only now: one of them may begin a record of its own.
func (s *Stream) settle(emit func(*record.Event)) {
	j := &s.joiner
	keep := max(j.keep, 1)
	if j.partial && j.logical == 0 {
		keep = len(j.lines) // the pieces of a line that did not end
	}
	s.joined(j.lines[:keep], emit)
	if keep == len(j.lines) {
		j.reset()
		return
	}
	rest := slices.Clone(j.lines[keep:])
	text := bytes.Clone(j.text)
	j.reset()
	for i := range rest {
		raw := rest[i].raw
		raw.Text = text[rest[i].start:rest[i].end]
		if raw.Envelope != nil {
			s.joinEntry(&raw, emit)
			continue
		}
		s.join(&raw, emit)
	}
}

// joined emits the record that some held lines are.
func (s *Stream) joined(lines []heldLine, emit func(*record.Event)) {
	j := &s.joiner
	first, last := &lines[0], &lines[len(lines)-1]
	raw := first.raw
	raw.Text = j.text[first.start:last.end]
	if len(chomp(raw.Text)) == 0 {
		s.pass(&raw, emit)
		return
	}
	kept := j.kept
	if len(lines) == 1 && bytes.IndexByte(raw.Text, '\n') < 0 {
		if kept = j.opened; !kept.alone() {
			emit(s.one(&raw))
			return
		}
	}
	e := &s.entry
	e.begin(raw.Text, raw.Observed)
	s.clock.observe(raw.Observed)
	text := raw.Text
	switch {
	case raw.Envelope != nil:
		e.addEntry(raw.Envelope)
	case j.wrap != bare:
		s.envelope(chomp(j.text[first.start:first.end]), j.wrap)
		text = j.inner[first.from:last.to]
	}
	s.readRecord(text, kept, raw.Envelope != nil || j.wrap == inSyslog)
	if raw.Envelope != nil {
		e.at(raw.Envelope.Time)
	}
	for i := range lines {
		raw.Truncated = raw.Truncated || lines[i].raw.Truncated
		e.coverMore(lines[i].raw.Positions, lines[i].raw.Committed)
		e.serial(lines[i].raw.Serial)
	}
	emit(s.finish(&raw))
}

// coverMore adds a line's positions to those of the lines before it.
func (e *entry) coverMore(positions []record.Position, committed func()) {
	for _, p := range positions {
		if i := slices.IndexFunc(e.out.Positions, func(have record.Position) bool { return have.Key == p.Key }); i >= 0 {
			e.out.Positions[i] = p
			continue
		}
		e.out.Positions = append(e.out.Positions, p)
	}
	e.cover(nil, committed)
}
