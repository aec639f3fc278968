package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// amavis reads the verdicts of amavis as its short and verbose log templates write them:
// "(ID) Blocked INFECTED (NAME) {ACTIONS},[ POLICY][ LOCAL] [CLIENT]:PORT [ORIGIN] <FROM> ->
// <TO>, …". Written from 2.13.0: the __DATA__ of Amavis.pm ($log_short_templ,
// $log_verbose_templ, $log_recip_templ). The names of what was banned or found come
// first, and may be a sender's; the second address is one that the message claims.
func (e *entry) amavis(m []byte) bool {
	head := m[:min(len(m), 64)]
	if !has(m, "(") {
		return false
	}
	id, verdict, ok := split(head, ") ")
	if !ok {
		return false
	}
	rest := m[len(id)+2:]
	outcome, action := success, "mail_accepted"
	if !has(verdict, "Passed ") {
		outcome, action = failure, "mail_rejected"
		if !has(verdict, "Blocked ") {
			return false
		}
	}
	_, rest = token(rest)
	reason := until(rest[:min(len(rest), 64)], " ,")
	if !isAmavisCategory(reason) {
		return false
	}
	rest = rest[len(reason):]
	if has(rest, ", <") {
		return false // one of several lines, by recipient, of a verdict that has a line
	}
	e.did(network, action, outcome)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	_, client, ok := split(rest, "}, ")
	switch {
	case has(rest, ", "): // without the actions, as older logs have it
		client, ok = rest[2:], true
	case !has(rest, " {") && ok: // the names end where the actions begin, unless a name has such marks
		ok = !contains(client, "}, ")
	}
	if ok {
		e.amavisClient(client)
	}
	return true
}

func isAmavisCategory(b []byte) bool {
	for _, word := range [...]string{"OTHER", "CLEAN", "MTA-BLOCKED", "OVERSIZED", "BAD-HEADER", "SPAMMY", "SPAM", "UNCHECKED", "BANNED", "INFECTED"} {
		if has(b, word) {
			return true
		}
	}
	return false
}

// amavisClient reads "[POLICY ][LOCAL ][CLIENT]:PORT [ORIGIN] <". An address alone and
// without a port may be either's.
func (e *entry) amavisClient(b []byte) {
	b = b[:min(len(b), 256)]
	if end := bytes.IndexByte(b, '<'); end >= 0 {
		b = b[:end]
	}
	open := bytes.IndexByte(b, '[')
	if open < 0 {
		return
	}
	local := contains(b[:open], "LOCAL ")
	host, after, ok := split(b[open+1:], "]")
	host, _ = cut(host, "IPv6:")
	if !ok || !isIP(host) {
		return
	}
	port, _ := digits(afterColon(after))
	if !has(after, ":") {
		port = nil
	}
	if port != nil || has(after, " [") || local {
		e.address(host)
		e.port(port)
	}
}
