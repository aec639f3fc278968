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
	head, level, text, ok := postgresLevel(m)
	if !ok {
		return false
	}
	rest := head
	unix, timed := int64(0), false
	if _, after, ok := split(head, "] "); ok && has(head, "[") {
		rest = after // syslog's sequence: [3-1]
	}
	// An address may come before the time.
	ip, port := []byte(nil), []byte(nil)
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
	if after, ok := t.isoTime(rest); ok {
		if after = trimLeft(after); len(after) > 0 && isLetter(after[0]) {
			n := 0
			for n < len(after) && (isLetter(after[n]) || isDigit(after[n])) {
				n++
			}
			// Any other abbreviation is ambiguous, and the stream's own zone stands.
			t.zoned = t.zoned || string(after[:n]) == "UTC" || string(after[:n]) == "GMT"
			after = after[n:]
		} else if !t.zoned {
			after = t.zone(after)
		}
		rest = after
		unix, timed = c.unix(&t)
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
	if ip == nil {
		ip, port = postgresHost(rest)
	}
	user, found := e.postgresText(level, text)
	if !found {
		return false
	}
	if timed {
		e.at(unix)
	}
	// A name may stand in the prefix too, and look like an address.
	if e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil && len(ip) > 0 && !bytes.Contains(user, ip) {
		e.address(ip)
		e.port(port)
	}
	return true
}

// postgresLevel finds "LEVEL:  ", which is followed by two spaces and nothing else
// writes so. With a second one in the line a name may have imitated it.
func postgresLevel(m []byte) (head, level, text []byte, ok bool) {
	window := m[:min(len(m), 600)]
	for at := 0; ; {
		i := index(window[at:], ":  ")
		if i < 0 {
			return nil, nil, nil, false
		}
		at += i
		start := at
		for start > 0 && window[start-1] >= 'A' && window[start-1] <= 'Z' {
			start--
		}
		switch string(window[start:at]) {
		case "LOG", "FATAL", "ERROR", "PANIC", "WARNING":
			return window[:start], window[start:at], m[at+3:], true
		}
		at += 3
	}
}

// postgresHost finds the client's address in what stands between the time and the
// level. From the left it may come after numbers and process ids, or at the very
// end with a key; what else is there may be a name of the client's choice.
func postgresHost(b []byte) (ip, port []byte) {
	for len(b) > 0 {
		switch b[0] {
		case ' ', ':', ',', '|', ';', '-':
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

// postgresText reads a message and gives the user that it names.
func (e *entry) postgresText(level, text []byte) (user []byte, ok bool) {
	switch string(level) {
	case "LOG":
		return e.postgresLog(text)
	case "FATAL":
		if user, ok = e.postgresFatal(text); ok {
			return user, true
		}
	case "ERROR", "PANIC":
		e.did(database, "db_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
		return nil, true
	}
	return nil, false
}

func (e *entry) postgresFatal(text []byte) (user []byte, ok bool) {
	if head, rest, ok := split(text, "authentication failed for user \""); ok && len(head) < 40 {
		user, _, _ = splitLast(rest, "\"")
		e.did(authentication, "db_login", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
		e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, trimRight(head))
		return user, true
	}
	if has(text, "no pg_hba.conf entry for ") || has(text, "pg_hba.conf rejects ") {
		return e.postgresRule(text), true
	}
	if rest, ok := cut(text, "role \""); ok {
		for _, end := range [...]string{"\" does not exist", "\" is not permitted to log in"} {
			if name, ok := cutEnd(rest, end); ok {
				e.did(authentication, "db_login", failure)
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
				return name, true
			}
		}
	}
	switch {
	case has(text, "certificate validation ("), has(text, "connection requires a valid client certificate"), has(text, "LDAP "), has(text, "empty password returned"):
		e.did(authentication, "db_login", failure)
	case has(text, "canceling authentication due to timeout"):
		e.did(authentication, "db_login_timeout", failure)
	case has(text, "sorry, too many clients already"), has(text, "too many connections for "), has(text, "remaining connection slots are reserved"),
		has(text, "database \"") && contains(text, "\" does not exist"), has(text, "permission denied for database "),
		has(text, "database \"") && contains(text, " is not currently accepting connections"), has(text, "must be superuser to connect"):
		e.did(network, "db_connection_refused", failure)
	case has(text, "unsupported frontend protocol"), has(text, "invalid length of startup packet"), has(text, "invalid startup packet layout"),
		has(text, "no PostgreSQL user name specified in startup packet"), has(text, "expected password response"):
		e.did(network, "db_protocol_error", failure)
	default:
		return nil, false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	return nil, true
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// postgresRule reads "… for [replication connection from ]host "H", user "U"[, database
// "D"], SSL off": the host comes first.
func (e *entry) postgresRule(text []byte) []byte {
	e.did(authentication, "db_login", failure)
	_, rest, ok := split(text, "host \"")
	host, rest, found := split(rest, "\", user \"")
	if !ok || !found {
		return nil
	}
	e.address(host)
	name, _, ok := splitOnly(rest, "\", database \"")
	if !ok {
		if name, _, ok = splitOnly(rest, "\", "); !ok {
			return nil
		}
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return name
}

func (e *entry) postgresLog(text []byte) (user []byte, ok bool) {
	if rest, ok := cut(text, "connection received: host="); ok {
		e.did(network, "db_connection", unknown)
		host, rest := token(rest)
		e.address(host)
		if port, ok := cut(rest, "port="); ok {
			e.port(port)
		}
		return nil, true
	}
	if rest, ok := cut(text, "connection authorized: user="); ok {
		e.did(authentication, "db_login", success)
		name, _, ok := splitOnly(rest, " database=")
		if ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return name, true
	}
	if rest, ok := cut(text, "replication connection authorized: user="); ok {
		e.did(authentication, "db_login", success)
		name, _ := token(rest)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return name, true
	}
	if has(text, "disconnection: session time: ") {
		e.did(network, "db_disconnect", unknown)
		if _, rest, ok := splitLast(text, " host="); ok {
			host, port := token(rest)
			e.address(host)
			if port, ok := cut(port, "port="); ok {
				e.port(port)
			}
		}
		return nil, true
	}
	switch {
	case has(text, "invalid length of startup packet"), has(text, "incomplete startup packet"), has(text, "invalid startup packet layout"),
		has(text, "could not accept SSL connection"), has(text, "unexpected EOF on client connection"):
		e.did(network, "db_protocol_error", unknown)
	case has(text, "database system is ready to accept "):
		e.did(process, "service_started", success)
	case has(text, "database system is shut down"):
		e.did(process, "service_stopped", unknown)
	default:
		return nil, false
	}
	return nil, true
}
