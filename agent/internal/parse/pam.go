package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// pam reads what a PAM module logs in the name of a program:
// "pam_unix(sshd:auth): …", "(pam_unix) …" of old, and libpam's own "PAM …".
func (e *entry) pam(m []byte) bool {
	if rest, ok := cut(m, "pam_"); ok {
		head, body, ok := split(rest, ": ")
		if !ok || len(head) == 0 || len(head) > 80 || contains(head, " ") {
			return false
		}
		return e.pamBody(body)
	}
	if rest, ok := cut(m, "(pam_"); ok {
		_, body, ok := split(rest, ") ")
		return ok && e.pamBody(body)
	}
	if rest, ok := cut(m, "PAM "); ok {
		return e.pamLibrary(rest)
	}
	return false
}

// pamBody reads a module's message.
func (e *entry) pamBody(b []byte) bool {
	if rest, ok := cut(b, "authentication failure"); ok {
		e.did(authentication, "pam_authentication", failure)
		e.pamWho(rest)
		return true
	}
	if rest, ok := cut(b, "authentication success"); ok {
		e.did(authentication, "pam_authentication", success)
		e.pamWho(rest)
		return true
	}
	return e.pamSession(b) || e.pamPassword(b) || e.pamDenied(b) || e.pamModule(b) || e.pamLibrary(b) || e.pamOther(b)
}

// pamWho reads "; logname=L uid=N euid=N tty=T ruser=R rhost=H  user=U". The keys
// have a fixed order, but R and U may be the client's words (vsftpd's are): a second
// host makes the line ambiguous, and nothing is taken. Only sshd's R is always empty.
func (e *entry) pamWho(b []byte) {
	if tty, rest, ok := pamLocal(b); ok {
		if _, ssh := cutEnd(tty, "ssh"); ssh || !contains(rest, " rhost=") {
			e.pamFrom(tty, rest)
		}
		return
	}
	_, rest, ok := split(b, " rhost=")
	if !ok || contains(rest, " rhost=") {
		return
	}
	if _, ruser, ok := split(b[:len(b)-len(rest)], " ruser="); ok {
		ruser, _ = cutEnd(ruser, " rhost=")
		e.add(eventv1.FieldId_FIELD_ID_SOURCE_USER_NAME, ruser)
	}
	var tty []byte
	if _, after, ok := split(b, " tty="); ok {
		tty, _ = token(after)
	}
	e.pamFrom(tty, rest)
}

// pamFrom sets the terminal, and what stands behind "rhost=".
func (e *entry) pamFrom(tty, rest []byte) {
	if string(tty) != "ssh" {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
	}
	host, rest := token(rest)
	e.address(host)
	if name, ok := cut(trimLeft(rest), "user="); ok {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}

// pamLocal reads "; logname=L uid=N euid=N tty=T ruser= rhost=", in which nothing is a
// client's: most lines begin so. It gives the terminal and what follows.
func pamLocal(b []byte) (tty, rest []byte, ok bool) {
	if rest, ok = cut(b, "; logname="); !ok {
		return nil, b, false
	}
	for len(rest) > 0 && rest[0] != ' ' {
		rest = rest[1:]
	}
	for _, key := range [...]string{" uid=", " euid="} {
		if rest, ok = cut(rest, key); !ok {
			return nil, b, false
		}
		_, rest = digits(rest)
	}
	if rest, ok = cut(rest, " tty="); !ok {
		return nil, b, false
	}
	i := 0
	for i < len(rest) && rest[i] != ' ' {
		i++
	}
	tty = rest[:i]
	rest, ok = cut(rest[i:], " ruser= rhost=")
	return tty, rest, ok
}

// pamSession reads "session opened for user NAME[(uid=N)] by [NAME](uid=N)".
func (e *entry) pamSession(b []byte) bool {
	if rest, ok := cut(b, "session opened for user "); ok {
		e.did(session, "pam_session_opened", success)
		name, by, ok := splitLast(rest, " by ")
		if !ok {
			name = rest
		}
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, withoutID(name))
		e.add(eventv1.FieldId_FIELD_ID_SOURCE_USER_NAME, withoutID(by))
		return true
	}
	if rest, ok := cut(b, "session closed for user "); ok {
		e.did(session, "pam_session_closed", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, withoutID(rest))
		return true
	}
	return false
}

