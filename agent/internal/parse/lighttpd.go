package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// lighttpd reads lighttpd's error log about passwords, "2006-01-02 15:04:05: (mod_auth.c.525)
// TEXT, IP: IP", 1.4.20 to 1.4.76; written from 1.4.69: src/mod_auth.c
// (mod_auth_check_basic, mod_auth_check_digest). The address ends the line.
func (e *entry) lighttpd(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	unix, valid := c.unix(&t)
	rest, colon := cut(rest, ": ")
	rest, _ = cut(rest, "(")
	source, text, found := split(rest[:min(len(rest), 80)], ") ")
	if !ok || !valid || !colon || !found || !has(source, "mod_auth") && !has(source, "http_auth") {
		return false
	}
	text = rest[len(rest[:min(len(rest), 80)])-len(text):]
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
	e.at(unix)
	return true
}
