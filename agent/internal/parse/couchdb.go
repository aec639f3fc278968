package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// couchdb reads the requests in CouchDB's log: "[LEVEL] TIME NODE <PID> NONCE
// HOST IP USER METHOD PATH STATUS RESULT MS"; as logs have it, not held
// against its source.
func (e *entry) couchdb(c *clock, m []byte) bool {
	rest, ok := cut(m, "[")
	level, _, closed := split(rest[:min(len(rest), 24)], "] ")
	if !ok || !closed || !isLevelWord(level) {
		return false
	}
	rest = m[len(level)+3:]
	var t stamp
	rest, ok = t.isoTime(rest)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	var word [10][]byte // node, pid, nonce, host, address, user, method, path, status, result
	rest = trimLeft(rest)
	for i := range word {
		word[i], rest = token(rest)
	}
	if !has(word[1], "<") || !isMethod(word[6]) || len(word[8]) != 3 || !isNumber(word[8]) || !isIP(word[4]) {
		return false
	}
	e.did(web, "http_request", statusOutcome(word[8]))
	e.at(unix)
	e.level(level)
	e.address(word[4])
	if string(word[5]) != "undefined" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, word[5])
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, word[6])
	e.targetParts(word[7])
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, word[8])
	return true
}
