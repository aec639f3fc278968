package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// modsecurity reads what ModSecurity 2 and 3 and Coraza 3 write besides a server's error
// log: the audit log in JSON ({"transaction":{"client_ip":…,"request":{…},"messages":[…]}}),
// the first line of its section A, and Coraza's `[client "IP"] Coraza: Warning. … [id "N"]
// [msg "…"]…` in a field of Caddy's; as in ModSecurity 3.0.9: src/rule_message.cc, src/transaction.cc
// (toJSON, toOldAuditLogFormat); Coraza as logs have it.
func (e *entry) modsecurity(c *clock, m []byte) bool {
	if len(m) > 0 && m[0] == '{' {
		return e.jsonReader.read(m) && e.modsecurityJSON(c)
	}
	return e.modsecurityText(m) || e.modsecurityHeader(c, m)
}

// modsecurityJSON reads an object of either.
func (e *entry) modsecurityJSON(c *clock) bool {
	r := &e.jsonReader
	if message := r.slots[slotMessage].value; has(message, "[client \"") {
		if !e.modsecurityText(message) {
			return false
		}
		if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
			e.at(unix)
		}
		e.level(r.slots[slotLevel].value)
		e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
		return true
	}
	var client, port, method, uri, status, when []byte
	for _, p := range r.scanner.pairs {
		switch string(p.key) {
		case "transaction.client_ip", "transaction.remote_address":
			client = p.value
		case "transaction.client_port", "transaction.remote_port":
			port = p.value
		case "transaction.request.method":
			method = p.value
		case "transaction.request.uri":
			uri = p.value
		case "transaction.response.http_code", "transaction.response.status":
			status = p.value
		case "transaction.time_stamp", "transaction.timestamp":
			when = p.value
		}
	}
	if client == nil || uri == nil {
		return false
	}
	outcome := unknown
	if len(status) == 3 && isNumber(status) {
		outcome = statusOutcome(status)
	}
	e.did(web, "waf_audit", outcome)
	e.address(client)
	e.port(port)
	if isMethod(method) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	}
	e.targetParts(uri)
	if len(status) == 3 {
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	}
	if unix, ok := c.jsonTime(jsonPair{value: when, kind: 's'}); ok {
		e.at(unix)
	}
	return true
}

// modsecurityText reads `[client "IP"] ENGINE: Warning. …` and "… Access denied with
// code N (phase P). …". The engine's own keys come after what the client sent, and a
// quote in a value has a backslash, so the last of a key is the engine's.
func (e *entry) modsecurityText(m []byte) bool {
	rest, ok := cut(m, "[client \"")
	if !ok {
		return false
	}
	host := until(rest, "\"")
	_, rest, ok = split(rest, "] ")
	if !ok {
		return false
	}
	_, text, ok := split(rest[:min(len(rest), 32)], ": ")
	if !ok || !has(rest, "ModSecurity") && !has(rest, "Coraza") {
		return false
	}
	if has(text, "Access denied") {
		e.did(web, "waf_denied", failure)
	} else {
		e.did(web, "waf_warning", unknown)
	}
	e.address(host)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, bracketValue(rest, "[id \""))
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, bracketValue(rest, "[msg \""))
	if uri := bracketValue(rest, "[uri \""); len(uri) > 0 {
		e.targetParts(uri)
	}
	return true
}

// bracketValue is the value of the last `[key "` in a text, near whose end the engine
// writes its keys.
func bracketValue(b []byte, key string) []byte {
	const near = 8 << 10
	b = b[max(0, len(b)-near):]
	at := lastIndex(b, key)
	if at < 0 {
		return nil
	}
	value, _, _ := quoted(b[at+len(key)-1:])
	return value
}

// modsecurityHeader reads "[07/Oct/2025:09:00:00 +0000] UNIQUE_ID IP PORT IP PORT", or
// with the fraction and the two dashes that some versions put there.
func (e *entry) modsecurityHeader(c *clock, m []byte) bool {
	if len(m) < 50 || m[0] != '[' {
		return false
	}
	end := bytes.IndexByte(m[:min(len(m), 48)], ']')
	if end < 20 {
		return false
	}
	when := m[1:end]
	if dot := bytes.IndexByte(when, '.'); dot == 20 {
		return false // a fraction: not a time of accessTime's
	}
	var t stamp
	after, timed := t.accessTime(when)
	unix, valid := c.unix(&t)
	if !timed || !valid || len(after) > 0 {
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
	e.address(host)
	e.port(port)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, server)
	e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, serverPort)
	return true
}
