package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// pythonRecord is a line of Python's logging, taken apart.
type pythonRecord struct {
	level, logger, message []byte
	time                   int64
	timed                  bool
	bracket                bool // the logger stood in brackets before the level
}

// logger reads a line of Python's logging, or of another application's.
func (e *entry) logger(c *clock, b []byte) (parser, bool) {
	start := e.mark()
	if len(b) < 2 {
		return plain, false
	}
	if isLogfmt(b) {
		if by, ok := e.logfmtLine(c, b); ok {
			return by, true
		}
		e.undo(start)
	}
	if isPythonStart(b) {
		r, ok := readPython(c, b)
		if ok && !r.isOthers(b) {
			e.addPython(&r)
			return python, true
		}
		if ok {
			if e.app(c, b) {
				return appLog, true
			}
			e.undo(start)
			e.addPython(&r)
			return python, true
		}
	}
	if e.app(c, b) {
		return appLog, true
	}
	e.undo(start)
	return plain, false
}

// isOthers says whether another language's logger wrote a line that reads like one
// of Python's: a thread in brackets stands beside the level.
func (r *pythonRecord) isOthers(b []byte) bool {
	if len(r.message) == 0 || (b[0] != '[' && !isDigit(b[0])) {
		return false
	}
	switch r.message[0] {
	case '[':
		return r.logger == nil
	case '(':
		return len(r.logger) > 0
	case '1', '2', '3', '4', '5', '6', '7', '8', '9', '-':
		_, rest := digits(r.message)
		return has(rest, " --- ") || has(rest, "-- ")
	}
	word, rest := token(r.message)
	if len(r.logger) == 0 && contains(word, "::") {
		return true // Rust's modules
	}
	if b[0] == '[' && len(r.logger) == 0 && len(b) > 11 && b[11] == 'T' {
		return has(rest, "- ") // log4js
	}
	if len(r.logger) > 0 && len(r.level) > 0 && r.bracket {
		name, _ := cutEnd(word, ":")
		rest = trimLeft(rest)
		return isDotted(name) && (has(rest, "- ") || has(rest, ": ") || len(name) < len(word))
	}
	return false
}

// isPythonStart rules out, at the price of a few bytes, the lines of an access log
// or of syslog: a record of logging begins with a year, a bracket or a level. The
// line has at least two bytes.
func isPythonStart(line []byte) bool {
	switch line[0] {
	case '[':
		return isDigit(line[1]) || (line[1] >= 'A' && line[1] <= 'Z')
	case '1', '2':
		return len(line) > 5 && (line[4] == '-' || line[4] == '/')
	default:
		return line[0] >= 'A' && line[0] <= 'Z' && line[1] >= 'A' && line[1] <= 'Z'
	}
}

func (e *entry) addPython(r *pythonRecord) {
	if r.timed {
		e.at(r.time)
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, r.level)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LOGGER, r.logger)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, r.message)
	e.messageText(r.message)
}

// readPython knows a record by its level, which is in capitals near the front.
func readPython(c *clock, b []byte) (pythonRecord, bool) {
	var r pythonRecord
	rest, ok := r.takeTime(c, b)
	if !ok {
		return r, r.levelFirst(c, b)
	}
	if len(rest) > 0 && rest[0] == ':' && has(b, "[") {
		return r, r.celery(rest[1:])
	}
	if after, ok := cut(rest, "]"); ok && has(b, "[") {
		rest = after
	}
	if after, ok := cut(rest, " - "); ok {
		return r, r.dashes(after)
	}
	if after, ok := cut(rest, " | "); ok {
		return r, r.loguru(after)
	}
	return r, r.words(trimLeft(rest))
}

// takeTime reads a time at the beginning, in brackets or not.
func (r *pythonRecord) takeTime(c *clock, b []byte) ([]byte, bool) {
	b, _ = cut(b, "[")
	var t stamp
	rest, ok := t.isoTime(b)
	if !ok {
		return b, false
	}
	r.time, r.timed = c.unix(&t)
	return rest, r.timed
}

// levelFirst reads "LEVEL:name:message", uvicorn's "LEVEL:     message",
// Django's "LEVEL time module message" and "[LEVEL] message".
func (r *pythonRecord) levelFirst(c *clock, b []byte) bool {
	if after, ok := cut(b, "["); ok {
		level, rest, ok := split(after, "]")
		if !ok || !isLevel(level) {
			return false
		}
		r.level = level
		r.named(trimLeft(trimColon(rest)))
		return true
	}
	i := 0
	for i < len(b) && b[i] >= 'A' && b[i] <= 'Z' {
		i++
	}
	if !isLevel(b[:i]) || i == len(b) {
		return false
	}
	r.level = b[:i]
	rest := b[i:]
	switch rest[0] {
	case ':':
		rest = rest[1:]
		if name, message, ok := split(rest, ":"); ok && len(name) > 0 && len(name) < 200 && !contains(name, " ") {
			r.logger, r.message = name, message
			return true
		}
		r.message = trimLeft(rest)
		return len(r.message) > 0 && len(r.message) < len(rest)
	case ' ':
		rest = trimLeft(rest)
		if after, ok := r.takeTime(c, rest); ok {
			after, _ = cut(after, "]")
			r.named(trimLeft(after))
			return true
		}
		if after, ok := cut(rest, "- "); ok {
			r.named(after)
			return true
		}
		if after, ok := cut(rest, "in "); ok {
			return r.module(after)
		}
	}
	return false
}

