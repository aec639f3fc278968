package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// asterisk reads Asterisk's messages about registrations, calls and logins, 1.8 to
// 22, in a file ("[2006-01-02 15:04:05] LEVEL[THREAD][CALL] FILE: TEXT") or by
// syslog; as in 20: channels/chan_sip.c, res/res_pjsip/pjsip_distributor.c,
// res/res_pjsip_session.c, channels/chan_iax2.c, main/manager.c, main/logger.c,
// main/security_events.c (the order of a SecurityEvent's fields).
func (e *entry) asterisk(c *clock, m []byte) bool {
	rest, bracket := cut(m, "[")
	if !bracket {
		return e.asteriskHead(m)
	}
	var t stamp
	after, ok := t.isoTime(rest)
	if !ok {
		t = stamp{}
		after, ok = t.bsdTime(rest)
	}
	unix, valid := c.unix(&t)
	after, closed := cut(after, "] ")
	if !ok || !valid || !closed || !e.asteriskHead(after) {
		return false
	}
	e.at(unix)
	return true
}

// asteriskHead reads "LEVEL[THREAD][CALL] FILE[:LINE FUNCTION]: TEXT".
func (e *entry) asteriskHead(m []byte) bool {
	level, rest, ok := split(m[:min(len(m), 16)], "[")
	level = trimRight(level)
	switch string(level) {
	case "NOTICE", "WARNING", "ERROR", "SECURITY", "VERBOSE":
	default:
		return false
	}
	rest = m[len(m[:min(len(m), 16)])-len(rest):]
	_, rest, found := split(rest, "]")
	if call, after, ok := split(rest, "]"); ok && has(call, "[C-") {
		rest = after
	}
	if !ok || !found {
		return false
	}
	rest, _ = cut(rest, ":")
	file, text, ok := split(trimLeft(rest), ": ")
	if !ok || len(file) > 120 {
		return false
	}
	text = trimLeft(text)
	start := e.mark()
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	if e.asteriskSecurity(text) || e.asteriskFailed(text) || e.asteriskCall(text) || e.asteriskLogin(text) || e.asteriskOther(text) {
		return true
	}
	e.undo(start)
	return false
}

// asteriskSecurity reads `SecurityEvent="E",EventTV="…",…,Service="S",…,AccountID="A",
// SessionID="I",LocalAddress="…",RemoteAddress="IPV4/UDP/IP/PORT"[,…]`. Values are
// not escaped; where fields with the client's text follow, an address counts only
// if it is the only one.
func (e *entry) asteriskSecurity(text []byte) bool {
	rest, ok := cut(text, `SecurityEvent="`)
	if !ok {
		return false
	}
	kind, rest, _ := split(rest, `"`)
	tailSafe := false
	switch string(kind) {
	case "SuccessfulAuth":
		e.did(authentication, "sip_security", success)
		tailSafe = true
	case "InvalidAccountID", "FailedACL", "UnexpectedAddress":
		e.did(authentication, "sip_security", failure)
		tailSafe = true
	case "InvalidPassword", "ChallengeResponseFailed", "InvalidTransport", "AuthMethodNotAllowed":
		e.did(authentication, "sip_security", failure)
	case "ChallengeSent":
		e.did(authentication, "sip_security", unknown)
	case "RequestNotAllowed", "RequestNotSupported", "RequestBadFormat", "SessionLimit", "LoadAverageLimit", "MemoryLimit":
		e.did(network, "sip_rejected", failure)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, kind)
	head, remote, ok := splitLast(rest, `,RemoteAddress="`)
	if ok && (tailSafe || !contains(head, `,RemoteAddress="`)) {
		remote, _, _ = split(remote, `"`)
		if _, remote, ok = split(remote, "/"); ok {
			if _, remote, ok = split(remote, "/"); ok {
				host, port, _ := split(remote, "/")
				e.address(host)
				e.port(port)
			}
		}
	}
	if _, name, ok := split(rest, `,AccountID="`); ok {
		if name, _, ok = splitOnly(name, `",SessionID="`); ok && string(name) != "<unknown>" {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	}
	return true
}

// asteriskFailed reads "Registration from 'X' failed for 'IP[:PORT]' - WHY" and
// "Request ['METHOD' ]from 'X' failed for 'IP:PORT' (callid: C) - WHY". X and C are
// the client's.
func (e *entry) asteriskFailed(text []byte) bool {
	if !has(text, "Registration from '") && !has(text, "Request ") {
		return false
	}
	var client, name []byte
	count := 0
	for rest := text; count < 2; {
		_, after, ok := split(rest, "' failed for '")
		if !ok {
			break
		}
		rest = after
		peer, tail, ok := split(rest, "'")
		if ok && len(peer) < 64 && (has(tail, " - ") || has(tail, " (callid: ")) {
			if count++; count == 1 {
				client, name = peer, text[:len(text)-len(after)-len("' failed for '")]
			}
		}
	}
	if count == 0 {
		return false
	}
	e.did(authentication, "sip_login", failure)
	if count > 1 {
		return true
	}
	e.hostPort(client)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, sipUser(name))
	if _, reason, ok := splitLast(text, " - "); ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	}
	return true
}

