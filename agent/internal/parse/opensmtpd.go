package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// opensmtpd reads the messages of OpenSMTPD 5.9 to 7.x, written from 6.8.0:
// usr.sbin/smtpd/smtp_session.c, "SESSION smtp WHAT key=value …". Only the line of
// the connection names the address; up to 6.0, with "event=WHAT", every line did.
func (e *entry) opensmtpd(m []byte) bool {
	id, rest := token(m)
	rest, ok := cut(rest, "smtp ")
	if !ok || len(id) != 16 {
		return false
	}
	rest, old := cut(rest, "event=")
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
		return e.opensmtpdLogin(rest, old)
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
// "user=NAME address=IP host=HOST result=…" or the address first. The name is the
// client's.
func (e *entry) opensmtpdLogin(b []byte, old bool) bool {
	name, result, ok := splitLast(b, " result=")
	if !ok {
		return false
	}
	var address []byte
	if has(name, "address=") && old {
		address = name
		_, name, _ = split(name, " user=")
	} else if name, ok = cut(name, "user="); !ok {
		return false
	} else if before, after, ok := splitLast(name, " address="); ok {
		name, address = before, b[len("user=")+len(before)+1:len(b)-len(result)-len(" result=")]
		if !contains(after, " host=") || !old {
			name, address = nil, nil
		}
	}
	e.opensmtpdResult(result)
	e.opensmtpdAddress(address)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
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
