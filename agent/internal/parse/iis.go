package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// iis reads the W3C extended log of IIS 6 to 10 with its default fields (date time
// s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent)
// [cs(Referer)] sc-status sc-substatus sc-win32-status[ time-taken]), as in
// Microsoft's reference of the format. Times are UTC; spaces are written as plus.
func (e *entry) iis(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	t.zoned = true
	unix, valid := c.unix(&t)
	rest, space := cut(rest, " ")
	server, rest := token(rest)
	method, rest := token(rest)
	stem, rest := token(rest)
	query, rest := token(rest)
	port, rest := token(rest)
	user, rest := token(rest)
	client, rest := token(rest)
	agent, rest := token(rest)
	if !ok || !valid || !space || !isIP(server) || !isMethod(method) || !has(stem, "/") || !isPort(port) || !isIP(client) {
		return false
	}
	status, rest := token(rest)
	referrer := []byte(nil)
	if len(status) != 3 || !isNumber(status) {
		referrer = status
		status, rest = token(rest)
	}
	if sub, _ := token(rest); len(status) != 3 || !isNumber(status) || !isNumber(sub) {
		return false
	}
	e.did(web, "http_request", statusOutcome(status))
	e.address(client)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	target := stem
	if string(query) != "-" && len(stem)+len(query) < e.room {
		start := len(e.scratch)
		e.scratch = append(append(append(e.scratch, stem...), '?'), query...)
		target = e.scratch[start:len(e.scratch):len(e.scratch)]
	}
	e.targetParts(target)
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, agent)
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, referrer)
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, server)
	e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, port)
	e.at(unix)
	return true
}
