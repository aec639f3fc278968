package parse

import (
	"bytes"
	"strings"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// A template is a message as its program's source has it, with marks for what differs:
//
//	%h  an address or a host name, with a port or without, in brackets or not
//	%H  an address with its port, a version 6 one without brackets
//	%p  a port
//	%d  a number, which is not kept
//	%u  a name: any text
//	%w  a word without spaces
//	%*  any text, which is not kept
//
// A text ends where the template goes on. What a stranger chose may imitate that, so
// the last place counts, and where an earlier one fits as well with another address,
// neither address nor name is taken.

// slots are what a template's marks stood for.
type slots struct {
	host, port, user, word []byte
	ambiguous              bool
}

// longestTemplated bounds a message that is held against templates.
const longestTemplated = 2048

// matches says whether a message is the template's, and keeps what its marks stood for.
func (s *slots) matches(m []byte, template string) bool {
	if len(m) > longestTemplated {
		return false
	}
	var ok bool
	*s, ok = match(m, template, slots{}, 0)
	return ok
}

// match passes slots by value: there is one for each way that is tried.
func match(m []byte, template string, s slots, depth int) (slots, bool) {
	for len(template) > 0 {
		if template[0] != '%' {
			if len(m) == 0 || m[0] != template[0] {
				return s, false
			}
			m, template = m[1:], template[1:]
			continue
		}
		mark, rest := template[1], template[2:]
		if mark == 'u' || mark == '*' {
			return matchText(m, mark, rest, s, depth)
		}
		n := markLength(m, mark)
		if n == 0 {
			return s, false
		}
		s = s.with(mark, m[:n])
		m, template = m[n:], rest
	}
	return s, len(m) == 0
}

// markLength is how far a mark other than a text reaches.
func markLength(m []byte, mark byte) int {
	i := 0
	switch mark {
	case 'p', 'd':
		for i < len(m) && isDigit(m[i]) {
			i++
		}
	case 'w':
		for i < len(m) && !endsValue(m[i]) && m[i] != '|' && m[i] != '<' && m[i] != '>' && m[i] != '[' && m[i] != ']' {
			i++
		}
		for i > 0 && (m[i-1] == ':' || m[i-1] == '.') {
			i--
		}
	case 'h', 'H':
		for i < len(m) && byteKinds[m[i]]&inPeer != 0 {
			i++
		}
		for i > 0 && (m[i-1] == ':' || m[i-1] == '.' || m[i-1] == ']' && m[0] != '[') {
			i--
		}
	}
	return i
}

func (s slots) with(mark byte, value []byte) slots {
	switch mark {
	case 'h':
		s.host = value
	case 'H':
		s.host, s.port, _ = splitLast(value, ":")
	case 'p':
		s.port = value
	case 'u':
		s.user = value
	case 'w':
		s.word = value
	}
	return s
}

// matchText lets a text reach to the last place at which the rest of the template
// fits. Only a name is looked at twice: %* keeps nothing that could be wrong.
func matchText(m []byte, mark byte, rest string, s slots, depth int) (slots, bool) {
	const deepest = 8
	if rest == "" {
		return s.with(mark, m), true
	}
	next := strings.IndexByte(rest, '%')
	if next < 0 { // nothing else follows: the literal has to end the message
		at := len(m) - len(rest)
		return s.with(mark, m[:max(at, 0)]), at >= 0 && string(m[at:]) == rest
	}
	if depth == deepest || next == 0 {
		return s, false // two marks side by side have no boundary
	}
	var first slots
	found := false
	for end := len(m); ; {
		i := lastIndex(m[:end], rest[:next])
		if i < 0 {
			return first, found
		}
		end = i + next - 1
		try, ok := match(m[i+next:], rest[next:], s.with(mark, m[:i]), depth+1)
		switch {
		case !ok:
		case found:
			first.ambiguous = first.ambiguous || !bytes.Equal(try.host, first.host)
			return first, true
		case mark == '*':
			return try, true
		default:
			first, found = try, true
		}
	}
}

// templated is a template with what its message says.
type templated struct {
	template, category, action, outcome string
}

// readTemplate sets the fields of the first template that a message is of.
func (e *entry) readTemplate(m []byte, list []templated) bool {
	var s slots
	for i := range list {
		t := &list[i]
		if t.template[0] != '%' && len(m) > 0 && m[0] != t.template[0] || !s.matches(m, t.template) {
			continue
		}
		e.did(t.category, t.action, t.outcome)
		if s.ambiguous {
			return true
		}
		if len(s.host) > 0 {
			e.from(s.host)
			e.port(s.port)
		}
		if !isNobody(s.user) {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, s.user)
		}
		return true
	}
	return false
}

// from sets where somebody came from: an address, or one with its port.
func (e *entry) from(b []byte) {
	if !e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, b) {
		e.hostPort(b)
	}
}

// level sets a log's level.
func (e *entry) level(b []byte) { e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, b) }

// method sets a request's method.
func (e *entry) method(b []byte) { e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, b) }

// user sets who tried or did it.
func (e *entry) user(name []byte) { e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name) }
