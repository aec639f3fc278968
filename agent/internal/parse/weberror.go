package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// nginxError reads "2006/01/02 15:04:05 [LEVEL] PID#TID: [*CONNECTION ]TEXT[,
// client: A, server: S, request: "R", …]". A path in the text and the headers at
// the end are the client's: a second ", client: " leaves the address out.
func (e *entry) nginxError(c *clock, b []byte) bool {
	if len(b) < 20 || b[4] != '/' {
		return false
	}
	var t stamp
	rest, ok := t.isoTime(b)
	if !ok {
		return false
	}
	rest, ok = cut(rest, " [")
	level, rest, in := split(rest, "] ")
	pid, rest := digits(rest)
	if !ok || !in || !isNumber(pid) || len(rest) == 0 || rest[0] != '#' || len(level) > 8 {
		return false
	}
	thread, rest := digits(rest[1:])
	rest, ok = cut(rest, ": ")
	if !ok {
		return false
	}
	when, ok := c.unix(&t)
	if !ok {
		return false
	}
	if after, ok := cut(rest, "*"); ok {
		_, rest = digits(after)
		rest = trimOne(rest)
	}
	e.at(when)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	e.set(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	e.number(eventv1.FieldId_FIELD_ID_PROCESS_THREAD_ID, thread)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, rest)
	e.nginxWhat(rest)
	return true
}

func (e *entry) nginxWhat(m []byte) {
	text, tail, ok := split(m, ", client: ")
	if !ok {
		text = m
	}
	name, refused := nginxUser(text)
	action, outcome := "http_error", unknown
	switch {
	case refused:
		action = ""
		e.authFailed()
		if !contains(tail, ", client: ") {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	case contains(text, "access forbidden by rule") || contains(text, "is forbidden"):
		action, outcome = "http_access_denied", failure
	case has(text, "limiting requests") || has(text, "limiting connections"):
		action, outcome = "http_rate_limited", failure
	case contains(text, "(2: No such file or directory)") || contains(text, "is not found"):
		action, outcome = "http_not_found", failure
	}
	if action != "" && ok {
		e.did(web, action, outcome)
	}
	if !ok || contains(tail, ", client: ") {
		return
	}
	host, tail, more := split(tail, ", ")
	e.address(host)
	if more {
		e.nginxRequest(tail)
	}
}

// nginxUser reads `user "NAME": password mismatch` and `user "NAME" was not found
// in "FILE"`.
func nginxUser(text []byte) (name []byte, ok bool) {
	rest, ok := cut(text, `user "`)
	if !ok {
		return nil, false
	}
	if name, _, ok = splitLast(rest, `": password mismatch`); !ok {
		name, _, ok = splitLast(rest, `" was not found in "`)
	}
	return name, ok
}

// nginxRequest reads `server: S, request: "R", upstream: "U", host: "H"…`. Quotes
// are not escaped here, so a request that holds one is left out.
func (e *entry) nginxRequest(b []byte) {
	_, rest, ok := split(b, `request: "`)
	if !ok {
		return
	}
	request, after, ok := split(rest, `"`)
	if !ok || (len(after) > 0 && !has(after, ", ")) {
		return
	}
	e.request(request)
	if _, host, ok := split(after, `, host: "`); ok && !contains(after, "referrer: ") {
		host, _ = cutEnd(host, `"`)
		e.domain(host)
	}
}

// authFailed sets a web server's own refusal of a user.
func (e *entry) authFailed() {
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, web)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, "http_authentication")
	e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, failure)
}

// apacheError reads "[TIME] [MODULE:LEVEL] [pid N:tid N] [(N)ERROR: ][client A:P]
// [AH00000: ]TEXT". Apache wrote everything up to the client, and escapes the
// rest.
func (e *entry) apacheError(c *clock, b []byte) bool {
	rest, ok := cut(b, "[")
	if !ok {
		return false
	}
	var t stamp
	after, timed := t.ctime(rest)
	if timed {
		when, ok := c.unix(&t)
		if rest, timed = cut(after, "] ["); !timed || !ok {
			return false
		}
		e.at(when)
	}
	level, rest, ok := split(rest, "] ")
	if !ok || len(level) > 40 {
		return false
	}
	if _, last, ok := splitLast(level, ":"); ok {
		level = last
	}
	if !isApacheLevel(level) {
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	if after, ok := cut(rest, "[pid "); ok {
		if rest, ok = e.apacheProcess(after); !ok {
			return false
		}
	}
	e.apacheText(rest)
	return true
}

// apacheProcess reads "N[:tid N]] ".
func (e *entry) apacheProcess(b []byte) ([]byte, bool) {
	head, rest, ok := split(b, "] ")
	pid, tid := digits(head)
	if !ok || !isNumber(pid) {
		return b, false
	}
	e.set(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	if tid, ok := cut(tid, ":tid "); ok {
		e.number(eventv1.FieldId_FIELD_ID_PROCESS_THREAD_ID, tid)
	}
	return rest, true
}

func isApacheLevel(b []byte) bool {
	switch string(b) {
	case "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug":
		return true
	}
	return has(b, "trace") && len(b) == 6
}

func (e *entry) apacheText(b []byte) {
	text, client := b, false
	if has(b, "(") {
		if i := index(b, "[client "); i > 0 && i < 160 {
			text = b[i:]
		}
	}
	if rest, ok := cut(text, "[client "); ok {
		if address, rest, ok := split(rest, "] "); ok {
			e.apacheClient(address)
			text, client = rest, true
		}
	}
	if len(text) > 9 && has(text, "AH") && text[7] == ':' {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, text[:7])
		text = text[9:]
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, text)
	if client {
		e.apacheWhat(text)
	}
}

// apacheClient reads "HOST[:PORT]", where an IPv6 address may stand bare.
func (e *entry) apacheClient(b []byte) {
	host, port, ok := splitLast(b, ":")
	if ok && (isIPv4(host) || has(host, "[")) && e.address(host) {
		e.port(port)
		return
	}
	if !e.address(b) && ok && e.address(host) {
		e.port(port)
	}
}

func (e *entry) apacheWhat(m []byte) {
	if rest, ok := cut(m, "user "); ok {
		for _, end := range [...]string{": authentication failure for \"", " not found: ", ": password mismatch: ", ": Password Mismatch"} {
			if name, after, ok := split(rest, end); ok {
				e.authFailed()
				if !contains(after, end) {
					e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
				}
				return
			}
		}
	}
	switch {
	case has(m, "client used wrong authentication scheme") || contains(m, "Digest: ") && contains(m, "mismatch"),
		has(m, "invalid nonce ") || has(m, "invalid uri ") || has(m, "invalid qop "):
		e.authFailed()
	case has(m, "client denied by server configuration"), contains(m, "Directory index forbidden"),
		has(m, "Authorization of user "), contains(m, "forbidden by rule"):
		e.did(web, "http_access_denied", failure)
	case has(m, "File does not exist: "), has(m, "script not found or unable to stat"), has(m, "script '") && contains(m, "not found or unable to stat"):
		e.did(web, "http_not_found", failure)
	default:
		e.did(web, "http_error", unknown)
	}
}
