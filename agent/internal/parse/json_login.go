package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// jsonLogin reads a login that an application tells of in a JSON or logfmt line: the
// message says how it ended, keys of their own who and where from, which no
// stranger's text can leave. Logs of Authelia, Miniflux, Kasm, ntfy, SFTPGo
// and Gitea were looked at.
func (e *entry) jsonLogin(r *jsonReader) bool {
	message := r.slots[slotMessage].value
	if !mayTell(message) && !r.mayTell() {
		return false
	}
	var p loginPhrase
	if !p.read(message) && !p.event(r) {
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
	if len(host) > 0 {
		p.host, p.claimed = firstAddress(host), false
	}
	if len(user) > 0 {
		p.user = user
	}
	if isNobody(p.user) {
		p.user = nil
	}
	e.appLogin(&p)
	if reason := r.slots[slotErrorMessage]; reason.kind == 's' {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason.value)
	}
	return true
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
		"clientIp", "clientIP", "client_ip", "peer", "visitor_ip", "request_ip", "remoteAddress", "remote_address", "from", "addr", "IP", "clientAddress", "client_address", "sourceIPAddress", "source_address",
		"sourceAddress", "srcip", "src", "user_ip", "userIp", "actor_ip":
		return true
	}
	return false
}

// isUserKey knows the keys of the name that somebody logged in with.
func isUserKey(key []byte) bool {
	switch string(key) {
	case "user", "username", "user_name", "userName", "login", "email", "account", "uname", "userId", "User", "Username", "user_email", "userEmail", "loginName", "login_name", "loginId", "account_name",
		"principal", "attempted_username":
		return true
	}
	return false
}

// firstAddress is the first of a list of addresses, the client's by convention.
func firstAddress(b []byte) []byte {
	first, _, _ := split(b, ",")
	return first
}
