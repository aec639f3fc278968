package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// dovecot reads the messages of Dovecot 1.0 to 2.4, written from 2.3.19:
// src/login-common/client-common.c (client_get_log_str, disconnect reasons),
// login-settings.c (login_log_format_elements), client-common-auth.c and
// login-proxy.c; src/auth/auth-request.c (get_log_identifier), passdb-*.c and
// mech-*.c; src/imap and src/pop3 for sessions' ends; src/master/main.c.
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
	return e.dovecotLogin(m) || e.dovecotAuth(m) || e.dovecotMaster(m)
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
	case contains(what, "(client didn't finish SASL auth") || contains(what, "(disconnected while ") || contains(what, "(aborted authentication)"):
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
			"tried to use disallowed plaintext auth", "tried to use disabled plaintext auth", "tried to use unsupported auth mechanism",
			"user disabled", "password expired", "sent invalid base64 in response", "login disabled", "cert required, client didn't start TLS",
			"client sent an invalid cert", "client didn't send a cert", "proxy dest auth failed",
		} {
			if has(rest, text) {
				return rest[:len(text)], nil, true
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

// dovecotAuth reads "[conn …: auth-worker<N>: ]DB(NAME,IP[,master][,<SESSION>]): TEXT".
// The name is the client's, and with verbose_passwords so is the end of the text:
// an identifier counts only where no other stands.
func (e *entry) dovecotAuth(m []byte) bool {
	if rest, ok := cut(m, "conn unix:"); ok {
		if _, after, ok := split(rest, ": "); ok {
			m = after
		}
		if head, after, ok := split(m, ": "); ok && isDovecotAuth(head) {
			m = after
		}
	}
	database, rest, ok := split(m, "(")
	if !ok || len(database) == 0 || len(database) > 40 || !consists(database, inHost) {
		return false
	}
	// Dovecot cuts names at 64 bytes: no identifier is longer than this.
	window := rest[:min(len(rest), 512)]
	who, text, found := rest, []byte(nil), 0
	for at := 0; found < 2; {
		i := index(window[at:], "): ")
		if i < 0 {
			break
		}
		if at += i; dovecotIP(rest[:at]) != nil {
			if found++; found == 1 {
				who, text = rest[:at], rest[at+3:]
			}
		}
		at += 3
	}
	if found == 0 {
		if who, text, ok = splitOnly(rest, "): "); !ok {
			return false
		}
	}
	if !isDovecotFailure(text) {
		return false
	}
	e.did(authentication, "mail_authentication", failure)
	if reason, _, _ := split(text, " (given password: "); found < 2 {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		e.dovecotWho(who)
	}
	return true
}

// dovecotIP finds the address at the end of an identifier.
func dovecotIP(b []byte) []byte {
	if _, id, ok := splitLast(b[max(0, len(b)-160):], ",<"); ok && bytes.IndexByte(id, ',') < 0 && len(id) > 0 && id[len(id)-1] == '>' {
		b = b[:len(b)-len(id)-2]
	}
	b, _ = cutEnd(b, ",master")
	if _, ip, ok := splitLast(b[max(0, len(b)-64):], ","); ok && isIP(ip) {
		return ip
	}
	return nil
}

// dovecotWho sets the two parts of an identifier.
func (e *entry) dovecotWho(who []byte) {
	ip := dovecotIP(who)
	e.address(ip)
	name := who
	if ip != nil {
		name = who[:lastIndex(who, string(ip))-1]
	} else {
		name, _, _ = split(name, ",<")
	}
	if string(name) != "?" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}

func isDovecotFailure(text []byte) bool {
	for _, start := range [...]string{
		"unknown user", "Unknown user", "User unknown", "user unknown", "Password mismatch", "password mismatch", "pam_authenticate() failed",
		"pam_acct_mgmt() failed", "User found from deny passdb", "Authentication failure due to policy server refusal",
		"invalid password", "Invalid password", "invalid credentials", "Invalid credentials", "No password returned", "Login failed",
		"Attempted login with password having illegal chars", "Attempted master login", "User not authorized to log in as",
		"allow_nets check failed", "Username character disallowed", "Invalid username", "username not known", "user not found",
		"Password expired", "password expired", "account expired", "User is disabled", "user disabled", "Empty username", "Authentication failed",
	} {
		if has(text, start) {
			return true
		}
	}
	return false
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
