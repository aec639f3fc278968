package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// cockpit reads what Cockpit says of clients and sessions; its PAM lines tell of passwords.
// Checked in Debian's source of 337: src/ws/cockpitauth.c, cockpithandlers.c and
// cockpitwebservice.c, src/session/session.c and client-certificate.c,
// src/tls/client-certificate.c.
func (e *entry) cockpit(m []byte) bool {
	for _, name := range [...]string{"cockpit-session: ", "cockpit-tls: "} { // err(3) writes it
		m, _ = cut(m, name)
	}
	return e.cockpitSession(m) || e.cockpitRefused(m) || e.cockpitAccount(m)
}

// cockpitSession reads the life of a session, which has a number. The account exists and
// its name has no blanks.
func (e *entry) cockpitSession(m []byte) bool {
	if rest, ok := cut(m, "User "); ok {
		name, id, ok := splitOnly(rest, " logged into session ")
		if !ok || !isNumber(id) || contains(name, " ") {
			return false
		}
		e.webLogin(success, nil, name)
		return true
	}
	if rest, ok := cut(m, "New connection to session "); ok {
		id, host := token(rest)
		host, from := cut(host, "from ")
		if !isNumber(id) || len(host) > 0 && !from {
			return false
		}
		e.did(session, "web_session_opened", success)
		e.address(host)
		return true
	}
	if rest, ok := cut(m, "Connection "); ok {
		rest, ok = cutEnd(rest, " closed")
		head, id, found := splitLast(rest, "to session ")
		host, from := cut(head, "from ")
		if host = trimRight(host); !ok || !found || !isNumber(id) || len(head) > 0 && !from || contains(host, " ") {
			return false
		}
		e.did(session, "web_session_closed", unknown)
		e.address(host)
		return true
	}
	if id, ok := cut(m, "Logging out session "); ok && isNumber(id) {
		e.did(session, "web_logout", unknown)
		return true
	}
	return false
}

// cockpitRefused reads why a client was turned away before it had a name.
func (e *entry) cockpitRefused(m []byte) bool {
	switch string(m) {
	case "invalid csrf token", "invalid external channel query":
		e.did(web, "http_access_denied", failure)
		return true
	case "received invalid Authorize header, must be ASCII", "received invalid 'Authorization: tls-cert' header":
		e.did(web, "http_bad_request", failure)
		return true
	case "No matching user for certificate", "tls-cert authentication token is invalid", "No https instance certificate present",
		"This client certificate is only meant to be used from another cgroup":
		e.did(authentication, "web_login", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, m)
		return true
	}
	if count, ok := cut(m, "Request dropped; too many startup connections: "); ok && isNumber(count) {
		e.did(web, "http_rate_limited", failure)
		return true
	}
	for _, head := range [...]string{"Invalid TLS peer certificate: ", "Verifying TLS peer failed: ", "Failed to map certificate to user: "} {
		if reason, ok := cut(m, head); ok {
			e.did(authentication, "web_login", failure)
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
			return true
		}
	}
	if name, ok := cutEnd(m, ": authentication timed out"); ok && !contains(name[:min(len(name), 256)], " ") {
		e.did(authentication, "web_login_incomplete", unknown) // of a host or a program, not of a user
		return true
	}
	if name, ok := cutEnd(m, ": session timed out during authentication"); ok && !contains(name[:min(len(name), 256)], " ") {
		e.did(authentication, "web_login_incomplete", unknown)
		return true
	}
	return false
}

// cockpitAccount reads why a user whose password was right gets no session: "HEAD: NAME:
// REASON", in which the name has no blanks.
func (e *entry) cockpitAccount(m []byte) bool {
	if rest, ok := cut(m, "user account access failed: "); ok {
		code, rest := token(rest)
		return isDigits(code) && e.cockpitWhy("web_login", failure, rest)
	}
	if rest, ok := cut(m, "user account or password has expired: "); ok {
		return e.cockpitWhy("web_login_incomplete", unknown, rest) // it may be changed
	}
	for _, head := range [...]string{
		"couldn't load user info for: ", "unable to change expired account or password: ", "establishing credentials failed: ",
		"couldn't open session: ", "reinitializing credentials failed: ",
	} {
		if rest, ok := cut(m, head); ok {
			return e.cockpitWhy("web_login", failure, rest)
		}
	}
	if name, ok := cutEnd(m, " has no shell"); ok {
		if name, ok = cut(name, "user "); ok && !contains(name, " ") {
			e.webLogin(failure, nil, name)
			e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "no shell")
			return true
		}
	}
	return false
}

func (e *entry) cockpitWhy(action, outcome string, b []byte) bool {
	name, reason, ok := split(b, ": ")
	if !ok || len(name) == 0 || contains(name, " ") {
		return false
	}
	e.did(authentication, action, outcome)
	e.user(name)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}
