package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// choose reads a line with whichever parser its content asks for. The first byte
// rules out most of them.
func (e *entry) choose(c *clock, b []byte) bool {
	start := e.mark()
	if len(e.columns.kinds) > 0 && e.ownOne(iis, c, b) {
		return true
	}
	if head := trimLeft(b); len(head) > 0 && head[0] == '{' {
		return e.chooseJSON(c, head) || e.uwsgiReport(c, head)
	}
	switch first := b[0]; {
	case isLogfmt(b):
		return e.chooseKeyed(c, b)
	case first == '<' || isLetter(first):
		if e.syslogLine(c, b, auto) {
			return true
		}
		if e.undo(start); e.bareMessage(b) {
			return true
		}
	case first == ' ':
		if e.bareMessage(b) {
			return true
		}
	case isDigit(first):
		// Four digits and a dash are a year: of rsyslog or of an application.
		if len(b) > 19 && (b[4] == '-' || b[4] == '/') {
			return e.chooseYear(c, b)
		}
	case first == '[':
		if len(b) > 40 && isLetter(b[1]) && contains(b[:32], "] 2") && e.ownOne(couchdb, c, b) {
			return true
		}
		if has(b, "[pid: ") && e.accessUWSGI(c, b) {
			e.parser = access
			return true
		}
		if e.undo(start); e.playLine(b) {
			return true
		}
		if e.apacheError(c, b) {
			e.parser = apacheError
			return true
		}
	}
	e.undo(start)
	if e.accessLine(c, b) {
		e.parser = access
		return true
	}
	if e.undo(start); e.accessOther(c, b) {
		e.parser = access
		return true
	}
	if e.undo(start); e.ownFormat(c, b) {
		return true
	}
	e.undo(start)
	return e.chooseLogger(c, b)
}

// chooseKeyed reads a line that begins with "key=". An access log's layout comes late:
// the many quotes of such lines would keep it busy.
func (e *entry) chooseKeyed(c *clock, b []byte) bool {
	start := e.mark()
	if isLetter(b[0]) && e.syslogLine(c, b, auto) {
		return true
	}
	if e.undo(start); has(b, "conn=") && e.bareMessage(b) {
		return true
	}
	if e.undo(start); e.ownFormat(c, b) {
		return true
	}
	if e.undo(start); e.accessOther(c, b) {
		e.parser = access
		return true
	}
	e.undo(start)
	return e.chooseLogger(c, b)
}

// mayBeSyslog says whether a syslog line can begin so: with a priority, the letters
// of a month or a name, or a year.
func mayBeSyslog(b []byte) bool {
	return b[0] == '<' || isLetter(b[0]) || len(b) > 4 && b[4] == '-' && isDigit(b[0])
}

func (e *entry) chooseJSON(c *clock, b []byte) bool {
	if !e.jsonReader.read(b) {
		return false
	}
	e.parser = jsonLine
	if e.accessSlots(c, &e.jsonReader) {
		e.parser = access
	} else if !e.ownJSON(c) {
		e.jsonSlots(c, &e.jsonReader)
	}
	return true
}

// chooseYear reads a line that begins with four digits and a dash or a slash.
func (e *entry) chooseYear(c *clock, b []byte) bool {
	start := e.mark()
	if b[4] == '-' && len(b) > 26 && (b[10] == '\t' || b[26] == 'Z') && e.accessYear(c, b) {
		e.parser = access
		return true
	}
	if b[4] == '-' && e.syslogLine(c, b, auto) {
		return true
	}
	if e.undo(start); b[4] == '/' && e.nginxError(c, b) {
		e.parser = nginxError
		return true
	}
	if e.undo(start); e.ownFormat(c, b) {
		return true
	}
	if e.undo(start); bytes.IndexByte(b, '"') > 0 && e.accessLayout(c, b) {
		e.parser = access
		return true
	}
	e.undo(start)
	return e.chooseLogger(c, b)
}

// chooseLogger reads an application's line.
func (e *entry) chooseLogger(c *clock, b []byte) bool {
	start := e.mark()
	if by, ok := e.logger(c, b); ok {
		e.parser = by
		return true
	}
	if e.undo(start); (b[0] == '[' || isDigit(b[0])) && e.datedLogin(c, b) {
		e.parser = appLog
		return true
	}
	return false
}

// plainLine keeps a line as it is, with the time that it may begin with.
func (e *entry) plainLine(c *clock, b []byte) {
	e.parser = plain
	var t stamp
	head, _ := cut(b, "[")
	if _, ok := t.isoTime(head); ok {
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	e.message(b)
}

func (e *entry) message(b []byte) { e.set(eventv1.FieldId_FIELD_ID_MESSAGE, b) }
