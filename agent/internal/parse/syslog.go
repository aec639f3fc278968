package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// envelope is what a syslog line says around its message.
type envelope struct {
	priority                          []byte
	host, app, procid, msgid, message []byte
	time                              int64
	timed                             bool
}

// read reads the envelopes of RFC 3164, RFC 5424 and the ISO time that rsyslog
// writes on Debian 12, each with or without a priority.
func (v *envelope) read(c *clock, b []byte) bool {
	if rest, priority, ok := readPriority(b); ok {
		v.priority, b = priority, rest
		if rest, ok := cut(b, "1 "); ok {
			return v.read5424(c, rest)
		}
	}
	var t stamp
	rest, ok := b, false
	if len(b) > 0 && isLetter(b[0]) {
		rest, ok = t.bsdTime(b)
	}
	iso, spaced := false, false
	if !ok {
		t = stamp{}
		if rest, ok = t.isoTime(b); !ok {
			return v.readHead(b, true) && v.isKnown()
		}
		iso, spaced = true, b[10] == ' '
	}
	if len(rest) < 2 || rest[0] != ' ' {
		return false
	}
	if v.time, v.timed = c.unix(&t); !v.timed {
		return false
	}
	return v.readHead(trimLeft(rest), iso) && (!spaced || v.isKnown())
}

// isKnown says whether a line is from a program whose messages have a parser. A
// line without a time, or with one as applications write it, is syslog only then.
func (v *envelope) isKnown() bool {
	return isNumber(v.procid) && programParser(v.app) != syslog
}

func readPriority(b []byte) (rest, priority []byte, ok bool) {
	if len(b) < 3 || b[0] != '<' {
		return b, nil, false
	}
	priority, rest = digits(b[1:])
	if !isNumber(priority) || len(priority) > 3 || atoi(priority) > 191 || len(rest) == 0 || rest[0] != '>' {
		return b, nil, false
	}
	return rest[1:], priority, true
}

// readHead reads "HOST TAG[PID]: MESSAGE", or "TAG[PID]: MESSAGE" of a program
// that logged without a host.
func (v *envelope) readHead(b []byte, iso bool) bool {
	first, rest := token(b)
	if v.readTag(first) {
		v.message = rest
		return !iso || len(v.procid) > 0
	}
	if len(first) == 0 || (iso && isLevel(first)) || !isSyslogHost(first) {
		return false
	}
	v.host = first
	rest = trimLeft(rest)
	if pid, message, ok := bracketedPID(rest); ok { // "sogod [12]: " without a host
		v.host, v.app, v.procid, v.message = nil, first, pid, message
		return true
	}
	tag, message := token(rest)
	if v.readTag(tag) {
		v.message = message
		return true
	}
	// A tag with spaces, "(systemd)[1]:", "kernel" without a colon, or none.
	if head, tail, ok := spacedTag(rest); ok && v.readSpacedTag(head) {
		v.message = tail
		return true
	}
	v.app = nil
	v.message = rest
	return !iso && len(rest) > 0
}

// readTag reads "NAME:", "NAME[PID]:" and "NAME[PID]".
func (v *envelope) readTag(b []byte) bool {
	b, colon := cutEnd(b, ":")
	if open := bytes.IndexByte(b, '['); open > 0 && b[len(b)-1] == ']' {
		v.app, v.procid = b[:open], b[open+1:len(b)-1]
		return true
	}
	if !colon || len(b) == 0 || len(b) > 64 {
		return false
	}
	for _, c := range b {
		if c == '[' || c == '"' || c == ',' || c == '=' {
			return false
		}
	}
	v.app, v.procid = b, nil
	return true
}

// spacedTag cuts at the first ": " where less than maxSpacedTag bytes and a closing
// bracket come before it.
func spacedTag(b []byte) (head, tail []byte, ok bool) {
	const maxSpacedTag = 64
	end := index(b[:min(len(b), maxSpacedTag+1)], "]: ")
	if end < 0 || contains(b[:end+1], ": ") {
		return nil, nil, false
	}
	return b[:end+1], b[end+3:], true
}

// bracketedPID reads "[PID]: MESSAGE".
func bracketedPID(b []byte) (pid, message []byte, ok bool) {
	if b, ok = cut(b, "["); !ok {
		return nil, nil, false
	}
	pid, b = digits(b)
	message, ok = cut(b, "]: ")
	return pid, message, ok
}

// readSpacedTag reads "some program[PID]".
func (v *envelope) readSpacedTag(b []byte) bool {
	b, ok := cutEnd(b, "]")
	name, pid, open := splitLast(b, "[")
	if !ok || !open || !isNumber(pid) {
		return false
	}
	v.app, v.procid = trimRight(name), pid
	return true
}

