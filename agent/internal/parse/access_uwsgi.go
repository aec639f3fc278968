package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// accessUWSGI reads uWSGI's own log of requests, `[pid: N|app: N|req: N/N] IP (USER)
// {N vars in N bytes} [CTIME] METHOD TARGET => generated N bytes in N msecs[ via HOW]
// (PROTOCOL STATUS) N headers in N bytes (N switches on core N)`, with its report of
// memory before it or not; checked in core/logging.c (uwsgi_logit_simple, at 00c1b8f).
// Nothing is escaped: the address is read from the front, the status and what is
// counted from the end; a user or a target that imitates the rest is left out.
func (e *entry) accessUWSGI(c *clock, b []byte) bool {
	rest, ok := cut(b, "[pid: ")
	if !ok {
		return false
	}
	pid, rest := digits(rest)
	_, rest, ok = split(rest[:min(len(rest), 80)], "] ")
	rest = b[min(len(b), len("[pid: ")+len(pid)+80)-len(rest):]
	host, rest := token(rest)
	head, tail, found := splitLast(rest, " => generated ")
	if !ok || !found || !isIP(host) || !has(head, "(") {
		return false
	}
	var t uwsgiTail
	if !t.read(tail) {
		return false
	}
	e.did(web, "http_request", statusOutcome(t.status))
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, host)
	e.uwsgiRequest(c, head[1:])
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, t.status)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, t.size)
	e.duration(t.took, t.unit)
	return true
}

// uwsgiReport reads such a line behind a report of the worker's memory.
func (e *entry) uwsgiReport(c *clock, b []byte) bool {
	if !has(b, "{address space usage: ") {
		return false
	}
	_, rest, ok := split(b[:min(len(b), 320)], "} [pid: ")
	if !ok || !e.accessUWSGI(c, b[min(len(b), 320)-len(rest)-len("[pid: "):]) {
		return false
	}
	e.parser = access
	return true
}

// uwsgiRequest reads `USER) {N vars in N bytes} [CTIME] METHOD TARGET`.
func (e *entry) uwsgiRequest(c *clock, b []byte) {
	user, rest, ok := splitOnly(b, ") {")
	_, rest, timed := split(rest, "} [")
	var t stamp
	rest, dated := t.ctime(rest)
	unix, valid := c.unix(&t)
	rest, closed := cut(rest, "] ")
	method, target := token(rest)
	if !ok || !timed || !dated || !valid || !closed {
		return
	}
	e.at(unix)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	if isMethod(method) {
		e.method(method)
		e.targetParts(target)
	}
}

// uwsgiTail is what the server counts. Unit is that of took, in nanoseconds.
type uwsgiTail struct {
	size, took, status []byte
	unit               int64
}

func (t *uwsgiTail) read(b []byte) bool {
	var ok bool
	t.size, b = digits(b)
	if b, ok = cut(b, " bytes in "); !ok {
		return false
	}
	t.took, b = digits(b)
	how, b, ok := split(b, "(") // of its own words, "via sendfile()" too
	for ok && has(b, ") ") {
		_, b, ok = split(b, "(")
	}
	switch {
	case has(how, " msecs "):
		t.unit = 1_000_000
	case has(how, " micros "):
		t.unit = 1000
	default:
		return false
	}
	_, b = token(b) // the protocol has no blanks
	t.status, b = digits(b)
	if b, ok = cut(b, ") "); !ok || len(t.status) != 3 {
		return false
	}
	for _, next := range [...]string{" headers in ", " bytes (", " switches on core ", ")"} {
		_, b = digits(b)
		if b, ok = cut(b, next); !ok {
			return false
		}
	}
	return len(b) == 0
}
