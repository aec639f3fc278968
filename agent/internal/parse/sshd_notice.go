package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sshNotice reads the rarer messages, each once or less a connection; the formats
// are those of testdata/formats/openssh.tsv. A message that begins like a frequent
// one gets here only after that one's reader has refused it.
func (e *entry) sshNotice(m []byte, preauth bool) bool {
	switch m[0] {
	case 'A', 'C', 'E', 'G', 'P', 'R', 'U', 'W', 'a', 'p', 'r', 'u', 'w':
		if e.sshRefused(m) || e.sshAdmitted(m) || e.sshForward(m) {
			return true
		}
	case 'S', 's':
		if e.sshProcess(m) || e.sshPenalty(m) || e.sshHPN(m) {
			return true
		}
	}
	return e.sshEnding(m) || e.sshNonsense(m) || e.sshForwarding(m) || e.sshLocated(m) || e.sshTagged(m, preauth) ||
		e.sshWrappers(m) || e.sshDebug(m) || e.sshKin(m) || e.pamDuo(m)
}

// sshDebug reads what only LogLevel DEBUG tells of a client: channels.c
// (channel_post_connecting), sshd.c ("get_remote_port failed" up to 7.2).
func (e *entry) sshDebug(m []byte) bool {
	m, ok := cut(m, "debug1: ")
	if !ok {
		return false
	}
	if rest, ok := cut(m, "channel "); ok {
		number, rest := digits(rest)
		why, ok := cut(rest, ": connection failed: ")
		if !ok || !isNumber(number) {
			return false
		}
		e.did(session, "ssh_forward_failed", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, why)
		return true
	}
	if why, ok := cut(m, "server_input_channel_open: failure "); ok {
		e.did(session, "ssh_forward_failed", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, why)
		return true
	}
	if string(m) != "get_remote_port failed" && string(m) != "ssh_remote_port failed" && !has(m, "getpeername failed: ") {
		return false
	}
	e.sshPeer("ssh_preauth_close", unknown)
	return true
}

