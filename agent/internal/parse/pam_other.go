package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// pamOther reads modules that are not Linux-PAM's own: libpam-krb5 4.11 (module/auth.c,
// pam-util/logging.c), libpam-pwdfile 2.0 (pam_pwdfile.c), duo-unix 1.11.3 (pam_duo.c,
// login_duo.c, lib/util.c), nss-pam-ldapd 0.9.13 (pam/pam.c); and, as logs have them,
// pam_krb5 of Red Hat, pam_unix2, pam_winbind and pam_systemd.
func (e *entry) pamOther(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch b[0] {
	case 'a':
		if rest, ok := cut(b, "authentication fails for '"); ok {
			return e.pamKerberos(failure, rest)
		}
		if rest, ok := cut(b, "authentication succeeds for '"); ok {
			return e.pamKerberos(success, rest)
		}
		switch string(b) {
		case "authentication failed": // pam_radius_auth with debug
			e.did(authentication, "pam_authentication", failure)
			return true
		case "authentication succeeded":
			e.did(authentication, "pam_authentication", success)
			return true
		}
	case 'c':
		if string(b) == "conversation failed" {
			e.did(authentication, "pam_error", failure)
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, b)
			return true
		}
	case 'f':
		if rest, ok := cut(b, "failed authorization check"); ok {
			e.did(authentication, "pam_access_denied", failure)
			e.pamWho(rest)
			return true
		}
	case 'r':
		return e.pamWinbind(b)
	case 's':
		return e.pamUnix2(b)
	case 'u':
		return e.pamUser(b)
	case 'w':
		if name, ok := cut(b, "wrong password for user "); ok {
			e.did(authentication, "pam_authentication", failure)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			return true
		}
	}
	if rest, ok := cut(b, "Failed to create session: "); ok { // pam_systemd
		e.did(session, "pam_session_opened", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, rest)
		return true
	}
	return e.pamDuo(b) || e.pamLDAP(b)
}

// pamKerberos reads "NAME' (PRINCIPAL)[: WHY]", where no name has a quote.
func (e *entry) pamKerberos(outcome string, b []byte) bool {
	name, rest, ok := split(b, "' (")
	if !ok {
		return false
	}
	e.did(authentication, "pam_authentication", outcome)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	if _, reason, ok := split(rest, "): "); ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	}
	return true
}

// pamUser reads libpam-krb5's "user NAME authenticated as PRINCIPAL" and its kin, and
// pam_pwdfile's "user not found in password database".
func (e *entry) pamUser(b []byte) bool {
	if string(b) == "user not found in password database" {
		e.did(authentication, "pam_user_unknown", failure)
		return true
	}
	rest, ok := cut(b, "user ")
	if !ok {
		return false
	}
	if name, ok := cutEnd(rest, " account password is expired"); ok {
		e.did(authentication, "pam_password_expired", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if name, ok := cutEnd(rest, " changed Kerberos password"); ok {
		e.did(iam, "pam_password_changed", success)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
		return true
	}
	name, principal, ok := splitLast(rest, " authenticated as ")
	if !ok || contains(principal, " ") {
		return false
	}
	e.did(authentication, "pam_authentication", success)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// pamWinbind reads "request FUNCTION failed: … PAM error: CODE …, NTSTATUS: CODE, …",
// which says why; "user 'NAME' denied access" follows.
func (e *entry) pamWinbind(b []byte) bool {
	rest, ok := cut(b, "request ")
	if !ok {
		return false
	}
	_, why, ok := split(rest[:min(len(rest), 64)], "failed: ")
	if !ok || len(why) == 0 || !contains(rest, "PAM error") {
		return false
	}
	e.did(authentication, "pam_password_wrong", failure)
	if _, code, ok := split(rest, "NTSTATUS: "); ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, until(code, ", "))
	} else if _, code, ok := split(rest, "NT error was "); ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, until(code, ", "))
	}
	return true
}

// pamUnix2 reads "session started for user NAME, service SERVICE" and "session finished
// …".
func (e *entry) pamUnix2(b []byte) bool {
	if rest, ok := cut(b, "session started for user "); ok {
		e.did(session, "pam_session_opened", success)
		name, _, _ := splitLast(rest, ", service ")
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	rest, ok := cut(b, "session finished for user ")
	if !ok {
		return false
	}
	e.did(session, "pam_session_closed", unknown)
	name, _, _ := splitLast(rest, ", service ")
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// pamDuo reads "VERDICT Duo login[ for 'NAME'][ from HOST][: WHY]". The reason is Duo's
// and ends the line; the address is what stands before it.
func (e *entry) pamDuo(b []byte) bool {
	verdict, rest := token(b)
	if string(verdict) == "Error" {
		rest, _ = cut(rest, "in ")
	}
	rest, ok := cut(rest, "Duo login")
	if !ok {
		return false
	}
	switch string(verdict) {
	case "Failed", "Aborted", "Failsecure":
		e.did(authentication, "pam_authentication", failure)
	case "Successful", "Skipped", "Failsafe":
		e.did(authentication, "pam_authentication", success)
	case "Error":
		e.did(authentication, "pam_error", failure)
	default:
		return false
	}
	rest, named := cut(rest, " for '")
	name, tail, found := splitOnly(rest, "'")
	if !named || !found {
		return true // a name with a quote may imitate all that follows
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	host, reason, _ := split(tail, ": ")
	if host, ok = cut(host, " from "); ok {
		e.address(host)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// pamLDAP reads "WHY; user=NAME[; err=WHY]", where the first reason is libpam's text.
func (e *entry) pamLDAP(b []byte) bool {
	why, name, ok := split(b[:min(len(b), 400)], "; user=")
	if !ok || len(why) == 0 {
		return false
	}
	category, action := authentication, "pam_access_denied"
	switch {
	case string(why) == "Authentication failure":
		action = "pam_authentication"
	case string(why) == "User not known to the underlying authentication module":
		action = "pam_user_unknown"
	case string(why) == "Permission denied", has(why, "User account has expired"), has(why, "Authentication token "), string(why) == "Insufficient credentials to access authentication data":
	case has(why, "password change prohibited: "), has(why, "password change failed: "):
		category, action = iam, "pam_password_rejected"
	default:
		return false
	}
	e.did(category, action, failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, why)
	if !contains(name, "; err=") {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	return true
}
