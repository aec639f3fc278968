package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// messageText looks into an application's message for what it says of a client: a
// login, or one of a few messages that have the same shape everywhere.
func (e *entry) messageText(m []byte) {
	if len(m) >= 10 && len(m) <= longestPhrase && !e.loginText(m) {
		e.requestText(m)
	}
}

// requestText reads requests in the messages of application servers: Rails, the access
// log filter of Play applications, AdGuard Home, the audit trail of CAS, and endlessh-go, as
// logs have them.
func (e *entry) requestText(m []byte) {
	switch m[0] {
	case 'S':
		if has(m, "Started ") {
			e.railsRequest(m)
			return
		}
	case 'P':
		if has(m, "POST ") {
			e.loginTemplate(m, []templated{
				{"POST %w /control/login: from ip %h: invalid username or password", authentication, "web_login", failure},
				{"POST %h /control/login: invalid username or password", authentication, "web_login", failure},
			})
			return
		}
	case 'A', 'C':
		if has(m, "ACCEPT host=") || has(m, "CLOSE host=") {
			e.loginTemplate(m, []templated{
				{"ACCEPT host=%h port=%p n=%*", network, "tarpit_connection", failure},
				{"CLOSE host=%h port=%p time=%*", network, "tarpit_closed", unknown},
			})
			return
		}
	}
	if has(m[len(m)-6:], " bytes") && e.playRequest(m) {
		return
	}
	if len(m) > 40 && contains(m[20:min(len(m), 200)], "|CAS|") {
		e.loginTemplate(m, []templated{
			{"%*|CAS|%*|AUTHENTICATION_FAILED|%u|%h|%w", authentication, "web_login", failure},
			{"%*|CAS|%*|AUTHENTICATION_SUCCESS|%u|%h|%w", authentication, "web_login", success},
		})
	}
}

// railsRequest reads `Started METHOD "TARGET" for IP at TIME`: how it ended is in another
// line, without the address.
func (e *entry) railsRequest(m []byte) {
	var s slots
	if !s.matches(m, "Started %w \"%u\" for %h at %*") || s.ambiguous || !isMethod(s.word) {
		return
	}
	e.did(web, "http_request", unknown)
	e.from(s.host)
	e.method(s.word)
	e.targetParts(s.user)
	e.out.Class = e.classByCategory()
}

// playRequest reads `[TRACE] IP METHOD TARGET took Nms and returned STATUS N bytes`. The
// target is the client's, so the rest is read from the end.
func (e *entry) playRequest(m []byte) bool {
	head, tail, ok := splitLast(m, " took ")
	ms, tail, timed := split(tail, "ms and returned ")
	status, size, sized := split(tail, " ")
	size, ended := cutEnd(size, " bytes")
	if !ok || !timed || !sized || !ended || !isNumber(ms) {
		return false
	}
	if has(head, "[") {
		if _, head, ok = split(head, "] "); !ok {
			return false
		}
	}
	host, rest := token(head)
	method, target := token(rest)
	if !isIP(host) || !e.requested(host, method, target, status) {
		return false
	}
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, size)
	e.duration(ms, 1_000_000)
	e.out.Class = e.classByCategory()
	return true
}

// playLine reads "[LEVEL] LOGGER MESSAGE" of such an application, whose console has no
// time; Apache's own lines without one go on with a bracket.
func (e *entry) playLine(b []byte) bool {
	level, _, ok := split(b[1:min(len(b), 12)], "] ")
	if !ok || !isLevelWord(level) {
		return false
	}
	logger, message := token(b[len(level)+3:])
	if !isDotted(logger) || len(message) < 20 {
		return false
	}
	e.level(level)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LOGGER, logger)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	e.parser = appLog
	e.messageText(message)
	return true
}

// loginTemplate is readTemplate for an application's message, whose class is then that
// of what it says.
func (e *entry) loginTemplate(m []byte, list []templated) {
	if e.readTemplate(m, list) {
		e.out.Class = e.classByCategory()
	}
}

// datedLogin reads a line of no known logger that begins with a time and tells of a
// login: "TIME|…|[WEB] [IP] Authentication failed for 'X'", "[TIME] [IP:PORT] CLASS: Invalid
// username or password".
func (e *entry) datedLogin(c *clock, b []byte) bool {
	rest, _ := cut(b, "[")
	var t stamp
	rest, ok := t.isoTime(rest)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	if has(rest, " UTC") {
		rest = rest[len(" UTC"):]
	}
	for len(rest) > 0 && !isLetter(rest[0]) && rest[0] != '[' && rest[0] != '{' && rest[0] != '"' {
		rest = rest[1:]
	}
	if level := until(rest, ":|"); len(level) < len(rest) && isLevelWord(level) {
		for rest = rest[len(level):]; len(rest) > 0 && (rest[0] == ':' || rest[0] == '|' || rest[0] == ' '); {
			rest = rest[1:]
		}
	}
	if !e.loginText(rest) {
		return false
	}
	e.at(unix)
	e.message(rest)
	return true
}
