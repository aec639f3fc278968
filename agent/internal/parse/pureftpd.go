package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// pureftpd reads Pure-FTPd's messages, 1.0.20 to 1.0.52, "(USER@HOST) [LEVEL] TEXT",
// written from 1.0.50: src/ftpd.c (logfile, douser, dopass, doreply),
// src/messages_en.h. The user is who asked to be: the head counts where no other
// stands in the line.
func (e *entry) pureftpd(m []byte) bool {
	rest, ok := cut(m, "(")
	if !ok {
		return false
	}
	// Names are at most 127 bytes: no head is longer than this.
	window := rest[:min(len(rest), 1024)]
	name, host, text, count := []byte(nil), []byte(nil), []byte(nil), 0
	for at := 0; count < 2; {
		i := index(window[at:], ") [")
		if i < 0 {
			break
		}
		at += i
		_, h, found := splitLast(rest[max(0, at-300):at], "@")
		if found && (isIP(h) || isHost(h)) {
			if count++; count == 1 {
				name, host, text = rest[:at-len(h)-1], h, rest[at+3:]
			}
		}
		at += 3
	}
	if count == 0 {
		return false
	}
	_, text, ok = split(text, "] ")
	if ok && e.pureftpdText(text) && count == 1 {
		return e.pureftpdWho(name, host)
	}
	if count > 1 && e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil {
		if _, text, ok = splitLast(m, ") ["); ok {
			_, text, _ = split(text, "] ")
			e.pureftpdText(text)
		}
	}
	return count > 1 && e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) != nil
}

func (e *entry) pureftpdWho(name, host []byte) bool {
	e.address(host)
	if string(name) != "?" && e.out.Get(eventv1.FieldId_FIELD_ID_USER_NAME) == nil {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	return true
}

func (e *entry) pureftpdText(text []byte) bool {
	if rest, ok := pureftpdFailed(text); ok {
		e.did(authentication, "ftp_login", failure)
		rest, _ = cutEnd(rest, ".")
		if name, ok := cutEnd(rest, "]"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	if rest, ok := cut(text, "Can't login as ["); ok {
		e.did(authentication, "ftp_login", failure)
		if name, ok := cutEnd(rest, "]: account disabled"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "account disabled")
		return true
	}
	if name, ok := cutEnd(text, " is now logged in"); ok {
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "ftp_login", success)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	switch {
	case has(text, "Anonymous user logged in"):
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "ftp_login", success)
	case has(text, "New connection from "):
		e.did(network, "ftp_connection", unknown)
	case has(text, "Logout."), has(text, "Timeout"), has(text, "Client closed the connection"):
		e.did(network, "ftp_disconnect", unknown)
	case has(text, "Too many authentication failures"):
		e.did(authentication, "ftp_max_attempts", failure)
	case has(text, "Too many connections ("), contains(text, " users (the maximum) are already logged in"),
		has(text, "I can't accept more than "), has(text, "This is a private system - No anonymous login"):
		e.did(network, "ftp_connection_refused", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	case has(text, "/") && (contains(text, " uploaded  (") || contains(text, " downloaded  (")), has(text, "Deleted /"):
		e.did(network, "ftp_transfer", success)
	case has(text, "The client tried to overflow the command line buffer"):
		e.did(network, "ftp_protocol_error", failure)
	default:
		return false
	}
	return true
}

// pureftpdFailed knows MSG_AUTH_FAILED_LOG of a program built for English,
// German and French (src/messages_en.h, messages_de.h, messages_fr.h).
func pureftpdFailed(text []byte) ([]byte, bool) {
	for _, words := range [...]string{
		"Authentication failed for user [", "Authentifizierung fehlgeschlagen für Benutzer [", "Erreur d'authentification pour l'utilisateur [",
	} {
		if rest, ok := cut(text, words); ok {
			return rest, true
		}
	}
	return text, false
}
