package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Access logs whose fields an administrator has put in an order of their own. The
// request, in quotes, is the anchor: a status follows it, or comes right before it.
//
//	WHO [TIME] MORE "REQUEST" STATUS REST     WHO as accessWho reads it
//	TIME MORE "REQUEST" STATUS REST           the client is the only address in MORE
//	IP MORE "REQUEST" STATUS REST
//
// A client writes quoted strings and, where a format has them bare, the name of a
// user and the host that it asks for. None of the three can hold a quote that is not
// escaped; so what stands bare after the request is the server's. Of what stands
// before it, an address is taken only where it is the only one, or the first thing of
// the line with a dash after it: a host or a name may look like an address too.

const (
	// maxLayoutHead bounds what may stand before the request.
	maxLayoutHead = 2048
	// maxLayoutCells bounds the strings in quotes up to the status.
	maxLayoutCells = 12
)

// layout is such a line, taken apart.
type layout struct {
	head, request, status, rest []byte
	before                      bool // the status stood before the request
}

// read finds the request and the status.
func (l *layout) read(b []byte) bool {
	var line []byte // the first string that looks like a request
	var lineAt int
	for at, n := 0, 0; n < maxLayoutCells; n++ {
		i := openingQuote(b, at)
		if i < 0 || i > maxLayoutHead && line == nil {
			return false
		}
		content, rest, ok := quoted(b[i:])
		if !ok {
			return false
		}
		isLine := isRequestLine(content)
		status, tail, follows := l.statusAfter(rest, isLine)
		before := isLine && l.statusBefore(b[:i])
		switch {
		case follows && before:
			l.sortOut(content, tail, rest)
			return true
		case before:
			l.request, l.rest, l.before = content, trimOne(rest), true
			return true
		case follows && !isLine && line != nil: // a string of the client's stands between
			l.head, l.request = b[:lineAt], line
			l.status, l.rest = status, tail
			return true
		case follows:
			l.head, l.request, l.status, l.rest = b[:i], content, status, tail
			return true
		}
		if isLine && line == nil {
			line, lineAt = content, i
		}
		at = len(b) - len(rest)
	}
	return false
}

// sortOut decides where a status stands that may be on both sides of the request. What
// a quote or the end follows is a size; what a number follows may be either.
func (l *layout) sortOut(request, tail, rest []byte) {
	l.request, l.before, l.rest = request, true, trimOne(rest)
	if next, _ := token(tail); len(next) == 0 || next[0] == '"' {
		return
	}
	l.status, l.rest = nil, tail
}

// openingQuote finds the next quote that has no backslash before it.
func openingQuote(b []byte, from int) int {
	for from < len(b) {
		i := bytes.IndexByte(b[from:], '"')
		if i < 0 {
			return -1
		}
		i += from
		if i == 0 || b[i-1] != '\\' {
			return i
		}
		from = i + 1
	}
	return -1
}

// isRequestLine says whether a string is `METHOD TARGET HTTP/VERSION`.
func isRequestLine(b []byte) bool {
	method, rest := token(b)
	if len(rest) == 0 || !isMethod(method) {
		return false
	}
	return has(b[max(0, len(b)-len(" HTTP/1.1")):], " HTTP/") || has(b[max(0, len(b)-len(" HTTP/2")):], " HTTP/")
}

// statusAfter reads the status that follows a string: right after it, and after a
// request also after one number with a point or a dash, as a time.
func (l *layout) statusAfter(b []byte, isLine bool) (status, rest []byte, ok bool) {
	b, ok = cut(b, " ")
	if !ok {
		return nil, b, false
	}
	if status, rest, ok = statusCell(b); ok || !isLine {
		return status, rest, ok
	}
	word, after := token(b)
	if string(word) != "-" && (!isDecimal(word) || bytes.IndexByte(word, '.') < 0) {
		return nil, b, false
	}
	return statusCell(after)
}

