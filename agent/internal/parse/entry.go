package parse

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Words that parsers share.
const (
	success = "success"
	failure = "failure"
	unknown = "unknown"

	authentication = "authentication"
	session        = "session"
	iam            = "iam"
	web            = "web"
	network        = "network"
	process        = "process"
)

const (
	// fieldRoom is what an encoded field takes besides its value, at most.
	fieldRoom = 16
	// envelopeRoom is kept for the fields that every event has.
	envelopeRoom = 16 << 10
	// maxParsedFields leaves room for the fields that every event has.
	maxParsedFields = event.MaxFields - 16
)

// entry is the event under construction. Its memory is used again for the next
// one; values alias the record's text or the scratch buffer.
type entry struct {
	out     record.Event
	scratch []byte
	room    int
	parser  parser // the one that understood the record
	timed   bool
	clean   bool // while an access log's line without a backslash is read

	jsonReader jsonReader
	patterns   patterns
	columns    columns
}

func (e *entry) begin(text []byte, observed time.Time) {
	e.out.Event = event.Event{Original: text, Fields: e.out.Fields[:0]}
	if !observed.IsZero() {
		e.out.Observed = observed.UnixNano()
	}
	e.out.Class = eventv1.Class_CLASS_UNSPECIFIED
	e.out.Positions = nil
	e.out.Committed = e.out.Committed[:0]
	e.out.Serials = e.out.Serials[:0]
	e.scratch = e.scratch[:0]
	e.room = event.MaxEvent - envelopeRoom - len(text)
	e.parser, e.timed = auto, false
}

// mark is a state of an entry to go back to when a parser finds that the line is
// not its own.
type mark struct {
	fields, room int
	time         int64
	timed        bool
}

func (e *entry) mark() mark {
	return mark{fields: len(e.out.Fields), room: e.room, time: e.out.Time, timed: e.timed}
}

func (e *entry) undo(m mark) {
	e.out.Fields = e.out.Fields[:m.fields]
	e.room, e.out.Time, e.timed = m.room, m.time, m.timed
}

// add sets a field to bytes of the record. An empty value, and one that the
// bounds of an event have no room for, is absent.
func (e *entry) add(id eventv1.FieldId, value []byte) {
	if len(value) == 0 || len(value)+fieldRoom > e.room || len(e.out.Fields) >= maxParsedFields {
		return
	}
	e.room -= len(value) + fieldRoom
	n := len(e.out.Fields)
	if n == cap(e.out.Fields) {
		e.out.Fields = append(e.out.Fields, event.Field{})
	}
	e.out.Fields = e.out.Fields[:n+1] // filled in place: a field is seven words
	f := &e.out.Fields[n]
	f.ID, f.Key, f.Value = id, nil, value
}

// set is add for what an envelope may have said already: the inner value stands.
func (e *entry) set(id eventv1.FieldId, value []byte) {
	for i := range e.out.Fields {
		if f := &e.out.Fields[i]; f.ID == id && len(value) > 0 && len(value) <= e.room {
			e.room -= len(value)
			f.Value = value
			return
		}
	}
	e.add(id, value)
}

// addKey sets a field that the registry does not know.
func (e *entry) addKey(key, value []byte) {
	if len(key)+len(value)+fieldRoom > e.room || len(e.out.Fields) >= maxParsedFields {
		return
	}
	e.room -= len(key) + len(value) + fieldRoom
	e.out.Fields = append(e.out.Fields, event.Field{Key: key, Value: value})
}

// text sets a field to a word of the parser's.
func (e *entry) text(id eventv1.FieldId, value string) {
	if value == "" {
		return
	}
	start := len(e.scratch)
	e.scratch = append(e.scratch, value...)
	e.add(id, e.scratch[start:len(e.scratch):len(e.scratch)])
}

// integer sets a number.
func (e *entry) integer(id eventv1.FieldId, value int64) {
	start := len(e.scratch)
	e.scratch = strconv.AppendInt(e.scratch, value, 10)
	e.add(id, e.scratch[start:len(e.scratch):len(e.scratch)])
}

// number sets a field to a decimal number of the record; what is none is absent.
func (e *entry) number(id eventv1.FieldId, value []byte) {
	for len(value) > 1 && value[0] == '0' {
		value = value[1:]
	}
	if isNumber(value) {
		e.add(id, value)
	}
}