func isSyslogHost(b []byte) bool { return len(b) <= 253 && consists(b, inOrigin) }

// read5424 reads "TIME HOST APP PROCID MSGID DATA[ MESSAGE]", "-" for absent.
func (v *envelope) read5424(c *clock, b []byte) bool {
	when, b := token(b)
	if string(when) != "-" {
		var t stamp
		rest, ok := t.isoTime(when)
		if !ok || len(rest) > 0 {
			return false
		}
		if v.time, v.timed = c.unix(&t); !v.timed {
			return false
		}
	}
	v.host, b = nilToken(b)
	v.app, b = nilToken(b)
	v.procid, b = nilToken(b)
	v.msgid, b = nilToken(b)
	rest, ok := skipData(b)
	if !ok {
		return false
	}
	v.message, _ = cut(trimOne(rest), "\xef\xbb\xbf")
	return true
}

func nilToken(b []byte) (word, rest []byte) {
	word, rest = token(b)
	if string(word) == "-" {
		word = nil
	}
	return word, rest
}

// skipData passes the structured data, in whose values a backslash hides a quote.
func skipData(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return b, false
	}
	if b[0] == '-' {
		return b[1:], true
	}
	if b[0] != '[' {
		return b, false
	}
	inQuote := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && inQuote:
			i++
		case b[i] == '"':
			inQuote = !inQuote
		case b[i] == ']' && !inQuote && (i+1 == len(b) || b[i+1] != '['):
			return b[i+1:], true
		}
	}
	return b, false
}

// addEnvelope sets an envelope's fields.
func (e *entry) addEnvelope(v *envelope) {
	if v.timed {
		e.at(v.time)
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_HOSTNAME, v.host)
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME, v.app)
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_PROCID, v.procid)
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_MSGID, v.msgid)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_NAME, v.app)
	if isNumber(v.procid) {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, v.procid)
	}
	if len(v.priority) > 0 {
		n := atoi(v.priority)
		e.integer(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_PRIORITY, n)
		e.text(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_FACILITY_NAME, facilityName(int(n/8)))
		e.text(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_SEVERITY_NAME, severityName(int(n%8)))
	}
	e.add(eventv1.FieldId_FIELD_ID_MESSAGE, v.message)
}

func facilityName(n int) string {
	names := [...]string{
		"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
		"ntp", "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
	}
	if n >= len(names) {
		return ""
	}
	return names[n]
}

func severityName(n int) string {
	names := [...]string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}
	return names[n]
}

// repeated unwraps "message repeated N times: [ MESSAGE]".
func repeated(m []byte) (inner, count []byte) {
	rest, ok := cut(m, "message repeated ")
	if !ok {
		return m, nil
	}
	count, rest = digits(rest)
	rest, ok = cut(rest, " times: [")
	if !ok || !isNumber(count) {
		return m, nil
	}
	rest, _ = cutEnd(rest, "]")
	return trimLeft(rest), count
}

// syslogLine reads a syslog line; want is the parser that the stream was told to
// use, for programs that have none of their own.
func (e *entry) syslogLine(c *clock, b []byte, want parser) bool {
	var v envelope
	if !v.read(c, b) {
		return false
	}
	e.addEnvelope(&v)
	e.program(c, &v, want)
	return true
}

// program reads the message of an envelope with its program's own parser.
func (e *entry) program(c *clock, v *envelope, want parser) {
	if rest, ok := cut(v.message, "[ID "); ok {
		if _, rest, ok = split(rest, "] "); ok {
			v.message = rest // Solaris puts its message id there
		}
	}
	p := programParser(v.app)
	if p == syslog && want != auto {
		p = want
	}
	message, count := repeated(v.message)
	if len(count) == 0 {
		if rest, ok := cut(v.message, "last message repeated "); ok {
			count, _ = digits(rest)
		}
	}
	e.number(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED, count)
	if e.byProgram(c, v.app, message) {
		return
	}
	by, known := e.understand(p, c, message)
	if known {
		e.parser = by
		if e.out.Class == eventv1.Class_CLASS_UNSPECIFIED {
			e.out.Class = by.class()
		}
		return
	}
	e.parser, e.out.Class = syslog, p.class()
	if p == syslog {
		if by, ok := e.anyProgram(c, message); ok {
			e.parser, e.out.Class = by, e.classByCategory()
			return
		}
		if e.loginText(message) || e.byGeneral(c, message) {
			return
		}
	}
	if contains(v.app, "(pam_") && e.pamBody(message) {
		e.parser, e.out.Class = pam, pam.class()
	} else if p == nginx || p == apache {
		e.out.Class = eventv1.Class_CLASS_APP
	}
}
