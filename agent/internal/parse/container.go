package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Envelopes that a container's runtime or syslog puts around each line of an
// application. Written from daemon/logger/jsonfilelog/jsonlog of Moby 27
// ({"log":…,"stream":…,"time":…}, a line without its end goes on in the next),
// Kubernetes' CRI log format (docs/design "kubelet-cri-logging", containerd's
// internal/cri/io/logger.go: "TIME STREAM P|F TEXT"), and rsyslog 8's
// parser.escapeControlCharactersOnReceive ("#011", "#012").

// envelopeKind is what is around a line.
type envelopeKind int

const (
	bare envelopeKind = iota
	docker
	cri
	inSyslog
)

// wrapped is a line out of its envelope. Lines of one id are of one writer.
type wrapped struct {
	kind    envelopeKind
	text    []byte
	id      []byte
	stream  []byte
	time    int64
	timed   bool
	partial bool // the line goes on in the next of its id
}

// containerOf says by its first bytes which runtime's envelope a line may be in.
func containerOf(line []byte) envelopeKind {
	if len(line) < 30 {
		return bare
	}
	switch {
	case line[0] == '{':
		if has(line, `{"log":"`) {
			return docker
		}
	case line[0] == '2' && line[10] == 'T':
		if i := bytes.IndexByte(line, ' '); i > 18 && i < 40 && (has(line[i:], " stdout ") || has(line[i:], " stderr ")) {
			return cri
		}
	}
	return bare
}

// unwrap takes a line out of an envelope. What it gives is valid until the next
// call.
func (s *Stream) unwrap(line []byte, kind envelopeKind) (wrapped, bool) {
	w := wrapped{kind: kind}
	ok := false
	switch kind {
	case docker:
		ok = s.unwrapDocker(&w, line)
	case cri:
		ok = s.unwrapCRI(&w, line)
	case inSyslog:
		var v envelope
		clock := s.clock
		if ok = v.read(&clock, line); ok {
			w.text, w.id = s.tabs(v.message), s.syslogID(v.host, v.app, v.procid)
		}
	case bare:
	}
	return w, ok
}

// tabs undoes rsyslog's escapes of tabs.
func (s *Stream) tabs(b []byte) []byte {
	if !contains(b, "#011") {
		return b // which is what this gave before, too
	}
	s.untabbed = s.untabbed[:0]
	for {
		before, after, ok := split(b, "#011")
		s.untabbed = append(s.untabbed, before...)
		if !ok {
			return s.untabbed
		}
		s.untabbed = append(s.untabbed, '\t')
		b = after
	}
}

func (s *Stream) syslogID(host, app, procid []byte) []byte {
	s.id = append(append(append(append(append(s.id[:0], host...), 0), app...), 0), procid...)
	return s.id
}

func (s *Stream) unwrapDocker(w *wrapped, line []byte) bool {
	if !s.outer.scan(line) {
		return false
	}
	for _, p := range s.outer.pairs {
		switch string(p.key) {
		case "log":
			w.text = p.value
		case "stream":
			w.stream = p.value
		case "time":
			w.time, w.timed = s.clock.jsonTime(p)
		}
	}
	if len(w.stream) == 0 || !w.timed {
		return false
	}
	w.id = w.stream
	text, whole := cutEnd(w.text, "\n")
	w.text, w.partial = chomp(text), !whole && len(text) > 0
	return true
}

func (s *Stream) unwrapCRI(w *wrapped, line []byte) bool {
	var t stamp
	rest, ok := t.isoTime(line)
	if !ok || !t.zoned || len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	if w.time, w.timed = s.clock.unix(&t); !w.timed {
		return false
	}
	w.stream, rest = token(rest[1:])
	w.id = w.stream
	tags, text := token(rest)
	tags, _, _ = split(tags, ":")
	w.text, w.partial = text, string(tags) == "P"
	return (string(w.stream) == "stdout" || string(w.stream) == "stderr") && (w.partial || string(tags) == "F")
}

// addWrapped sets what a container's envelope says. The application's own time, if
// it writes one, comes after and stands.
func (e *entry) addWrapped(w *wrapped) {
	if w.timed {
		e.at(w.time)
	}
	start := len(e.scratch)
	e.scratch = append(e.scratch, "log.iostream"...)
	e.addKey(e.scratch[start:len(e.scratch):len(e.scratch)], w.stream)
}

// envelope sets the fields of the envelope that a joined record's first line is in.
func (s *Stream) envelope(line []byte, kind envelopeKind) {
	if kind == inSyslog {
		var v envelope
		if v.read(&s.clock, line) {
			s.entry.addEnvelope(&v)
		}
		return
	}
	if w, ok := s.unwrap(line, kind); ok {
		s.entry.addWrapped(&w)
	}
}

// escapedStack reads a stack that is one line because its writer, or rsyslog, wrote
// the ends of its lines as escapes.
func (e *entry) escapedStack(message []byte) {
	newline, tab := "#012", "#011"
	if !contains(message, newline) {
		if newline, tab = `\n`, `\t`; !contains(message, newline) {
			return
		}
	}
	start := len(e.scratch)
	for rest := message; len(rest) > 0; {
		i := bytes.IndexByte(rest, newline[0])
		if i < 0 {
			e.scratch = append(e.scratch, rest...)
			break
		}
		e.scratch = append(e.scratch, rest[:i]...)
		rest = rest[i:]
		switch after, ok := cut(rest, newline); {
		case ok:
			e.scratch = append(e.scratch, '\n')
			rest = after
		case has(rest, tab):
			e.scratch = append(e.scratch, '\t')
			rest = rest[len(tab):]
		default:
			e.scratch = append(e.scratch, rest[0])
			rest = rest[1:]
		}
	}
	text := e.scratch[start:len(e.scratch):len(e.scratch)]
	lang := stackIn(text)
	if lang == noLanguage {
		e.scratch = e.scratch[:start]
		return
	}
	first, _ := nextLine(text)
	f := faultOf(lang, text, first)
	for _, id := range [...]eventv1.FieldId{eventv1.FieldId_FIELD_ID_EVENT_ACTION, eventv1.FieldId_FIELD_ID_EVENT_OUTCOME} {
		if e.out.Get(id) != nil {
			return // a server's line that says more of its own
		}
	}
	e.exception(lang, &f)
}