// celery reads " LEVEL/Process] message".
func (r *pythonRecord) celery(b []byte) bool {
	head, message, ok := split(trimLeft(b), "] ")
	if !ok {
		return false
	}
	level, process, _ := split(head, "/")
	if !isLevel(level) {
		return false
	}
	r.level, r.logger, r.message = level, process, message
	return true
}

// dashes reads "name - LEVEL - message" and the like: the level is one of the
// first four parts.
func (r *pythonRecord) dashes(b []byte) bool {
	rest := b
	for i := range 4 {
		part, after, ok := split(rest, " - ")
		if trimmed := trimSpaces(part); isLevel(trimmed) {
			if !ok {
				return false
			}
			r.level, r.message = trimmed, after
			if i == 0 {
				r.named(after)
			}
			return true
		}
		if !ok || len(part) > 200 || contains(trimSpaces(part), " ") {
			return false
		}
		if r.logger == nil && !isNumber(part) {
			r.logger = trimSpaces(part)
		}
		rest = after
	}
	return false
}

// loguru reads "LEVEL    | module:function:line - message".
func (r *pythonRecord) loguru(b []byte) bool {
	level, rest, ok := split(b, "|")
	if r.level = trimSpaces(level); !ok || !isLevel(r.level) {
		return false
	}
	rest = trimLeft(rest)
	place, message, ok := split(rest, " - ")
	if !ok || contains(place, " ") {
		r.message = rest
		return true
	}
	r.message = message
	r.logger, _, _ = split(place, ":")
	return true
}

// words reads "[pid] LEVEL name: message" and its orders: the level is one of the
// first four words, in brackets or not.
func (r *pythonRecord) words(b []byte) bool {
	rest := b
	for range 4 {
		word, after := token(rest)
		bare, bracket := cut(word, "[")
		bare, _ = cutEnd(bare, ":")
		bare, _ = cutEnd(bare, "]")
		if isLevel(bare) {
			r.level = bare
			after = trimLeft(after)
			if in, ok := cut(after, "in "); ok && r.module(in) {
				return true
			}
			message := after
			if r.logger == nil {
				r.named(message)
			} else {
				r.message = message
			}
			return true
		}
		if len(after) == 0 || len(word) > 200 {
			return false
		}
		switch {
		case isNumber(bare) || len(bare) == 0:
		case bracket || isLogger(bare):
			if r.logger == nil && !isNumber(bare) {
				r.logger, r.bracket = bare, bracket
			}
		default:
			return false
		}
		rest = trimLeft(after)
	}
	return false
}

// module reads Flask's "module: message".
func (r *pythonRecord) module(b []byte) bool {
	name, message, ok := split(b, ": ")
	if !ok {
		name, ok = cutEnd(b, ":")
	}
	if !ok || contains(name, " ") {
		return false
	}
	r.logger, r.message = name, message
	return true
}

// named takes a logger off the front of a message, but only one that no message
// begins with by chance: dotted or with an underscore, before a colon, a dash or
// in brackets.
func (r *pythonRecord) named(b []byte) {
	r.message = b
	word, rest := token(b)
	if bare, ok := cut(word, "["); ok {
		if bare, ok = cutEnd(bare, "]"); ok && isLogger(bare) {
			r.logger, r.message = bare, trimLeft(rest)
		}
		return
	}
	if bare, ok := cutEnd(word, ":"); ok && isLogger(bare) {
		r.logger, r.message = bare, rest
		return
	}
	if message, ok := cut(rest, "- "); ok && isLogger(word) {
		r.logger, r.message = word, message
	}
}

func isLogger(b []byte) bool {
	return isName(b) && (contains(b, ".") || contains(b, "_") || string(b) == "root" || string(b) == "werkzeug")
}

func trimSpaces(b []byte) []byte {
	b = trimLeft(b)
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// isLevel knows a level of logging, in capitals.
func isLevel(b []byte) bool {
	switch string(b) {
	case "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "WARN", "FATAL", "TRACE", "NOTICE", "SUCCESS", "EXCEPTION":
		return true
	}
	return false
}
