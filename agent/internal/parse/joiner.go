package parse

import (
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
	// maxDoubt is how many lines of a message may wait for an indented one.
	maxDoubt = 3
)

// phase is where in a multi-line record the joiner is.
type phase int

const (
	idle   phase = iota
	header       // a record that a traceback may follow
	frames       // within a traceback
	group        // within the drawing of an exception group
	ended        // after a traceback's last line
	blank        // an empty line after that: a chain may go on
	marker       // after the words that link a chain
	linked       // an empty line after those
	doubt        // a line that is a neighbour, unless an indented one follows
)

// heldLine is one line that waits: where its text is and what came with it.
type heldLine struct {
	start, end int
	raw        record.Raw
}

// joiner collects the lines of one multi-line record. The first keep of them
// belong together for certain; the rest wait for what comes next.
type joiner struct {
	phase phase
	lines []heldLine
	keep  int
	text  []byte
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
func (j *joiner) hold(r *record.Raw, to phase) {
	if len(j.lines) > 0 {
		j.text = append(j.text, '\n')
	}
	start := len(j.text)
	j.text = append(j.text, r.Text...)
	raw := *r
	raw.Text = nil
	raw.Envelope = copyEnvelope(r.Envelope)
	raw.Positions = make([]record.Position, len(r.Positions))
	for i, p := range r.Positions {
		raw.Positions[i] = record.Position{Key: p.Key, State: slices.Clone(p.State)}
	}
	j.lines = append(j.lines, heldLine{start: start, end: len(j.text), raw: raw})
	j.phase = to
	switch to {
	case blank, marker, linked, doubt:
	default:
		j.keep = len(j.lines)
	}
}

func (j *joiner) reset() {
	clear(j.lines)
	j.lines, j.text, j.keep, j.phase = j.lines[:0], j.text[:0], 0, idle
}

// open says whether a line begins a record that may have more lines.
func open(c *clock, line []byte) phase {
	if len(line) < 8 || line[0] == '{' || line[0] == '<' {
		return idle
	}
	switch line[0] {
	case 'T', ' ':
		if trace, inGroup := beginsTrace(line); trace {
			return frames
		} else if inGroup {
			return group
		}
	}
	if isPrelude(line) {
		return header
	}
	if !isPythonStart(line) {
		return idle
	}
	saved := *c
	r, ok := readPython(c, line)
	*c = saved
	if !ok || !isSevere(r.level) {
		return idle
	}
	if string(r.message) == traceStart {
		return frames
	}
	return header
}

// isPythonStart rules out, at the price of a few bytes, the lines of an access log
// or of syslog: a record of logging begins with a year, a bracket or a level. The
// line has at least two bytes.
func isPythonStart(line []byte) bool {
	switch line[0] {
	case '[':
		return isDigit(line[1]) || (line[1] >= 'A' && line[1] <= 'Z')
	case '1', '2':
		return len(line) > 5 && (line[4] == '-' || line[4] == '/')
	default:
		return line[0] >= 'A' && line[0] <= 'Z' && line[1] >= 'A' && line[1] <= 'Z'
	}
}

// isPrelude knows what the interpreter and asyncio print before a traceback.
func isPrelude(line []byte) bool {
	switch line[0] {
	case 'E', 'T', 'F', 'U', 'I':
	default:
		return false
	}
	for _, prefix := range [...]string{
		"Exception in thread ", "Exception ignored in: ", "Exception in callback ", "Exception in ASGI application",
		"Task exception was never retrieved", "Future exception was never retrieved", "Unhandled exception in ", "Internal Server Error: ",
	} {
		if has(line, prefix) {
			return true
		}
	}
	return false
}

// next says in which phase a line continues what is held.
func (j *joiner) next(line []byte) phase {
	if j.phase == doubt && len(j.lines)-j.keep >= maxDoubt && len(line) > 0 && !isSpace(line[0]) {
		return idle
	}
	return next(j.phase, line)
}

// next says in which phase a line continues the record; idle means that it does
// not.
func next(p phase, line []byte) phase {
	trace, inGroup := beginsTrace(line)
	switch p {
	case header, marker, linked:
		switch {
		case trace:
			return frames
		case inGroup:
			return group
		case p == marker && len(line) == 0:
			return linked
		case p == header && (has(line, "future: <") || has(line, "handle: <") || has(line, "task: <")):
			return header
		}
	case frames:
		switch {
		case len(line) > 0 && isSpace(line[0]):
			return frames
		case len(line) > 0 && isException(line):
			return ended
		}
	case group:
		if _, depth := gutter(line); depth >= 0 {
			return group
		}
		if len(line) == 0 {
			return blank
		}
	case ended:
		switch {
		case len(line) == 0:
			return blank
		case isSpace(line[0]) && !inGroup || continuesMessage(line):
			return ended
		case !trace && isUnmarked(line):
			return doubt
		}
	case doubt:
		switch {
		case inGroup || len(line) == 0:
		case len(line) > 2 && isSpace(line[0]) && isSpace(line[1]):
			return ended
		case !trace && isUnmarked(line):
			return doubt
		}
	case blank:
		switch {
		case string(line) == during || string(line) == cause:
			return marker
		case continuesMessage(line):
			return ended
		}
	case idle:
	}
	return idle
}

// isUnmarked says whether nothing at the front of a line shows that it begins a
// record: no time, no level, no bracket, no prelude.
func isUnmarked(line []byte) bool {
	if len(line) == 0 || isPrelude(line) {
		return false
	}
	var t stamp
	if _, ok := t.bsdTime(line); ok {
		return false
	}
	i := 0
	for i < len(line) && line[i] >= 'A' && line[i] <= 'Z' {
		i++
	}
	return isLetter(line[0]) && !isLevel(line[:i])
}

// continuesMessage knows the further lines of database errors' messages.
func continuesMessage(line []byte) bool {
	for _, prefix := range [...]string{
		"LINE ", "DETAIL: ", "HINT: ", "CONTEXT: ", "QUERY: ", "[SQL: ", "[parameters: ", "(Background on this error at: ",
	} {
		if has(line, prefix) {
			return true
		}
	}
	return false
}

// join reads one line of a stream whose records may have several.
func (s *Stream) join(r *record.Raw, emit func(*record.Event)) {
	line := chomp(r.Text)
	if s.joiner.active() {
		if to := s.joiner.next(line); to != idle {
			s.joiner.hold(r, to)
			return
		}
		s.release(emit)
	}
	if len(line) == 0 {
		s.pass(r, emit)
		return
	}
	if s.parser == auto || s.parser == python || s.parser == plain {
		if to := open(&s.clock, line); to != idle {
			s.joiner.hold(r, to)
			return
		}
	}
	s.one(r, emit)
}

// release emits what is held: the lines that belong together as one event, each
// of the rest on its own.
func (s *Stream) release(emit func(*record.Event)) {
	j := &s.joiner
	if !j.active() {
		return
	}
	if j.keep == 1 {
		s.again(&j.lines[0], emit)
	} else {
		s.joined(j.lines[:j.keep], emit)
	}
	for i := j.keep; i < len(j.lines); i++ {
		s.again(&j.lines[i], emit)
	}
	j.reset()
}

func (s *Stream) again(l *heldLine, emit func(*record.Event)) {
	raw := l.raw
	raw.Text = s.joiner.text[l.start:l.end]
	if len(raw.Text) == 0 {
		s.pass(&raw, emit)
		return
	}
	s.one(&raw, emit)
}

// joined emits a record of several lines.
func (s *Stream) joined(lines []heldLine, emit func(*record.Event)) {
	first, last := &lines[0], &lines[len(lines)-1]
	raw := first.raw
	raw.Text = s.joiner.text[first.start:last.end]
	e := &s.entry
	e.begin(raw.Text, raw.Observed)
	s.clock.observe(raw.Observed)
	e.parser, e.out.Class = python, python.class()
	if raw.Envelope != nil {
		e.addEntry(raw.Envelope)
	}
	head, _ := nextLine(s.joiner.text[first.start:first.end])
	head = chomp(head)
	trace := raw.Text
	if begun, inGroup := beginsTrace(head); begun || inGroup {
		e.message(errorLine(trace))
	} else {
		if e.python(&s.clock, head) {
			_, trace = nextLine(raw.Text)
			if endsInTrace(head) {
				trace = raw.Text[len(head)-len(traceStart):]
			}
		} else {
			e.message(head)
		}
		for len(trace) > 0 {
			line, rest := nextLine(trace)
			begun, inGroup := beginsTrace(chomp(line))
			if begun || inGroup {
				break
			}
			trace = rest
		}
	}
	e.traceback(trace)
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
