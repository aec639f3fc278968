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
	if !ok && len(m) > 20 && m[3] == ' ' { // up to 2.4: "Mon Jan  2 15:04:05.000"
		rest, ok = t.bsdTime(m[4:])
	}
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return e.mongodbText(m)
	}
	unix, ok := c.unix(&t)
	rest = rest[1:]
	severity, component := byte(0), false
	if len(rest) > 2 && rest[1] == ' ' && bytes.IndexByte([]byte("DIWEF"), rest[0]) >= 0 {
		severity = rest[0]
		word, after := token(trimLeft(rest[2:])) // the component, padded
		rest, component = trimLeft(after), isMongoComponent(word)
	}
	context, text, found := split(rest[:min(len(rest), 80)], "] ")
	if _, bracket := cut(context, "["); !ok || !found || !bracket {
		return false
	}
	switch text = rest[len(rest[:min(len(rest), 80)])-len(text):]; {
	case e.mongodbText(trimLeft(text)):
	case !component:
		return false
	case severity == 'E' || severity == 'F':
		e.did(database, "db_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	default:
		e.did(database, "db_message", unknown)
	}
	e.at(unix)
	return true
}

// isMongoComponent knows the components of src/mongo/logger/log_component.cpp, in upper
// case or a dash.
func isMongoComponent(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return false
		}
	}
	return len(b) > 0 && len(b) < 12
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
	if has(text, "Unauthorized: ") {
		e.did(database, "db_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
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
