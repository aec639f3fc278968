package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// mysql reads the error log, as text and JSON, and the general log of MySQL 5.1 to 9.x
// and MariaDB 5.5 to 11.x and MariaDB's server_audit, in a file or by syslog; written
// from MariaDB 10.11:
// sql/share/errmsg-utf8.txt (ER_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR,
// ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_NEW_ABORTING_CONNECTION, …), sql/log.cc
// (print_buffer_to_file), sql/hostname.cc, sql/mysqld.cc; and MySQL 8.0's
// reference manual, 7.4.2 (the log's formats).
func (e *entry) mysql(c *clock, m []byte) bool {
	if has(m, "{") {
		return e.jsonReader.read(m) && e.mysqlJSON(c)
	}
	if e.mysqlAudit(c, m) {
		return true
	}
	unix, text, timed := c.mysqlTime(m)
	if !timed {
		text = m
	}
	if e.mysqlGeneral(text) {
		if timed {
			e.at(unix)
		}
		return true
	}
	level, text, headed := e.mysqlHead(text)
	switch {
	case e.mysqlText(text):
		if timed && !headed {
			return false
		}
	case string(level) == "ERROR":
		e.did(database, "db_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	case headed, timed && m[6] == ' ' && (has(trimLeft(text), "InnoDB: ") || has(trimLeft(text), "mysqld_safe ") || has(trimLeft(text), "mysqld ")):
		e.did(database, "db_message", unknown)
	default:
		return false
	}
	if timed {
		e.at(unix)
	}
	return true
}

// mysqlTime reads "2006-01-02T15:04:05.999999Z", "2006-01-02  3:04:05" with an hour
// of one digit, and the "060102  3:04:05" of old.
func (c *clock) mysqlTime(b []byte) (int64, []byte, bool) {
	var t stamp
	rest, ok := t.isoTime(b)
	if !ok {
		if rest, ok = t.mysqlTime(b); !ok {
			return 0, b, false
		}
	}
	if len(rest) == 0 || !isSpace(rest[0]) {
		return 0, b, false
	}
	unix, ok := c.unix(&t)
	return unix, rest, ok
}

func (t *stamp) mysqlTime(b []byte) ([]byte, bool) {
	*t = stamp{}
	if len(b) < 15 {
		return b, false
	}
	switch {
	case b[4] == '-' && b[7] == '-' && b[10] == ' ':
		t.year, t.month, t.day = four(b), two(b[5:]), two(b[8:])
		b = b[11:]
	case b[6] == ' ':
		t.year, t.month, t.day = two(b), two(b[2:]), two(b[4:])
		if t.year >= 0 {
			t.year += 2000
		}
		b = b[7:]
	default:
		return b, false
	}
	if t.year <= 0 || len(b) < 8 {
		return b, false
	}
	if b[0] == ' ' && b[2] == ':' && isDigit(b[1]) {
		t.hour, t.minute, t.second = int(b[1]-'0'), two(b[3:]), two(b[6:])
		return b[8:], b[5] == ':' && t.minute >= 0 && t.second >= 0
	}
	return t.clockTime(b)
}

// mysqlHead reads "THREAD [LEVEL] [CODE] [SUBSYSTEM] ".
func (e *entry) mysqlHead(b []byte) (level, text []byte, ok bool) {
	_, rest := digits(trimSpace(b))
	rest = trimSpace(rest)
	level, after, ok := split(rest[:min(len(rest), 40)], "] ")
	level, bracket := cut(level, "[")
	if !ok || !bracket {
		return nil, b, false
	}
	switch string(level) {
	case "Note", "Warning", "Warn", "ERROR", "Error", "System":
	default:
		return nil, b, false
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	rest = rest[len(rest[:min(len(rest), 40)])-len(after):]
	if code, ok := cut(rest, "[MY-"); ok {
		number, after, ok := split(code[:min(len(code), 20)], "] ")
		if !ok || !isDigits(number) {
			return level, rest, true
		}
		e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, rest[1:4+len(number)])
		rest = code[len(code[:min(len(code), 20)])-len(after):]
		if subsystem, ok := cut(rest, "["); ok {
			if _, after, ok := split(subsystem[:min(len(subsystem), 40)], "] "); ok {
				rest = subsystem[len(subsystem[:min(len(subsystem), 40)])-len(after):]
			}
		}
	}
	return level, rest, true
}

func isDigits(b []byte) bool {
	number, rest := digits(b)
	return len(number) > 0 && len(rest) == 0
}

// trimSpace drops leading spaces and tabs.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

func (e *entry) mysqlText(text []byte) bool {
	if rest, ok := cut(text, "Access denied for user '"); ok {
		return e.mysqlDenied(rest)
	}
	if rest, ok := cut(text, "Access denied trying to change to user '"); ok {
		rest, _ = cutEnd(rest, ". Disconnecting")
		return e.mysqlDenied(rest)
	}
	if has(text, "Aborted connection ") {
		return e.mysqlAborted(text)
	}
	if rest, ok := cut(text, "IP address '"); ok {
		ip, rest, ok := split(rest, "' ")
		if !ok || !isIP(ip) || !has(rest, "could not be resolved") && !has(rest, "has been resolved to the host name") {
			return false
		}
		e.did(network, "db_reverse_mapping", unknown)
		e.address(ip)
		return true
	}
	if rest, ok := cut(text, "Host '"); ok {
		host, rest, ok := split(rest, "' is ")
		if !ok || !has(rest, "blocked because of ") && !has(rest, "not allowed to connect") {
			return false
		}
		e.did(network, "db_connection_refused", failure)
		e.address(host)
		return true
	}
	switch {
	case contains(text[:min(len(text), 200)], ": ready for connections"):
		e.did(process, "service_started", success)
	case has(text, "Too many connections"):
		e.did(network, "db_connection_refused", failure)
		e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "Too many connections")
	case has(text, "Received SHUTDOWN from user "), contains(text[:min(len(text), 200)], ": Normal shutdown"), contains(text[:min(len(text), 200)], ": Shutdown complete"):
		e.did(process, "service_stopped", unknown)
	default:
		return false
	}
	return true
}

// mysqlDenied reads "NAME'@'HOST' (using password: YES|NO)", "NAME'@'HOST' to
// database 'NAME'", "NAME'@'HOST'" and "NAME'@'HOST'. Account is locked.". The name
// and the database are the client's: with a database at the end, the host counts
// where one alone stands.
func (e *entry) mysqlDenied(b []byte) bool {
	head, ok := cutEnd(b, " (using password: YES)")
	if !ok {
		head, ok = cutEnd(b, " (using password: NO)")
	}
	if !ok {
		head, ok = cutEnd(b, ". Account is locked.")
	}
	sure := ok
	if !ok {
		if head, _, ok = splitLast(b, " to database '"); !ok {
			head = b
		}
	}
	name, host, found := splitLast(head, "'@'")
	host, closed := cutEnd(host, "'")
	if !found || !closed || !isIP(host) && !isHost(host) {
		return false
	}
	e.did(authentication, "db_login", failure)
	if !sure && contains(name, "'@'") {
		return true
	}
	e.address(host)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// mysqlAborted reads "Aborted connection N to db: 'D' user: 'U' host: 'H'[ real ip: 'IP'] (WHY)".
func (e *entry) mysqlAborted(text []byte) bool {
	head, rest, ok := splitLast(text, " host: '")
	if !ok {
		return false
	}
	host, reason, ok := split(rest, "' ")
	if !ok {
		return false
	}
	if ip, found := cut(reason, "real ip: '"); found {
		if host, reason, ok = split(ip, "' "); !ok {
			return false
		}
	}
	if reason, ok = cut(reason, "("); !ok {
		return false
	}
	e.did(network, "db_disconnect", unknown)
	reason, _ = cutEnd(reason, ".")
	if reason, ok := cutEnd(reason, ")"); ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	}
	if contains(head, " host: '") {
		return true
	}
	e.address(host)
	if _, name, ok := splitOnly(head, " user: '"); ok {
		if name, ok = cutEnd(name, "'"); ok && string(name) != "unauthenticated" {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	}
	return true
}
