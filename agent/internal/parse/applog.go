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

// timeFirst reads lines that begin with a time, in brackets or not.
func (r *appRecord) timeFirst(c *clock, b []byte) bool {
	b, bracket := cut(b, "[")
	var t stamp
	rest, ok := t.isoTime(b)
	dated := ok
	if after := trimOne(rest); ok && !t.zoned && len(after) > 6 && len(after) < len(rest) && (after[0] == '+' || after[0] == '-') && after[3] == ':' {
		rest = t.zone(after) // Serilog's " +02:00"
	}
	if !ok {
		t = stamp{}
		if rest, ok = t.dayFirst(b); ok {
			dated = true
		} else if rest, ok = t.shortYear(b); ok {
			dated = true
		} else if rest, ok = t.clockTime(b); !ok {
			return false
		}
	}
	if dated {
		if r.time, r.timed = c.unix(&t); !r.timed {
			return false
		}
	}
	if bracket {
		return r.bracketed(rest)
	}
	if len(rest) == 0 {
		return false
	}
	switch rest[0] {
	case '\t':
		return r.tabs(rest[1:])
	case '|':
		return r.bars(rest[1:])
	case ' ':
	default:
		return false
	}
	rest = trimLeft(rest)
	if r.words(rest) {
		return true
	}
	// Go's log has a date with slashes and no level.
	r.message = rest
	return dated && t.year == four(b) && !t.zoned && b[4] == '/' && !has(rest, "- ")
}

// dayFirst reads "01-May-2024 12:00:00.123 UTC" of PHP and Tomcat. Only UTC is
// sure to be what its letters say.
func (t *stamp) dayFirst(b []byte) ([]byte, bool) {
	if len(b) < 20 || b[2] != '-' || b[6] != '-' || b[11] != ' ' {
		return b, false
	}
	t.day, t.month, t.year = two(b), monthOf(b[3:]), four(b[7:])
	if t.day < 1 || t.month == 0 || t.year < 0 {
		return b, false
	}
	rest, ok := t.clockTime(b[12:])
	if after, utc := cut(rest, " UTC"); ok && utc {
		t.zoned, rest = true, after
	}
	return rest, ok
}

// shortYear reads "24/05/01 12:00:00" of Hadoop and Spark.
func (t *stamp) shortYear(b []byte) ([]byte, bool) {
	if len(b) < 18 || b[2] != '/' || b[5] != '/' || b[8] != ' ' {
		return b, false
	}
	year := two(b)
	if t.month, t.day = two(b[3:]), two(b[6:]); year < 0 || t.month < 1 || t.day < 1 {
		return b, false
	}
	t.year = 2000 + year
	return t.clockTime(b[9:])
}

// bracketed reads what follows a time that began after a bracket.
func (r *appRecord) bracketed(b []byte) bool {
	if after, ok := cut(b, "]["); ok { // Elasticsearch
		level, rest, ok := split(after, "]")
		if level = trimSpaces(level); !ok || !isLevelWord(level) {
			return false
		}
		r.level, r.message = level, trimLeft(rest)
		if logger, ok := cut(rest, "["); ok {
			logger, rest, _ = split(logger, "]")
			r.logger, r.message = trimSpaces(logger), trimLeft(rest)
		}
		return true
	}
	if after, ok := cut(b, " "); ok { // env_logger, Serilog's time of day
		head, rest, ok := split(after, "]")
		level, logger := token(trimLeft(head))
		if ok && isLevelWord(level) {
			r.level, r.logger, r.message = level, trimSpaces(logger), trimLeft(rest)
			return true
		}
		if !ok || contains(head, " ") { // a zone's name
			return false
		}
		b = b[1+len(head):]
	}
	rest, ok := cut(b, "] ")
	if !ok {
		return false
	}
	if after, ok := cut(rest, "PHP "); ok {
		word, message, ok := split(after, ":")
		if ok && len(word) < 32 {
			r.level, r.message = word, rest
			_ = message
			return true
		}
	}
	// Monolog's "channel.LEVEL: ".
	if head, message, ok := split(rest, ": "); ok {
		if channel, level, ok := splitLast(head, "."); ok && isLevelWord(level) && bytes.IndexByte(channel, ' ') < 0 {
			r.logger, r.level, r.message = channel, level, message
			return true
		}
	}
	return r.words(rest)
}

// tabs reads zap's "LEVEL\tlogger\tfile.go:12\tmessage\t{…}".
func (r *appRecord) tabs(b []byte) bool {
	level, rest, ok := split(b, "\t")
	if !ok || !isLevelWord(level) {
		return false
	}
	r.level, r.message = level, rest
	for range 2 {
		part, after, ok := split(r.message, "\t")
		if !ok || contains(part, " ") || len(part) == 0 {
			break
		}
		if !isPlaceAtEnd(part) {
			r.logger = part
		}
		r.message = after
	}
	return true
}

