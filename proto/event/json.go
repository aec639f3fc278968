package event

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Meta is what an event's JSON says beside the event itself.
type Meta struct {
	ID    string
	Class eventv1.Class
	// AgentID and HostName come from the certificate and the registry; empty
	// where there is neither.
	AgentID  string
	HostName string
}

// member is one value of an event's JSON under its dotted name.
type member struct {
	name   string
	kind   eventv1.FieldType
	list   bool
	values [][]byte
}

// AppendJSON appends an event as one nested ECS JSON object, without a newline.
// Members are in the order of their names, so that the same event always gives
// the same bytes. A name that runs through another name's value ("a" and "a.b")
// stays dotted at the top. Bytes that are not UTF-8 become U+FFFD.
func AppendJSON(dst []byte, e *Event, m Meta) []byte {
	members := collect(e, m)
	dst = append(dst, '{')
	var open []string // the names of the objects that are open, outermost first
	var path []string
	var dotted []member
	first := true
	for i := range members {
		mem := &members[i]
		if conflicts(members, i) {
			dotted = append(dotted, *mem)
			continue
		}
		path = appendParts(path[:0], mem.name)
		keep := commonPrefix(open, path[:len(path)-1])
		for len(open) > keep {
			dst = append(dst, '}')
			open = open[:len(open)-1]
			first = false
		}
		for _, name := range path[keep : len(path)-1] {
			dst = appendKey(dst, name, &first)
			dst = append(dst, '{')
			open = append(open, name)
			first = true
		}
		dst = appendKey(dst, path[len(path)-1], &first)
		dst = appendMember(dst, mem)
	}
	for range open {
		dst = append(dst, '}')
		first = false
	}
	for i := range dotted {
		dst = appendKey(dst, dotted[i].name, &first)
		dst = appendMember(dst, &dotted[i])
	}
	return append(dst, '}')
}

func collect(e *Event, m Meta) []member {
	members := make([]member, 0, len(e.Fields)+8)
	values := make([][]byte, 0, cap(members)) // one for each, in one allocation
	add := func(mem member, value []byte) {
		values = append(values, value)
		n := len(values)
		mem.values = values[n-1 : n : n]
		members = append(members, mem)
	}
	text := func(name, value string) {
		if value != "" {
			add(member{name: name}, []byte(value))
		}
	}
	text("@timestamp", FormatTime(e.Time))
	text("event.id", m.ID)
	text("event.kind", "event")
	text("tocsin.class", ClassName(m.Class))
	text("agent.id", m.AgentID)
	text("host.name", m.HostName)
	add(member{name: "log.original"}, e.Original)
	fixed := len(members)
	for i := range e.Fields {
		f := &e.Fields[i]
		spec := SpecOf(f.ID)
		name := f.Name()
		switch at := named(members, name); {
		case name == "" || at >= 0 && at < fixed:
		case at < 0:
			add(member{name: name, kind: spec.Type, list: spec.List}, f.Value)
		default:
			members[at].values = append(members[at].values, f.Value)
		}
	}
	slices.SortFunc(members, func(a, b member) int { return compareNames(a.name, b.name) })
	return members
}

// named finds a member, -1 where there is none.
func named(members []member, name string) int {
	for i := range members {
		if members[i].name == name {
			return i
		}
	}
	return -1
}

// appendParts appends the parts of a dotted name.
func appendParts(dst []string, name string) []string {
	for {
		part, rest, more := strings.Cut(name, ".")
		dst = append(dst, part)
		if !more {
			return dst
		}
		name = rest
	}
}

// compareNames orders dotted names by their parts, so that the members of one
// object stand together and a name stands right before those that run through it.
func compareNames(a, b string) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] == b[i]:
		case a[i] == '.':
			return -1
		case b[i] == '.':
			return 1
		default:
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// conflicts tells whether an earlier member's name is a proper prefix of this one's.
func conflicts(members []member, at int) bool {
	name := members[at].name
	top := topPart(name)
	for i := at - 1; i >= 0; i-- {
		before := members[i].name
		if len(name) > len(before) && name[len(before)] == '.' && name[:len(before)] == before {
			return true
		}
		if topPart(before) != top {
			return false
		}
	}
	return false
}

func topPart(name string) string {
	top, _, _ := strings.Cut(name, ".")
	return top
}

func commonPrefix(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func appendKey(dst []byte, name string, first *bool) []byte {
	if !*first {
		dst = append(dst, ',')
	}
	*first = false
	dst = appendString(dst, []byte(name))
	return append(dst, ':')
}

func appendMember(dst []byte, m *member) []byte {
	if !m.list && len(m.values) == 1 {
		return appendValue(dst, m.kind, m.values[0])
	}
	dst = append(dst, '[')
	for i, value := range m.values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(dst, m.kind, value)
	}
	return append(dst, ']')
}

func appendValue(dst []byte, kind eventv1.FieldType, value []byte) []byte {
	switch kind {
	case eventv1.FieldType_FIELD_TYPE_LONG:
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			return strconv.AppendInt(dst, n, 10)
		}
	case eventv1.FieldType_FIELD_TYPE_BOOLEAN:
		if s := string(value); s == "true" || s == "false" {
			return append(dst, s...)
		}
	}
	return appendString(dst, value)
}

// appendString appends a JSON string (RFC 8259, section 7).
func appendString(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
			i++
		case c == '\n':
			dst = append(dst, '\\', 'n')
			i++
		case c == '\t':
			dst = append(dst, '\\', 't')
			i++
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, size := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(dst, "\uFFFD"...)
			} else {
				dst = append(dst, s[i:i+size]...)
			}
			i += size
		}
	}
	return append(dst, '"')
}

// FormatTime renders nanoseconds since the Unix epoch as RFC 3339 in UTC.
func FormatTime(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }
