package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// redis reads the log of Redis 2.8 to 7.4 and Valkey, "PID:ROLE 02 Jan 2006
// 15:04:05.000 LEVEL TEXT", in a file or, without that head, by syslog; written
// from 7.0: src/server.c (serverLogRaw, serverLogFromHandler), src/networking.c
// (securityWarningCommand, acceptCommonHandler), src/replication.c, src/module.c.
// A failed AUTH is not logged (ACL LOG keeps it).
func (e *entry) redis(c *clock, m []byte) bool {
	pid, rest := digits(m)
	if len(pid) == 0 || len(rest) < 27 || rest[0] != ':' {
		return e.redisText(m)
	}
	rest = rest[3:] // ":M "
	var t stamp
	after, ok := t.redisTime(rest)
	if !ok || len(after) < 4 || after[0] != ' ' || after[2] != ' ' {
		return false
	}
	unix, ok := c.unix(&t)
	if !ok {
		return false
	}
	if !e.redisText(after[3:]) {
		e.did(database, "db_message", unknown)
	}
	e.at(unix)
	if e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_PID) == nil {
		e.number(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	}
	return true
}

// redisTime reads "02 Jan 2006 15:04:05.000" and, of old, without the year.
func (t *stamp) redisTime(b []byte) ([]byte, bool) {
	if len(b) < 16 || b[2] != ' ' || b[6] != ' ' {
		return b, false
	}
	t.day, t.month = two(b), monthOf(b[3:])
	if t.day < 0 || t.month == 0 {
		return b, false
	}
	b = b[7:]
	if year := four(b); year > 0 && len(b) > 5 && b[4] == ' ' {
		t.year, b = year, b[5:]
	}
	return t.clockTime(b)
}

func (e *entry) redisText(text []byte) bool {
	if has(text, "Possible SECURITY ATTACK detected.") {
		e.did(network, "db_protocol_error", failure)
		if _, rest, ok := splitLast(text, "Connection from "); ok {
			e.hostPort(firstWord(rest))
		} else if _, rest, ok := splitLast(text, "Connection aborted from "); ok {
			e.hostPort(firstWord(rest))
		}
		return true
	}
	if rest, ok := cut(text, "Accepted "); ok && !has(rest, "connection to ") {
		start := e.mark()
		if e.did(network, "db_connection", unknown); e.hostPort(firstWord(rest)) {
			return true
		}
		e.undo(start)
	}
	if rest, ok := cut(text, "Client closed connection "); ok {
		e.did(network, "db_disconnect", unknown)
		e.redisClient(rest)
		return true
	}
	for _, line := range [...]string{"Closing client that reached max query buffer length: ", "Evicting client: "} {
		if rest, ok := cut(text, line); ok {
			e.did(network, "db_disconnect", unknown)
			e.redisClient(rest)
			return true
		}
	}
	if rest, ok := cut(text, "Client "); ok && contains(rest, " scheduled to be closed ASAP for overcoming of output buffer limits") {
		e.did(network, "db_disconnect", unknown)
		e.redisClient(rest)
		return true
	}
	if has(text, "MASTER MODE enabled") || (has(text, "REPLICAOF ") || has(text, "SLAVE OF ")) && contains(text, " enabled") {
		e.did(iam, "db_replication_changed", unknown)
		if _, rest, ok := split(text, "(user request from '"); ok {
			e.redisClient(rest)
		}
		return true
	}
	if rest, ok := cut(text, "Replica "); ok && contains(rest, " asks for synchronization") {
		e.did(network, "db_replica_connected", unknown)
		e.hostPort(firstWord(rest))
		return true
	}
	if rest, ok := cut(text, "Module '"); ok && contains(rest, "' loaded from ") {
		_, path, _ := split(rest, "' loaded from ")
		e.did(process, "db_module_loaded", success)
		e.add(eventv1.FieldId_FIELD_ID_FILE_PATH, path)
		return true
	}
	switch {
	case has(text, "Ready to accept connections"), has(text, "The server is now ready to accept connections"):
		e.did(process, "service_started", success)
	case has(text, "Redis is now ready to exit"), has(text, "User requested shutdown"), has(text, "Received SIGTERM"):
		e.did(process, "service_stopped", unknown)
	default:
		return false
	}
	return true
}

// redisClient reads "id=N addr=IP:PORT laddr=… name=NAME …": the name is the
// client's and comes after the address.
func (e *entry) redisClient(b []byte) {
	rest, ok := cut(b, "id=")
	if !ok {
		return
	}
	_, rest = token(rest)
	if rest, ok = cut(rest, "addr="); ok {
		e.hostPort(firstWord(rest))
	}
}
