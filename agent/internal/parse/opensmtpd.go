package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// opensmtpd reads the messages of OpenSMTPD 5.3 to 7.x, written from 6.8.0 and 5.4:
// usr.sbin/smtpd/smtp_session.c, "SESSION smtp WHAT key=value …" and the sentences of
// 5.x, "smtp-in: WHAT session SESSION …". Only the line of the connection names the
// address; up to 6.0, with "event=WHAT", every line did. Blanks in a user's name are
// encoded (strnvis).
func (e *entry) opensmtpd(m []byte) bool {
	if rest, ok := cut(m, "smtp-in: "); ok {
		return e.opensmtpdSentence(rest)
	}
	id, rest := token(m)
	rest, ok := cut(rest, "smtp ")
	if !ok || len(id) != 16 {
		return false
	}
	rest, _ = cut(rest, "event=")
	what, rest := token(rest)
	switch string(what) {
	case "connected":
		e.did(network, "mail_connection", unknown)
		e.opensmtpdAddress(rest)
	case "disconnected", "closed":
		e.did(network, "mail_disconnect", unknown)
		if _, reason, ok := split(rest, "reason="); ok {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		}
	case "authentication":
		return e.opensmtpdLogin(rest)
	case "failed-command", "bad-input":
		return e.opensmtpdFailed(rest)
	case "tls", "starttls":
		e.did(network, "mail_tls_established", success)
	case "message":
		e.did(network, "mail_accepted", success)
		if has(rest, "address=") {
			e.opensmtpdAddress(rest)
		}
	case "client-cert-check":
		if !has(rest, `result="failure"`) {
			return false
		}
		e.did(network, "mail_tls_failed", unknown)
	default:
		return false
	}
	return true
}

// opensmtpdAddress reads "address=IP host=NAME".
func (e *entry) opensmtpdAddress(b []byte) {
	if rest, ok := cut(b, "address="); ok {
		ip, _ := token(rest)
		ip, _ = cut(ip, "IPv6:")
		e.address(ip)
	}
}

// opensmtpdLogin reads "user=NAME result=ok|permfail|tempfail", and of old
// "user=NAME address=IP host=HOST result=…" or the address first.
func (e *entry) opensmtpdLogin(b []byte) bool {
	_, result, ok := splitLast(b, " result=")
	_, name, found := split(b, "user=")
	if !ok || !found {
		return false
	}
	e.opensmtpdResult(result)
	if i := index(b, " address="); i >= 0 {
		e.opensmtpdAddress(b[i+1:])
	} else {
		e.opensmtpdAddress(b)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, firstWord(name))
	return true
}

// opensmtpdSentence reads what 5.x says.
func (e *entry) opensmtpdSentence(m []byte) bool {
	for _, line := range [...]struct{ text, outcome string }{
		{"Accepted authentication for user ", success},
		{"Authentication failed for user ", failure}, {"Authentication temporarily failed for user ", failure},
	} {
		if rest, ok := cut(m, line.text); ok {
			e.did(authentication, "mail_login", line.outcome)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, firstWord(rest))
			return true
		}
	}
	if rest, ok := cut(m, "New session "); ok {
		e.did(network, "mail_connection", unknown)
		if _, host, ok := split(rest, " from host "); ok {
			_, host = token(host)
			host, _ = cut(host, "[")
			host, _ = cutEnd(host, "]")
			host, _ = cut(host, "IPv6:")
			e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, host) // "local" is none
		}
		return true
	}
	switch {
	case has(m, "Failed command on session "):
		e.did(network, "mail_rejected", failure)
		if _, reply, ok := splitLast(m, "\" => "); ok {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reply)
		}
	case has(m, "Bad input on session "):
		e.did(network, "mail_protocol_error", failure)
	case has(m, "Closing session "), has(m, "Received disconnect from session "), has(m, "Disconnecting session "), has(m, "Connection closed on session "):
		e.did(network, "mail_disconnect", unknown)
	case has(m, "Started TLS on session "):
		e.did(network, "mail_tls_established", success)
	case has(m, "Accepted message "):
		e.did(network, "mail_accepted", success)
	default:
		return false
	}
	return true
}

func (e *entry) opensmtpdResult(result []byte) {
	if string(result) == "ok" {
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "mail_login", success)
		return
	}
	e.did(authentication, "mail_login", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, result)
}

// opensmtpdFailed reads "[address=IP host=NAME ]command="C" result="NNN TEXT"". The
// failure of AUTH follows the line of authentication, which counts.
func (e *entry) opensmtpdFailed(b []byte) bool {
	_, result, ok := splitLast(b, `result="`)
	if !ok {
		return false
	}
	result, _ = cutEnd(result, `"`)
	action := "mail_rejected"
	if has(result, "5") && (contains(result, "nvalid command") || contains(result, "ommand unrecognized") || contains(result, "yntax error")) {
		action = "mail_protocol_error"
	}
	e.did(network, action, failure)
	e.opensmtpdAddress(b)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, result)
	return true
}
