package parse

import (
	"fmt"
	"slices"
	"strconv"
	"time"

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
	// origins are the senders of a journal that have a record held back.
	origins []origin

	path      string // of the last record
	pathBytes []byte
	names     [parserCount][]byte
}

// New makes the Stream for one sequence of records. The name is one of Names.
func New(name string, o Options) (*Stream, error) {
	i := slices.Index(Names(), name)
	if i < 0 {
		return nil, fmt.Errorf("choose parser: unknown name %q", name)
	}
	s := &Stream{parser: parser(i), clock: newClock(o)}
	for p := range parserCount {
		s.names[p] = []byte(p.String())
	}
	return s, nil
}

// Push reads one record and emits the events that it completes, none where the
// record may continue in the next one. An emitted event and its slices are valid
// until emit returns.
func (s *Stream) Push(r *record.Raw, emit func(*record.Event)) {
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

// one emits the event of one line.
func (s *Stream) one(r *record.Raw, emit func(*record.Event)) {
	e := &s.entry
	e.begin(r.Text, r.Observed)
	s.clock.observe(r.Observed)
	if r.Envelope != nil {
		s.readEntry(r.Envelope, chomp(r.Text))
	} else {
		s.read(chomp(r.Text))
	}
	e.cover(r.Positions, r.Committed)
	e.serial(r.Serial)
	emit(s.finish(r))
}

// read lets the stream's parser read a line.
func (s *Stream) read(line []byte) {
	e := &s.entry
	if len(line) == 0 {
		s.unread(line)
		return
	}
	start := e.mark()
	switch s.parser {
	case auto:
		if e.choose(&s.clock, line) {
			break
		}
		e.undo(start)
		e.plainLine(&s.clock, line)
	case plain:
		e.plainLine(&s.clock, line)
	default:
		if e.syslogLine(&s.clock, line, s.parser) {
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
	if e.parser.class() == eventv1.Class_CLASS_APP && e.parser != plain && e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME) == nil {
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
