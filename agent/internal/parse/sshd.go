package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sshd reads the messages of OpenSSH's server, 3.x to 10, sshd-session and sshd-auth
// included: the formats that testdata/formats/openssh.tsv lists. Wherever a message holds a name
// that the client chose, it is read from the end that sshd wrote after it.
func (e *entry) sshd(m []byte) bool {
	m, preauth := sshMessage(m)
	if len(m) == 0 {
		return false
	}
	switch m[0] {
	case 'F', 'A', 'P', 'I', 'i':
		return e.sshLogin(m) || e.sshKey(m) || e.sshIdentity(m) || e.sshAccount(m) || e.sshTransport(m, preauth) || e.sshNotice(m, preauth)
	case 'C', 'D', 'R':
		return e.sshClose(m, preauth) || e.sshAccount(m) || e.sshKey(m) || e.sshTransport(m, preauth) ||
			e.sshSession(m) || e.sshServer(m) || e.sshNotice(m, preauth)
	}
	return e.sshAccount(m) || e.sshKey(m) || e.sshIdentity(m) || e.sshTransport(m, preauth) || e.sshSession(m) || e.sshServer(m) ||
		e.sshNotice(m, preauth)
}

// sshMessage removes what sshd writes around a message: its level, and which of its
// processes said it.
func sshMessage(m []byte) (message []byte, preauth bool) {
	if len(m) > 0 && m[len(m)-1] == ']' {
		m, preauth = cutEnd(m, " [preauth]")
		m, _ = cutEnd(m, " [postauth]")
	}
	for len(m) > 0 {
		var ok bool
		switch m[0] {
		case 'e':
			m, ok = cut(m, "error: ")
		case 'f':
			m, ok = cut(m, "fatal: ")
		case 'l':
			m, ok = cut(m, "log: ") // 1.x
		}
		if !ok {
			break
		}
	}
	return m, preauth
}

// sshLogin reads auth_log's lines: "Failed METHOD for [invalid user ]NAME from
// HOST port N ssh2[: KEY]" and its kin.
func (e *entry) sshLogin(m []byte) bool {
	action, outcome := "ssh_login", failure
	rest, ok := cut(m, "Failed ")
	if !ok {
		if rest, ok = cut(m, "Accepted "); ok {
			outcome = success
		} else if rest, ok = cut(m, "Postponed "); ok {
			action, outcome = "ssh_login_partial", unknown
		} else if rest, ok = cut(m, "Partial "); ok {
			action, outcome = "ssh_login_partial", unknown
		} else {
			return false
		}
	}
	method, rest, ok := sshMethod(rest)
	if !ok {
		return false
	}
	switch {
	case outcome != failure:
	case string(method) == "none":
		action = "ssh_login_none"
	case string(method) == "publickey" && !isUnknown(rest):
		// A client offers all the keys it has, one after the other, and then logs in.
		action = "ssh_key_refused"
	}
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
	if outcome == success {
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, session)
	}
	e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, action)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, outcome)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	e.sshTailPort(rest, true)
	return true
}

// sshMethod reads "METHOD for ".
func sshMethod(b []byte) (method, rest []byte, ok bool) {
	const frequent = "password"
	if rest, ok = cut(b, frequent+" for "); ok {
		return b[:len(frequent)], rest, true
	}
	method, rest = token(b)
	rest, ok = cut(rest, "for ")
	return method, rest, ok
}

// sshIdentity reads lines about who tried: unknown users, too many attempts, and
// what PAM said about one.
func (e *entry) sshIdentity(m []byte) bool {
	rest, ok := cut(m, "Invalid user ")
	if !ok {
		rest, ok = cut(m, "Illegal user ")
	}
	if ok {
		e.did(authentication, "ssh_invalid_user", failure)
		e.sshTail(rest)
		return true
	}
	if rest, ok = cut(m, "input_userauth_request: invalid user "); ok {
		e.did(authentication, "ssh_invalid_user", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, rest)
		return true
	}
	if rest, ok = cut(m, "maximum authentication attempts exceeded for "); ok {
		e.did(authentication, "ssh_max_attempts", failure)
		e.sshTail(rest)
		return true
	}
	if rest, ok = cut(m, "Too many authentication failures for "); ok {
		e.did(authentication, "ssh_max_attempts", failure)
		if contains(rest, " from ") {
			e.sshTail(rest)
		} else {
			e.sshUser(rest)
		}
		return true
	}
	if rest, ok = cut(m, "PAM: "); ok {
		return e.sshPAM(rest)
	}
	return false
}

