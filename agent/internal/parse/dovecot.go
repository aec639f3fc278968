package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// dovecot reads the messages of Dovecot 1.0 to 2.4; the formats are those of
// testdata/formats/dovecot.tsv, around which a login process writes
// login_log_format_elements and the auth process an identifier.
func (e *entry) dovecot(m []byte) bool {
	head, rest, ok := split(m, ": ")
	if !ok || len(head) > 512 {
		return e.dovecotMaster(m)
	}
	// In a log file of its own the process is the tag, and the level comes first.
	if isDovecotLevel(head) {
		return e.dovecot(rest)
	}
	if isDovecotLevel(e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_NAME)) && consists(head, inHost) {
		e.set(eventv1.FieldId_FIELD_ID_PROCESS_NAME, head) // 1.x put the level where syslog has the process
	}
	if isDovecotLogin(head) {
		return e.dovecotLogin(dovecotText(rest))
	}
	if isDovecotAuth(head) {
		return e.dovecotAuth(dovecotText(rest))
	}
	if name, ok := dovecotMailUser(head); ok {
		return e.dovecotSession(name, dovecotText(rest))
	}
	return e.dovecotDelivery(head, dovecotText(rest)) || e.dovecotLogin(m) || e.dovecotAuth(m) || e.dovecotMaster(m)
}

func isDovecotLevel(b []byte) bool {
	switch string(b) {
	case "Info", "Warning", "Warn", "Error", "Debug", "Fatal", "Panic":
		return true
	}
	return false
}

// dovecotText drops a level.
func dovecotText(b []byte) []byte {
	if head, rest, ok := split(b, ": "); ok && isDovecotLevel(head) {
		return rest
	}
	return b
}

func isDovecotLogin(b []byte) bool {
	name, ok := cutEnd(b, "-login")
	return ok && len(name) > 0 && consists(name, inHost)
}

// isDovecotAuth knows "auth", "auth(default)", "auth-worker(123)" and "auth-worker<123>".
func isDovecotAuth(b []byte) bool {
	rest, ok := cut(b, "auth")
	if !ok {
		return false
	}
	rest, _ = cut(rest, "-worker")
	return len(rest) == 0 || rest[0] == '(' || rest[0] == '<'
}

// dovecotMailUser reads "imap(NAME)" and "imap(NAME)<PID><SESSION>".
func dovecotMailUser(head []byte) ([]byte, bool) {
	service, rest, ok := split(head, "(")
	if !ok || (string(service) != "imap" && string(service) != "IMAP" && string(service) != "pop3" && string(service) != "POP3" && string(service) != "submission" && string(service) != "managesieve") {
		return nil, false
	}
	if name, _, ok := split(rest, ")<"); ok {
		return name, true
	}
	return cutEnd(rest, ")")
}

