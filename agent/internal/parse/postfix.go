package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// isPostfixDaemon knows the daemons that have clients; the name stands behind
// syslog_name and a slash.
func isPostfixDaemon(b []byte) bool {
	switch string(b) {
	case "smtpd", "postscreen", "tlsproxy", "anvil", "dnsblog", "qmqpd", "submission", "smtps", "submissions", "master":
		return true
	}
	return false
}

// isPostfixAgent knows the other daemons, whose names are anybody's.
func isPostfixAgent(b []byte) bool {
	switch string(b) {
	case "smtp", "lmtp", "local", "virtual", "pipe", "error", "retry", "discard", "relay", "bounce", "defer", "trace", "verify", "cleanup", "qmgr", "oqmgr", "nqmgr",
		"pickup", "flush", "trivial-rewrite", "proxymap", "tlsmgr", "scache", "showq", "postfix-script", "sendmail", "postsuper", "postdrop":
		return true
	}
	return false
}

// postfix reads the messages of Postfix's servers, 2.3 to 3.10; the formats are
// those of testdata/formats/postfix.tsv. A client is
// "NAME[IP]" or "NAME[IP]:PORT", and Postfix wrote whatever stands before it,
// unless noted.
func (e *entry) postfix(m []byte) bool {
	m, warning := cut(m, "warning: ")
	if !warning {
		m, _ = cut(m, "info: ")
	}
	if warning && e.postfixWarning(m) {
		return true
	}
	return e.postfixConnection(m) || e.postfixScreen(m) || e.postfixQueue(m) || e.postfixTLS(m) || e.postfixListed(m) || e.postfixDelivery(m)
}

// postfixWarning reads "CLIENT: SASL M authentication failed: WHY[, sasl_username=NAME]"
// and limits.
func (e *entry) postfixWarning(m []byte) bool {
	var c bracketed
	if rest, ok := c.read(m); ok {
		if rest, ok = cut(rest, ": "); !ok {
			return false
		}
		if rest, ok = cut(rest, "SASL "); ok {
			return e.postfixSASL(&c, rest)
		}
		if has(rest, "request longer than ") {
			e.did(network, "mail_protocol_error", failure)
			e.client(&c)
			return true
		}
		return false
	}
	if what, rest, ok := split(m, " limit exceeded: "); ok && len(what) < 60 {
		_, rest, ok = split(rest, " from ")
		return ok && e.postfixDid("mail_rate_limited", failure, what, rest)
	}
	if rest, ok := cut(m, "SASL authentication "); ok && (has(rest, "failure: ") || has(rest, "problem: ")) {
		e.did(authentication, "mail_authentication", failure)
		_, reason, _ := split(rest, ": ")
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		return true
	}
	if ip, rest, ok := split(m[:min(len(m), 80)], ": "); ok && isIP(ip) && (has(rest, "hostname ") || has(rest, "address not listed for hostname ")) {
		e.did(network, "mail_reverse_mapping", unknown) // up to 2.8
		e.address(ip)
		return true
	}
	if rest, ok := cut(m, "hostname "); ok {
		_, rest = token(rest)
		if rest, ok = cut(rest, "does not resolve to address "); !ok {
			return false
		}
		e.did(network, "mail_reverse_mapping", unknown)
		ip, _, _ := split(rest, ": ")
		e.address(ip)
		return true
	}
	if rest, ok := cut(m, "non-SMTP command from "); ok {
		return e.postfixDid("mail_protocol_error", failure, nil, rest)
	}
	if rest, ok := cut(m, "Illegal address syntax from "); ok {
		return e.postfixDid("mail_protocol_error", failure, nil, rest)
	}
	for _, start := range [...]string{"Refusing STARTTLS request from ", "Refusing TLS service request from ", "Wrapper-mode request dropped from "} {
		if rest, ok := cut(m, start); ok {
			return e.postfixDid("mail_tls_failed", unknown, nil, rest)
		}
	}
	if e.postfixChunk(m) {
		return true
	}
	// The argument of ETRN is the client's and stands before it.
	if has(m, "reject: ETRN ") || has(m, "bad ETRN ") {
		_, rest, ok := splitLast(m, " from ")
		return ok && e.postfixDid("mail_rejected", failure, nil, rest)
	}
	return false
}

