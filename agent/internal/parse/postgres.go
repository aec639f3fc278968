package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// postgres reads PostgreSQL's log, 9.4 to 18, in a file or by syslog, with any
// log_line_prefix, in English; written from 15: src/backend/libpq/auth.c
// (auth_failed, ClientAuthentication), src/backend/utils/init/postinit.c and
// miscinit.c, src/backend/postmaster/postmaster.c, src/backend/tcop/postgres.c,
// src/backend/utils/error/elog.c (log_line_prefix, send_message_to_server_log).
func (e *entry) postgres(c *clock, m []byte) bool {
	if has(m, "{") {
		return e.jsonReader.read(m) && e.postgresJSON(c)
	}
	if e.postgresCSV(c, m) {
		return true
	}
	head, level, text, ok := postgresLevel(m, 0)
	if !ok {
		return false
	}
	start := e.mark()
	if _, _, _, more := postgresLevel(m, len(head)+len(level)+3); more {
		// A name in the prefix may imitate a level, and so may a name, a statement or a
		// value in the text.
		e.did(database, "db_message", unknown)
		_, _, ok = e.postgresHead(c, head)
		return ok || e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_NAME) != nil
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	user, known := e.postgresText(level, text)
	if !known {
		e.did(database, "db_message", unknown)
	}
	ip, port, timed := e.postgresHead(c, head)
	if named := e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_NAME) != nil; !timed && !named && len(head) > 0 &&
		string(e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY)) == database {
		e.undo(start) // other programs write such a level too
		return false
	}
	// A name may stand in the prefix too, and look like an address.
	if e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil && len(ip) > 0 && !bytes.Contains(user, ip) {
		e.address(ip)
		e.port(port)
	}
	return true
}

// postgresHead reads what log_line_prefix wrote: the time, and an address from the
// safe side of any name.
func (e *entry) postgresHead(c *clock, rest []byte) (ip, port []byte, timed bool) {
	if after, ok := cut(rest, "["); ok && len(after) > 5 && four(after) > 0 && after[4] == '-' {
		rest = after // "[%m]"
	} else if _, after, ok := split(rest, "] "); ok && has(rest, "[") {
		rest = after // syslog's sequence: [3-1]
	} else if after, ok := cut(rest, "<"); ok {
		rest = trimLeft(after)
	}
	// An address may come before the time.
	if word := firstWord(rest); len(word) < 80 && !has(rest, "[") {
		if first, after := leadingIP(until(word, "("), rest); first != nil {
			ip, rest = first, after
			if inside, ok := cut(rest, "("); ok {
				port, rest, _ = split(inside, ")")
			}
			rest = trimLeft(rest)
		}
	}
	var t stamp
	unix := int64(0)
	if after, ok := t.isoTime(rest); ok {
		rest = t.postgresZone(after)
		unix, timed = c.unix(&t)
	} else if word := until(rest, " ["); len(word) > 10 && contains(word, ".") {
		if unix, timed = epochTime(word); timed { // "%n"
			rest = rest[len(word):]
		}
	}
	if timed {
		e.at(unix)
	}
	if ip == nil {
		ip, port = postgresHost(rest)
	}
	return ip, port, timed
}

// postgresZone reads " UTC", " CEST" and " +02".
func (t *stamp) postgresZone(after []byte) []byte {
	if after = trimLeft(after); len(after) > 0 && isLetter(after[0]) {
		n := 0
		for n < len(after) && (isLetter(after[n]) || isDigit(after[n])) {
			n++
		}
		// Any other abbreviation is ambiguous, and the stream's own zone stands.
		t.zoned = t.zoned || string(after[:n]) == "UTC" || string(after[:n]) == "GMT"
		return after[n:]
	}
	if !t.zoned {
		after = t.zone(after)
	}
	return after
}

// postgresLevel finds "LEVEL:  " behind a place, which is followed by two spaces and
// nothing else writes so.
func postgresLevel(m []byte, at int) (head, level, text []byte, ok bool) {
	window := m[:min(len(m), 600)]
	for {
		i := index(window[min(at, len(window)):], ":  ")
		if i < 0 {
			return nil, nil, nil, false
		}
		at += i
		start := at
		for start > 0 && (window[start-1] >= 'A' && window[start-1] <= 'Z' || isDigit(window[start-1])) {
			start--
		}
		if isPostgresLevel(window[start:at]) {
			return window[:start], window[start:at], m[at+3:], true
		}
		at += 3
	}
}

func isPostgresLevel(b []byte) bool {
	switch string(b) {
	case "LOG", "FATAL", "ERROR", "PANIC", "WARNING", "NOTICE", "INFO", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5":
		return true
	}
	return isPostgresMore(b)
}

// isPostgresMore knows what stands before the second and further parts of a message.
func isPostgresMore(b []byte) bool {
	switch string(b) {
	case "DETAIL", "HINT", "CONTEXT", "STATEMENT", "QUERY", "LOCATION", "BACKTRACE":
		return true
	}
	return false
}

// postgresHost finds the client's address in what stands between the time and the
// level. From the left it may come after numbers and process ids, or at the very
// end with a key; what else is there may be a name of the client's choice.
func postgresHost(b []byte) (ip, port []byte) {
	for len(b) > 0 {
		switch b[0] {
		case ' ', ':', ',', '|', ';', '-', ']', '>':
			b = b[1:]
			continue
		case '[':
			inside, rest, ok := split(b[1:], "]")
			if !ok || len(inside) == 0 || !isDigit(inside[0]) || !consists(inside, inPeer) || isIP(inside) {
				return postgresKeyed(b)
			}
			b = rest
			continue
		}
		word := until(b, " ,|;([")
		if len(word) == 0 {
			return postgresKeyed(b)
		}
		for _, key := range [...]string{"host=", "client=", "remote=", "h=", "c=", "r="} {
			if after, ok := cut(word, key); ok && len(after) > 0 {
				word = after
				b = b[len(key):]
				break
			}
		}
		ip, rest := leadingIP(word, b)
		if ip != nil {
			if after, ok := cut(rest, "("); ok {
				port, _ = digits(after)
			}
			return ip, port
		}
		if number := until(word, "@="); len(number) == len(word) && isDigit(word[0]) && consists(word, inPeer) {
			b = b[len(word):]
			continue
		}
		return postgresKeyed(b)
	}
	return nil, nil
}

// leadingIP takes an address from the beginning of a word that a colon may end.
func leadingIP(word, b []byte) (ip, rest []byte) {
	n := 0
	for n < len(word) && (isDigit(word[n]) || word[n] == '.') {
		n++
	}
	if isIPv4(word[:n]) && (n == len(word) || word[n] == ':') {
		return word[:n], b[n:]
	}
	if isIP(word) {
		return word, b[len(word):]
	}
	if before, ok := cutEnd(word, ":"); ok && isIP(before) {
		return before, b[len(before):]
	}
	return nil, b
}

// postgresKeyed reads "…client=IP " at the end.
func postgresKeyed(b []byte) (ip, port []byte) {
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == ':') {
		b = b[:len(b)-1]
	}
	for _, key := range [...]string{"client=", "host=", "remote=", "h="} {
		before, ip, ok := splitLast(b, key)
		if !ok || len(before) > 0 && isLetter(before[len(before)-1]) {
			continue
		}
		if head, number, ok := split(ip, "("); ok {
			number, _ = cutEnd(number, ")")
			ip, port = head, number
		}
		if isIP(ip) && !contains(before, key) {
			return ip, port
		}
	}
	return nil, nil
}