// statusCell reads three digits, in quotes or not. The rest begins after a space.
func statusCell(b []byte) (status, rest []byte, ok bool) {
	if after, quote := cut(b, `"`); quote {
		if len(after) < 4 || after[3] != '"' {
			return nil, b, false
		}
		status, rest = after[:3], after[4:]
	} else {
		if len(b) < 3 {
			return nil, b, false
		}
		status, rest = b[:3], b[3:]
	}
	if !isStatus(status) || len(rest) > 0 && rest[0] != ' ' {
		return nil, b, false
	}
	return status, trimOne(rest), true
}

func isStatus(b []byte) bool {
	return len(b) == 3 && b[0] >= '1' && b[0] <= '6' && isDigit(b[1]) && isDigit(b[2]) || string(b) == "000"
}

// statusBefore reads the status that ends a head: one that is in use, for a port and a
// time may have three digits too.
func (l *layout) statusBefore(head []byte) bool {
	head, ok := cutEnd(head, " ")
	if !ok || len(head) < 5 {
		return false
	}
	word := head[len(head)-3:]
	if head[len(head)-4] != ' ' || !isUsedStatus(word) {
		return false
	}
	l.head, l.status = head[:len(head)-3], word
	return true
}

func isUsedStatus(b []byte) bool {
	if !isStatus(b) {
		return false
	}
	switch n := atoi(b[1:]); b[0] {
	case '2':
		return n < 9 || n == 26
	case '3':
		return n < 9
	case '4':
		return n < 32 || n == 44 || n == 51 || n > 93
	case '5':
		return n < 12 || n >= 20 && n <= 30
	}
	return b[0] == '0' || b[0] == '1' && b[1] == '0' && b[2] < '4'
}

func isDecimal(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) && c != '.' {
			return false
		}
	}
	return len(b) > 0
}

// accessLayout reads such a line.
func (e *entry) accessLayout(c *clock, b []byte) bool {
	var l layout
	if !l.read(b) {
		return false
	}
	e.clean = bytes.IndexByte(b, '\\') < 0
	ok := e.layoutFields(c, &l)
	e.clean = false
	return ok
}

func (e *entry) layoutFields(c *clock, l *layout) bool {
	var h layoutHead
	if !h.read(c, l.head) || !h.timed && (!h.first || !isRequestLine(l.request)) {
		return false
	}
	if !isRequestLine(l.request) && h.ip == nil && !isIP(firstWord(h.who)) {
		return false // neither a client nor a request: any text
	}
	e.did(web, "http_request", layoutOutcome(l.status))
	switch {
	case h.who != nil:
		if !e.accessWho(h.who) {
			return false
		}
	case h.ip != nil:
		e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, h.ip)
		e.port(h.port)
	}
	if h.who == nil && h.host != nil {
		e.domain(h.host)
	}
	e.add(eventv1.FieldId_FIELD_ID_URL_SCHEME, h.scheme)
	if h.timed {
		e.at(h.time)
	}
	e.request(l.request)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, l.status)
	if size, rest := token(l.rest); h.who == nil && isNumber(size) && isNumber(firstWord(rest)) {
		l.rest = toQuote(l.rest) // nobody knows which of the two is the size
	}
	e.accessRest(l.rest)
	return true
}

// accessSSL reads mod_ssl's own request log: `[TIME] HOST PROTOCOL CIPHER "REQUEST" BYTES`.
func (e *entry) accessSSL(c *clock, b []byte) bool {
	when, _, ok := split(b[1:min(len(b), 40)], "] ")
	if !ok {
		return false
	}
	unix, timed := c.bracketTime(when)
	host, rest := token(b[len(when)+3:])
	protocol, rest := token(rest)
	cipher, rest := token(rest)
	request, rest, found := quoted(rest)
	size := trimOne(rest)
	if !timed || !found || !isIP(host) || !has(protocol, "TLSv") && !has(protocol, "SSLv") || len(cipher) == 0 || !isNumber(size) && string(size) != "-" {
		return false
	}
	e.did(web, "http_request", unknown)
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, host)
	e.at(unix)
	e.request(request)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, size)
	return true
}

func layoutOutcome(status []byte) string {
	if len(status) == 0 || status[0] == '0' {
		return unknown // nginx answered nothing
	}
	return statusOutcome(status)
}
