package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sshKin reads what other servers than OpenSSH's say under its name, as logs have it: the
// first ssh (1.2), Tectia's, Sun's, and OpenSSH with the patch that hides its handshake;
// and what the library of TCP wrappers says of a connection.
func (e *entry) sshKin(m []byte) bool {
	switch m[0] {
	case 'C':
		if rest, ok := cut(m, "Could not reverse map address "); ok {
			e.did(network, "ssh_reverse_mapping", unknown)
			e.leading(rest)
			return true
		}
	case 'K':
		if rest, ok := cut(m, "Keyboard-interactive (PAM) userauth failed["); ok {
			e.did(authentication, "ssh_pam_error", failure)
			_, reason, _ := split(rest, ": ")
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
			return true
		}
	case 'M':
		if rest, ok := cut(m, "Magic value check failed ("); ok {
			e.sshPeer("ssh_bad_protocol", failure)
			if _, peer, ok := splitLast(rest, " on obfuscated handshake from "); ok {
				e.leading(peer)
			}
			return true
		}
	case 'P', 'R':
		method, rest := token(m)
		if rest, ok := cut(rest, "authentication for "); ok {
			name, ok := cutEnd(rest, " accepted.")
			if ok {
				e.sshLoggedIn(name)
				e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
			}
			return ok
		}
	case 'U':
		return e.sshTectia(m)
	case 'c':
		if rest, ok := cut(m, "connect from "); ok {
			e.sshPeer("ssh_connection", unknown)
			e.address(rest)
			return true
		}
	}
	return false
}

// sshLoggedIn sets that a user was let in, from where the line does not say.
func (e *entry) sshLoggedIn(name []byte) {
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
	e.did(session, "ssh_login", success)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
}

// sshTectia reads "User NAME, coming from HOST, authenticated.", which only an account
// that exists gets to.
func (e *entry) sshTectia(m []byte) bool {
	rest, ok := cutEnd(m, ", authenticated.")
	if !ok || !has(rest, "User ") {
		return false
	}
	name, host, ok := splitOnly(rest[len("User "):], ", coming from ")
	if !ok {
		return false
	}
	e.sshLoggedIn(name)
	e.address(host)
	return true
}

// sshForwarding reads that what a client wanted forwarded cannot be reached: channels.c
// (connect_to_helper, channel_post_connecting, channel_input_open_failure).
func (e *entry) sshForwarding(m []byte) bool {
	rest, ok := cut(m, "connect_to ")
	if !ok {
		rest, ok = cut(m, "connect to ")
	}
	if ok {
		text, _ := cutEnd(rest, ".")
		if _, end := cutEnd(text, ": failed"); !end && !contains(rest, ": unknown host (") && !contains(rest, " failed: ") {
			return false
		}
		e.did(session, "ssh_forward_failed", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, m)
		return true
	}
	if rest, ok = cut(m, "channel "); !ok {
		return false
	}
	number, rest := digits(rest)
	why, ok := cut(rest, ": open failed: ")
	if !ok || !isNumber(number) {
		return false
	}
	e.did(session, "ssh_forward_failed", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, why)
	return true
}
