package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// peer reads "[KIND NAME ]HOST[ port N]" from its right-hand end, where KIND is
// "authenticating user", "invalid user" or "user". It reads all of it or nothing.
func (e *entry) peer(b []byte) {
	host, port := b, []byte(nil)
	if before, p, ok := splitLast(b, " port "); ok && isPort(p) {
		host, port = before, p
	}
	name, address, ok := splitLast(host, " ")
	if !ok {
		name, address = nil, host
	}
	known := len(name) == 0
	for _, kind := range [...]string{"authenticating user", "invalid user", "illegal user", "user"} {
		if rest, ok := cut(name, kind); ok {
			known = true
			name = trimOne(rest)
			break
		}
	}
	if !known || !e.address(address) {
		return
	}
	e.port(port)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
}

func trimOne(b []byte) []byte {
	if len(b) > 0 && b[0] == ' ' {
		return b[1:]
	}
	return b
}

// leading reads "HOST[ port N][:]…" where sshd wrote the address first, so that
// nothing before it is the client's. It gives what follows.
func (e *entry) leading(b []byte) []byte {
	host, rest := token(b)
	bare := host
	if n := len(host); n > 0 && (host[n-1] == ':' || host[n-1] == ',' || host[n-1] == '.') && !isIP(host) {
		bare = host[:n-1]
	}
	if !e.address(bare) {
		return b
	}
	if after, ok := cut(rest, "port "); ok && len(bare) == len(host) {
		port, after := digits(after)
		e.port(port)
		return trimLeft(trimColon(after))
	}
	return trimLeft(rest)
}

func trimColon(b []byte) []byte {
	if len(b) > 0 && (b[0] == ':' || b[0] == ',' || b[0] == '.') {
		return b[1:]
	}
	return b
}

// sshPeer sets what became of a connection that a client had: its life is one of the
// network's and of a session's.
func (e *entry) sshPeer(action, outcome string) {
	e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, network)
	e.did(session, action, outcome)
}

// sshClose reads how connections end.
func (e *entry) sshClose(m []byte, preauth bool) bool {
	if rest, ok := cut(m, "Connection closed by "); ok {
		return e.sshEnd(rest, "ssh_connection_closed", preauth)
	}
	if rest, ok := cut(m, "Connection reset by "); ok {
		return e.sshEnd(rest, "ssh_connection_reset", preauth)
	}
	if rest, ok := cut(m, "Disconnected from "); ok {
		return e.sshEnd(rest, "ssh_disconnect", preauth)
	}
	if rest, ok := cut(m, "Received disconnect from "); ok {
		e.sshPeer(closing("ssh_disconnect", preauth), unknown)
		reason := e.leading(rest)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	if rest, ok := cut(m, "Disconnecting"); ok {
		return e.sshDisconnecting(rest, preauth)
	}
	return false
}

func closing(action string, preauth bool) string {
	if preauth {
		return "ssh_preauth_close"
	}
	return action
}

// isUnauthenticated says whether a peer is one that sshd wrote before its login.
func isUnauthenticated(b []byte) bool {
	return has(b, "authenticating user ") || has(b, "invalid user ") || has(b, "illegal user ")
}

func (e *entry) sshEnd(b []byte, action string, preauth bool) bool {
	e.sshPeer(closing(action, preauth || isUnauthenticated(b)), unknown)
	e.peer(b)
	return true
}

// sshDisconnecting reads "[ PEER]: REASON", where both may hold the client's
// words: only the reasons that sshd ends a line with make the peer certain.
func (e *entry) sshDisconnecting(b []byte, preauth bool) bool {
	b = trimOne(b)
	if rest, ok := cut(b, ": Too many authentication failures"); ok {
		e.did(authentication, "ssh_max_attempts", failure)
		if rest, ok := cut(rest, " for "); ok {
			e.sshUser(rest)
		}
		return true
	}
	if head, ok := cutEnd(b, ": Too many authentication failures"); ok {
		e.did(authentication, "ssh_max_attempts", failure)
		e.peer(head)
		return true
	}
	e.sshPeer(closing("ssh_disconnect", preauth || isUnauthenticated(b)), unknown)
	if head, reason, ok := split(b, ": "); ok && !contains(reason, " port ") {
		e.peer(head)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	}
	return true
}

// sshTransport reads lines about connections that do not get as far as a user.
func (e *entry) sshTransport(m []byte, preauth bool) bool {
	return e.sshConnect(m) || e.sshProtocol(m, preauth) || e.sshMapping(m) || e.sshTimeout(m) || e.sshDropped(m)
}

func (e *entry) sshConnect(m []byte) bool {
	if rest, ok := cut(m, "Connection from "); ok {
		if _, tail, ok := split(rest, ": "); ok && len(tail) > 0 {
			return e.sshBroken(rest)
		}
		if peer, ok := cutEnd(rest, " timed out"); ok {
			e.sshPeer("ssh_connection_reset", unknown)
			e.peer(peer)
			return true
		}
		e.sshPeer("ssh_connection", unknown)
		rest = e.leading(rest)
		if rest, ok = cut(rest, "on "); ok {
			host, rest := token(rest)
			e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, host)
			if rest, ok = cut(rest, "port "); ok {
				if port, _ := digits(rest); isPort(port) {
					e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, port)
				}
			}
		}
		return true
	}
	rest, ok := cut(m, "refused connect from ")
	if !ok {
		return false
	}
	e.did(network, "ssh_connection_refused", failure)
	if _, in, ok := splitLast(rest, " ("); ok {
		if inner, ok := cutEnd(in, ")"); ok && isIP(inner) {
			rest = inner
		}
	}
	e.address(rest)
	return true
}

