package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// apacheError reads "[TIME] [MODULE:LEVEL] [pid N:tid N] [(N)ERROR: ][client A:P]
// [AH00000: ]TEXT". Apache wrote everything up to the client, and escapes the
// rest.
func (e *entry) apacheError(c *clock, b []byte) bool {
	rest, ok := cut(b, "[")
	if !ok || len(rest) == 0 {
		return false
	}
	var t stamp
	after, timed := t.ctime(rest)
	if !timed && isDigit(rest[0]) { // ErrorLogFormat with %{cu}t
		if after, timed = t.isoTime(rest); !timed || !isApacheModule(after) {
			return false
		}
	}
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
	after, paired := cut(rest, "[pid ")
	if paired {
		if rest, ok = e.apacheProcess(after); !ok {
			return false
		}
	}
	e.apacheText(rest, paired)
	return true
}

// isApacheModule says whether "] [MODULE:LEVEL] " follows: others write a time of ISO in
// brackets too, but not these.
func isApacheModule(b []byte) bool {
	b, ok := cut(b, "] [")
	inner, _, closed := split(b[:min(len(b), 40)], "] ")
	module, level, colon := split(inner, ":")
	return ok && closed && colon && isApacheLevel(level) && consists(module, inName)
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

// maxApacheText is more than Apache writes: it cuts a message at 8 KiB (MAX_STRING_LEN).
const maxApacheText = 16 << 10

// apacheText reads what follows; since 2.4, whose lines have a process, a client's
// address has its port with it.
func (e *entry) apacheText(b []byte, ported bool) {
	text, client := b, false
	if has(b, "(") {
		if i := index(b, "[client "); i > 0 && i < 160 {
			text = b[i:]
		}
	}
	if rest, ok := cut(text, "[client "); ok {
		if address, rest, ok := split(rest, "] "); ok {
			e.apacheClient(address, ported)
			text, client = rest, true
		}
	} else if rest, ok := cut(text, "[remote "); ok {
		if _, rest, ok := split(rest, "] "); ok {
			text = rest // a server that Apache is the client of
		}
	}
	code := []byte(nil)
	if len(text) > 9 && has(text, "AH") && text[7] == ':' {
		code, text = text[:7], text[9:]
		e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, code)
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, text)
	if client {
		e.apacheWhat(code, text[:min(len(text), maxApacheText)])
	}
}

// apacheClient reads "HOST" or "HOST:PORT". Apache puts no brackets around an
// address of version 6: only who knows that there is a port can tell it from the
// address.
func (e *entry) apacheClient(b []byte, ported bool) {
	if host, port, ok := splitLast(b, ":"); ok && isPort(port) && (ported || isIPv4(host) || has(host, "[")) && e.address(host) {
		if string(port) != "0" { // of an address that a proxy told
			e.port(port)
		}
		return
	}
	e.address(b)
}

func (e *entry) apacheWhat(code, m []byte) {
	switch {
	case (has(m, "ModSecurity: ") || has(m, "[client ")) && e.modsecurityText(m):
		e.modsecurityURI(m)
	case has(m, "client denied by server configuration"):
		e.did(web, "http_access_denied", failure)
	case e.apacheUser(code, m):
	case isApacheRefusal(m):
		e.authFailed()
	case isApacheDenial(m):
		e.did(web, "http_access_denied", failure)
		e.apacheDenied(m)
	case has(m, "File does not exist: "), isApacheScriptMissing(m):
		e.did(web, "http_not_found", failure)
	case isApacheNonsense(m):
		e.did(web, "http_bad_request", failure)
	case has(m, "Connection to child ") && contains(m, " established (server "): // modules/ssl/mod_ssl.c
		e.did(web, "http_connection", success)
	case e.zoneminderPHP(m):
	case has(m, "stderr from ") || contains(m, "error importing function definition for `"):
		e.apacheScript(m)
	default:
		e.did(web, "http_error", unknown)
	}
}

// isApacheScriptMissing knows mod_cgi's message, with the script's path before or behind
// it; mod_cgid's server tells it as the script's own output since 2.4.59.
func isApacheScriptMissing(m []byte) bool {
	if rest, ok := cut(m, "stderr from "); ok {
		_, ok = cutEnd(rest, ": script not found or unable to stat")
		return ok
	}
	return has(m, "script not found or unable to stat") || has(m, "script '") && contains(m, "not found or unable to stat")
}