// sipUser takes the user of the only "sip:USER@HOST" in a From header.
func sipUser(b []byte) []byte {
	_, uri, ok := splitOnly(b, "sip:")
	if !ok {
		return nil
	}
	user, _, ok := split(uri, "@")
	if !ok || bytes.IndexByte(user, ' ') >= 0 {
		return nil
	}
	return user
}

// asteriskCall reads "[ENDPOINT: ]Call from 'X' ([UDP:]IP:PORT) to extension 'E'
// rejected because …", and the shorter "Call (UDP:IP:PORT) to extension …".
func (e *entry) asteriskCall(text []byte) bool {
	if !contains(text[:min(len(text), 80)], "Call ") || !contains(text, " to extension '") {
		return false
	}
	var client []byte
	count := 0
	for rest := text; count < 2; {
		_, after, ok := split(rest, "(")
		if !ok {
			break
		}
		rest = after
		peer, tail, ok := split(rest[:min(len(rest), 80)], ")")
		if ok && has(rest[len(rest[:min(len(rest), 80)])-len(tail):], " to extension '") {
			for _, transport := range [...]string{"UDP:", "TCP:", "TLS:", "WS:", "WSS:"} {
				peer, _ = cut(peer, transport)
			}
			if count++; count == 1 {
				client = peer
			}
		}
	}
	if count == 0 || !contains(text, " rejected because ") {
		return false
	}
	e.did(network, "sip_rejected", failure)
	if count == 1 {
		e.hostPort(client)
	}
	if _, reason, ok := splitLast(text, " rejected because "); ok && count == 1 {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	}
	return true
}

// asteriskLogin reads the manager's and IAX's words: the address first, then the
// name.
func (e *entry) asteriskLogin(text []byte) bool {
	rest, _ := cut(text, "Host ")
	host, rest := token(rest)
	if isIP(host) {
		for _, words := range [...]string{
			"failed to authenticate as ", "failed MD5 authentication for ", "tried to authenticate with nonexistent user ",
			"failed to pass IP ACL as ", "failed ACL for ",
		} {
			if name, ok := cut(rest, words); ok {
				e.did(authentication, "sip_login", failure)
				e.address(host)
				if inside, ok := cut(name, "'"); ok {
					name, _, _ = splitLast(inside, "'")
				}
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
				return true
			}
		}
	}
	if rest, ok := cut(text, "Connect attempt from '"); ok {
		host, rest, ok := split(rest, "' ")
		if !ok || !has(rest, "unable to authenticate") {
			return false
		}
		e.did(authentication, "sip_login", failure)
		return e.address(host)
	}
	for _, mark := range [...]string{"== ", "-- "} {
		text, _ = cut(text, mark) // of a verbose message
	}
	if rest, ok := cut(text, "Registered SIP '"); ok {
		// What it is registered at is the client's to choose.
		if name, _, ok := splitLast(rest, "' at "); ok {
			e.did(authentication, "sip_login", success)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			return true
		}
	}
	rest, ok := cut(text, "Manager '")
	name, host, found := splitLast(rest, "' logged on from ")
	if !ok || !found {
		return false
	}
	e.did(authentication, "sip_login", success)
	e.hostPort(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

func (e *entry) asteriskOther(text []byte) bool {
	if _, rest, ok := splitLast(text, "Rejecting unknown SIP connection from "); ok {
		e.did(network, "sip_rejected", failure)
		rest, _ = cutEnd(rest, `"`)
		e.hostPort(rest)
		return true
	}
	if has(text, "No registration for peer '") {
		_, host, _ := splitLast(text, "' (from ")
		host, ok := cutEnd(host, ")")
		if !ok {
			return false
		}
		e.did(authentication, "sip_login", failure)
		e.hostPort(host)
		return true
	}
	if has(text, "Failed to authenticate ") || has(text, "Sending fake auth rejection for ") {
		e.did(authentication, "sip_login", failure)
		return true
	}
	if rest, ok := cut(text, "hacking attempt detected '"); ok {
		host, _, _ := split(rest, "'")
		e.did(network, "sip_rejected", failure)
		e.hostPort(host)
		return true
	}
	if has(text, "Asterisk Ready") {
		e.did(process, "service_started", success)
		return true
	}
	return false
}
