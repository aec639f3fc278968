package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// openvpn reads the messages of OpenVPN's server, 2.3 to 2.7, by syslog or in a
// file ("Mon Jan  2 15:04:05 2006 …", since 2.5 "2006-01-02 15:04:05 …"); written
// from 2.6.14: src/openvpn/ssl_verify.c, ssl.c, ssl_pkt.c, tls_crypt.c, multi.c
// (multi_instance_string), init.c, error.c (x_msg_va). Lines about a client begin
// with "[NAME/]IP:PORT "; a name cannot hold a space, but a slash.
func (e *entry) openvpn(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.ctime(m)
	if !ok {
		rest, ok = t.isoTime(m)
	}
	if !ok {
		return e.openvpnText(m)
	}
	unix, valid := c.unix(&t)
	rest = trimLeft(rest)
	if micro, ok := cut(rest, "us="); ok {
		_, rest = token(micro)
	}
	if !valid || !e.openvpnText(rest) {
		return false
	}
	e.at(unix)
	return true
}

func (e *entry) openvpnText(m []byte) bool {
	var client, name []byte
	if word, rest := token(m); len(word) > 9 && len(word) < 300 {
		who, peer, ok := splitLast(word, "/")
		if !ok {
			who, peer = nil, word
		}
		if host, port, ok := splitLast(peer, ":"); ok && isPort(port) && isIP(host) {
			client, name, m = peer, who, rest
		}
	}
	if len(client) > 0 && e.openvpnClient(m) {
		e.openvpnWho(client, name)
		return true
	}
	if !e.openvpnPacket(m) {
		return false
	}
	if e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil && len(client) > 0 {
		e.openvpnWho(client, name)
	}
	return true
}