// sshBroken reads "Connection from PEER: WHAT" of a connection that failed.
func (e *entry) sshBroken(b []byte) bool {
	head, reason, ok := split(b, ": ")
	if !ok {
		return false
	}
	host, options := cutEnd(head, " with IP opts")
	switch {
	case options:
		e.did(network, "ssh_connection_refused", failure)
	case has(reason, "refusing non-sftp session"):
		e.did(authentication, "ssh_user_denied", failure)
	default:
		e.sshPeer("ssh_bad_protocol", failure)
	}
	if !contains(reason, " port ") {
		e.peer(host)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// sshProtocol reads lines about clients that speak something else.
func (e *entry) sshProtocol(m []byte, preauth bool) bool {
	for _, prefix := range [...]string{"Did not receive identification string", "Did not receive ident string"} {
		if rest, ok := cut(m, prefix); ok {
			e.sshPeer("ssh_no_identification", failure)
			if rest, ok := cut(rest, " from "); ok {
				e.leading(rest)
			}
			return true
		}
	}
	if rest, ok := cut(m, "Unable to negotiate with "); ok {
		e.sshPeer("ssh_negotiation_failed", failure)
		reason := e.leading(rest)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	if has(m, "Unable to negotiate a key exchange method") || has(m, "no matching ") || has(m, "no hostkey alg") {
		e.sshPeer("ssh_negotiation_failed", failure)
		return true
	}
	if rest, ok := cut(m, "Bad protocol version identification "); ok {
		e.sshPeer("ssh_bad_protocol", failure)
		if head, host, ok := splitLast(rest, " from "); ok && len(head) > 0 {
			e.leading(host)
		}
		return true
	}
	if rest, ok := cut(m, "Protocol major versions differ for "); ok {
		e.sshPeer("ssh_bad_protocol", failure)
		e.leading(rest)
		return true
	}
	for _, prefix := range [...]string{"banner exchange: ", "ssh_dispatch_run_fatal: ", "kex_protocol_error: ", "packet_write_wait: ", "ssh_packet_write_poll: "} {
		if rest, ok := cut(m, prefix); ok {
			return e.sshFatal(rest, preauth)
		}
	}
	if isScanProbe(m) {
		e.sshPeer("ssh_bad_protocol", failure)
		if _, rest, ok := split(m, " from "); ok {
			e.leading(rest)
		}
		return true
	}
	if rest, ok := cut(m, "kex_exchange_identification: "); ok {
		return e.sshBanner(rest)
	}
	for _, prefix := range [...]string{"Bad packet length ", "Corrupted MAC on input", "padding error: ", "Bad remote protocol version"} {
		if has(m, prefix) {
			e.sshPeer("ssh_bad_protocol", failure)
			return true
		}
	}
	return false
}

// sshBanner reads what was wrong before any key exchange.
func (e *entry) sshBanner(b []byte) bool {
	switch {
	case has(b, "Connection "), has(b, "read: "), has(b, "write: "):
		e.sshPeer("ssh_preauth_close", unknown)
	case has(b, "banner line "), has(b, "client sent invalid "), has(b, "No SSH version "):
		e.sshPeer("ssh_bad_protocol", failure)
	default:
		return false
	}
	return true
}

func isScanProbe(m []byte) bool {
	return has(m, "scanned from ") || has(m, "probed from ")
}

// sshFatal reads "Connection from PEER: WHAT" and "Connection to PEER: WHAT". A
// connection that merely broke is a reset, not a wrong protocol.
func (e *entry) sshFatal(b []byte, preauth bool) bool {
	rest, ok := cut(b, "Connection from ")
	if !ok {
		rest, ok = cut(b, "Connection to ")
	}
	if !ok {
		e.sshPeer("ssh_bad_protocol", failure)
		return true
	}
	head, reason, ok := split(rest, ": ")
	if !ok {
		e.sshPeer("ssh_bad_protocol", failure)
		e.peer(rest)
		return true
	}
	switch string(reason) {
	case "Connection reset by peer", "Broken pipe", "Connection timed out", "Connection closed by remote host":
		e.sshPeer(closing("ssh_connection_reset", preauth), unknown)
	default:
		e.sshPeer("ssh_bad_protocol", failure)
	}
	if !contains(reason, " port ") {
		e.peer(head)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// sshMapping reads complaints about names that do not map back to an address. The
// name is whatever the address's owner put into the DNS, the address is not.
func (e *entry) sshMapping(m []byte) bool {
	if rest, ok := cut(m, "reverse mapping checking getaddrinfo for "); ok {
		e.did(network, "ssh_reverse_mapping", unknown)
		if _, in, ok := splitLast(rest, " ["); ok {
			if ip, _, ok := split(in, "]"); ok {
				e.address(ip)
			}
		}
		return true
	}
	if rest, ok := cut(m, "Address "); ok && contains(rest, " maps to ") {
		e.did(network, "ssh_reverse_mapping", unknown)
		e.leading(rest)
		return true
	}
	if rest, ok := cut(m, "Nasty PTR record "); ok {
		e.did(network, "ssh_reverse_mapping", unknown)
		if _, after, ok := splitLast(rest, " is set up for "); ok {
			e.leading(after)
		}
		return true
	}
	return false
}

func (e *entry) sshTimeout(m []byte) bool {
	if rest, ok := cut(m, "Timeout before authentication for "); ok {
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "ssh_authentication_timeout", failure)
		rest, _ = cut(rest, "connection from ")
		e.leading(rest)
		return true
	}
	if has(m, "Timeout before authentication") {
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "ssh_authentication_timeout", failure)
		return true
	}
	if rest, ok := cut(m, "Timeout, client not responding"); ok {
		e.sshPeer("ssh_connection_reset", unknown)
		if rest, ok = cut(rest, " from "); ok {
			e.peer(rest)
		}
		return true
	}
	if has(m, "Read error from remote host ") || has(m, "Read from socket failed") || has(m, "Write failed: ") || has(m, "Read error: ") {
		e.sshPeer("ssh_connection_reset", unknown)
		if rest, ok := cut(m, "Read error from remote host "); ok {
			e.leading(rest)
		}
		return true
	}
	return false
}

// sshDropped reads "drop connection #N from [HOST]:PORT on …".
func (e *entry) sshDropped(m []byte) bool {
	if !has(m, "drop connection #") {
		if has(m, "beginning MaxStartups throttling") || has(m, "exited MaxStartups throttling") {
			e.did(network, "ssh_connection_dropped", failure)
			return true
		}
		return false
	}
	e.did(network, "ssh_connection_dropped", failure)
	_, rest, ok := split(m, " from ")
	if !ok {
		return true
	}
	peer, reason := token(rest)
	if host, port, ok := splitLast(peer, ":"); ok && e.address(host) {
		e.port(port)
	}
	if rest, ok := cut(reason, "on "); ok {
		_, reason = token(rest)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}
