package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

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
