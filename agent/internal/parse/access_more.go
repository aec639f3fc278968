package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Access logs in shapes of their own. The defaults of Nginx Proxy Manager, uvicorn,
// Gin, Werkzeug (WSGIRequestHandler.log) and PHP-FPM (access.format "%R - %u %t \"%m %r\" %s"),
// as logs have them: not held against their sources.

// accessOther reads a line of one of them.
func (e *entry) accessOther(c *clock, b []byte) bool {
	if len(b) < 30 || bytes.IndexByte(b, '"') < 0 {
		return false
	}
	start := e.mark()
	ok := false
	switch {
	case has(b, "[GIN] "):
		ok = e.accessGin(c, b[len("[GIN] "):])
	case has(b, "INFO:     "):
		ok = e.accessUvicorn(b[len("INFO:     "):])
	case has(b, "INFO:werkzeug:"):
		ok = e.accessWerkzeug(c, b[len("INFO:werkzeug:"):])
	case b[0] == '[' && isDigit(b[1]) && contains(b, " [Client "):
		ok = e.accessProxyManager(c, b)
	case isDigit(b[0]) && b[1] != ' ':
		ok = e.accessWerkzeug(c, b) || e.accessFPM(c, b)
	}
	if ok {
		return true
	}
	if e.undo(start); e.accessCloud(c, b) {
		return true
	}
	if e.undo(start); e.accessLayout(c, b) {
		return true
	}
	e.undo(start)
	return false
}

// requested sets a request and how it ended.
func (e *entry) requested(host, method, target, status []byte) bool {
	if len(status) != 3 || !isNumber(status) || !isMethod(method) {
		return false
	}
	e.did(web, "http_request", statusOutcome(status))
	e.from(host)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	e.targetParts(target)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	return true
}

// accessProxyManager reads `[TIME] [CACHE UPSTREAM ]STATUS - METHOD SCHEME HOST "TARGET"
// [Client IP] [Length N] [Gzip R][ [Sent-to S]] "AGENT" "REFERRER"`. A target and an
// agent have nginx's escapes: no quote is the client's.
func (e *entry) accessProxyManager(c *clock, b []byte) bool {
	when, _, ok := split(b[1:min(len(b), 40)], "] ")
	var t stamp
	_, timed := t.accessTime(when)
	unix, valid := c.unix(&t)
	if !ok || !timed || !valid {
		return false
	}
	rest := b[len(when)+3:]
	var status []byte
	for range 4 { // a cache's status, the upstream's, the status, and a dash
		word, after := token(rest)
		if string(word) == "-" && status != nil {
			rest = after
			break
		}
		if isNumber(word) {
			status = word
		}
		rest = after
	}
	method, rest := token(rest)
	scheme, rest := token(rest)
	domain, rest := token(rest)
	target, rest, ok := quoted(rest)
	rest, client := cut(rest, " [Client ")
	host := until(rest, "]")
	if !ok || !client || len(host) > 64 || !e.requested(host, method, e.unescape(target), status) {
		return false
	}
	e.at(unix)
	e.add(eventv1.FieldId_FIELD_ID_URL_SCHEME, scheme)
	e.domain(domain)
	if length, ok := cut(rest[len(host):], "] [Length "); ok {
		number, _ := digits(length)
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, number)
	}
	if at := bytes.IndexByte(rest, '"'); at >= 0 {
		agent, rest, _ := quoted(rest[at:])
		referrer, _, _ := quoted(trimLeft(rest))
		e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, e.unescape(referrer))
		e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, e.unescape(agent))
	}
	return true
}

// accessUvicorn reads `IP:PORT - "METHOD TARGET HTTP/V" STATUS WORDS`.
func (e *entry) accessUvicorn(b []byte) bool {
	host, _, ok := split(b[:min(len(b), 80)], " - \"")
	if !ok {
		return false
	}
	rest := b[len(host)+4:]
	request, after, ok := splitLast(rest, "\" ")
	method, target := token(request)
	target, version, versioned := splitLast(target, " HTTP/")
	if !ok || !versioned || !e.requested(host, method, target, firstWord(after)) {
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_VERSION, version)
	return true
}

// accessGin reads `2025/10/07 - 09:00:00 | STATUS | DURATION | IP | METHOD  "TARGET"`.
func (e *entry) accessGin(c *clock, b []byte) bool {
	if len(b) < 40 || b[4] != '/' || !has(b[10:], " - ") {
		return false
	}
	t := stamp{year: four(b), month: two(b[5:]), day: two(b[8:])}
	rest, ok := t.clockTime(b[13:])
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	var part [4][]byte // nothing, status, duration, address
	for i := range part {
		if part[i], rest, ok = split(rest, "|"); !ok {
			return false
		}
		part[i] = trimSpaces(part[i])
	}
	method, rest := token(trimLeft(rest))
	target, _, ok := quoted(trimLeft(rest))
	if !ok || !e.requested(part[3], method, target, part[1]) {
		return false
	}
	e.at(unix)
	return true
}

// accessWerkzeug reads `IP - - [07/Oct/2025 09:00:00] "METHOD TARGET HTTP/V" STATUS -`,
// with the host's own time.
func (e *entry) accessWerkzeug(c *clock, b []byte) bool {
	host, _, ok := split(b[:min(len(b), 80)], " - - [")
	if !ok {
		return false
	}
	rest := b[len(host)+len(" - - ["):]
	if len(rest) < 30 || rest[2] != '/' || rest[11] != ' ' || !has(rest[20:], "] \"") {
		return false
	}
	t := stamp{day: two(rest), month: monthOf(rest[3:]), year: four(rest[7:])}
	_, ok = t.clockTime(rest[12:20])
	unix, valid := c.unix(&t)
	request, after, found := splitLast(rest[23:], "\" ")
	method, target := token(request)
	target, version, versioned := splitLast(target, " HTTP/")
	if !ok || !valid || !found || !versioned || !e.requested(host, method, target, firstWord(after)) {
		return false
	}
	e.at(unix)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_VERSION, version)
	return true
}

// accessFPM reads `IP - USER 07/Oct/2025:09:00:00 +0000 "METHOD SCRIPT" STATUS`.
func (e *entry) accessFPM(c *clock, b []byte) bool {
	head, rest, ok := split(b, " \"")
	if !ok || len(head) < 28 {
		return false
	}
	var t stamp
	after, timed := t.accessTime(head[len(head)-26:])
	unix, valid := c.unix(&t)
	if !timed || !valid || len(after) > 0 {
		return false
	}
	host, user, ok := split(head[:len(head)-26], " - ")
	request, status, found := splitLast(rest, "\" ")
	method, target := token(request)
	if !ok || !found || !e.requested(host, method, target, firstWord(status)) {
		return false
	}
	if user = trimRight(user); string(user) != "-" {
		e.user(user)
	}
	e.at(unix)
	return true
}
