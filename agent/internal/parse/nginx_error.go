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
	if isSevereWord(level) && e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil {
		e.nginxAlone(rest)
	}
	return true
}

// nginxAlone is trouble that no client had: of a worker, a resolver, a certificate. What
// it concerns stands at its end: src/event/ngx_event_openssl_stapling.c,
// ngx_ssl_ocsp_log_error.
func (e *entry) nginxAlone(m []byte) {
	if has(m, "FastCGI sent in stderr: ") {
		return // the first line of a script's own words
	}
	e.did(web, "http_error", unknown)
	for _, end := range [...]string{", responder: ", ", peer: ", ", certificate: "} {
		m, _, _ = split(m, end)
	}
	e.add(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE, m)
}

func (e *entry) nginxWhat(m []byte) {
	text, tail, ok := split(m, ", client: ")
	if !ok {
		text = m
	}
	if e.nginxMail(text, tail) || has(m, "[client ") && e.nginxWAF(m, tail) {
		return
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
	case has(text, "delaying request"):
		action = "http_rate_limited"
	case isNginxMissing(text):
		action, outcome = "http_not_found", failure
	case has(text, "client sent ") && !contains(text, " userid cookie"): // a cookie of its own is only ignored
		action, outcome = "http_bad_request", failure
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

// nginxWAF reads a message of ModSecurity 3's connector, which names the client first.
func (e *entry) nginxWAF(m, tail []byte) bool {
	if !e.modsecurityText(m) {
		return false
	}
	if !contains(tail, ", client: ") {
		e.nginxRequest(tail)
	}
	if e.out.Get(eventv1.FieldId_FIELD_ID_URL_ORIGINAL) == nil {
		e.modsecurityURI(m)
	}
	return true
}

// isNginxMissing says whether a file is not there; a socket that is not there is
// the trouble of a server behind this one.
func isNginxMissing(text []byte) bool {
	if !contains(text, " failed (2: No such file or directory)") {
		return contains(text, "\" is not found")
	}
	return !has(text, "connect() ")
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
