package parse

import "bytes"

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
