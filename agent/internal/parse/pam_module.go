package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// pamName is a message with the name of an account between two constants, of which
// the second ends the message.
type pamName struct {
	before, after, action, outcome string
}

// pamUnknown reads that there is no such account, with its name or without.
func (e *entry) pamUnknown(b []byte) bool {
	for _, line := range [...]pamName{
		{"user `", "' denied access (incorrect password)", "pam_authentication", failure},
		{"user '", "' denied access (incorrect password or invalid membership)", "pam_authentication", failure},
		{"Invalid verification code for ", "", "pam_authentication", failure},
		{"Accepted google_authenticator for ", "", "pam_authentication", success},
		{"user '", "' granted access", "pam_authentication", success},
		{"auth could not identify password for [", "]", "pam_authentication", failure},
		{"password check failed for user (", ")", "pam_password_wrong", failure},
		{"expired password for user ", " (root enforced)", "pam_password_expired", unknown},
		{"expired password for user ", " (password aged)", "pam_password_expired", unknown},
		{"No logins allowed for '", "'", "pam_access_denied", failure},
		{"User ", " processes are running. Exclusive login not allowed", "pam_access_denied", failure},
		{"User ", " with exclusive login already logged in", "pam_access_denied", failure},
		{"check pass; user (", ") unknown", "pam_user_unknown", failure},
		{"could not identify user (from getpwnam(", "))", "pam_user_unknown", failure},
		{"bad username [", "]", "pam_user_unknown", failure},
		{"user `", "' not found in the database", "pam_user_unknown", failure},
		{"error: login user-name '", "' does not exist", "pam_user_unknown", failure},
		{"open_session unknown user '", "'", "pam_user_unknown", failure},
		{"user unknown '", "'", "pam_user_unknown", failure},
		{"account for ", " not found", "pam_user_unknown", failure},
		{"unknown user ", "", "pam_user_unknown", failure},
		{"open_session username '", "' does not exist", "pam_user_unknown", failure},
		{"pam_get_uid; no such user ", "", "pam_user_unknown", failure},
		{"Unable to look up user \"", "\"", "pam_user_unknown", failure},
		{"Unable to find uid for user ", "", "pam_user_unknown", failure},
	} {
		rest, ok := cut(b, line.before)
		if !ok {
			continue
		}
		if name, ok := cutEnd(rest, line.after); ok {
			e.did(authentication, line.action, line.outcome)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			return true
		}
	}
	switch {
	case has(b, "check pass; user unknown"), has(b, "could not identify user"), has(b, "could not obtain user info"),
		string(b) == "user unknown", string(b) == "User unknown", string(b) == "User unknown.",
		string(b) == "pam_get_uid; no such user", string(b) == "user name is not valid", string(b) == "user name is too long":
		e.did(authentication, "pam_user_unknown", failure)
		return true
	}
	for _, before := range [...]string{"User unknown: ", "error retrieving information about user "} {
		if name, ok := cut(b, before); ok && !isNumber(name) { // not of a user id
			e.did(authentication, "pam_user_unknown", failure)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			return true
		}
	}
	return false
}

// pamModule reads what single modules say of who may come in.
func (e *entry) pamModule(b []byte) bool {
	switch {
	case has(b, "access denied: tty '"), has(b, "User has an invalid shell '"), has(b, "Too many system logins "),
		has(b, "inappropriate use of Unix helper binary"), has(b, "user mismatch detected: "):
		e.did(authentication, "pam_access_denied", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, b)
		return true
	case has(b, "timestamp file `"):
		_, name, ok := splitLast(b, " for user ")
		if !ok || !contains(b, " seconds old, allowing access to ") {
			return false
		}
		e.did(authentication, "pam_authentication", success)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if rest, ok := cut(b, "Blocking access from "); ok { // pam_abl
		e.did(authentication, "pam_account_locked", failure)
		host, _ := token(rest)
		e.address(host)
		return true
	}
	if has(b, "error trying to bind as user \"") && contains(b, " (Invalid credentials)") { // pam_ldap
		e.did(authentication, "pam_password_wrong", failure)
		return true
	}
	return e.pamLimits(b) || e.pamRhosts(b)
}

// pamLimits reads "Too many logins (max N) for NAME", "user NAME inactive for N
// days - denied" and "user NAME (N) has time limit [Ns left] since last failure.".
func (e *entry) pamLimits(b []byte) bool {
	if rest, ok := cut(b, "Too many logins (max "); ok {
		_, name, ok := split(rest, ") for ")
		if ok {
			e.did(authentication, "pam_access_denied", failure)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return ok
	}
	rest, ok := cut(b, "user ")
	if !ok {
		return false
	}
	if name, id, ok := splitLast(rest, " ("); ok && contains(id, ") has time limit [") {
		e.did(authentication, "pam_account_locked", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	name, days, ok := splitLast(rest, " inactive for ")
	if _, denied := cutEnd(days, " days - denied"); !ok || !denied {
		return false
	}
	e.did(authentication, "pam_access_denied", failure)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// pamRhosts reads "denied access to RUSER@HOST as NAME" and "allowed …". Both names
// are the client's: where either holds what stands between them, nothing is taken.
func (e *entry) pamRhosts(b []byte) bool {
	action, outcome := "pam_access_denied", failure
	rest, ok := cut(b, "denied access to ")
	if !ok {
		if rest, ok = cut(b, "allowed access to "); !ok {
			return false
		}
		action, outcome = "pam_authentication", success
	}
	if !contains(rest, " as ") {
		return false
	}
	e.did(authentication, action, outcome)
	remote, name, once := splitOnly(rest, " as ")
	if user, host, ok := splitOnly(remote, "@"); once && ok {
		e.address(host)
		e.add(eventv1.FieldId_FIELD_ID_SOURCE_USER_NAME, user)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	return true
}