// withoutID drops "(uid=N)" from the end of a name.
func withoutID(b []byte) []byte {
	name, id, ok := splitLast(b, "(uid=")
	if !ok {
		return b
	}
	if number, rest := digits(id); len(number) > 0 && string(rest) == ")" {
		return name
	}
	return b
}

func (e *entry) pamPassword(b []byte) bool {
	if rest, ok := cut(b, "password"); ok && (has(rest, " changed for ") || has(rest, " (NIS) changed for ")) {
		e.did(iam, "pam_password_changed", success)
		_, name, _ := split(rest, " changed for ")
		name, _, _ = split(name, " on ") // the master of NIS
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
		return true
	}
	if has(b, "password - ") || has(b, "user password rejected") || has(b, "new password not acceptable") || has(b, "user not authenticated") ||
		has(b, "new passwd fails strength check: ") || has(b, "user shadow entry expired") || has(b, "user password changed by another process") {
		e.did(iam, "pam_password_rejected", failure)
		return true
	}
	return false
}

// pamDenied reads the modules' other refusals.
func (e *entry) pamDenied(b []byte) bool {
	if e.pamUnknown(b) {
		return true
	}
	if rest, ok := cut(b, "Consecutive login failures for user "); ok {
		e.did(authentication, "pam_account_locked", failure)
		if name, _, ok := splitLast(rest, " account "); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	if rest, ok := cut(b, "user "); ok && contains(rest, " tally ") {
		e.did(authentication, "pam_account_locked", failure)
		if name, _, ok := split(rest, " ("); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	if rest, ok := cut(b, "access denied for user `"); ok {
		e.did(authentication, "pam_access_denied", failure)
		if name, host, ok := splitLast(rest, "' from `"); ok {
			host, _ = cutEnd(host, "'")
			e.address(host)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	return e.pamRefused(b)
}

func (e *entry) pamRefused(b []byte) bool {
	if rest, ok := cut(b, "Refused user "); ok {
		e.did(authentication, "pam_access_denied", failure)
		if name, _, ok := splitLast(rest, " for service "); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	if rest, ok := cut(b, "requirement "); ok {
		if _, name, ok := splitLast(rest, " not met by user \""); ok {
			e.did(authentication, "pam_access_denied", failure)
			name, _ = cutEnd(name, "\"")
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			return true
		}
		return false
	}
	if rest, ok := cut(b, "Access denied "); ok {
		e.did(authentication, "pam_access_denied", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, rest)
		// pam_sss's, and pam_wheel's: who asks, then whom they would become.
		if name, ok := cut(rest, "for user "); ok {
			if name, _, ok = splitLast(name, ": "); ok {
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			}
		} else if names, ok := cut(rest, "to '"); ok {
			if name, _, ok := splitLast(names, "' for '"); ok {
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			}
		}
		return true
	}
	if rest, ok := cut(b, "account "); ok {
		name, reason := token(rest)
		if !has(reason, "has ") && !has(reason, "is ") {
			return false
		}
		e.did(authentication, "pam_access_denied", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	if rest, ok := cut(b, "received for user "); ok {
		return e.pamCode(rest)
	}
	return false
}

// pamCode reads "NAME: CODE (TEXT)".
func (e *entry) pamCode(b []byte) bool {
	name, code, ok := splitLast(b, ": ")
	if !ok {
		return false
	}
	number, _ := digits(code)
	e.did(authentication, "pam_access_denied", failure)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, number)
	return true
}

// pamLibrary reads what libpam itself logs, after "PAM ".
func (e *entry) pamLibrary(b []byte) bool {
	if has(b, "service(") && contains(b, " ignoring max retries") {
		e.did(authentication, "pam_max_retries", failure)
		return true
	}
	if has(b, "unable to dlopen") || has(b, "adding faulty module") {
		e.did(authentication, "pam_error", failure)
		return true
	}
	number, rest := digits(b)
	if !isNumber(number) || !has(rest, " more authentication failure") {
		return false
	}
	e.did(authentication, "pam_authentication_more", failure)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED, number)
	e.pamWho(rest)
	return true
}
