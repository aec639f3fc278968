package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// proftpd reads ProFTPD's messages, 1.3.0 to 1.3.9, by syslog or in its SystemLog
// (which looks the same), written from 1.3.8: src/log.c (the head), modules/mod_auth.c,
// mod_core.c, mod_auth_pam.c, src/session.c, src/main.c, and contrib/mod_ban.c of 1.3.8c. ProFTPD wrote the head
// "SERVER (NAME[IP]): "; the names of users come after it.
func (e *entry) proftpd(m []byte) bool {
	server, rest := token(m)
	rest, ok := cut(rest, "(")
	if !ok || len(server) == 0 || len(rest) == 0 {
		return false
	}
	open := bytes.IndexByte(rest[:min(len(rest), 300)], '[')
	if open < 0 || !consists(rest[:open], inPeer) {
		return false
	}
	name, rest := rest[:open], rest[open+1:]
	ip, _, ok := split(rest[:min(len(rest), 80)], "])")
	if !ok || !isIP(ip) {
		return false
	}
	text := rest[len(ip)+2:]
	if after, ok := cut(text, ": "); ok {
		text = after
	} else if text, ok = cut(text, " - "); !ok {
		return false
	}
	text, _ = cut(text, "notice: ")
	if !e.proftpdText(text) {
		return false
	}
	if !e.address(ip) {
		e.address(name)
	}
	return true
}

func (e *entry) proftpdText(text []byte) bool {
	if rest, ok := cut(text, "USER "); ok {
		return e.proftpdUser(rest)
	}
	if rest, ok := cut(text, "ANON "); ok {
		return e.proftpdUser(rest)
	}
	switch {
	case has(text, "SECURITY VIOLATION: "):
		e.did(authentication, "ftp_login", failure)
		e.text(eventv1.FieldId_FIELD_ID_USER_NAME, "root")
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	case has(text, "ROOT FTP login successful"):
		e.did(authentication, "ftp_root_login", success)
	case has(text, "Maximum login attempts"), has(text, "Maximum number of login attempts"):
		e.did(authentication, "ftp_max_attempts", failure)
	case has(text, "FTP session opened"), has(text, "SSH2 session opened"):
		e.did(network, "ftp_connection", unknown)
	case has(text, "FTP session closed"), has(text, "SSH2 session closed"), has(text, "FTP session timed out"),
		has(text, "FTP login timed out"), has(text, "FTP no transfer timeout"), has(text, "Login timeout exceeded"),
		has(text, "Client session idle timeout"), has(text, "FTP session idle timeout"):
		e.did(network, "ftp_disconnect", unknown)
	case has(text, "Refusing empty password from user '"):
		e.did(authentication, "ftp_login", failure)
		if name, ok := cutEnd(text[len("Refusing empty password from user '"):], "'"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	case has(text, "mod_ban/") && contains(text[:min(len(text), 40)], ": Login denied: "):
		e.did(authentication, "ftp_login_denied", failure)
		_, reason, _ := split(text, ": Login denied: ")
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	case has(text, "Denied by MaxClients"), has(text, "Connection refused"), has(text, "Connection from ") && contains(text, " denied"):
		e.did(network, "ftp_connection_refused", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	case has(text, "no such user '"):
		e.did(authentication, "ftp_user_unknown", failure)
		if name, ok := cutEnd(text[len("no such user '"):], "'"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	case has(text, "PAM(") && contains(text, "): "):
		e.did(authentication, "ftp_pam_error", failure)
		if name, reason, ok := splitLast(text[len("PAM("):], "): "); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		}
	default:
		return false
	}
	return true
}

// proftpdUser reads "NAME: Login successful.", "NAME (Login failed): WHY" and
// "NAME: no such user found from …". The name is the client's and the end is the
// server's.
func (e *entry) proftpdUser(b []byte) bool {
	b, _ = cutEnd(b, ".") // mod_sftp writes none
	if name, ok := cutEnd(b, ": Login successful"); ok {
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "ftp_login", success)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	name, reason, ok := splitLast(b, " (Login failed): ")
	if !ok {
		if name, reason, ok = splitLast(b, ": "); !ok {
			return false
		}
		// "…: no such user found from NAME [IP] to IP:PORT"; an address of version 6
		// has no ": " in it.
		if !has(reason, "no such user found from ") && !has(reason, "user is not a UserAlias from ") && !has(reason, "Limit access denies login") &&
			!has(reason, "AnonRejectPasswords denies login") {
			return false
		}
		reason, _, _ = split(reason, " from ")
	}
	e.did(authentication, "ftp_login", failure)
	if _, _, more := split(reason, ": no such user found from "); more {
		return true // the name holds what looks like another failure
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}
