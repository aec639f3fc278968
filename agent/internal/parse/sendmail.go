package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// sendmail reads the messages of Sendmail's server, 8.12 to 8.18, written from
// 8.17.1: sendmail/srvrsmtp.c, parseaddr.c (rscheck), collect.c, daemon.c, tls.c.
// A client is "NAME [IP]", "[IP]" or "NAME [IP] (may be forged)". Where one stands
// at the beginning Sendmail wrote it; behind text of the client's it counts only
// where no other does.
func (e *entry) sendmail(m []byte) bool {
	if id, rest, ok := split(m, ": "); ok && isSendmailID(id) {
		m = rest
	}
	return e.sendmailAuth(m) || e.sendmailRuleset(m) || e.sendmailConnection(m) || e.sendmailClient(m) || e.sendmailMessage(m)
}

// isSendmailID knows queue ids, and NOQUEUE.
func isSendmailID(b []byte) bool {
	if string(b) == "NOQUEUE" {
		return true
	}
	if len(b) < 8 || len(b) > 20 {
		return false
	}
	number := 0
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) {
			return false
		}
		if isDigit(c) {
			number++
		}
	}
	return number >= 4
}

// sendmailPeer reads a client at the beginning of b.
func sendmailPeer(b []byte) (c bracketed, rest []byte, ok bool) {
	if len(b) > 0 && b[0] != '[' {
		name, after := token(b)
		if !consists(name, inHost) || len(name) == 0 {
			return c, b, false
		}
		c.name, b = name, after
	}
	if len(b) == 0 || b[0] != '[' {
		return c, b, false
	}
	name := c.name
	rest, ok = c.read(b)
	c.name, c.port = name, nil
	rest, _ = cut(rest, " (may be forged)")
	return c, rest, ok && isIP(c.ip)
}

func (e *entry) sendmailDid(action, outcome string, b []byte) bool {
	c, _, ok := sendmailPeer(b)
	if !ok {
		return false
	}
	e.did(network, action, outcome)
	e.client(&c)
	return true
}

// sendmailAuth reads "AUTH failure (MECH): WHY (N) WHY[, user=NAME], relay=CLIENT" and
// "AUTH=server, relay=CLIENT[, authid=NAME], mech=MECH, bits=N". In a failure the
// relay ends the line, and the name before it is the client's.
func (e *entry) sendmailAuth(m []byte) bool {
	if rest, ok := cut(m, "AUTH failure ("); ok {
		method, rest, ok := split(rest, "): ")
		head, relay, found := splitLast(rest, ", relay=")
		c, after, peer := sendmailPeer(relay)
		if !ok || !found || !peer || len(after) > 0 {
			return false
		}
		e.did(authentication, "mail_login", failure)
		if len(method) < 40 {
			e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
		}
		e.client(&c)
		why, name, known := splitOnly(head, ", user=")
		if known && !contains(name, ", relay=") {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, why)
		return true
	}
	rest, ok := cut(m, "AUTH=server, relay=")
	if !ok {
		return false
	}
	c, rest, ok := sendmailPeer(rest)
	if !ok {
		return false
	}
	e.did(authentication, "mail_login", success)
	e.client(&c)
	head, method, ok := splitLast(rest, ", mech=")
	if !ok {
		return true
	}
	if name, ok := cut(head, ", authid="); ok {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	method, _, _ = split(method, ",")
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	return true
}

// sendmailRuleset reads "ruleset=R, arg1=X[, arg2=Y], relay=CLIENT, reject=REPLY":
// arg1 and the reply hold addresses of the client's choice.
func (e *entry) sendmailRuleset(m []byte) bool {
	if !has(m, "ruleset=") {
		return false
	}
	var found bracketed
	var reply []byte
	action, outcome, count := "", "", 0
	for rest := m; count < 2; {
		_, after, ok := split(rest, ", relay=")
		if !ok {
			break
		}
		rest = after
		c, tail, ok := sendmailPeer(rest)
		if !ok {
			continue
		}
		if text, ok := cut(tail, ", reject="); ok {
			action, outcome, reply = "mail_rejected", failure, text
		} else if has(tail, ", discard") || has(tail, ", quarantine=") {
			action, outcome = "mail_held", unknown
		} else {
			continue
		}
		count++
		found = c
	}
	if count == 0 {
		return false
	}
	e.did(network, action, outcome)
	if count == 1 {
		e.client(&found)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reply)
	}
	return true
}

// sendmailConnection reads messages that begin with Sendmail's words.
func (e *entry) sendmailConnection(m []byte) bool {
	for _, line := range [...]struct{ text, action, outcome string }{
		{"rejecting commands from ", "mail_protocol_error", failure},
		{"lost input channel from ", "mail_disconnect", unknown},
		{"timeout waiting for input from ", "mail_disconnect", unknown},
		{"connect from ", "mail_connection", unknown},
		{"SMTP connect from ", "mail_connection", unknown},
		{"invalid domain name (too long) from ", "mail_protocol_error", failure},
		{"collect: premature EOM: Connection reset by ", "mail_disconnect", unknown},
		{"collect: unexpected close on connection from ", "mail_disconnect", unknown},
	} {
		if rest, ok := cut(m, line.text); ok {
			return e.sendmailDid(line.action, line.outcome, rest)
		}
	}
	if rest, ok := cut(m, "STARTTLS=server, relay="); ok {
		return e.sendmailDid("mail_tls_established", success, rest)
	}
	if has(m, "STARTTLS=server, error: accept failed") {
		_, rest, ok := splitLast(m, ", relay=")
		return ok && e.sendmailDid("mail_tls_failed", unknown, rest)
	}
	if rest, ok := cut(m, "tcpwrappers ("); ok && contains(rest, ") rejection") {
		inside, _, _ := split(rest, ") rejection")
		_, ip, ok := splitLast(inside, ", ")
		if ok && isIP(ip) {
			e.did(network, "mail_rejected", failure)
			e.address(ip)
			return true
		}
	}
	if has(m, "starting daemon (") {
		e.did(process, "service_started", success)
		return true
	}
	return false
}

// sendmailClient reads messages that begin with the client.
func (e *entry) sendmailClient(m []byte) bool {
	c, rest, ok := sendmailPeer(m)
	if !ok {
		return false
	}
	var action string
	outcome := failure
	switch {
	case has(rest, ": possible SMTP attack: command="):
		action = "mail_protocol_error"
		// AUTH over and over is somebody guessing.
		if has(rest, ": possible SMTP attack: command=AUTH,") {
			action = "mail_too_many_errors"
		}
	case has(rest, ": Possible SMTP RCPT flood"):
		action = "mail_rate_limited"
	case has(rest, ": probable open proxy: command="), has(rest, ": SMTP violation, "):
		action = "mail_protocol_error"
	case has(rest, " did not issue MAIL/EXPN/VRFY/ETRN"):
		action, outcome = "mail_disconnect", unknown
	default:
		if _, ok := cutEnd(rest, " [rejected]"); !ok || !has(rest, ": ") {
			return false
		}
		action = "mail_rejected"
	}
	e.did(network, action, outcome)
	e.client(&c)
	return true
}