// did sets what happened and how it ended.
func (e *entry) did(category, action, outcome string) {
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, category)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, action)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, outcome)
}

// at sets when it happened.
func (e *entry) at(unix int64) { e.out.Time, e.timed = unix, true }

// address sets an IP address, a host name otherwise, and says whether it was one
// of the two.
func (e *entry) address(host []byte) bool {
	if e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, host) {
		return true
	}
	if !isHost(host) {
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_SOURCE_ADDRESS, host)
	e.add(eventv1.FieldId_FIELD_ID_SOURCE_DOMAIN, host)
	return true
}

// port sets the source's port.
func (e *entry) port(b []byte) {
	if isPort(b) {
		e.add(eventv1.FieldId_FIELD_ID_SOURCE_PORT, b)
	}
}

// ip sets an address in its canonical form: of RFC 5952, without a zone, and
// version 4 where it is that mapped into version 6.
func (e *entry) ip(id eventv1.FieldId, b []byte) bool {
	if len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']' {
		b = b[1 : len(b)-1]
	}
	if isIPv4(b) {
		e.add(id, b)
		return true
	}
	addr, ok := parseIPv6(b)
	if !ok {
		return false
	}
	start := len(e.scratch)
	e.scratch = addr.AppendTo(e.scratch)
	e.add(id, e.scratch[start:len(e.scratch):len(e.scratch)])
	return true
}

// isIP says whether b is an address, in brackets or not.
func isIP(b []byte) bool {
	if isIPv4(b) {
		return true
	}
	_, ok := parseIPv6(b)
	return ok
}

func parseIPv6(b []byte) (netip.Addr, bool) {
	if len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']' {
		b = b[1 : len(b)-1]
	}
	if len(b) < 2 || len(b) > 64 {
		return netip.Addr{}, false
	}
	if !mayBeIPv6(b) { // netip would allocate an error to say so
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(string(b))
	if err != nil {
		return netip.Addr{}, false
	}
	return addr.WithZone("").Unmap(), true
}

// mayBeIPv6 says whether the bytes are an address's: hexadecimal digits, points and
// colons up to a zone, two colons in a row or at least six. "203.0.113.5:80" and
// "09:00:00" are none.
func mayBeIPv6(b []byte) bool {
	colons, short := 0, false
	for i, c := range b {
		switch {
		case c == ':':
			colons++
			short = short || i > 0 && b[i-1] == ':'
		case c == '%':
			return short || colons >= 6
		case c != '.' && hex(c) < 0:
			return false
		}
	}
	return short || colons >= 6
}

// isIPv4 says whether b is an address of version 4 in its canonical form.
func isIPv4(b []byte) bool {
	if len(b) < 7 || len(b) > 15 {
		return false
	}
	dots, value, length := 0, 0, 0
	for _, c := range b {
		switch {
		case isDigit(c):
			if length == 1 && value == 0 {
				return false
			}
			value = value*10 + int(c-'0')
			length++
			if value > 255 {
				return false
			}
		case c == '.' && length > 0:
			dots++
			value, length = 0, 0
		default:
			return false
		}
	}
	return dots == 3 && length > 0
}

func isPort(b []byte) bool { return isNumber(b) && len(b) <= 5 && atoi(b) <= 65535 }

// isHost says whether b can be a host name: no address, and not the words that
// programs write when they do not know.
func isHost(b []byte) bool {
	if len(b) == 0 || len(b) > 253 || string(b) == "UNKNOWN" || string(b) == "unknown" || b[0] == '-' || b[0] == '.' {
		return false
	}
	letter := false
	for _, c := range b {
		letter = letter || isLetter(c)
	}
	return letter && consists(b, inHost)
}

// cover gives the event the positions and callbacks of one of its records. A
// later position of the same key stands for the earlier.
func (e *entry) cover(positions []record.Position, committed func()) {
	if len(positions) > 0 {
		e.out.Positions = positions
	}
	if committed != nil {
		e.out.Committed = append(e.out.Committed, committed)
	}
}

// serial notes that a record is part of the event.
func (e *entry) serial(n uint64) {
	if n != 0 {
		e.out.Serials = append(e.out.Serials, n)
	}
}
