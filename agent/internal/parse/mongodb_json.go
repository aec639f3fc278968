package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// mongoLine is what is read of a JSON line.
type mongoLine struct {
	severity, msg, remote, name, reason []byte
	kind, result                        []byte // of an audit record
	ip, port, user                      []byte
	component                           bool
}

// mongodbJSON reads {"t":{"$date":…},"s":…,"c":…,"id":N,"ctx":…,"msg":…,"attr":{…}},
// and the records of the audit, {"atype":…,"ts":{"$date":…},…,"result":N}, as in the
// manual's pages on log messages and on system event audit messages. A client's text
// cannot leave its string.
func (e *entry) mongodbJSON(c *clock) bool {
	pairs := e.jsonReader.scanner.pairs
	if len(pairs) < 4 {
		return false
	}
	var l mongoLine
	when := pairs[0].value
	switch string(pairs[0].key) {
	case "t.$date":
		if l.read(pairs); !l.component || !e.mongodbMessage(&l) {
			return false
		}
	case "atype":
		if string(pairs[1].key) != "ts.$date" {
			return false
		}
		when = pairs[1].value
		l.read(pairs)
		e.mongodbAudit(&l)
	default:
		return false
	}
	var t stamp
	if _, ok := t.isoTime(when); ok {
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	return true
}

func (l *mongoLine) read(pairs []jsonPair) {
	for _, p := range pairs {
		switch string(p.key) {
		case "s":
			l.severity = p.value
		case "c":
			l.component = isMongoComponent(p.value)
		case "msg":
			l.msg = p.value
		case "attr.remote", "attr.client":
			if index(p.value, ".") > 0 || index(p.value, ":") > 0 {
				l.remote = p.value // or the name of a connection
			}
		case "attr.principalName", "attr.user", "attr.principal":
			l.name = p.value
		case "attr.error", "attr.result", "attr.error.errmsg":
			l.reason = p.value
		case "atype":
			l.kind = p.value
		case "result":
			l.result = p.value
		case "remote.ip":
			l.ip = p.value
		case "remote.port":
			l.port = p.value
		case "param.user":
			l.user = p.value
		}
	}
}

func (e *entry) mongodbMessage(l *mongoLine) bool {
	switch string(l.msg) {
	case "Authentication failed", "Failed to authenticate":
		e.did(authentication, "db_login", failure)
	case "Successful authentication", "Successfully authenticated", "Authentication succeeded":
		e.did(authentication, "db_login", success)
		l.reason = nil
	case "Connection accepted":
		e.did(network, "db_connection", unknown)
		l.reason = nil
	case "Connection ended":
		e.did(network, "db_disconnect", unknown)
		l.reason = nil
	case "Waiting for connections":
		e.did(process, "service_started", success)
		l.remote, l.name, l.reason = nil, nil, nil
	case "Checking authorization failed":
		e.did(database, "db_error", failure)
	case "Slow query":
		e.did(database, "db_statement", unknown)
		l.name = nil
	default:
		if string(l.severity) == "E" || string(l.severity) == "F" {
			e.did(database, "db_error", failure)
			l.reason = l.msg
		} else {
			e.did(database, "db_message", unknown)
			l.reason = nil
		}
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, l.msg)
	e.hostPort(l.remote)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, l.name)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, l.reason)
	return true
}

// mongodbAudit sets what a record of the audit says; a result of 0 is success.
func (e *entry) mongodbAudit(l *mongoLine) {
	outcome := unknown
	switch {
	case string(l.result) == "0":
		outcome = success
	case isNumber(l.result):
		outcome = failure
	}
	switch string(l.kind) {
	case "authenticate":
		e.did(authentication, "db_login", outcome)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, l.user)
	case "createUser", "dropUser", "updateUser", "dropAllUsersFromDatabase", "grantRolesToUser", "revokeRolesFromUser", "createRole", "dropRole", "updateRole":
		e.did(iam, "db_account_changed", outcome)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, l.user)
	default:
		e.did(database, "db_statement", outcome)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, l.kind)
	if e.address(l.ip) {
		e.port(l.port)
	}
}
