package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// w3c reads a line by the columns that its log has named, else as IIS writes it.
func (e *entry) w3c(c *clock, m []byte) bool {
	start := e.mark()
	if e.columnLine(c, m) {
		return true
	}
	e.undo(start)
	return e.iis(c, m)
}

// iis reads the W3C extended log of IIS 6 to 10: its default fields (date time s-ip
// cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent)
// [cs(Referer)] sc-status sc-substatus sc-win32-status[ time-taken]), also with
// s-sitename and s-computername before them, cs-version behind the client, cs(Cookie),
// cs(Referer) and cs-host in their order, as in Microsoft's reference of the format.
// Times are UTC; spaces are written as plus.
func (e *entry) iis(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	t.zoned = true
	unix, valid := c.unix(&t)
	rest, space := cut(rest, " ")
	server, rest := token(rest)
	if has(server, "W3SVC") {
		if server, rest = token(rest); !isIP(server) { // the computer's name
			server, rest = token(rest)
		}
	}
	method, rest := token(rest)
	stem, rest := token(rest)
	query, rest := token(rest)
	port, rest := token(rest)
	user, rest := token(rest)
	client, rest := token(rest)
	if !ok || !valid || !space || !isIP(server) || !isMethod(method) || !has(stem, "/") || !isPort(port) || !isIP(client) {
		return false
	}
	if version, after := token(rest); has(version, "HTTP/") {
		rest = after
	}
	agent, rest := token(rest)
	status, referrer, ok := iisStatus(rest)
	if !ok {
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

// iisStatus finds "STATUS SUBSTATUS WIN32" behind up to three headers of the client's. A
// header may be a number too: no substatus is as great as a status.
func iisStatus(rest []byte) (status, referrer []byte, ok bool) {
	var headers [3][]byte
	for n := 0; ; n++ {
		word, after := token(rest)
		sub, last := token(after)
		code := firstWord(last)
		if len(word) == 3 && isNumber(word) && isNumber(sub) && atoi(sub) < 200 && isDigits(code) {
			switch n { // one is the referrer; of three it stands between a cookie and the host
			case 1:
				referrer = headers[0]
			case 3:
				referrer = headers[1]
			}
			return word, referrer, true
		}
		if n == len(headers) || len(after) == 0 {
			return nil, nil, false
		}
		headers[n], rest = word, after
	}
}
