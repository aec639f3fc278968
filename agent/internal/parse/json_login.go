package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// jsonLogin reads a login that an application tells of in a JSON or logfmt line: the
// message says how it ended, keys of their own who and where from, which no
// stranger's text can leave. Logs of Authelia, Miniflux, Kasm, ntfy, SFTPGo
// and Gitea were looked at.
func (e *entry) jsonLogin(r *jsonReader) bool {
	var p loginPhrase
	if !p.read(r.slots[slotMessage].value) && !p.event(r) {
		return false
	}
	host, user := r.slots[slotRemote].value, r.slots[slotUser].value
	for _, pair := range r.scanner.pairs {
		if pair.kind != 's' || len(pair.value) == 0 {
			continue
		}
		switch key := lastKey(pair.key); {
		case len(host) == 0 && isHostKey(key):
			host = pair.value
		case len(user) == 0 && isUserKey(key):
			user = pair.value
		}
	}
	if len(host) == 0 {
		host = p.host
	}
	if len(user) == 0 {
		user = p.user
	}
	if isNobody(user) {
		user = nil
	}
	e.appLogin(p.outcome, firstAddress(host), user)
	if reason := r.slots[slotErrorMessage]; reason.kind == 's' {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason.value)
	}
	return true
}

// event reads a verdict that stands in a key instead of the message: one that names an
// event, since the same word under another key may be what somebody wrote.
func (p *loginPhrase) event(r *jsonReader) bool {
	for _, pair := range r.scanner.pairs {
		if pair.kind == 'b' && string(pair.key) == "authentication_failed" && string(pair.value) == "true" {
			p.outcome = failure
			return true
		}
		if pair.kind != 's' || !isEventKey(pair.key) {
			continue
		}
		switch string(pair.value) {
		case "connection_failed", "account.login.failed_invalid_user", "account.login.failed_invalid_password", "LOGIN_ERROR", "login_failed", "auth.login.failed", "user.login.failed":
			p.outcome = failure
			return true
		case "account.login.successful", "LOGIN", "auth.login.success", "user.login.success":
			p.outcome = success
			return true
		}
	}
	return false
}

// isEventKey knows the keys under which applications name what happened: SFTPGo's
// sender, Kasm's metric_name, Keycloak's type, and usual ones.
func isEventKey(key []byte) bool {
	switch string(key) {
	case "sender", "metric_name", "type", "event", "event_type", "event_name", "eventType", "event.type", "event.action":
		return true
	}
	return false
}

// lastKey is a key without those above it.
func lastKey(key []byte) []byte {
	if i := lastIndex(key, "."); i >= 0 {
		return key[i+1:]
	}
	return key
}

// isHostKey knows the keys of a client's address besides those of access logs.
func isHostKey(key []byte) bool {
	switch string(key) {
	case "ip", "ip_address", "ipAddress", "src_ip", "source_ip", "sourceIp", "sourceIP", "remoteAddr", "remote_addr", "remote", "remote_ip", "remoteIP",
		"clientIp", "clientIP", "client_ip", "peer", "visitor_ip", "request_ip", "remoteAddress", "remote_address", "from", "addr", "IP":
		return true
	}
	return false
}

// isUserKey knows the keys of the name that somebody logged in with.
func isUserKey(key []byte) bool {
	switch string(key) {
	case "user", "username", "user_name", "userName", "login", "email", "account", "uname", "userId", "User", "Username":
		return true
	}
	return false
}

// firstAddress is the first of a list of addresses, the client's by convention.
func firstAddress(b []byte) []byte {
	first, _, _ := split(b, ",")
	return first
}
