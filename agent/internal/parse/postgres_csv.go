package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// postgresCSV reads log_destination = csvlog: TIME,"USER","DATABASE",PID,"HOST:PORT",
// SESSION,LINE,"TAG",START,VXID,TXID,LEVEL,STATE,"MESSAGE",…; as in 15:
// src/backend/utils/error/csvlog.c (write_csvlog). Quotes in a value are doubled, so
// that none leaves its field.
func (e *entry) postgresCSV(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	if !ok {
		return false
	}
	if rest, ok = cut(t.postgresZone(rest), ","); !ok {
		return false
	}
	var columns [13][]byte // from the user to the message
	for i := range columns {
		if columns[i], rest, ok = csvField(rest); !ok {
			return false
		}
	}
	level, state, message := columns[10], columns[11], columns[12]
	unix, valid := c.unix(&t)
	if !valid || !isPostgresLevel(level) || len(state) != 5 {
		return false
	}
	e.postgresFields(columns[0], level, e.csvText(message))
	if e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil {
		e.hostPort(columns[3])
	}
	e.at(unix)
	return true
}

// postgresFields sets what a record of fields says.
func (e *entry) postgresFields(user, level, message []byte) {
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	if _, ok := e.postgresText(level, message); !ok {
		e.did(database, "db_message", unknown)
	}
	if e.out.Get(eventv1.FieldId_FIELD_ID_USER_NAME) == nil && string(user) != "[unknown]" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, e.csvText(user))
	}
}

// csvField reads one field, with its doubled quotes as they are.
func csvField(b []byte) (field, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		i := bytes.IndexByte(b, ',')
		if i < 0 {
			return b, nil, len(b) > 0
		}
		return b[:i], b[i+1:], true
	}
	for i := 1; ; i += 2 {
		n := bytes.IndexByte(b[min(i, len(b)):], '"')
		if n < 0 {
			return nil, b, false
		}
		if i += n; i+1 < len(b) && b[i+1] == '"' {
			continue
		}
		rest, ok = b[i+1:], true
		if len(rest) > 0 {
			rest, ok = cut(rest, ",")
		}
		return b[1:i], rest, ok
	}
}

// csvText undoes doubled quotes.
func (e *entry) csvText(b []byte) []byte {
	if bytes.IndexByte(b, '"') < 0 || len(b) > e.room {
		return b
	}
	start := len(e.scratch)
	for i := 0; i < len(b); i++ {
		e.scratch = append(e.scratch, b[i])
		if b[i] == '"' {
			i++
		}
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}

// postgresJSON reads log_destination = jsonlog, since 15: src/backend/utils/error/jsonlog.c
// (write_jsonlog).
func (e *entry) postgresJSON(c *clock) bool {
	pairs := e.jsonReader.scanner.pairs
	if len(pairs) < 6 || string(pairs[0].key) != "timestamp" {
		return false
	}
	var user, host, port, level, message []byte
	session := false
	for _, p := range pairs {
		switch string(p.key) {
		case "user":
			user = p.value
		case "remote_host":
			host = p.value
		case "remote_port":
			port = p.value
		case "session_id":
			session = true
		case "error_severity":
			level = p.value
		case "message":
			message = p.value
		}
	}
	if !session || !isPostgresLevel(level) {
		return false
	}
	e.postgresFields(user, level, message)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	if e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil && e.address(host) {
		e.port(port)
	}
	var t stamp
	if rest, ok := t.isoTime(pairs[0].value); ok {
		t.postgresZone(rest)
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	return true
}
