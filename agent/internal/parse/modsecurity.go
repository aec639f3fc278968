package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// modsecurity reads what ModSecurity 2 and 3 and Coraza 3 write: their messages, alone
// or in the error log of Apache and nginx, and their audit logs. Written from
// ModSecurity 2.9.13 (apache2/mod_security2.c, apache2_util.c, re.c, msc_logging.c,
// msc_util.c), 3.0.14 (src/rule_message.cc, src/transaction.cc) and Coraza 3.8.1
// (internal/corazarules/rule_match.go, internal/auditlog).
func (e *entry) modsecurity(c *clock, m []byte) bool {
	if len(m) > 0 && m[0] == '{' {
		return e.jsonReader.read(m) && e.modsecurityJSON(c)
	}
	if e.modsecurityText(m) {
		e.modsecurityURI(m)
		return true
	}
	return e.modsecurityHeader(c, m)
}

// modsecurityText reads "[client IP] ENGINE: Access denied with code N (phase P). …" and
// the like, in Coraza's with quotes around the address; with the server's own words
// before it, or in an audit log's section H, without the address.
func (e *entry) modsecurityText(m []byte) bool {
	rest, audit := cut(m, "Message: ")
	host := []byte(nil)
	if !audit {
		if after, ok := cut(m, "[client "); ok {
			host, rest, ok = split(after[:min(len(after), 96)], "] ")
			if !ok {
				return false
			}
			rest, host = after[len(after[:min(len(after), 96)])-len(rest):], bytes.Trim(host, `"`)
		}
		after, ok := cut(rest, "ModSecurity: ")
		if !ok {
			if after, ok = cut(rest, "Coraza: "); !ok {
				return false
			}
		}
		rest = after
	}
	id := wafValue(rest, `[id "`)
	if audit && id == nil || !e.modsecurityVerdict(rest) {
		return false
	}
	if e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil { // the server has said it
		e.address(host)
	}
	if code, ok := cut(rest, "Access denied with code "); ok {
		if number, after := digits(code); len(number) == 3 && len(after) > 0 && (after[0] == ' ' || after[0] == '.') {
			e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, number)
		}
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, id)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, wafValue(rest, `[msg "`))
	return true
}

func (e *entry) modsecurityVerdict(b []byte) bool {
	switch {
	case has(b, "Access denied "), has(b, "Access dropped "), has(b, "Access redirected "):
		e.did(web, "waf_denied", failure)
	case has(b, "Access allowed "):
		e.did(web, "waf_allowed", success)
	case has(b, "Warning. "), has(b, "Paused Access "), has(b, "Custom disruptive action triggered "):
		e.did(web, "waf_warning", unknown)
	default:
		return false
	}
	return true
}

// modsecurityURI sets the path that a message names. ModSecurity 3 escapes no quote in it
// nor in what follows, but the id at the end is its own.
func (e *entry) modsecurityURI(m []byte) {
	uri := wafValue(m, `[uri "`)
	if len(uri) > 0 && (wafValue(m, `[unique_id "`) != nil || !contains(m, `[unique_id "`)) {
		e.targetParts(uri)
	}
}

// wafValue is the value of `[key "value"]`. ModSecurity 3 writes what the client sent
// before its own keys and after them, with its quotes: a key that has two values
// has none.
func wafValue(b []byte, key string) []byte {
	value := []byte(nil)
	for rest := b; ; {
		i := index(rest, key)
		if i < 0 {
			return value
		}
		text, after, ok := quoted(rest[i+len(key)-1:])
		if !ok || len(after) == 0 || after[0] != ']' || value != nil && !bytes.Equal(text, value) {
			return nil
		}
		value, rest = text, after
	}
}

// modsecurityHeader reads the line of an audit log's section A, "[TIME] ID IP PORT IP PORT": the
// time of version 2 has a fraction, and west of Greenwich two dashes before its zone;
// Coraza's has no zone.
func (e *entry) modsecurityHeader(c *clock, m []byte) bool {
	if len(m) < 50 || m[0] != '[' {
		return false
	}
	end := bytes.IndexByte(m[:48], ']')
	if end < 19 {
		return false
	}
	unix, ok := c.wafTime(m[1:end])
	if !ok {
		return false
	}
	id, rest := token(trimLeft(m[end+1:]))
	host, rest := token(rest)
	port, rest := token(rest)
	server, rest := token(rest)
	serverPort, rest := token(rest)
	if len(id) < 8 || !isIP(host) || !isPort(port) || !isIP(server) || !isPort(serverPort) || len(rest) > 0 {
		return false
	}
	e.did(web, "waf_audit", unknown)
	e.at(unix)
	e.peers(host, port, server, serverPort)
	return true
}

// wafTime reads the time of an audit log.
func (c *clock) wafTime(b []byte) (int64, bool) {
	var t stamp
	rest, ok := t.accessOrISO(b)
	if !ok {
		t = stamp{}
		rest, ok = t.ctime(b)
	}
	if west, two := cut(rest, "--"); two {
		rest = t.zone(b[len(b)-len(west)-1:])
	}
	if !ok || len(rest) > 0 {
		return 0, false
	}
	return c.unix(&t)
}
