package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// mysqlGeneral reads an entry of the general log behind its time, "\tTHREAD COMMAND\tTEXT";
// as in MariaDB 10.11: sql/log.cc (MYSQL_QUERY_LOG::write), sql/sql_acl.cc
// (acl_authenticate). Connect is written before it is known whether the password is
// right; where it is not, another one says so.
func (e *entry) mysqlGeneral(b []byte) bool {
	rest := trimSpace(b)
	thread, rest := digits(rest)
	if rest = trimSpace(rest); len(thread) == 0 || !isSpace(b[0]) {
		return false
	}
	command, _, ok := split(rest[:min(len(rest), 64)], "\t")
	if _, connect := cut(rest, "Connect  "); !ok && connect { // its tabs became spaces
		command, ok = rest[:len("Connect")], true
	}
	if !ok {
		return false
	}
	text := trimSpace(rest[len(command):])
	switch string(command) {
	case "Connect":
		if rest, ok := cut(text, "Access denied for user '"); ok && e.mysqlDenied(rest) {
			return true
		}
		return e.mysqlConnect(text)
	case "Quit":
		e.did(network, "db_disconnect", unknown)
	case "Query", "Execute", "Prepare", "Init DB", "Change user", "Field List", "Close stmt", "Reset stmt", "Fetch", "Statistics", "Ping", "Binlog Dump",
		"Binlog Dump GTID", "Create DB", "Drop DB", "Refresh", "Shutdown", "Processlist", "Kill", "Debug", "Long Data", "Set option", "Bulk_execute":
		e.did(database, "db_statement", unknown)
	default:
		return false
	}
	return true
}

// mysqlConnect reads "NAME@HOST on DATABASE[ using TRANSPORT]". The name and the database
// are the client's: it counts where neither imitates what lies between them.
func (e *entry) mysqlConnect(text []byte) bool {
	name, rest, ok := splitOnly(text, "@")
	host, _, found := splitOnly(rest, " on ")
	if !ok || !found {
		if ok = contains(text, "@") && contains(text, " on "); ok {
			e.did(network, "db_connection", unknown)
		}
		return ok
	}
	e.did(network, "db_connection", unknown)
	e.address(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// mysqlAudit reads server_audit, in a file "20060102 15:04:05," and then, as by syslog,
// "SERVER,USER,HOST,CONNECTION,QUERY,OPERATION,DATABASE,OBJECT,CODE"; as in MariaDB 10.11:
// plugin/server_audit/server_audit.c (log_header, log_connection, log_statement_ex).
// The user and the database of a connection are the client's and not escaped, its object is
// empty, and a statement's is quoted.
func (e *entry) mysqlAudit(c *clock, m []byte) bool {
	var t stamp
	rest, unix, timed := m, int64(0), false
	if len(m) > 18 && isDigits(m[:8]) && m[8] == ' ' && m[17] == ',' {
		t.year, t.month, t.day = four(m), two(m[4:]), two(m[6:])
		after, ok := t.clockTime(m[9:])
		rest, _ = cut(after, ",")
		if unix, timed = c.unix(&t); !ok || !timed {
			return false
		}
	}
	head, code, ok := splitLast(rest, ",")
	if !ok || !isNumber(code) || len(code) > 6 {
		return false
	}
	var columns [8][]byte
	n := 0
	for n < len(columns) {
		i := bytes.IndexByte(head, ',')
		if i < 0 || n == len(columns)-1 {
			columns[n] = head
			n++
			break
		}
		columns[n], head = head[:i], head[i+1:]
		n++
	}
	if n < len(columns) || !consists(columns[0], inHost) {
		return false
	}
	if !e.mysqlAudited(columns[1], columns[2], columns[5], columns[7], string(code) == "0", isDigits(columns[3]) && isDigits(columns[4])) {
		return false
	}
	if timed {
		e.at(unix)
	}
	return true
}

// mysqlAudited sets what an entry says: sure is whether the numbers stand where they
// have to.
func (e *entry) mysqlAudited(user, host, operation, object []byte, good, sure bool) bool {
	outcome := failure
	if good {
		outcome = success
	}
	last := len(object) > 0 && object[len(object)-1] == ','
	switch {
	case len(object) > 0 && !last: // a statement
		if !sure {
			return false
		}
		e.did(database, "db_statement", outcome)
	case !sure || last: // a comma in a name: which is the operation?
		e.did(database, "db_message", unknown)
		return true
	case string(operation) == "FAILED_CONNECT":
		e.did(authentication, "db_login", failure)
	case string(operation) == "CONNECT":
		e.did(authentication, "db_login", outcome)
	case string(operation) == "DISCONNECT":
		e.did(network, "db_disconnect", unknown)
	default:
		return false
	}
	e.address(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	return true
}

// mysqlJSON reads the error log of MySQL 8's component log_sink_json,
// {"prio":N,"err_code":N,…,"msg":"TEXT","time":…,"label":"Note"}, as in the reference
// manual 8.0, 7.4.2.7.
func (e *entry) mysqlJSON(c *clock) bool {
	pairs := e.jsonReader.scanner.pairs
	if len(pairs) < 5 || string(pairs[0].key) != "prio" && string(pairs[0].key) != "log_type" {
		return false
	}
	var msg, when, label []byte
	coded := false
	for _, p := range pairs {
		switch string(p.key) {
		case "msg":
			msg = p.value
		case "time":
			when = p.value
		case "label":
			label = p.value
		case "err_code":
			coded = true
		}
	}
	if !coded || len(label) == 0 {
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, label)
	switch {
	case e.mysqlText(msg):
	case string(label) == "Error":
		e.did(database, "db_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, msg)
	default:
		e.did(database, "db_message", unknown)
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, msg)
	var t stamp
	if _, ok := t.isoTime(when); ok {
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	return true
}
