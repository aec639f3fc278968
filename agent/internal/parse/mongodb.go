package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// mongodb reads mongod's and mongos's logs, 2.4 to 8.0: lines of text up to 4.2
// ("TIME [S COMPONENT] [CONTEXT] TEXT"), JSON since 4.4. As in
// src/mongo/db/auth/sasl_commands.cpp, authentication_commands.cpp and
// authentication_session.cpp, src/mongo/transport/service_entry_point_impl.cpp and
// session_manager_common.cpp of the branches v2.6, v3.4, v4.4 and v7.0, and the
// manual's page on log messages.
func (e *entry) mongodb(c *clock, m []byte) bool {
	if has(m, "{") {
		return e.jsonReader.read(m) && e.mongodbJSON(c)
	}
	var t stamp
	rest, ok := t.isoTime(m)
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return e.mongodbText(m)
	}
	unix, ok := c.unix(&t)
	rest = rest[1:]
	if len(rest) > 2 && rest[1] == ' ' && bytes.IndexByte([]byte("DIWEF"), rest[0]) >= 0 {
		_, rest = token(trimLeft(rest[2:])) // the component, padded
		rest = trimLeft(rest)
	}
	context, text, found := split(rest, "] ")
	if _, bracket := cut(context, "["); !ok || !found || !bracket || len(context) > 64 || !e.mongodbText(trimLeft(text)) {
		return false
	}
	e.at(unix)
	return true
}

// mongodbText reads the text of a line up to 4.2. A name of the client's choice
// stands before " on " and " from client ", and in the reason after them.
func (e *entry) mongodbText(text []byte) bool {
	if rest, ok := cut(text, "connection accepted from "); ok {
		e.did(network, "db_connection", unknown)
		e.hostPort(firstWord(rest))
		return true
	}
	if rest, ok := cut(text, "end connection "); ok {
		e.did(network, "db_disconnect", unknown)
		e.hostPort(firstWord(rest))
		return true
	}
	if rest, ok := cut(text, "Failed to authenticate "); ok {
		e.did(authentication, "db_login", failure)
		if who, _, ok := splitOnly(rest, " with mechanism "); ok {
			name, _, _ := splitLast(who, "@")
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	if has(text, "SASL ") || has(text, "MONGODB-") || has(text, "SCRAM-") {
		_, rest, ok := split(text, " authentication failed for ")
		if !ok {
			return false
		}
		e.did(authentication, "db_login", failure)
		e.mongodbWho(rest)
		return true
	}
	if rest, ok := cut(text, "Successfully authenticated as principal "); ok {
		e.did(authentication, "db_login", success)
		e.mongodbWho(rest)
		return true
	}
	if has(text, "waiting for connections on port") || has(text, "Waiting for connections") {
		e.did(process, "service_started", success)
		return true
	}
	return false
}

// mongodbWho reads "NAME on DB[ from client IP:PORT[ ; REASON]]".
func (e *entry) mongodbWho(b []byte) {
	who, client, ok := splitOnly(b, " from client ")
	if ok {
		e.hostPort(firstWord(client))
	} else if contains(b, " from client ") {
		return
	}
	if name, _, ok := splitOnly(who, " on "); ok {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}

func firstWord(b []byte) []byte {
	word, _ := token(b)
	return word
}

// hostPort sets "HOST:PORT", with an IPv6 address in brackets or bare.
func (e *entry) hostPort(b []byte) bool {
	if host, port, ok := splitLast(b, ":"); ok && isPort(port) && e.address(host) {
		e.port(port)
		return true
	}
	return e.address(b)
}

// mongodbJSON reads {"t":{"$date":…},"s":…,"c":…,"id":N,"ctx":…,"msg":…,"attr":{…}},
// in which a client's text cannot leave its string.
func (e *entry) mongodbJSON(c *clock) bool {
	r := &e.jsonReader
	if len(r.scanner.pairs) < 4 || string(r.scanner.pairs[0].key) != "t.$date" {
		return false
	}
	var msg, remote, name, reason []byte
	for _, p := range r.scanner.pairs {
		switch string(p.key) {
		case "msg":
			msg = p.value
		case "attr.remote", "attr.client":
			remote = p.value
		case "attr.principalName", "attr.user", "attr.principal":
			name = p.value
		case "attr.error", "attr.result":
			reason = p.value
		}
	}
	switch string(msg) {
	case "Authentication failed", "Failed to authenticate":
		e.did(authentication, "db_login", failure)
	case "Successful authentication", "Successfully authenticated", "Authentication succeeded":
		e.did(authentication, "db_login", success)
		reason = nil
	case "Connection accepted":
		e.did(network, "db_connection", unknown)
		reason = nil
	case "Connection ended":
		e.did(network, "db_disconnect", unknown)
		reason = nil
	case "Waiting for connections":
		e.did(process, "service_started", success)
		remote, name, reason = nil, nil, nil
	default:
		return false
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, msg)
	e.hostPort(remote)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	var t stamp
	if _, ok := t.isoTime(r.scanner.pairs[0].value); ok {
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	return true
}
