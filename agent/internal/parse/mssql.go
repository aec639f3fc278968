package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// mssql reads Microsoft SQL Server's error log, "2006-01-02 15:04:05.00
// Logon       TEXT", its logins as in the reference of error 18456, 18453 and 18454.
// Names are the client's, the end "[CLIENT: IP]" is the server's.
func (e *entry) mssql(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	source, text := token(trimLeft(rest))
	padded := has(text, " ") // to the column where the text begins
	switch text = trimLeft(text); {
	case string(source) == "Logon" && e.mssqlText(text):
	case !padded, string(source) != "Logon" && string(source) != "Server" && string(source) != "Backup" && !has(source, "spid"):
		return false
	case string(source) != "Logon" && has(text, "Error: ") && contains(text, ", Severity: "):
		e.did(database, "db_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	default:
		e.did(database, "db_message", unknown)
	}
	e.at(unix)
	return true
}

func (e *entry) mssqlText(text []byte) bool {
	head, client, ok := splitLast(text, " [CLIENT: ")
	client, closed := cutEnd(client, "]")
	if !ok || !closed {
		return false
	}
	if rest, ok := cut(head, "Login failed for user '"); ok {
		e.did(authentication, "db_login", failure)
		e.address(client)
		if name, reason, ok := splitOnly(rest, "'. Reason: "); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		} else if name, ok := cutEnd(rest, "'."); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	if rest, ok := cut(head, "Login succeeded for user '"); ok {
		e.did(authentication, "db_login", success)
		e.address(client)
		if name, _, ok := splitOnly(rest, "'. Connection"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	return false
}
