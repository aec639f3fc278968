package parse

import (
	"slices"

	"github.com/tocsin-security/tocsin/agent/internal/pattern"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// byPattern stands for a user's pattern among the parsers.
const byPattern = parserCount

// patterns is what a stream has of the patterns that users wrote. They come first
// for the programs and files that they name; those that name none see only what no
// parser knew.
type patterns struct {
	set *pattern.Set // nil where there are none
	// named are those of the parser that the stream was told to use, own these and
	// those of the file that was read last.
	named, own []*pattern.Pattern
	path       string
	match      pattern.Match
}

func (u *patterns) use(set *pattern.Set, name string) {
	if len(set.Names()) > 0 {
		u.set, u.named = set, set.Named(name)
		u.own = u.named
	}
}

// at says which file the next lines are of.
func (u *patterns) at(path string) {
	if u.set != nil && u.path != path {
		u.path, u.own = path, slices.Concat(u.named, u.set.InFile(path))
	}
}

// byFile reads a line of a file that has patterns of its own: the whole line, and
// of a syslog line the message too.
func (e *entry) byFile(c *clock, line []byte) bool {
	if len(e.patterns.own) == 0 {
		return false
	}
	start := e.mark()
	var v envelope
	enveloped := v.read(c, line)
	if enveloped {
		e.addEnvelope(&v)
	}
	message, count := repeated(v.message)
	if e.byPatterns(c, e.patterns.own, line) || enveloped && e.byPatterns(c, e.patterns.own, message) {
		e.number(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED, count)
		return true
	}
	e.undo(start)
	return false
}

// byProgram reads the message of a program that has patterns of its own.
func (e *entry) byProgram(c *clock, program, message []byte) bool {
	return e.patterns.set != nil && e.byPatterns(c, e.patterns.set.Program(program), message)
}

// byGeneral reads what no parser knew.
func (e *entry) byGeneral(c *clock, text []byte) bool {
	return e.patterns.set != nil && e.byPatterns(c, e.patterns.set.General(), text)
}

// byPatterns reads a text with the first pattern that it matches.
func (e *entry) byPatterns(c *clock, list []*pattern.Pattern, text []byte) bool {
	m := &e.patterns.match
	if len(list) == 0 || !e.patterns.set.First(list, text, m) {
		return false
	}
	at, timed := int64(0), m.Timed
	if timed {
		var ok bool
		if at, ok = c.stamped(&m.Stamp); !ok {
			return false // there is no such day
		}
	}
	if e.out.Get(eventv1.FieldId_FIELD_ID_MESSAGE) == nil {
		e.plainLine(c, text)
	}
	if timed {
		e.at(at)
	}
	for i := range m.Fields {
		switch f := &m.Fields[i]; {
		case f.ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED:
			e.addKey(f.Key, f.Value)
		case event.SpecOf(f.ID).List:
			e.add(f.ID, f.Value)
		default:
			e.set(f.ID, f.Value)
		}
	}
	e.parser, e.out.Class = byPattern, e.classByPattern()
	return true
}

// classByPattern is that of a service's event; where the category says none, what
// syslog brought is the system's and all else an application's.
func (e *entry) classByPattern() eventv1.Class {
	class := e.classByCategory()
	if class == eventv1.Class_CLASS_SYSTEM && e.out.Get(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME) == nil {
		return eventv1.Class_CLASS_APP
	}
	return class
}

// mayOpen says whether the line that a pattern read just now may be the first of a
// stack trace: not where the pattern itself says what happened, or how it ended.
func (u *patterns) mayOpen() bool {
	return !slices.ContainsFunc(u.match.Fields, func(f event.Field) bool {
		return f.ID == eventv1.FieldId_FIELD_ID_EVENT_ACTION || f.ID == eventv1.FieldId_FIELD_ID_EVENT_OUTCOME
	})
}

// stamped is the moment of a stamp, where there is such a one.
func (c *clock) stamped(t *pattern.Stamp) (int64, bool) {
	if t.Absolute {
		return t.UnixNano, t.UnixNano >= 0
	}
	return c.unix(&stamp{
		year: t.Year, month: t.Month, day: t.Day, hour: t.Hour, minute: t.Minute, second: t.Second,
		nanosecond: t.Nanosecond, offset: t.Offset, zoned: t.Zoned,
	})
}
