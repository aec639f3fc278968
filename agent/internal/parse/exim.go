package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// exim reads Exim's main and reject logs, in files of its own or by syslog,
// 4.80 to 4.98, written from 4.96: src/smtp_in.c, src/host.c (host_and_ident,
// host_build_sender_fullhost), src/daemon.c, src/acl.c, src/receive.c, src/tls.c,
// and chapter 53 of the specification. A client is
// "[NAME ][(HELO) ][IP][:PORT][ I=[IP]:PORT][ U=IDENT]".
func (e *entry) exim(c *clock, m []byte) bool {
	if len(m) > 19 && isDigit(m[0]) && m[4] == '-' {
		var t stamp
		rest, ok := t.isoTime(m)
		unix, valid := c.unix(&t)
		if !ok || !valid || len(rest) == 0 || rest[0] != ' ' || !e.eximBody(rest[1:]) {
			return false
		}
		e.at(unix)
		return true
	}
	return e.eximBody(m)
}

// eximBody reads "[PID] MESSAGEID TEXT", each of the first two or neither.
func (e *entry) eximBody(m []byte) bool {
	if rest, ok := cut(m, "["); ok {
		pid, rest := digits(rest)
		rest, ok = cut(rest, "] ")
		if !ok || len(pid) == 0 {
			return false
		}
		m = rest
	}
	if id, rest := token(m); isEximID(id) {
		if m = rest; e.eximDelivery(m) {
			return true
		}
	}
	m, _ = cut(m, "H=! ")
	return e.eximAuth(m) || e.eximArrival(m) || e.eximReject(m) || e.eximConnection(m)
}

// isEximID knows "1UlasQ-0003fr-45" and the longer ids of 4.97.
func isEximID(b []byte) bool {
	if len(b) != 16 && len(b) != 23 {
		return false
	}
	return b[6] == '-' && b[len(b)-3] == '-' || len(b) == 23 && b[6] == '-' && b[18] == '-'
}

// eximClient reads a client. Where the administrator accepts junk in a HELO it may
// imitate all that follows it: with what looks like the end of a second one
// anywhere, the address is left out.
func eximClient(b []byte) (c bracketed, rest []byte, ok bool) {
	if len(b) == 0 {
		return c, b, false
	}
	if b[0] != '[' && b[0] != '(' {
		name, after := token(b)
		if len(after) == 0 || !consists(name, inHost) {
			return c, b, false
		}
		c.name, b = name, after
	}
	if helo, ok := cut(b, "("); ok {
		_, after, found := split(helo, ") [")
		if !found {
			return c, b, false
		}
		if contains(after, ") [") {
			return c, after, true
		}
		b = b[len(b)-len(after)-1:]
	}
	client := bracketed{}
	if len(b) == 0 || b[0] != '[' {
		return c, b, false
	}
	rest, ok = client.read(b)
	c.ip, c.port = client.ip, client.port
	return c, rest, ok
}

// eximDid sets an action and the client that b begins with.
func (e *entry) eximDid(action, outcome string, b []byte) bool {
	b, _ = cut(b, "H=")
	c, _, ok := eximClient(b)
	if !ok {
		return false
	}
	e.did(network, action, outcome)
	e.client(&c)
	return true
}

