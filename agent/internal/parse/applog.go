package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Lines of applications' loggers. Written from the defaults of: Spring Boot 3
// (defaults.xml), logback 1.4 and log4j 2 PatternLayout, java.util.logging
// SimpleFormatter, Tomcat 10 OneLineFormatter, JBoss and Quarkus; Elasticsearch;
// .NET 8 SimpleConsoleFormatter, NLog 5, Serilog 3 console; Go's log, zap 1.27
// console, klog 2; logrus and log/slog text; Ruby 3 Logger::Formatter;
// Monolog 3 LineFormatter; PHP-FPM 8 zlog.c and PHP's error_log; winston 3
// (simple, cli, printf of the manual), log4js 6, pino-pretty; Rust env_logger and
// tracing-subscriber.

// appRecord is such a line, taken apart.
type appRecord struct {
	level, logger, message, thread []byte
	time                           int64
	timed                          bool
	escaped                        bool // the message has Go's escapes
}

// app reads an application's line.
func (e *entry) app(c *clock, b []byte) bool {
	var r appRecord
	if len(b) < 8 || !r.read(c, b) {
		return false
	}
	if r.timed {
		e.at(r.time)
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, r.level)
	e.add(eventv1.FieldId_FIELD_ID_LOG_LOGGER, r.logger)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_THREAD_NAME, r.thread)
	if r.escaped {
		r.message = e.unescaped(r.message)
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, r.message)
	e.messageText(r.message)
	return true
}

// unescaped undoes the escapes that Go's strconv.Quote writes most.
func (e *entry) unescaped(b []byte) []byte {
	start := len(e.scratch)
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			if at := bytes.IndexByte([]byte(`"\nt`), b[i+1]); at >= 0 {
				c = "\"\\\n\t"[at]
				i++
			}
		}
		e.scratch = append(e.scratch, c)
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}

// isAppStart says whether a line has the time or level that an application's line
// begins with.
func isAppStart(b []byte) bool {
	var r appRecord
	c := newClock(Options{})
	return len(b) >= 8 && r.read(&c, b)
}

func (r *appRecord) read(c *clock, b []byte) bool {
	switch {
	case b[1] == ',' && has(b[1:], ", ["):
		return r.ruby(c, b[len("E, ["):])
	case isDigit(b[1]) && isLetter(b[0]):
		return r.klog(c, b)
	case isLetter(b[0]):
		if b[3] == ' ' && isDigit(b[4]) {
			return r.javaUtil(c, b)
		}
		if has(b, "time=") || has(b, "level=") || has(b, "ts=") {
			return r.logfmt(c, b)
		}
		return r.levelFirst(c, b)
	}
	return r.timeFirst(c, b)
}

// ruby reads "2024-05-01T12:00:00.123456 #12] ERROR -- progname: message".
func (r *appRecord) ruby(c *clock, b []byte) bool {
	var t stamp
	rest, ok := t.isoTime(b)
	if !ok {
		return false
	}
	_, rest, ok = split(rest, "] ")
	if !ok {
		return false
	}
	level, rest, ok := split(trimLeft(rest), " -- ")
	if !ok || !isLevelWord(level) {
		return false
	}
	r.time, r.timed = c.unix(&t)
	r.level = level
	r.logger, r.message, ok = split(rest, ": ")
	if !ok {
		r.logger, _ = cutEnd(r.logger, ":")
	}
	return ok || len(r.logger) < len(rest)
}

// klog reads "E0501 12:00:00.123456   12 file.go:12] message".
func (r *appRecord) klog(c *clock, b []byte) bool {
	if len(b) < 22 || b[5] != ' ' {
		return false
	}
	var t stamp
	t.month, t.day = two(b[1:]), two(b[3:])
	rest, ok := t.clockTime(b[6:])
	if !ok || t.month < 1 || t.day < 1 {
		return false
	}
	place, message, ok := split(rest, "] ")
	if !ok || !isPlaceAtEnd(place) {
		return false
	}
	switch b[0] {
	case 'I', 'W', 'E', 'F':
		r.level = b[:1]
	default:
		return false
	}
	r.time, r.timed = c.unix(&t)
	r.message = message
	return r.timed
}