// bars reads NLog's "LEVEL|logger|message".
func (r *appRecord) bars(b []byte) bool {
	level, rest, ok := split(b, "|")
	if !ok || !isLevelWord(level) {
		return false
	}
	r.level = level
	r.logger, r.message, ok = split(rest, "|")
	return ok
}

// words reads "[thread] LEVEL …" and "LEVEL …", and leaves to Python's own reader
// what it knows better.
func (r *appRecord) words(b []byte) bool {
	rest := b
	for range 3 {
		word, after := token(rest)
		if inner, ok := cut(rest, "["); ok {
			if inner, after, ok = split(inner, "]"); !ok {
				return false
			}
			after, _ = cut(after, ":")
			if level := trimSpaces(inner); isLevelWord(level) {
				r.level = level
				return r.afterLevel(trimLeft(after))
			}
			if r.thread == nil {
				r.thread = inner
			}
			rest = trimLeft(after)
			continue
		}
		if bare, colon := cutEnd(word, ":"); isLevelWord(bare) && (!colon || string(bare) != "http") {
			r.level = bare
			return r.afterLevel(trimLeft(after))
		}
		return false
	}
	return false
}

// afterLevel reads a process, threads and the logger before a message.
func (r *appRecord) afterLevel(b []byte) bool {
	if number, rest := digits(b); len(number) > 0 && has(rest, " --- ") {
		b = trimLeft(rest[len(" --- "):])
	}
	if after, ok := cut(b, "("); ok { // pino-pretty's process
		if number, rest := digits(after); len(number) > 0 && has(rest, "): ") {
			b = rest[len("): "):]
		}
	}
	for {
		inner, ok := cut(b, "[")
		if !ok {
			break
		}
		inner, after, ok := split(inner, "]")
		if !ok || len(after) == 0 || after[0] != ' ' {
			break
		}
		if inner = trimSpaces(inner); isName(inner) && bytes.IndexByte(inner, '.') > 0 && r.logger == nil && has(after, " (") {
			r.logger = inner
			if thread, message, ok := split(after[len(" ("):], ") "); ok {
				r.thread, r.message = thread, message
				return true
			}
		} else {
			r.thread = inner
		}
		b = trimLeft(after)
	}
	r.message = b
	word, rest := token(b)
	if name, ok := cutEnd(word, ":"); ok && isDotted(name) && len(rest) > 0 {
		r.logger, r.message = name, rest
		return true
	}
	trimmed := trimLeft(rest)
	for _, separator := range [...]string{": ", "- "} {
		if message, ok := cut(trimmed, separator); ok && isLoggerWord(word) {
			r.logger, r.message = word, message
			return true
		}
	}
	return true
}

func isLoggerWord(b []byte) bool {
	for _, c := range b {
		if byteKinds[c]&inName == 0 && bytes.IndexByte([]byte("-$:/[]"), c) < 0 {
			return false
		}
	}
	return len(b) > 0 && len(b) < 200
}

// isDotted says whether a word before a colon is a logger's name for certain.
func isDotted(b []byte) bool {
	return isLoggerWord(b) && isLetter(b[0]) && (bytes.IndexByte(b, '.') > 0 || contains(b, "::"))
}

// isLevelWord knows the levels of all these loggers, in any case.
func isLevelWord(b []byte) bool {
	if len(b) < 3 || len(b) > 9 {
		return false
	}
	var lower [9]byte
	for i, c := range b {
		lower[i] = c | 0x20
	}
	switch string(lower[:len(b)]) {
	case "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "fatal", "critical", "crit", "alert",
		"emergency", "emerg", "severe", "fine", "finer", "finest", "config", "verbose", "silly", "http", "panic", "dpanic",
		"inf", "wrn", "ftl", "dbg", "vrb", "trc", "fail", "trce", "dbug", "exception", "success":
		return true
	}
	return false
}

// isSevereWord says whether a stack is to be expected at a level.
func isSevereWord(level []byte) bool {
	if len(level) == 1 {
		return level[0] == 'E' || level[0] == 'F'
	}
	if has(level, "Fatal") || has(level, "Warning") || has(level, "PHP") {
		return true
	}
	var lower [9]byte
	if len(level) > len(lower) {
		return false
	}
	for i, c := range level {
		lower[i] = c | 0x20
	}
	switch string(lower[:len(level)]) {
	case "warn", "warning", "error", "err", "fatal", "critical", "crit", "alert", "emergency", "emerg", "severe", "panic",
		"dpanic", "wrn", "ftl", "fail", "exception":
		return true
	}
	return false
}

// isSevereText says whether a line of no known shape speaks of a failure, so that a
// stack may follow it. A record of a log has a colon: in its time, or after a name.
func isSevereText(b []byte) bool {
	b = b[:min(len(b), 256)]
	if bytes.IndexByte(b, ':') < 0 {
		return false
	}
	return contains(b, "xception") || contains(b, "rror") || contains(b, "RROR") || contains(b, "FATAL") || contains(b, "panic")
}