// sshRefused reads why a key or an account was refused.
func (e *entry) sshRefused(m []byte) bool {
	if rest, ok := cut(m, "public key "); ok {
		head, reason, ok := splitLast(rest, " rejected: ")
		_, who, in := split(head, "signature for ")
		if !ok || !in {
			return false
		}
		e.did(authentication, "ssh_key_refused", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		e.sshTailPort(who, true)
		return true
	}
	if rest, ok := cut(m, "administratively prohibited connection for "); ok {
		e.did(authentication, "ssh_user_denied", failure)
		e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "administratively prohibited")
		e.sshTailPort(rest, true)
		return true
	}
	if rest, ok := cut(m, "Rhosts authentication refused for "); ok {
		return e.sshRefusedFor("ssh_user_denied", rest)
	}
	if rest, ok := cut(m, "Authentication refused for "); ok {
		return e.sshRefusedFor("ssh_key_refused", rest)
	}
	if rest, ok := cut(m, "Username too long from "); ok {
		e.did(authentication, "ssh_user_denied", failure)
		e.leading(rest)
		return true
	}
	if rest, ok := cut(m, "WARNING: revoked key for "); ok {
		e.did(authentication, "ssh_key_refused", failure)
		if host, ok := cutEnd(rest, " attempted authentication"); ok {
			e.address(host)
		}
		return true
	}
	for _, reason := range [...]string{
		"Authentication failure for ", "authentication failure for ", "Authentication error for ", "authentication error for ",
		"Authentication failed for ", "authentication failed for ", "User not known to the underlying authentication module for ",
	} {
		if has(m, reason) && e.sshPAM(m) { // some leave "PAM: " out
			return true
		}
	}
	if rest, ok := cut(m, "PAM: pam_"); ok && !has(rest, "putenv") {
		e.did(authentication, "ssh_pam_error", failure)
		_, reason, _ := split(rest, "): ")
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	if has(m, "wrong user name passed to monitor: ") {
		e.did(authentication, "ssh_user_denied", failure)
		return true
	}
	return e.sshRefusedKey(m)
}

func (e *entry) sshRefusedKey(m []byte) bool {
	switch {
	case has(m, "Refusing RSA key"), has(m, "refusing previously-used "), has(m, "GSSAPI MIC check failed"):
	case has(m, "refusing ") && contains(m, " key: "):
	case has(m, "Certificate critical option "), has(m, "Certificate has multiple "), has(m, "Certificate source-address contents "),
		has(m, "Certificate option "), has(m, "Unable to parse certificate options: "), has(m, "Error checking authentication key "):
	case has(m, "userauth_hostbased: "):
	case contains(m, " key type ") && contains(m, " is not in permitted list "):
	default:
		return e.sshExpired(m)
	}
	e.did(authentication, "ssh_key_refused", failure)
	_, reason, _ := split(m, ": ")
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// sshRefusedFor reads "NAME: WHY" of an account that exists.
func (e *entry) sshRefusedFor(action string, b []byte) bool {
	name, reason, _ := split(b, ": ")
	e.did(authentication, action, failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// sshExpired reads that a password has to be changed.
func (e *entry) sshExpired(m []byte) bool {
	if rest, ok := cut(m, "User "); ok {
		name, reason, ok := splitLast(rest, " password has expired (")
		if !ok {
			return false
		}
		reason, _ = cutEnd(reason, ")")
		e.did(authentication, "ssh_password_expired", unknown)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if !has(m, "Password expired") {
		return false
	}
	e.did(authentication, "ssh_password_expired", failure)
	return true
}

// sshAdmitted reads what is found out before "Accepted METHOD". Names in it may be
// the client's or a certificate's; none is taken but an account's.
func (e *entry) sshAdmitted(m []byte) bool {
	switch {
	case has(m, "Accepted certificate ID "), has(m, "Accepted ") && contains(m, " public key "):
		e.did(authentication, "ssh_key_accepted", unknown)
	case has(m, "Root login accepted for forced command"):
		e.did(authentication, "ssh_login_partial", unknown)
		e.text(eventv1.FieldId_FIELD_ID_USER_NAME, "root")
	case has(m, "Authorized to "):
		name, _, ok := split(m[len("Authorized to "):], ", krb5 principal ")
		if !ok {
			return false
		}
		e.did(authentication, "ssh_login_partial", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	case has(m, "userauth_hostbased mismatch: "):
		e.did(network, "ssh_reverse_mapping", unknown)
		if _, rest, ok := splitLast(m, ", but we resolve "); ok {
			e.leading(rest)
		}
	default:
		return false
	}
	return true
}

// sshForward reads refused forwardings. The originator that a client names is not
// where it comes from.
func (e *entry) sshForward(m []byte) bool {
	refused := has(m, "refused local port forward: ") || has(m, "refused streamlocal port forward: ")
	if !refused {
		if _, ok := cutEnd(m, ", but the request was denied."); !ok || !has(m, "Received request ") {
			return false
		}
	}
	e.did(session, "ssh_forward_refused", failure)
	return true
}

// sshProcess reads how the process of one connection died: "session process PID for
// connection from A to B …", where the addresses are sshd's own.
func (e *entry) sshProcess(m []byte) bool {
	if !has(m, "session process ") && !has(m, "Session process ") {
		return false
	}
	e.did(process, "ssh_server_error", failure)
	if _, rest, ok := split(m, " for connection from "); ok {
		e.leading(rest)
	}
	return true
}

// sshPenalty reads what sshd holds against an address: "srclimit_penalise: A[/BITS]:
// new …" and "… cannot penalise A[/BITS] for WHY".
func (e *entry) sshPenalty(m []byte) bool {
	rest, ok := cut(m, "srclimit_penalise: ")
	if !ok {
		return false
	}
	e.did(network, "ssh_connection_dropped", unknown)
	var host, reason []byte
	if _, after, ok := split(rest, " cannot penalise "); ok {
		host, reason, _ = split(after, " for ")
	} else {
		host, reason, _ = split(rest, ": ")
		_, reason, _ = split(reason, " seconds for ")
	}
	single, whole := cutEnd(host, "/32")
	if !whole {
		single, _ = cutEnd(host, "/128")
	}
	e.address(single) // a wider network is nobody's address
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// sshHPN reads what HPN-SSH adds about a connection at its beginning:
// "SSH: Server;Ltype: KIND;Remote: HOST-PORT;…", where all that follows is the client's.
func (e *entry) sshHPN(m []byte) bool {
	rest, ok := cut(m, "SSH: Server;Ltype: ")
	if !ok {
		return false
	}
	_, rest, ok = split(rest[:min(len(rest), 200)], ";Remote: ")
	remote, _, _ := split(rest, ";")
	host, port, in := splitLast(remote, "-")
	if !ok || !in {
		return false
	}
	e.sshPeer("ssh_connection", unknown)
	if e.address(host) {
		e.port(port)
	}
	return true
}

// sshWrappers reads what the library of TCP wrappers warns of: "warning: FILE, line N:
// host name/address mismatch: IP != NAME" and names that it cannot look up.
func (e *entry) sshWrappers(m []byte) bool {
	rest, ok := cut(m, "warning: /etc/hosts.")
	if !ok {
		return false
	}
	if _, pair, ok := split(rest, ": host name/address mismatch: "); ok {
		e.did(network, "ssh_reverse_mapping", unknown)
		ip, _, _ := split(pair, " != ")
		e.address(ip)
		return true
	}
	if !contains(rest, ": can't verify hostname: ") && !contains(rest, ": host name/name mismatch: ") {
		return false
	}
	e.did(network, "ssh_reverse_mapping", unknown)
	return true
}

// sshEnding reads ends of connections that sshClose does not know.
func (e *entry) sshEnding(m []byte) bool {
	switch m[0] {
	case 'C':
		if rest, ok := cut(m, "Closing connection to "); ok {
			e.sshPeer("ssh_connection_closed", unknown)
			e.leading(rest)
			return true
		}
		if rest, ok := cut(m, "Could not write ident string to "); ok {
			e.sshPeer("ssh_preauth_close", unknown)
			e.leading(rest)
			return true
		}
		if has(m, "Client version \"") && contains(m, "\" uses unsafe key agreement") {
			e.sshPeer("ssh_negotiation_failed", failure)
			return true
		}
		if has(m, "Connection timed out during banner exchange") {
			e.sshPeer("ssh_preauth_close", unknown)
			return true
		}
	case 't':
		if rest, ok := cut(m, "terminating inactive connection from "); ok {
			e.sshPeer("ssh_connection_closed", unknown)
			e.peer(rest)
			return true
		}
	case 'F':
		if rest, ok := cut(m, "Finished discarding for "); ok {
			e.sshPeer("ssh_bad_protocol", failure)
			e.leading(rest)
			return true
		}
	}
	return false
}

// sshNonsense reads complaints about packets, and about too many connections.
func (e *entry) sshNonsense(m []byte) bool {
	for _, prefix := range [...]string{
		"dispatch_protocol_", "kex protocol error: ", "Hm, kex protocol error: ", "buffer_get_", "ssh_packet_get_string: ", "Protocol major versions differ: ", "SSH2_MSG_EXT_INFO", "too many SSH2_MSG_EXT_INFO",
	} {
		if has(m, prefix) {
			e.sshPeer("ssh_bad_protocol", failure)
			return true
		}
	}
	if has(m, "in MaxStartups throttling ") || contains(m[:min(len(m), 80)], " logging rate-limited: additional ") {
		e.did(network, "ssh_connection_dropped", failure)
		return true
	}
	return false
}

// sshLocated reads "FILE:LINE: Authentication tried for …".
func (e *entry) sshLocated(m []byte) bool {
	if place, ok := cutEnd(m, ": Certificate source-address invalid"); ok && len(place) > 0 && place[0] == '/' {
		e.did(authentication, "ssh_key_refused", failure)
		return true
	}
	place, rest, ok := split(m, ": Authentication tried for ")
	return ok && len(place) > 0 && place[0] == '/' && e.sshForcedSource(rest)
}

// sshTagged reads "TAG: Connection from PEER: WHAT", where the tag is a function of
// sshd's and what it was at.
func (e *entry) sshTagged(m []byte, preauth bool) bool {
	const longest = 100
	if has(m, "connect_to ") || has(m, "connect to ") || has(m, "channel ") {
		return false // where a client wants to be forwarded to is its own words
	}
	tag, _, ok := split(m[:min(len(m), longest+len(": Connection from "))], ": Connection from ")
	if !ok {
		return false
	}
	for _, c := range tag {
		if !isLetter(c) && !isDigit(c) && c != '_' && c != ' ' && c != ':' && c != '-' && c != '@' && c != '.' {
			return false
		}
	}
	return e.sshFatal(m[len(tag)+len(": "):], preauth)
}