// javaUtil reads the first line of a record of java.util.logging:
// "Jul 09, 2015 3:23:29 PM package.Class method".
func (r *appRecord) javaUtil(c *clock, b []byte) bool {
	t := stamp{month: monthOf(b)}
	day, rest := digits(b[4:])
	if t.month == 0 || len(day) == 0 || len(day) > 2 || !has(rest, ", ") || len(rest) < 18 {
		return false
	}
	t.day, t.year = int(atoi(day)), four(rest[2:])
	hour, rest := digits(trimLeft(rest[6:]))
	if len(hour) == 0 || len(hour) > 2 || len(rest) < 9 || rest[0] != ':' || rest[3] != ':' || t.year < 0 {
		return false
	}
	t.hour, t.minute, t.second = int(atoi(hour)), two(rest[1:]), two(rest[4:])
	rest = bytes.TrimLeft(rest[6:], " \u202f")
	switch {
	case has(rest, "PM "):
		t.hour = t.hour%12 + 12
	case has(rest, "AM "):
		t.hour %= 12
	default:
		return false
	}
	r.time, r.timed = c.unix(&t)
	rest = rest[len("PM "):]
	r.message = rest
	if logger, message, ok := split(rest, ": "); ok && isName(logger) {
		r.logger, r.message = logger, message
	} else if logger, _ := token(rest); isName(logger) {
		r.logger = logger
	}
	return r.timed
}

// isJavaUtilHead knows the first of the two lines of such a record.
func isJavaUtilHead(b []byte) bool {
	return len(b) > 8 && isLetter(b[0]) && b[3] == ' ' && isDigit(b[4]) && !contains(b, ": ")
}

// isJavaUtilMessage knows the second.
func isJavaUtilMessage(b []byte) bool {
	level, _, ok := split(b[:min(len(b), 16)], ": ")
	return ok && isLevelWord(level)
}

// dotnetIndent is what .NET's console puts before the lines of a message.
const dotnetIndent = "      "

// levelFirst reads "fail: Category[0]", "error: message" and
// "ERROR [thread] 2024-05-01 12:00:00,123 File.java:12 - message".
func (r *appRecord) levelFirst(c *clock, b []byte) bool {
	i := 0
	for i < len(b) && isLetter(b[i]) {
		i++
	}
	if i > 9 || i+1 >= len(b) || b[i] != ':' && (b[i] != ' ' || !has(trimLeft(b[i:]), "[")) || !isLevelWord(b[:i]) {
		return false
	}
	word, rest := b[:i], b[i:]
	if after, ok := cut(rest, ": "); ok {
		r.level, r.message = word, after
		if isDotnetLevel(word) && isDotnetHead(b) {
			r.logger, _, _ = split(after, "[")
		}
		return word[0] >= 'a' && isPlainLevel(word)
	}
	rest, ok := cut(trimLeft(rest), "[")
	if !ok {
		return false
	}
	thread, rest, ok := split(rest, "] ")
	var t stamp
	rest, timed := t.isoTime(rest)
	if !ok || !timed {
		return false
	}
	r.level, r.thread = word, thread
	r.time, r.timed = c.unix(&t)
	r.message = trimLeft(rest)
	if _, message, ok := split(r.message, " - "); ok {
		r.message = message
	}
	return true
}

func isDotnetLevel(word []byte) bool {
	switch string(word) {
	case "trce", "dbug", "info", "warn", "fail", "crit":
		return true
	}
	return false
}

// isPlainLevel knows the levels that winston and .NET write first.
func isPlainLevel(word []byte) bool {
	switch string(word) {
	case "error", "warn", "info", "http", "verbose", "debug", "silly", "fatal", "trace", "warning", "notice", "crit", "alert", "emerg":
		return true
	}
	return isDotnetLevel(word)
}

// isDotnetHead knows "fail: Category[0]", alone: the message is in the next lines.
func isDotnetHead(b []byte) bool {
	b, ok := cutEnd(b, "]")
	name, number, bracket := splitLast(b, "[")
	return ok && bracket && len(number) > 0 && isNumber(number) && bytes.IndexByte(name, ' ') == lastIndex(name, " ")
}

// moreLines takes the further lines of a record in the formats that have several.
func (e *entry) moreLines(head, rest []byte) {
	rest = bytes.TrimRight(rest, "\r\n")
	if has(rest, dotnetIndent) {
		e.set(eventv1.FieldId_FIELD_ID_MESSAGE, rest[len(dotnetIndent):])
		return
	}
	if isJavaUtilHead(head) && isJavaUtilMessage(rest) {
		level, message, _ := split(rest, ": ")
		e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level)
		e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
	}
}

// logfmt reads the text form of logrus and log/slog.
func (r *appRecord) logfmt(c *clock, b []byte) bool {
	for range 8 {
		key, rest, ok := split(b, "=")
		if !ok || !isName(key) {
			break
		}
		value, after := token(rest)
		if has(rest, `"`) {
			if value, after, ok = quoted(rest); !ok {
				break
			}
			after = trimOne(after)
		}
		switch string(key) {
		case "time", "ts":
			var t stamp
			if rest, ok := t.isoTime(value); ok && len(rest) == 0 {
				r.time, r.timed = c.unix(&t)
			}
		case "level", "lvl":
			r.level = value
		case "msg":
			r.message, r.escaped = value, bytes.IndexByte(value, '\\') >= 0
		case "logger", "component":
			r.logger = value
		}
		b = after
	}
	return len(r.level) > 0 && len(r.message) > 0
}
