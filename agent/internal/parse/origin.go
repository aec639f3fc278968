package parse

import (
	"bytes"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// maxWait is how long a sender's record waits for its next line while others
// write. A journal is one sequence of many senders: it is never quiet.
const maxWait = time.Second

// origin is one sender of a journal and what is held back of it.
type origin struct {
	name   string
	joiner joiner
}

// pushEntry reads a journal's entry. The entries of two senders never join, and
// what is held back of one does not hold up the others.
func (s *Stream) pushEntry(r *record.Raw, emit func(*record.Event)) {
	if len(s.origins) > 0 {
		s.releaseOrigins(emit, func(j *joiner) bool { return j.waited(r.Observed) >= maxWait })
	}
	at := slices.IndexFunc(s.origins, func(o origin) bool { return o.name == r.Envelope.Origin })
	if at >= 0 {
		s.joiner, s.origins[at].joiner = s.origins[at].joiner, s.joiner
		if s.joiner.stale(r) {
			s.release(emit)
		}
	}
	s.joinEntry(r, emit)
	switch {
	case at < 0 && s.joiner.active():
		s.origins = append(s.origins, origin{name: r.Envelope.Origin, joiner: s.joiner})
		s.joiner = joiner{}
	case at >= 0 && s.joiner.active():
		s.joiner, s.origins[at].joiner = s.origins[at].joiner, s.joiner
	case at >= 0:
		s.origins = slices.Delete(s.origins, at, at+1)
	}
}

// releaseOrigins emits what is held back of the senders that are due.
func (s *Stream) releaseOrigins(emit func(*record.Event), due func(*joiner) bool) {
	s.origins = slices.DeleteFunc(s.origins, func(o origin) bool {
		if !due(&o.joiner) {
			return false
		}
		s.joiner = o.joiner
		s.release(emit)
		return true
	})
}

// waited is how long before a moment the last line was read.
func (j *joiner) waited(now time.Time) time.Duration {
	return now.Sub(j.lines[len(j.lines)-1].raw.Observed)
}

// joinEntry is join for an entry, which may have several lines by itself. Only
// programs without a parser of their own write stack traces.
func (s *Stream) joinEntry(r *record.Raw, emit func(*record.Event)) {
	text := chomp(r.Text)
	several := bytes.IndexByte(text, '\n') >= 0
	for s.joiner.active() {
		if to := s.joiner.advance(text); to != idle {
			if several && to.tentative() {
				to = to.language().whole() // the lines of one entry belong together
			}
			s.joiner.hold(r, text, to)
			return
		}
		s.settle(emit)
	}
	if len(text) == 0 {
		s.pass(r, emit)
		return
	}
	if programParser(r.Envelope.App) != syslog {
		emit(s.one(r))
		return
	}
	if several {
		if lang := stackIn(text); lang != noLanguage {
			s.joiner.hold(r, text, lang.whole())
			s.joined(s.joiner.lines, emit)
			s.joiner.reset()
			return
		}
		emit(s.one(r))
		return
	}
	clock := s.clock
	e := s.one(r)
	if to := s.opensEntry(text); to != idle {
		s.clock = clock
		s.joiner.hold(r, text, to)
		return
	}
	emit(e)
}

// opensEntry says whether the entry that was read just now begins a record that may
// have more of them.
func (s *Stream) opensEntry(text []byte) phase {
	switch s.entry.parser {
	case python, appLog:
		return s.afterLogger(text)
	case plain, syslog:
		if s.entry.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil {
			return opensAny(text)
		}
	default:
	}
	return idle
}

// advance says in which phase a text of one or several lines continues what is
// held; idle means that it does not.
func (j *joiner) advance(text []byte) phase {
	line, rest := nextLine(text)
	to := j.next(chomp(line))
	for to != idle && len(rest) > 0 {
		line, rest = nextLine(rest)
		to = next(to, chomp(line))
	}
	return to
}

// copyEnvelope copies an envelope: the source uses its memory again.
func copyEnvelope(v *record.Envelope) *record.Envelope {
	if v == nil {
		return nil
	}
	c := *v
	for _, b := range []*[]byte{&c.Host, &c.App, &c.ProcID, &c.PID, &c.UID, &c.Comm, &c.Exe, &c.Unit} {
		*b = bytes.Clone(*b)
	}
	return &c
}