// eximAuth reads "NAME authenticator failed for CLIENT: 535 TEXT[ (set_id=USER)]".
func (e *entry) eximAuth(m []byte) bool {
	method, rest := token(m)
	rest, ok := cut(rest, "authenticator failed for ")
	if !ok {
		return false
	}
	rest, _ = cut(rest, "H=")
	c, text, ok := eximClient(rest)
	if !ok {
		return false
	}
	e.did(authentication, "mail_login", failure)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	e.client(&c)
	if _, name, ok := splitOnly(text, " (set_id="); ok {
		if name, ok := cutEnd(name, ")"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	}
	return true
}

// eximArrival reads "<= SENDER H=CLIENT … A=NAME[:USER] S=N …". A sender with a
// quoted part may hold any of this, and is not read further.
func (e *entry) eximArrival(m []byte) bool {
	rest, ok := cut(m, "<= ")
	if !ok {
		return false
	}
	sender, rest := token(rest)
	if contains(sender, `"`) {
		e.did(network, "mail_accepted", success)
		return true
	}
	rest, _, _ = split(rest, ` T="`)
	_, host, found := split(rest, "H=")
	c, text, ok := eximClient(host)
	ok = ok && found
	method := []byte(nil)
	if ok {
		_, method, _ = split(text, " A=")
	}
	if method, _ = token(method); len(method) == 0 {
		e.did(network, "mail_accepted", success)
		if ok {
			e.client(&c)
		}
		return true
	}
	method, name, _ := split(method, ":")
	e.did(authentication, "mail_login", success)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	e.client(&c)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// eximReject reads "[F=<SENDER> ]H=CLIENT … rejected …" and refusals that name
// what was refused first.
func (e *entry) eximReject(m []byte) bool {
	if rest, ok := cut(m, "F="); ok {
		sender, rest := token(rest)
		if contains(sender, `"`) || !has(rest, "H=") {
			return false
		}
		m = rest
	}
	if rest, ok := cut(m, "H="); ok {
		return e.eximRefused(rest)
	}
	if !begins(m, "rtuC") {
		return false
	}
	for _, line := range [...]string{"rejected EHLO from ", "rejected HELO from ", "rejected MAIL from ", "rejected MAIL command ",
		"rejected connection from ", "refused connection from ", "temporarily refused connection from ", "Connection from "} {
		if rest, ok := cut(m, line); ok {
			if line == "Connection from " && !contains(rest, " refused: ") {
				return false
			}
			return e.eximDid("mail_rejected", failure, rest)
		}
	}
	// "rejected AUTH x from CLIENT", "unqualified sender rejected: <x> CLIENT" and
	// "rejected VRFY x": the client's words come first.
	m, _ = cut(m, "temporarily ")
	if has(m, "rejected \"") {
		_, rest, ok := splitLast(m, "\" from ")
		return ok && e.eximDid("mail_rejected", failure, rest)
	}
	if has(m, "unqualified ") || has(m, "too many recipients: ") {
		_, rest, ok := splitLast(m, " H=")
		return ok && e.eximDid("mail_rejected", failure, rest)
	}
	return false
}

// eximRefused reads "CLIENT … WHAT", where WHAT begins with the server's words,
// after a sender "F=<…>" of the client's.
func (e *entry) eximRefused(b []byte) bool {
	c, rest, ok := eximClient(b)
	if !ok {
		return false
	}
	for _, what := range [...]struct{ text, action, outcome string }{
		{"rejected ", "mail_rejected", failure},
		{"sender verify fail ", "mail_rejected", failure},
		{"sender verify defer ", "mail_rejected", unknown},
		{"incomplete transaction ", "mail_disconnect", unknown},
		{"discarded by ", "mail_held", unknown},
		{"Warning: ", "mail_warning", unknown},
	} {
		if i := index(rest, what.text); i > 0 && rest[i-1] == ' ' {
			e.did(network, what.action, what.outcome)
			e.client(&c)
			if what.outcome == failure && len(c.ip) > 0 {
				e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, eximReason(rest[i:]))
			}
			return true
		}
	}
	return false
}

// eximReason is what stands after the address or command that was refused.
func eximReason(b []byte) []byte {
	_, reason, ok := split(b, ": ")
	if !ok {
		return b
	}
	return reason
}

// eximConnection reads how connections go wrong, begin and end.
func (e *entry) eximConnection(m []byte) bool {
	if !begins(m, "SuneTA") {
		return false
	}
	for _, line := range [...]struct{ text, action, outcome string }{
		{"SMTP call from ", "mail_too_many_errors", failure},
		{"SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from ", "mail_protocol_error", failure},
		{"unexpected disconnection while reading SMTP command from ", "mail_disconnect", unknown},
		{"SMTP command timeout on connection from ", "mail_disconnect", unknown},
		{"SMTP command timeout on TLS connection from ", "mail_disconnect", unknown},
		{"SMTP data timeout (message abandoned) on connection from ", "mail_disconnect", unknown},
		{"no MAIL in SMTP connection from ", "mail_disconnect", unknown},
		{"no MAIL in TFO SMTP connection from ", "mail_disconnect", unknown},
		{"TLS error on connection from ", "mail_tls_failed", unknown},
		{"TLS error on ", "mail_tls_failed", unknown},
		{"ACL for QUIT returned ERROR", "", ""},
	} {
		if rest, ok := cut(m, line.text); ok {
			rest, _ = cut(rest, "SMTP connection from ")
			return line.action != "" && e.eximDid(line.action, line.outcome, rest)
		}
	}
	if rest, ok := cut(m, "SMTP connection from "); ok {
		return e.eximSMTP(rest)
	}
	if rest, ok := cut(m, "no host name found for IP address "); ok {
		ip, _ := token(rest)
		e.did(network, "mail_reverse_mapping", unknown)
		e.address(ip)
		return true
	}
	if has(m, "no IP address found for host ") {
		_, rest, ok := splitLast(m, "(during SMTP connection from ")
		return ok && e.eximDid("mail_reverse_mapping", unknown, rest)
	}
	// The command is the client's and stands before it.
	if has(m, "SMTP protocol error in \"") || has(m, "SMTP syntax error in \"") {
		_, rest, ok := splitLast(m, "\" H=")
		return ok && e.eximDid("mail_protocol_error", failure, rest)
	}
	if has(m, "SMTP protocol synchronization error (next input sent too soon") {
		head, _, _ := split(m, " next input=\"")
		_, rest, ok := splitLast(head, "\" H=")
		return ok && e.eximDid("mail_protocol_error", failure, rest)
	}
	if rest, ok := cut(m, "exim "); ok && contains(rest, " daemon started: pid=") {
		e.did(process, "service_started", success)
		return true
	}
	return false
}

// eximSMTP reads "SMTP connection from CLIENT …".
func (e *entry) eximSMTP(b []byte) bool {
	c, rest, ok := eximClient(b)
	if !ok {
		return false
	}
	action, outcome := "mail_disconnect", unknown
	switch {
	case contains(rest, " (TCP/IP connection count"):
		action = "mail_connection"
	case contains(rest, " closed by DROP in ACL"):
		action, outcome = "mail_rejected", failure
	case contains(rest, " closed ") || contains(rest, " lost") || contains(rest, " D="):
	default:
		return false
	}
	e.did(network, action, outcome)
	e.client(&c)
	return true
}
