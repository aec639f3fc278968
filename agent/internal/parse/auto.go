package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// choose reads a line with whichever parser its content asks for. The first byte
// rules out most of them.
func (e *entry) choose(c *clock, b []byte) bool {
	start := e.mark()
	if head := trimLeft(b); len(head) > 0 && head[0] == '{' {
		b = head
	}
	switch first := b[0]; {
	case first == '{':
		if e.jsonReader.read(b) {
			e.parser = jsonLine
			if e.accessSlots(c, &e.jsonReader) {
				e.parser = access
			} else if !e.ownJSON(c) {
				e.jsonSlots(c, &e.jsonReader)
			}
			return true
		}
		return false
	case first == '<' || isLetter(first):
		if e.syslogLine(c, b, auto) {
			return true
		}
	case isDigit(first):
		// Four digits and a dash are a year: of rsyslog or of an application.
		if len(b) > 19 && (b[4] == '-' || b[4] == '/') {
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
			e.undo(start)
			if by, ok := e.logger(c, b); ok {
				e.parser = by
				return true
			}
			return false
		}
	case first == '[':
		if e.apacheError(c, b) {
			e.parser = apacheError
			return true
		}
	}
	if e.undo(start); e.accessLine(c, b) {
		e.parser = access
		return true
	}
	if e.undo(start); e.ownFormat(c, b) {
		return true
	}
	e.undo(start)
	if by, ok := e.logger(c, b); ok {
		e.parser = by
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
