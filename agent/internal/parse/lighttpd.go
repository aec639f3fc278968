package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// lighttpd reads lighttpd's error log, about passwords "2006-01-02 15:04:05: (mod_auth.c.525)
// TEXT, IP: IP", 1.4.20 to 1.4.79; written from 1.4.69 and 1.4.79: src/mod_auth.c
// (mod_auth_check_basic, mod_auth_check_digest), src/server.c. The address ends the line.
func (e *entry) lighttpd(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	unix, valid := c.unix(&t)
	rest, colon := cut(rest, ": ")
	rest, _ = cut(rest, "(")
	source, text, found := split(rest[:min(len(rest), 80)], ") ")
	if !ok || !valid || !colon || !found || !contains(source, ".c.") {
		return false
	}
	text = rest[len(rest[:min(len(rest), 80)])-len(text):]
	if !has(source, "mod_auth") && !has(source, "http_auth") || !e.lighttpdAuth(text) {
		e.lighttpdOther(source, text)
	}
	e.at(unix)
	return true
}

// lighttpdOther reads what is not about passwords.
func (e *entry) lighttpdOther(source, text []byte) {
	switch {
	case has(source, "server.c.") && has(text, "server started"):
		e.did(process, "service_started", success)
	case has(source, "server.c.") && has(text, "server stopped"):
		e.did(process, "service_stopped", unknown)
	default:
		e.did(web, "http_error", unknown)
	}
}

// lighttpdAuth reads "TEXT[,] IP: IP".
func (e *entry) lighttpdAuth(text []byte) bool {
	head, host, ok := splitLast(text, " IP: ")
	if !ok || !isIP(host) {
		return false
	}
	head, _ = cutEnd(head, ",")
	if !has(head, "password doesn't match for ") && !has(head, "get_password failed") && !has(head, "digest: ") && !has(head, "unknown user") {
		return false
	}
	e.authFailed()
	e.address(host)
	if _, name, ok := splitOnly(head, " username: "); ok {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	} else if _, rest, ok := splitOnly(head, "auth failed for "); ok {
		name, _, _ := split(rest, ": ")
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	return true
}