// isApacheNonsense knows requests that are none: server/core.c, server/request.c
// (ap_process_request_internal), server/protocol.c ("request failed: …" of 2.2 and 2.4,
// the limits of a header), server/vhost.c, modules/http/http_filters.c and
// modules/ssl/ssl_engine_kernel.c of 2.4.68.
func isApacheNonsense(m []byte) bool {
	for _, start := range [...]string{
		"Invalid URI in request ", "Invalid method in request ", "invalid URI path (", "request failed: ", "Invalid Content-Length",
		"rejecting client initiated renegotiation", "Request header exceeds LimitRequestFieldSize", "Request header field ",
		"Number of request headers exceeds LimitRequestFields", "Client sent malformed Host header", "client sent HTTP/1.1 request without hostname",
		"client sent an unrecognized expectation value of Expect: ", "Unknown Transfer-Encoding",
	} {
		if has(m, start) {
			return true
		}
	}
	return has(m, "Hostname ") && (contains(m, " provided via SNI, but no hostname provided in HTTP request") ||
		contains(m, " provided via HTTP have no compatible SSL setup"))
}

// apacheScript reads what a script writes to its standard error. A bash that knows of
// CVE-2014-6271 says so when a request's header holds a function (its
// variables.c, initialize_shell_variables): the request failed in what it was sent for.
func (e *entry) apacheScript(m []byte) {
	if contains(m, ": error importing function definition for `") {
		e.did(web, "http_error", failure)
		return
	}
	e.did(web, "http_error", unknown)
}

// apacheUser reads "user NAME…" of the modules that ask for a password. The name is
// the client's: where what follows it stands twice, it is left out.
func (e *entry) apacheUser(code, m []byte) bool {
	rest, ok := cut(m, "user ")
	if !ok {
		if rest, ok = cut(m, "auth_ldap authenticate: user "); !ok {
			return false
		}
		name, _, ok := split(rest, " authentication failed; URI ")
		if ok {
			e.authFailed()
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return ok
	}
	if name, after, ok := split(rest, "' in realm `"); ok && has(name, "`") {
		if !contains(after, "' not found: ") && !contains(after, "' denied by provider: ") {
			return false
		}
		e.authFailed()
		if !contains(after, "' in realm `") {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name[1:])
		}
		return true
	}
	for _, end := range [...]string{": authentication failure for \"", " not found: ", ": password mismatch: ", ": Password Mismatch"} {
		name, after, ok := split(rest, end)
		if !ok {
			continue
		}
		e.authFailed()
		if string(code) == "AH01807" || string(code) == "AH01808" { // mod_auth_form's quotes
			name = bytes.Trim(name, "'")
		}
		if !contains(after, end) {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	return false
}

// isApacheRefusal knows what mod_auth_basic and mod_auth_digest object to besides a
// name and its password.
func isApacheRefusal(m []byte) bool {
	m, _ = cut(m, "Digest: ") // up to 2.2
	for _, start := range [...]string{
		"client used wrong authentication scheme", "invalid nonce ", "invalid uri ", "invalid qop ", "invalid nc ", "missing user, realm, nonce, ",
		"uri mismatch - ", "realm mismatch - ", "received invalid opaque ", "unknown algorithm `", "Warning, possible replay attack: ",
	} {
		if has(m, start) {
			return true
		}
	}
	return false
}

func isApacheDenial(m []byte) bool {
	for _, start := range [...]string{
		"client method denied by server configuration", "Authorization of user ", "No hostname was provided via SNI for a name based virtual host",
		"authorization failure (no authenticated user): ", "file permissions deny server access: ", "Symbolic link not allowed", "access check of '",
	} {
		if has(m, start) {
			return true
		}
	}
	switch {
	case has(m, "user "):
		return contains(m, ": authorization failure for \"")
	case has(m, "access to "):
		return contains(m, " failed, reason: ") || contains(m, "because search permissions are missing on a component of the path")
	case has(m, "Forbidden: "):
		return contains(m, " doesn't point to a file or directory")
	case has(m, "Cannot serve directory "):
		return contains(m, "directory index forbidden")
	default:
		return contains(m, "Directory index forbidden") || contains(m, "forbidden by rule")
	}
}

// apacheDenied sets who was denied: somebody who has given the right password.
func (e *entry) apacheDenied(m []byte) {
	rest, ok := cut(m, "Authorization of user ")
	end := " to access "
	if !ok {
		rest, ok = cut(m, "user ")
		end = ": authorization failure for \""
	}
	if name, _, found := splitOnly(rest, end); ok && found {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}