// postfixChunk reads "QUEUEID: … BDAT … from CLIENT…".
func (e *entry) postfixChunk(m []byte) bool {
	_, rest, ok := split(m[:min(len(m), 400)], ": ")
	if !ok {
		return false
	}
	for _, start := range [...]string{
		"BDAT request from ", "malformed BDAT command syntax from ", "null BDAT request from ", "too much BDAT content -- disabling further input from ",
	} {
		if rest, ok := cut(rest, start); ok {
			return e.postfixDid("mail_protocol_error", failure, nil, rest)
		}
	}
	return false
}

func (e *entry) postfixSASL(c *bracketed, rest []byte) bool {
	method, rest := token(rest)
	if has(rest, "authentication aborted") {
		e.did(authentication, "mail_login_incomplete", unknown)
		e.client(c)
		return true
	}
	reason, ok := cut(rest, "authentication failed")
	if !ok {
		return false
	}
	e.did(authentication, "mail_login", failure)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	e.client(c)
	reason = trimLeft(afterColon(reason))
	if why, name, ok := splitOnly(reason, ", sasl_username="); ok {
		reason = why
		if string(name) != "(unavailable)" {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// postfixDid sets an action, the reason for it, and the client that b begins with.
func (e *entry) postfixDid(action, outcome string, reason, b []byte) bool {
	var c bracketed
	if _, ok := c.read(b); !ok {
		return false
	}
	e.did(network, action, outcome)
	e.client(&c)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// postfixConnection reads how connections begin and end.
func (e *entry) postfixConnection(m []byte) bool {
	m, _ = cut(m, "NOQUEUE: ")
	if rest, ok := cut(m, "connect from "); ok {
		return e.postfixDid("mail_connection", unknown, nil, rest)
	}
	if rest, ok := cut(m, "disconnect from "); ok {
		return e.postfixDid("mail_disconnect", unknown, nil, rest)
	}
	for _, end := range [...]struct{ text, action, outcome string }{
		{"lost connection after ", "mail_disconnect", unknown},
		{"timeout after ", "mail_disconnect", unknown},
		{"too many errors after ", "mail_too_many_errors", failure},
		{"improper command pipelining after ", "mail_protocol_error", failure},
	} {
		if rest, ok := cut(m, end.text); ok {
			where, rest, ok := split(rest, " from ")
			return ok && len(where) < 80 && e.postfixDid(end.action, end.outcome, m[:len(end.text)-len(" after ")], rest)
		}
	}
	return false
}

// postfixScreen reads postscreen's words: what it did, then "[IP]:PORT".
func (e *entry) postfixScreen(m []byte) bool {
	for _, line := range [...]struct{ text, action, outcome string }{
		{"CONNECT from ", "mail_connection", unknown},
		{"DISCONNECT ", "mail_disconnect", unknown},
		{"PASS OLD ", "mail_client_accepted", success}, {"PASS NEW ", "mail_client_accepted", success},
		{"ALLOWLISTED ", "mail_client_accepted", success}, {"WHITELISTED ", "mail_client_accepted", success},
		{"DENYLISTED ", "mail_client_listed", failure}, {"BLACKLISTED ", "mail_client_listed", failure},
		{"ALLOWLIST VETO ", "mail_client_listed", unknown}, {"WHITELIST VETO ", "mail_client_listed", unknown},
		{"COMMAND TIME LIMIT from ", "mail_protocol_error", failure}, {"COMMAND LENGTH LIMIT from ", "mail_protocol_error", failure},
		{"COMMAND COUNT LIMIT from ", "mail_protocol_error", failure}, {"COMMAND PIPELINING from ", "mail_protocol_error", failure},
		{"BARE NEWLINE from ", "mail_protocol_error", failure}, {"NON-SMTP COMMAND from ", "mail_protocol_error", failure},
		{"DATA without valid RCPT from ", "mail_protocol_error", failure}, {"BDAT without valid RCPT from ", "mail_protocol_error", failure},
		{"reject: connect from ", "mail_rejected", failure}, {"CONNECT to ", "mail_connection", unknown},
	} {
		if rest, ok := cut(m, line.text); ok {
			return e.postfixDid(line.action, line.outcome, nil, rest)
		}
	}
	for _, line := range [...]struct{ text, before, action, outcome string }{
		{"PREGREET ", " from ", "mail_protocol_error", failure},
		{"HANGUP ", " from ", "mail_disconnect", unknown},
		{"DNSBL rank ", " for ", "mail_client_listed", failure},
	} {
		if rest, ok := cut(m, line.text); ok {
			number, rest, ok := split(rest, line.before)
			return ok && len(number) < 40 && e.postfixDid(line.action, line.outcome, nil, rest)
		}
	}
	return false
}

// postfixQueue reads "QUEUEID: WHAT: COMMAND from CLIENT: REPLY; from=<…> …" and
// "QUEUEID: client=CLIENT[, sasl_method=M, sasl_username=NAME]".
func (e *entry) postfixQueue(m []byte) bool {
	id, rest, ok := split(m, ": ")
	if !ok || len(id) == 0 || len(id) > 32 || !consists(id, inHost) {
		return false
	}
	if rest, ok := cut(rest, "client="); ok {
		return e.postfixClient(rest)
	}
	if has(rest, "lost connection after ") || has(rest, "timeout after ") || has(rest, "too many errors after ") {
		return e.postfixConnection(rest)
	}
	var c bracketed
	if text, ok := c.read(rest); ok && has(text, ": ") { // of qmqpd
		if reason, where, ok := splitLast(text[2:], " while "); ok && len(where) < 80 {
			return e.postfixDid("mail_rejected", failure, reason, rest)
		}
		return false
	}
	if string(id) == "proxy-reject" || string(id) == "proxy-accept" {
		return e.postfixProxied(string(id) == "proxy-accept", rest)
	}
	what, rest, ok := split(rest, ": ")
	if !ok {
		return false
	}
	if string(what) == "proxy-reject" || string(what) == "proxy-accept" {
		return e.postfixProxied(string(what) == "proxy-accept", rest)
	}
	action, outcome := "mail_rejected", failure
	switch string(what) {
	case "reject", "milter-reject", "abort", "hangup":
	case "reject_warning", "warn":
		outcome = unknown
	case "info":
		action, outcome = "mail_warning", unknown
	case "discard", "milter-discard", "hold", "milter-hold", "redirect", "filter", "quarantine", "delay", "bcc":
		action, outcome = "mail_held", unknown
	case "SASL":
		return false
	default:
		return false
	}
	where, rest, ok := split(rest, " from ")
	if !ok || len(where) > 40 {
		return false
	}
	if rest, ok = c.read(rest); !ok {
		return false
	}
	e.did(network, action, outcome)
	e.client(&c)
	// The reply may quote addresses; what follows "; from=<" is the client's.
	reply, _, _ := split(rest, "; from=<")
	reply, _, _ = split(reply, "; proto=")
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, trimLeft(afterColon(reply)))
	return true
}

// postfixClient reads the line of a message that was let in. A client that has
// authenticated says so here, once a message.
func (e *entry) postfixClient(b []byte) bool {
	var c bracketed
	rest, ok := c.read(b)
	if !ok {
		return false
	}
	method, known := cut(rest, ", sasl_method=")
	if !known {
		e.did(network, "mail_accepted", success)
		e.client(&c)
		return true
	}
	method, name, ok := split(method, ", sasl_username=")
	e.did(authentication, "mail_login", success)
	if ok && len(method) < 40 {
		e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, method)
	}
	e.client(&c)
	if ok {
		for _, next := range [...]string{", sasl_sender=", ", orig_queue_id=", ", orig_client="} {
			name, _, _ = split(name, next)
		}
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	return true
}