func (e *entry) openvpnWho(client, name []byte) {
	e.hostPort(client)
	if e.out.Get(eventv1.FieldId_FIELD_ID_USER_NAME) == nil {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}

// openvpnClient reads what is said of a client that the line begins with.
func (e *entry) openvpnClient(m []byte) bool {
	if rest, ok := cut(m, "TLS: Username/Password authentication "); ok {
		rest, ok = cut(rest, "succeeded for username '")
		if !ok {
			return false
		}
		e.did(authentication, "vpn_login", success)
		e.openvpnName(rest)
		return true
	}
	if rest, ok := cut(m, "TLS: Username/auth-token authentication "); ok {
		outcome := success
		if has(rest, "failed ") {
			outcome = failure
		}
		e.did(authentication, "vpn_login", outcome)
		if _, name, ok := split(rest, " for username '"); ok {
			e.openvpnName(name)
		}
		return true
	}
	switch {
	case has(m, "TLS Auth Error: "), has(m, "TLS Error: Auth Username/Password was not provided by peer"),
		has(m, "TLS Error: Username ("), has(m, "TLS Error: Certificate verification failed"):
		e.did(authentication, "vpn_login", failure)
		e.openvpnReason(m)
	case has(m, "VERIFY ERROR: "), has(m, "VERIFY KU ERROR"), has(m, "VERIFY EKU ERROR"), has(m, "VERIFY X509NAME ERROR"),
		has(m, "VERIFY nsCertType ERROR"), has(m, "VERIFY PLUGIN ERROR"), has(m, "VERIFY SCRIPT ERROR"), has(m, "VERIFY CRL: ") && contains(m, " is revoked"),
		has(m, "TLS Error: --tls-verify"), has(m, "CRL CHECK FAILED"), has(m, "TLS_ERROR: BIO read tls_read_plaintext error"):
		e.did(authentication, "vpn_certificate_refused", failure)
		e.openvpnReason(m)
	case has(m, "TLS Error: "), has(m, "WARNING: Bad encapsulated packet length from peer"), has(m, "tls-crypt unwrap error: "),
		has(m, "Authenticate/Decrypt packet error: "), has(m, "TLS ERROR: "), has(m, "Fatal TLS error"):
		e.did(network, "vpn_protocol_error", failure)
		e.openvpnReason(m)
	case has(m, "MULTI: bad source address from client "):
		e.did(network, "vpn_packet_dropped", failure)
	case has(m, "Connection reset, restarting "), has(m, "SIGTERM["), has(m, "SIGUSR1["), has(m, "Inactivity timeout"),
		has(m, "[") && contains(m, "] Inactivity timeout "):
		e.did(session, "vpn_session_closed", unknown)
	default:
		return false
	}
	return true
}

func (e *entry) openvpnName(b []byte) {
	name, after, ok := splitLast(b, "'")
	if ok && len(after) < 16 {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}

func (e *entry) openvpnReason(m []byte) {
	_, reason, ok := split(m, ": ")
	if ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	}
}

// openvpnPacket reads messages that name the peer themselves, "[AF_INET]IP:PORT",
// where nothing of the peer's stands before.
func (e *entry) openvpnPacket(m []byte) bool {
	for _, line := range [...]struct{ text, action, outcome string }{
		{"TLS Error: cannot locate HMAC in incoming packet from ", "vpn_packet_dropped", failure},
		{"TLS Error: incoming packet authentication failed from ", "vpn_packet_dropped", failure},
		{"TLS Error: tls-crypt unwrapping failed from ", "vpn_packet_dropped", failure},
		{"TLS Error: could not determine wrapping from ", "vpn_packet_dropped", failure},
		{"TLS Error: unknown opcode received from ", "vpn_packet_dropped", failure},
		{"TLS Error: client->client or server->server connection attempted from ", "vpn_packet_dropped", failure},
		{"TLS Error: reading acknowledgement record from packet", "vpn_packet_dropped", failure},
		{"tls-crypt unwrap error: ", "vpn_packet_dropped", failure},
		{"Authenticate/Decrypt packet error: ", "vpn_packet_dropped", failure},
		{"TLS: Initial packet from ", "vpn_connection", unknown},
		{"TCP connection established with ", "vpn_connection", unknown},
	} {
		if rest, ok := cut(m, line.text); ok {
			e.did(network, line.action, line.outcome)
			e.openvpnPeer(rest)
			return true
		}
	}
	if has(m, "TLS Error: local/remote TLS keys are out of sync: ") || has(m, "TLS Error: Unroutable control packet received from ") {
		_, rest, _ := split(m[11:], ": ")
		if _, after, ok := split(m, " received from "); ok {
			rest = after
		}
		e.did(network, "vpn_packet_dropped", failure)
		e.openvpnPeer(rest)
		return true
	}
	if head, rest, ok := split(m, "] Peer Connection Initiated with "); ok {
		name, ok := cut(head, "[")
		if !ok {
			return false
		}
		e.did(session, "vpn_session_opened", success)
		e.openvpnPeer(rest)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if e.openvpnPlugin(m) {
		return true
	}
	if has(m, "Initialization Sequence Completed") {
		e.did(process, "service_started", success)
		return true
	}
	return false
}

// openvpnPlugin reads what the plugins for passwords say.
func (e *entry) openvpnPlugin(m []byte) bool {
	// The plugin openvpn-auth-ldap 2.0 (src/auth-ldap.m) says why.
	if has(m, "Incorrect password supplied for LDAP DN \"") || has(m, "LDAP user \"") && contains(m, "\" was not found") {
		e.did(authentication, "vpn_authentication", failure)
		if _, name, ok := split(m, "\""); ok {
			name, _, _ = splitLast(name, "\"")
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	// So does the one for PAM (src/plugins/auth-pam/auth-pam.c).
	if rest, ok := cut(m, "AUTH-PAM: BACKGROUND: user '"); ok {
		name, reason, ok := splitLast(rest, "' failed to authenticate: ")
		if !ok {
			return false
		}
		e.did(authentication, "vpn_authentication", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	return false
}

func (e *entry) openvpnPeer(b []byte) {
	b = until(b, ", ")
	if rest, ok := cut(b, "[AF_INET6]"); ok {
		b = rest
	} else if b, ok = cut(b, "[AF_INET]"); !ok {
		return
	}
	if host, _, ok := splitLast(b, ":"); ok && isIP(host) {
		e.hostPort(b)
	}
}
