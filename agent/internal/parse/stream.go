package parse

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/pattern"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Options are what a line does not say about itself.
type Options struct {
	// Location is the zone of times without one; nil is UTC.
	Location *time.Location
	// Year is the year of times without one, counted on where a stream goes from
	// December to January. 0 takes the year in which the time is nearest to, and
	// not over a day after, the moment the record was read.
	Year int
	// Patterns are those that users wrote; nil for none.
	Patterns *pattern.Set
}

// Names lists the parsers that New knows, in the order of the documentation.
func Names() []string {
	names := make([]string, parserCount)
	for p := range parserCount {
		names[p] = p.String()
	}
	return names
}

// Stream reads the records of one stream in order and emits their events. It is
// not safe for concurrent use.
type Stream struct {
	parser parser
	clock  clock
	entry  entry
	joiner joiner
	wrap   wrapped     // the envelope of the line that was read last
	outer  jsonScanner // reads envelopes
	// id and untabbed hold parts of the envelope that was read last.
	id, untabbed []byte
	// origins are the senders of a journal that have a record held back.
	origins []origin

	path      string // of the last record
	pathBytes []byte
	names     [parserCount + 1][]byte // the last is the pattern's that spoke
}

// New makes the Stream for one sequence of records. The name is one of Names, or
// that of a pattern's parser: what its patterns do not know is read by content.
func New(name string, o Options) (*Stream, error) {
	i := slices.Index(Names(), name)
	if i < 0 && len(o.Patterns.Named(name)) > 0 {
		i = int(auto)
	}
	if i < 0 {
		return nil, fmt.Errorf("choose parser: unknown name %q", name)
	}
	s := &Stream{parser: parser(i), clock: newClock(o)}
	s.entry.patterns.use(o.Patterns, name)
	for p := range parserCount {
		s.names[p] = []byte(p.String())
	}
	return s, nil
}

// Push reads one record and emits the events that it completes, none where the
// record may continue in the next one. An emitted event and its slices are valid
// until emit returns.
func (s *Stream) Push(r *record.Raw, emit func(*record.Event)) {
	s.entry.patterns.at(r.Path)
	if r.Event != nil {
		s.release(emit)
		s.pass(r, emit)
		return
	}
	if r.Envelope != nil {
		s.pushEntry(r, emit)
		return
	}
	if s.joiner.active() && s.joiner.stale(r) {
		s.release(emit)
	}
	s.join(r, emit)
}

// Flush emits what is held back, as it is. Call it when the stream pauses or ends.
func (s *Stream) Flush(emit func(*record.Event)) {
	s.release(emit)
	s.releaseOrigins(emit, func(*joiner) bool { return true })
}

// Pending says whether a record is held back because its next line may belong to
// it.
func (s *Stream) Pending() bool { return s.joiner.active() || len(s.origins) > 0 }

// pass emits a record that has no text: another source's event, or a position.
func (s *Stream) pass(r *record.Raw, emit func(*record.Event)) {
	e := &s.entry
	e.begin(nil, r.Observed)
	if r.Event != nil {
		fields := append(e.out.Fields, r.Event.Fields...)
		committed := append(e.out.Committed, r.Event.Committed...)
		serials := e.out.Serials
		e.out = *r.Event
		e.out.Fields, e.out.Committed, e.out.Serials = fields, committed, serials
		if e.out.Observed == 0 && !r.Observed.IsZero() {
			e.out.Observed = r.Observed.UnixNano()
		}
		s.provenance(r)
	}
	e.cover(r.Positions, r.Committed)
	e.serial(r.Serial)
	emit(&e.out)
}

// one reads one line into an event.
func (s *Stream) one(r *record.Raw) *record.Event {
	e := &s.entry
	e.begin(r.Text, r.Observed)
	s.clock.observe(r.Observed)
	line := chomp(r.Text)
	s.wrap = wrapped{kind: bare, text: line}
	if r.Envelope != nil {
		s.readEntry(r.Envelope, line)
		e.cover(r.Positions, r.Committed)
		e.serial(r.Serial)
		return s.finish(r)
	}
	if kind := containerOf(line); kind != bare {
		if w, ok := s.unwrap(line, kind); ok {
			s.wrap, line = w, w.text
			e.addWrapped(&w)
		}
	}
	s.read(line)
	switch e.parser {
	case syslog, apacheError, nginxError:
		e.escapedStack(e.out.Get(eventv1.FieldId_FIELD_ID_MESSAGE))
	default:
	}
	e.cover(r.Positions, r.Committed)
	e.serial(r.Serial)
	return s.finish(r)
}

// opens says whether the line that was read just now begins a record that may have
// more lines. Then its envelope is in wrap.
func (s *Stream) opens() phase {
	e, w := &s.entry, &s.wrap
	if w.partial {
		return piece
	}
	switch e.parser {
	case python, appLog:
		return s.afterLogger(w.text)
	case plain:
		switch s.parser {
		case sshd, pam, sudo, su, shadow, login, cron, access:
			return idle
		default:
			return opensAny(w.text)
		}
	case syslog:
		return s.opensSyslog()
	case byPattern:
		if e.patterns.mayOpen() && e.out.Get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME) == nil {
			return opensAny(w.text)
		}
	case nginxError:
		if w.kind == bare && e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil && phpInside(w.text) != nil && w.text[len(w.text)-1] != '"' {
			return phpHead
		}
	default:
	}
	return idle
}