// dovecotSession reads the end of a session. Who got this far has an account, so
// the name is not a stranger's text.
func (e *entry) dovecotSession(name, text []byte) bool {
	if !has(text, "Disconnected") && !has(text, "Logged out") && !has(text, "Connection closed") && !has(text, "Server shutting down") {
		return false
	}
	e.did(session, "mail_session_closed", unknown)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// dovecotLogin reads "WHAT[ (REASON)]…: user=<NAME>, method=M, rip=IP, lip=IP, …".
func (e *entry) dovecotLogin(m []byte) bool {
	end := lastIndex(m, "rip=")
	if end < 2 || m[end-1] != ' ' {
		return e.dovecotProxy(m)
	}
	head := m[:end-1]
	what := head
	if i := index(head, ": user=<"); i >= 0 {
		what = head[:i]
	} else if head, ok := cutEnd(head, ":"); ok {
		what = head
	}
	if !e.dovecotOutcome(what) {
		return false
	}
	head, _ = cutEnd(head, ",")
	if before, method, ok := splitLast(head, ", method="); ok && len(method) < 40 && bytes.IndexByte(method, ' ') < 0 {
		head = before
		e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	}
	ip, _, _ := split(m[end+4:], ",")
	e.address(ip)
	if _, name, ok := splitOnly(head, "user=<"); ok {
		if name, ok := cutEnd(name, ">"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	}
	return true
}

// dovecotOutcome says what a login process's line is about.
func (e *entry) dovecotOutcome(what []byte) bool {
	switch string(what) {
	case "Login", "Logged in":
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "mail_login", success)
		return true
	}
	if has(what, "ID sent") || has(what, "proxy(") || has(what, "Debug") {
		return false
	}
	if has(what, "Maximum number of connections") {
		e.did(network, "mail_rate_limited", failure)
		return true
	}
	if has(what, "Login failed") || has(what, "Authenticate ") || has(what, "APOP failed") {
		e.did(authentication, "mail_login", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, what)
		return true
	}
	reason, attempts, failed := dovecotRefusal(what)
	switch {
	case failed:
		e.did(authentication, "mail_login", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		e.repeats(attempts)
	case contains(what, "(client didn't finish SASL auth") || contains(what, "(disconnected while ") || contains(what, "(aborted authentication)") ||
		contains(what, "(auth aborted by client"):
		e.did(authentication, "mail_login_incomplete", unknown)
	case contains(what, "SSL_accept()") || contains(what, "(disconnected during TLS handshake") || contains(what, "TLS initialization failed"):
		e.did(network, "mail_tls_failed", unknown)
	default:
		e.did(network, "mail_disconnect", unknown)
	}
	return true
}

// dovecotRefusal finds the parenthesis that says why a client was not let in, and
// how often it tried.
func dovecotRefusal(what []byte) (reason, attempts []byte, ok bool) {
	for rest := what; ; {
		_, after, found := split(rest, "(")
		if !found {
			return nil, nil, false
		}
		rest = after
		for _, text := range [...]string{"auth failed, ", "authorization failed, "} {
			if after, ok := cut(rest, text); ok {
				attempts, _ = digits(after)
				reason, _, _ = split(rest, ",")
				return reason, attempts, true
			}
		}
		// Up to 1.1: "(N authentication attempts)".
		if number, after := digits(rest); len(number) > 0 && has(after, " authentication attempts") {
			return rest[:len(number)+len(" authentication attempts")], number, true
		}
		for _, text := range [...]string{
			"tried to use disallowed plaintext auth", "tried to use disallowed cleartext auth", "tried to use disabled plaintext auth",
			"tried to use unsupported auth mechanism", "anonymous logins disabled", "user disabled", "password expired", "sent invalid base64 in response", "login disabled", "cert required, client didn't start TLS",
			"client sent an invalid cert", "client sent an untrusted cert", "client didn't send a cert", "proxy dest auth failed",
			"proxy dest authentication failure",
		} {
			if after, ok := cut(rest, text); ok {
				after, _ = cut(after, ", ")
				if number, after := digits(after); has(after, " attempts in ") {
					attempts = number
				}
				return rest[:len(text)], attempts, true
			}
		}
	}
}

// dovecotProxy reads "proxy(NAME,IP[:PORT]): …" of a login proxy.
func (e *entry) dovecotProxy(m []byte) bool {
	rest, ok := cut(m, "proxy(")
	if !ok {
		return false
	}
	who, text, ok := splitOnly(rest, "): ")
	if !ok {
		return false
	}
	switch {
	case has(text, "started proxying to "):
		e.did(authentication, "mail_login", success)
	case has(text, "Login failed to "):
		e.did(authentication, "mail_login", failure)
	default:
		return false
	}
	e.dovecotWho(who)
	return true
}

// dovecotMaster reads what the master process says of itself.
func (e *entry) dovecotMaster(m []byte) bool {
	m, _ = cut(m, "master: ")
	m = dovecotText(m)
	switch {
	case has(m, "Dovecot v") && contains(m, " starting up"):
		e.did(process, "service_started", success)
	case has(m, "Killed with signal ") || has(m, "Warning: Killed with signal "):
		e.did(process, "service_stopped", unknown)
	default:
		return false
	}
	return true
}
