package parse

import "bytes"

// Dart's unhandled errors. Written from runtime/lib/errors.cc,
// runtime/vm/object.cc (StackTrace::ToCString: "#0      f (uri:line:column)",
// "<asynchronous suspension>") and sdk/lib/core/errors.dart of Dart 3.

// opensDart says whether a line begins such an error.
func opensDart(line []byte) phase {
	switch line[0] {
	case 'U':
		if string(line) == "Unhandled exception:" || string(line) == "Unhandled Exception:" || string(line) == "Uncaught Error:" {
			return dartHead
		}
	case '[':
		if has(line, "[ERROR:flutter/") && contains(line, "Unhandled Exception: ") {
			return dartHead
		}
	}
	return idle
}

// isDartFrame knows "#0      main (file:///a.dart:1:2)".
func isDartFrame(line []byte) bool {
	rest, ok := cut(line, "#")
	if !ok {
		return false
	}
	number, rest := digits(rest)
	if len(number) == 0 || !has(rest, "  ") {
		return false
	}
	open := bytes.LastIndexByte(rest, '(')
	return open > 0 && rest[len(rest)-1] == ')' && bytes.IndexByte(rest[open:], ':') > 0
}

func nextDart(p phase, line []byte) phase {
	switch p {
	case dartHead, dartText:
		switch {
		case isDartFrame(line):
			return dartStack
		case isAtFrame(line): // Mono begins with the same words
			return atFrames
		case has(line, " ---> "), isMessageLine(line), isAtHead(line):
			return dartText
		}
	case dartStack:
		switch {
		case isDartFrame(line) || string(line) == "<asynchronous suspension>":
			return dartStack
		case isElision(line):
			return dartStack
		}
	default:
	}
	return idle
}

// isElision knows the lines that stand for frames of a stack overflow.
func isElision(line []byte) bool { return string(line) == "..." }