func (s *Stream) opensSyslog() phase {
	w, get := &s.wrap, s.entry.out.Get
	message := get(eventv1.FieldId_FIELD_ID_MESSAGE)
	app := get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME)
	if len(message) == 0 || w.kind != bare || string(app) == "kernel" {
		return idle
	}
	if has(message, "#011") {
		message = s.tabs(message)
	}
	to := opensAny(message)
	if to == idle || get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) != nil {
		return idle // or all of it was in one line
	}
	w.kind, w.text = inSyslog, s.tabs(message)
	w.id = s.syslogID(get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_HOSTNAME), app, get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_PROCID))
	return to
}

// opensAny says what a line of no logger's begins.
func opensAny(line []byte) phase {
	if len(line) < 4 || len(line) > maxOpening {
		return idle
	}
	to := opensTrace(line)
	if to == idle {
		if to = opensStack(line); to == idle && line[len(line)-1] == ':' && endsInTrace(line) {
			to = frames
		}
	}
	if to == idle && len(line) >= 8 {
		to = opensFormat(line)
	}
	if to == idle && line[0] != '{' && isSevereText(line) {
		to = header
	}
	return to
}

// opensFormat knows the first lines of loggers whose records have several.
func opensFormat(line []byte) phase {
	switch {
	case !isLetter(line[0]):
	case line[3] == ' ' && isDigit(line[4]) && monthOf(line) > 0 && isJavaUtilHead(line):
		return second
	case line[4] == ':' && isDotnetLevel(line[:4]) && isDotnetHead(line):
		return indent
	}
	return idle
}

// afterLogger says what a logger's line may be followed by.
func (s *Stream) afterLogger(line []byte) phase {
	e := &s.entry
	message := e.out.Get(eventv1.FieldId_FIELD_ID_MESSAGE)
	if to := opensTraceAt(message); to != idle && to.language() != atFamily {
		return to
	}
	if endsInTrace(line) {
		return frames
	}
	if e.parser == appLog {
		if to := opensFormat(line); to != idle {
			return to
		}
	}
	if isSevereWord(e.out.Get(eventv1.FieldId_FIELD_ID_LOG_LEVEL)) || contains(message, "xception") || contains(message, "panic") {
		return header
	}
	return idle
}

// read lets the stream's parser read a line.
func (s *Stream) read(line []byte) {
	e := &s.entry
	if len(line) == 0 {
		s.unread(line)
		return
	}
	if line[0] == '#' {
		e.columns.direct(line)
	}
	if e.byFile(&s.clock, line) {
		return
	}
	start := e.mark()
	switch s.parser {
	case auto:
		if e.choose(&s.clock, line) {
			break
		}
		if e.undo(start); e.byGeneral(&s.clock, line) {
			break
		}
		e.plainLine(&s.clock, line)
	case plain:
		e.plainLine(&s.clock, line)
	default:
		if mayBeSyslog(line) && e.syslogLine(&s.clock, line, s.parser) {
			return
		}
		e.undo(start)
		by, ok := e.understand(s.parser, &s.clock, line)
		if !ok {
			e.undo(start)
			s.unread(line)
			return
		}
		e.parser = by
	}
	if e.out.Class == eventv1.Class_CLASS_UNSPECIFIED {
		e.out.Class = e.parser.class()
	}
}

// unread is a line that the stream's parser does not know: of an application or
// web server it is a plain line of its, of anything else the system's.
func (s *Stream) unread(line []byte) {
	e := &s.entry
	e.plainLine(&s.clock, line)
	e.out.Class = eventv1.Class_CLASS_SYSTEM
	if c := s.parser.class(); c == eventv1.Class_CLASS_APP || c == eventv1.Class_CLASS_WEB {
		e.out.Class = eventv1.Class_CLASS_APP
	}
}

// finish gives an event what every event has.
func (s *Stream) finish(r *record.Raw) *record.Event {
	e := &s.entry
	if e.timed {
		s.clock.last = e.out.Time
	} else {
		e.out.Time = s.clock.inferred(e.out.Observed, r.Backfill)
		e.always(eventv1.FieldId_FIELD_ID_TOCSIN_TIME, "inferred")
	}
	if e.parser == byPattern {
		s.names[byPattern] = append(s.names[byPattern][:0], e.patterns.match.Pattern.Name...)
	}
	if (e.parser.class() == eventv1.Class_CLASS_APP && e.parser != plain || e.parser == byPattern) && e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME) == nil {
		e.always(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, unknown)
	}
	e.out.Add(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER, s.names[e.parser])
	s.provenance(r)
	return &e.out
}

// provenance says where a record stood.
func (s *Stream) provenance(r *record.Raw) {
	e := &s.entry
	if r.Path != s.path {
		s.path, s.pathBytes = r.Path, []byte(r.Path)
	}
	if len(s.pathBytes) > 0 {
		e.out.Add(eventv1.FieldId_FIELD_ID_LOG_FILE_PATH, s.pathBytes)
	}
	if r.Line > 0 {
		start := len(e.scratch)
		e.scratch = strconv.AppendInt(e.scratch, r.Line, 10)
		e.out.Add(eventv1.FieldId_FIELD_ID_LOG_LINE, e.scratch[start:len(e.scratch):len(e.scratch)])
	}
	if r.Truncated {
		e.always(eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED, "true")
	}
	if r.Backfill {
		e.always(eventv1.FieldId_FIELD_ID_TOCSIN_BACKFILL, "true")
	}
}

// always sets a field for which room was kept.
func (e *entry) always(id eventv1.FieldId, value string) {
	if value == "" {
		return
	}
	start := len(e.scratch)
	e.scratch = append(e.scratch, value...)
	e.out.Add(id, e.scratch[start:len(e.scratch):len(e.scratch)])
}
