package parse

import "bytes"

// Rust's panics and backtraces. Written from library/std/src/panicking.rs
// (default_hook) and library/std/src/sys/backtrace.rs of Rust 1.95, the one-line
// form that was the rule up to Rust 1.72, and anyhow 1.0's Debug of an error.

const (
	rustBacktrace   = "stack backtrace:"
	anyhowBacktrace = "Stack backtrace:"
)

// opensRust says whether a line begins a panic's text.
func opensRust(line []byte) phase {
	if has(line, "thread '") && contains(line, " panicked at ") {
		if line[len(line)-1] == ':' {
			return rustPlace
		}
		return rustHead
	}
	return idle
}

// isChainStart knows what anyhow and eyre print below an error's words.
func isChainStart(line []byte) bool {
	return string(line) == "Caused by:" || string(line) == "Location:"
}

func nextRust(p phase, line []byte) phase {
	switch p {
	case rustPlace:
		return rustText
	case rustHead, rustText, rustMore:
		switch {
		case has(line, "note: "):
			return rustDone
		case string(line) == rustBacktrace:
			return rustStack
		case isMessageLine(line):
			return rustMore
		}
	case rustStack:
		switch {
		case isRustFrame(line):
			return rustStack
		case has(line, "note: "):
			return rustDone
		}
	case chainList:
		switch {
		case len(line) == 0:
			return chainMore
		case isSpace(line[0]):
			return chainList
		}
	case chainMore:
		switch {
		case string(line) == anyhowBacktrace || string(line) == rustBacktrace:
			return rustStack
		case isChainStart(line):
			return chainList
		}
	default:
	}
	return idle
}

// isRustFrame knows "   0: FUNCTION" and "             at PATH:LINE:COLUMN".
func isRustFrame(line []byte) bool {
	b := trimIndent(line)
	if len(b) == len(line) {
		return false
	}
	if rest, ok := cut(b, "at "); ok {
		return len(rest) > 0
	}
	number, rest := digits(b)
	return len(number) > 0 && has(rest, ": ") || bytes.HasPrefix(b, []byte("[... omitted "))
}
