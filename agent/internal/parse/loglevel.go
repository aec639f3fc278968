package parse

import "bytes"

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