// sshPAM reads "REASON for [illegal user ]NAME from HOST".
func (e *entry) sshPAM(b []byte) bool {
	reason, rest, ok := split(b, " for ")
	if !ok || !contains(rest, " from ") {
		return false
	}
	e.did(authentication, "ssh_pam_error", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	if before, via, ok := splitLast(rest, " via "); ok && isIP(via) {
		rest = before
	}
	e.sshTail(rest)
	return true
}

// sshAccount reads lines that say why an account may not log in.
func (e *entry) sshAccount(m []byte) bool {
	if rest, ok := cut(m, "User "); ok {
		if head, reason, ok := splitLast(rest, " not allowed because "); ok {
			e.did(authentication, "ssh_user_denied", failure)
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
			if name, host, ok := splitLast(head, " from "); ok && e.address(host) {
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			} else {
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, head)
			}
			return true
		}
		return false
	}
	if rest, ok := cut(m, "ROOT LOGIN REFUSED FROM "); ok {
		e.did(authentication, "ssh_user_denied", failure)
		e.text(eventv1.FieldId_FIELD_ID_USER_NAME, "root")
		e.peer(rest)
		return true
	}
	if rest, ok := cut(m, "Authentication tried for "); ok {
		return e.sshForcedSource(rest)
	}
	if name, reason, ok := sshRestricted(m); ok {
		e.did(authentication, "ssh_user_denied", failure)
		e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	return false
}

func sshRestricted(m []byte) (name []byte, reason string, ok bool) {
	if rest, ok := cut(m, "Account "); ok {
		name, ok := cutEnd(rest, " has expired")
		return name, "account has expired", ok
	}
	if rest, ok := cut(m, "Login restricted for "); ok {
		name, _, _ := split(rest, ":")
		return name, "login restricted", true
	}
	if rest, ok := cut(m, "Could not get shadow information for "); ok {
		if name, _ = cutEnd(rest, "."); string(name) == "NOUSER" {
			name = nil // what sshd calls a user that does not exist
		}
		return name, "no shadow information", true
	}
	if rest, ok := cut(m, "Access denied for user "); ok {
		name, _, ok := splitLast(rest, " by PAM account configuration")
		return name, "PAM account configuration", ok
	}
	return nil, "", false
}

// sshForcedSource reads "NAME with correct key but not from a permitted host
// (host=H, ip=A…)" and "NAME with valid certificate but not from a permitted
// source address (A).". Only accounts that exist get this far.
func (e *entry) sshForcedSource(b []byte) bool {
	name, rest, ok := split(b, " with ")
	_, place, not := split(rest, "not from a permitted ")
	if !ok || !not {
		return false
	}
	e.did(authentication, "ssh_user_denied", failure)
	e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "not from a permitted address")
	if contains(place, "not from a permitted ") {
		return true
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	if _, after, ok := splitLast(rest, "ip="); ok {
		e.address(until(after, ",)"))
	} else if _, after, ok := split(rest, "address ("); ok {
		e.address(until(after, ")"))
	} else if _, after, ok := split(rest, "address "); ok {
		e.address(until(after, " "))
	}
	return true
}

// until takes what stands before the first of the stop bytes.
func until(b []byte, stops string) []byte {
	for i, c := range b {
		for j := range len(stops) {
			if c == stops[j] {
				return b[:i]
			}
		}
	}
	return b
}

// sshKey reads lines about keys.
func (e *entry) sshKey(m []byte) bool {
	rest, ok := cut(m, "Accepted key ")
	if !ok {
		if rest, ok = cut(m, "Found matching "); ok && !contains(rest[:min(len(rest), 16)], " key: ") {
			return false
		}
	}
	if ok {
		e.did(authentication, "ssh_key_accepted", unknown)
		_, rest = token(rest)
		rest, _ = cut(rest, "key: ") // up to 6.7
		if key, _ := token(rest); isFingerprint(key) {
			e.add(eventv1.FieldId_FIELD_ID_TOCSIN_SSH_KEY_FINGERPRINT, key)
		}
		return true
	}
	if rest, ok := cut(m, "Authentication key "); ok && contains(rest, " revoked") {
		e.did(authentication, "ssh_key_refused", failure)
		_, rest = token(rest)
		if key, _ := token(rest); isFingerprint(key) {
			e.add(eventv1.FieldId_FIELD_ID_TOCSIN_SSH_KEY_FINGERPRINT, key)
		}
		return true
	}
	if has(m, "Authentication refused: ") || has(m, "userauth_pubkey: ") || has(m, "Certificate invalid: ") ||
		has(m, "Refusing certificate") {
		e.did(authentication, "ssh_key_refused", failure)
		_, reason, _ := split(m, ": ")
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	return false
}
