package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// accessLine reads the common log format and what is built on it:
//
//	[VHOST[:PORT] ]HOST IDENT USER [TIME] "REQUEST" STATUS BYTES["REFERER" "AGENT"[ more]]
//
// Servers escape quotes in everything that a client sends, so the first quote is
// the request's, whatever the user's name holds.
func (e *entry) accessLine(c *clock, b []byte) bool {
	ok := e.accessFields(c, b)
	e.clean = false
	return ok
}

func (e *entry) accessFields(c *clock, b []byte) bool {
	open := bytes.IndexByte(b, '"')
	if open < 24 || b[open-1] != ' ' || b[open-2] != ']' {
		return false
	}
	bracket := bytes.LastIndexByte(b[:open], '[')
	if bracket < 2 || b[bracket-1] != ' ' {
		return false
	}
	when, ok := c.bracketTime(b[bracket+1 : open-2])
	if !ok {
		return false
	}
	e.clean = bytes.IndexByte(b, '\\') < 0
	request, rest, ok := e.quoted(b[open:])
	if !ok || len(rest) < 4 || rest[0] != ' ' {
		return false
	}
	status, rest := statusOf(rest[1:])
	if len(status) != 3 || !isNumber(status) {
		return false
	}
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, web)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, "http_request")
	e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, statusOutcome(status))
	if !e.accessWho(b[:bracket-1]) {
		return false
	}
	e.at(when)
	e.request(request)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	e.accessRest(rest)
	return true
}

// statusOf is token for what has three bytes most of the time.
func statusOf(b []byte) (status, rest []byte) {
	if len(b) > 3 && b[3] == ' ' && b[0] != ' ' && b[1] != ' ' && b[2] != ' ' {
		return b[:3], b[4:]
	}
	return token(b)
}

func statusOutcome(status []byte) string {
	if len(status) == 3 && status[0] >= '4' {
		return failure
	}
	return success
}

// request reads `METHOD TARGET HTTP/VERSION`. A target with spaces reaches from
// the first to the last; what has neither a method nor a version is no request.
func (e *entry) request(b []byte) {
	method, rest := token(b)
	if len(rest) == 0 || !isMethod(method) {
		return
	}
	target := rest
	if head, version, ok := splitLast(rest, " HTTP/"); ok && len(version) > 0 && len(version) <= 3 && isDigit(version[0]) {
		target = head
		e.add(eventv1.FieldId_FIELD_ID_HTTP_VERSION, version)
	} else if contains(rest, " ") {
		return
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	e.target(target)
}

func isMethod(b []byte) bool {
	if len(b) == 0 || len(b) > 24 {
		return false
	}
	for _, c := range b {
		if (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// target sets the parts of a request's target: a path with its query, or a whole
// URL where the server is asked to be a proxy.
func (e *entry) target(logged []byte) { e.targetParts(e.unescape(logged)) }

func (e *entry) targetParts(target []byte) {
	e.add(eventv1.FieldId_FIELD_ID_URL_ORIGINAL, target)
	path := target
	if len(target) > 0 && target[0] == '/' { // neither a scheme nor a host before it
		e.pathQuery(target)
		return
	}
	if scheme, rest, ok := split(target, "://"); ok && len(scheme) <= 8 && isName(scheme) {
		e.add(eventv1.FieldId_FIELD_ID_URL_SCHEME, scheme)
		slash := bytes.IndexByte(rest, '/')
		if slash < 0 {
			e.domain(until(rest, "?#"))
			return
		}
		e.domain(rest[:slash])
		path = rest[slash:]
	} else if bytes.IndexByte(target, ':') > 0 && bytes.IndexByte(target, '/') < 0 {
		return // CONNECT's host and port
	}
	e.pathQuery(path)
}

func (e *entry) pathQuery(path []byte) {
	query := []byte(nil)
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path, query = path[:i], path[i+1:]
	}
	e.add(eventv1.FieldId_FIELD_ID_URL_PATH, path)
	e.add(eventv1.FieldId_FIELD_ID_URL_QUERY, query)
}

// domain sets "HOST[:PORT]".
func (e *entry) domain(b []byte) {
	if host, port, ok := splitLast(b, ":"); ok && isPort(port) {
		e.add(eventv1.FieldId_FIELD_ID_URL_PORT, port)
		b = host
	}
	if isIP(b) || isHost(b) {
		e.add(eventv1.FieldId_FIELD_ID_URL_DOMAIN, b)
	}
}

// quoted is quoted for the line at hand.
func (e *entry) quoted(b []byte) (content, rest []byte, ok bool) {
	if !e.clean || len(b) == 0 || b[0] != '"' {
		return quoted(b)
	}
	end := bytes.IndexByte(b[1:], '"')
	if end < 0 {
		return nil, b[1:], false
	}
	return b[1 : 1+end], b[end+2:], true
}

// header sets a request header; "-" is a header that was not sent.
func (e *entry) header(id eventv1.FieldId, b []byte) {
	if string(b) != "-" {
		e.logged(id, b)
	}
}

// logged sets a field to what the client sent, from how the server logged it.
func (e *entry) logged(id eventv1.FieldId, b []byte) { e.add(id, e.unescape(b)) }

// unescape undoes what nginx (\xHH) and Apache (\xhh, \", \\, \n, \t, \r) do to
// bytes that would break their log lines.
func (e *entry) unescape(b []byte) []byte {
	if e.clean {
		return b
	}
	i := bytes.IndexByte(b, '\\')
	if i < 0 || len(b) > e.room {
		return b
	}
	start := len(e.scratch)
	e.scratch = append(e.scratch, b[:i]...)
	for ; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			e.scratch = append(e.scratch, b[i])
			continue
		}
		i++
		switch c := b[i]; c {
		case '"', '\\':
			e.scratch = append(e.scratch, c)
		case 'n':
			e.scratch = append(e.scratch, '\n')
		case 't':
			e.scratch = append(e.scratch, '\t')
		case 'r':
			e.scratch = append(e.scratch, '\r')
		case 'x':
			if i+2 < len(b) && hex(b[i+1]) >= 0 && hex(b[i+2]) >= 0 {
				e.scratch = append(e.scratch, byte(hex(b[i+1])<<4|hex(b[i+2])))
				i += 2
				continue
			}
			e.scratch = append(e.scratch, '\\', 'x')
		default:
			e.scratch = append(e.scratch, '\\', c)
		}
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}

func hex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}
