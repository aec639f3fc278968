package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// squid reads Squid's native access log, 2.6 to 7, "SECONDS.MMM ELAPSED CLIENT
// CODE/STATUS BYTES METHOD URL USER HIERARCHY/PEER TYPE", by syslog or in a file;
// written from 5.7: src/log/FormatSquidNative.cc, src/cf.data.pre (logformat squid).
// Squid encodes spaces in what the client sent.
func (e *entry) squid(m []byte) bool {
	when, rest := token(trimLeft(m))
	elapsed, rest := token(trimLeft(rest))
	client, rest := token(rest)
	code, rest := token(rest)
	size, rest := token(rest)
	method, rest := token(rest)
	url, rest := token(rest)
	user, rest := token(rest)
	unix, ok := epochTime(when)
	result, status, found := split(code, "/")
	if !ok || !found || len(rest) == 0 || len(when) > 20 || !isMethod(result) || !isMethod(method) || !isNumber(size) {
		return false
	}
	if number, _ := cut(elapsed, "-"); !isDigits(number) || len(status) != 3 {
		return false
	}
	start := e.mark()
	outcome := unknown
	if isNumber(status) {
		outcome = statusOutcome(status)
	}
	e.did(web, "http_request", outcome)
	if !e.address(client) {
		e.undo(start)
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	e.targetParts(url)
	if isNumber(status) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BYTES, size)
	if string(user) != "-" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	}
	e.at(unix)
	return true
}
