package parse

import "bytes"

// Stacks whose frames begin with "at". Written from:
//
//   - Java: java.lang.Throwable.printStackTrace, printEnclosedStackTrace and
//     java.lang.ThreadGroup.uncaughtException of OpenJDK 17; logback 1.4
//     ThrowableProxyUtil ("Wrapped by", "common frames omitted"); Android's
//     RuntimeInit ("FATAL EXCEPTION").
//   - .NET: System.Exception.ToString and System.Diagnostics.StackTrace of .NET 8
//     (resources Word_At, Exception_EndOfInnerExceptionStack,
//     Exception_EndStackTraceFromPreviousThrow); Mono 6.8's frames with an offset.
//   - JavaScript: V8's Error.prototype.stack; Node 20 lib/internal/util/inspect.js
//     (properties, [cause], [errors]) and node_errors.cc (place, source, caret,
//     version).

// atWord drops what begins a frame: spaces and "at", also as .NET's translations
// have it.
func atWord(line []byte) (rest []byte, indented, ok bool) {
	b := trimIndent(line)
	indented = len(b) < len(line)
	if rest, ok = cut(b, "at "); ok {
		return rest, indented, true
	}
	if rest, ok = cut(b, "eval at "); ok && indented {
		return rest, indented, true
	}
	if indented {
		for _, word := range [...]string{"bei ", "à ", "en ", "в ", "в\u00a0", "在 ", "場所 ", "w ", "v ", "em ", "위치: ", "konum: ", "in "} {
			if rest, ok = cut(b, word); ok && bytes.IndexByte(rest, '(') > 0 {
				name := rest[:bytes.IndexByte(rest, '(')]
				return rest, true, bytes.IndexByte(name, '.') > 0 && bytes.IndexByte(name, ' ') < 0
			}
		}
	}
	return line, indented, false
}

// isAtFrame knows a frame by its shape: a call with parentheses, or a place with
// its line.
func isAtFrame(line []byte) bool {
	if len(line) < 6 || (!isSpace(line[0]) && line[0] != 'a') {
		return false
	}
	rest, indented, ok := atWord(line)
	if !ok || len(rest) < 3 || rest[0] == '(' {
		return false
	}
	if open := bytes.IndexByte(rest, '('); open > 0 {
		name := trimSpaces(rest[:open])
		last := rest[len(rest)-1]
		switch {
		case bytes.IndexByte(name, '.') > 0 && bytes.IndexByte(name, ' ') < 0:
			return true
		case !indented:
			return false
		default:
			return last == ')' || last == ']' || last == '{' || last == ',' || contains(rest, ") in ") || isPlaceAtEnd(rest[open+1:])
		}
	}
	rest, _ = cutEnd(rest, " {")
	rest, _ = cutEnd(rest, ",")
	if rest, ok = cut(rest, "async "); !ok && bytes.IndexByte(rest, ' ') >= 0 && !has(rest, "file:") && rest[0] != '/' {
		return string(rest) == "new Promise"
	}
	if !indented {
		return false
	}
	if string(rest) == "<anonymous>" || string(rest) == "<unknown>" {
		return true
	}
	return isPlaceAtEnd(rest) || (isName(rest) && bytes.IndexByte(rest, '.') > 0)
}

// isPlaceAtEnd says whether b ends in ":LINE" or ":LINE:COLUMN".
func isPlaceAtEnd(b []byte) bool {
	b, _ = cutEnd(b, ")")
	i := len(b)
	for i > 0 && isDigit(b[i-1]) {
		i--
	}
	return i < len(b) && i > 1 && b[i-1] == ':'
}

// trimIndent drops leading spaces and tabs.
func trimIndent(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

// isOmission knows "... 12 more" and its likes.
func isOmission(line []byte) bool {
	rest, ok := cut(trimIndent(line), "... ")
	if !ok {
		return false
	}
	number, rest := digits(rest)
	return len(number) > 0 && len(rest) > 0 && rest[0] == ' '
}

// linkOf says whether a line names one more exception of a chain.
func isLink(line []byte) bool {
	b := trimIndent(line)
	for _, prefix := range [...]string{"Caused by: ", "Suppressed: ", "Wrapped by: ", "---> ", "[CIRCULAR REFERENCE", "Caused by:"} {
		if has(b, prefix) {
			return true
		}
	}
	return false
}

// isBetweenFrames knows what else stands between two frames, and ends a stack.
func isBetweenFrames(line []byte) bool {
	b := trimIndent(line)
	for _, prefix := range [...]string{
		"--- End of ", "--- Fin ", "--- Ende ", "- locked <", "- waiting ", "- parking ", "- eliminated <", "(Coroutine boundary)",
		"ClientConnectionId:", "Error Number:", "Thrown at:", "<---", "(Use `node --trace-", "--- Inner Exception", "(Inner Exception #",
		"--- Конец", "--- 내부", "--- 内部", "--- 引发", "--- Koniec", "--- Fine ",
	} {
		if has(b, prefix) {
			return true
		}
	}
	return false
}

func nextAt(p phase, line []byte) phase {
	switch p {
	case nodePlace, nodeSource, nodeCaret, nodeThrown:
		return nextNode(p, line)
	case atCrash:
		switch {
		case has(line, "Process: ") || has(line, "PID: "):
			return atCrash
		case isAtHead(line):
			return atHead
		}
	case atHead, atMessage, atLink:
		switch {
		case isAtFrame(line) || isOmission(line):
			return afterFrame(line)
		case isChainStart(line):
			return chainList
		case string(line) == anyhowBacktrace:
			return rustStack
		case isLink(line) || isBetweenFrames(line):
			return atMessage
		case has(line, nodeVersion):
			return atDone
		case isMessageLine(line) && (len(line) < 4 || opensTrace(line) == idle):
			return atMessage
		}
	case atFrames:
		switch {
		case isAtFrame(line) || isOmission(line):
			return afterFrame(line)
		case isLink(line):
			return atLink
		case isBetweenFrames(line):
			return atFrames
		case len(line) == 0:
			return atBlank
		case isSpace(line[0]):
			return atMessage
		}
	case atProps:
		switch {
		case len(line) == 0 || isSpace(line[0]) || isAtFrame(line):
			return atProps
		case line[0] == '}' || line[0] == ']':
			return atEnd
		}
	case atEnd:
		if len(line) == 0 {
			return atBlank
		}
	case atBlank:
		if has(line, nodeVersion) {
			return atDone
		}
	default:
	}
	return idle
}

const nodeVersion = "Node.js v"

// afterFrame is the phase after a frame, at whose end Node may open a list of
// properties.
func afterFrame(line []byte) phase {
	if _, ok := cutEnd(line, " {"); ok {
		return atProps
	}
	return atFrames
}

// nextNode reads what Node prints before the error itself.
func nextNode(p phase, line []byte) phase {
	switch p {
	case nodePlace:
		if len(line) > 0 {
			return nodeSource
		}
	case nodeSource:
		if isCaret(line) {
			return nodeCaret
		}
	case nodeCaret, nodeThrown:
		switch {
		case has(line, nodeVersion):
			return atDone
		case has(line, "(Use `node --trace-uncaught"):
			return atEnd
		case len(line) == 0:
			return nodeThrown
		case isAtHead(line):
			return atHead
		case isAtFrame(line):
			return atFrames
		case isMessageLine(line):
			return nodeThrown
		}
	default:
	}
	return idle
}

// isCaret knows a line that only points at the one above it.
func isCaret(line []byte) bool {
	line = trimIndent(line)
	for _, c := range line {
		if c != '^' && c != '~' {
			return false
		}
	}
	return len(line) > 0
}

// isNodePlace knows "FILE:LINE", alone.
func isNodePlace(line []byte) bool {
	switch {
	case line[0] == '/' || line[0] == '<' || line[0] == '[' || has(line, "file:") || has(line, "node:") || has(line, "undefined:") || has(line, "evalmachine"):
	case len(line) > 2 && line[1] == ':' && line[2] == '\\':
	default:
		return false
	}
	return isPlaceAtEnd(line) && line[len(line)-1] != ')'
}

// opensAt says whether a line begins such a stack.
func opensAt(line []byte) phase {
	switch {
	case isNodePlace(line):
		return nodePlace
	case has(line, "FATAL EXCEPTION: "):
		return atCrash
	case isAtHead(line):
		if _, ok := cutEnd(line, " {"); ok && line[0] == '[' {
			return atProps
		}
		return atHead
	}
	return idle
}

// leadIn drops the words that runtimes put before the class of an exception.
func leadIn(line []byte) []byte {
	if len(line) == 0 || bytes.IndexByte([]byte("UuCSW-[tE("), line[0]) < 0 {
		return line
	}
	for _, prefix := range [...]string{
		"Unhandled exception. ", "Unhandled Exception: ", "Uncaught (in promise) ", "Uncaught Exception: ", "uncaughtException: ", "Uncaught ",
		"Caused by: ", "Suppressed: ", "Wrapped by: ", "---> ", "[ERROR] FATAL UNHANDLED EXCEPTION: ", "thrown: ", "Unhandled Rejection: ",
	} {
		if rest, ok := cut(line, prefix); ok {
			return rest
		}
	}
	if rest, ok := cut(line, "Exception in thread \""); ok {
		if _, rest, ok = split(rest, "\" "); ok {
			return rest
		}
	}
	// Node's warnings: "(node:1234) [DEP0001] UnhandledPromiseRejectionWarning: ".
	if rest, ok := cut(line, "(node:"); ok {
		if _, rest, ok = split(rest, ") "); ok {
			rest, _ = cut(rest, "UnhandledPromiseRejectionWarning: ")
			return rest
		}
	}
	return line
}

// isAtHead says whether a line may name the exception whose frames follow.
func isAtHead(line []byte) bool {
	if len(line) < 4 || isSpace(line[0]) {
		return false
	}
	kind, _ := className(leadIn(line))
	return len(kind) > 0
}

// className reads "CLASS", "CLASS: MESSAGE" or "CLASS [CODE]: MESSAGE" at the front
// of a line. A class is known by its package, by its capitals within a word, or
// by the words that classes of exceptions end in.
func className(line []byte) (kind, message []byte) {
	line, _ = cut(line, "[")
	i := 0
	for i < len(line) && i < 256 && (byteKinds[line[i]]&inName != 0 || bytes.IndexByte([]byte("$`+/"), line[i]) >= 0) {
		i++
	}
	if i == 0 || isDigit(line[0]) || line[0] == '.' || line[0] == '/' || line[i-1] == '.' || line[i-1] == '/' {
		return nil, nil
	}
	kind, rest := line[:i], line[i:]
	if len(rest) > 1 && (rest[0] == ' ' && rest[1] == '[' || rest[0] == '[') {
		// The code of an error of Node's, or the arguments of a generic class.
		if _, after, ok := split(rest, "]"); ok && len(after) > 0 && after[0] == ':' {
			rest = after
		}
	}
	switch {
	case len(rest) == 0 || string(rest) == " {" || rest[0] == ']':
		message = nil
	case rest[0] == ':':
		message = trimOne(rest[1:])
	default:
		return nil, nil
	}
	if !isClass(kind, len(rest) > 0) {
		return nil, nil
	}
	return kind, message
}

// isClass says whether a word can be the class of an exception; one that stands
// before a colon needs less to be it.
func isClass(kind []byte, colon bool) bool {
	base := kind
	if i := bytes.LastIndexByte(base, '.'); i >= 0 {
		base = base[i+1:]
	}
	if len(base) < 3 || isLevel(kind) {
		return false
	}
	for _, suffix := range [...]string{"Exception", "Error", "Throwable", "Failure", "Fault", "Warning", "Interrupt", "Timeout", "Death", "Rejection"} {
		if _, ok := cutEnd(base, suffix); ok {
			return colon || len(base) > len(suffix) || len(base) < len(kind) || suffix == "Error"
		}
	}
	if base[0] < 'A' || base[0] > 'Z' {
		return false
	}
	if colon && string(kind) == "Trace" {
		return true // what console.trace prints
	}
	if len(base) < len(kind) {
		return bytes.IndexByte(kind, '/') < 0
	}
	inner := false
	for _, c := range base[1:] {
		inner = inner || c >= 'a' && c <= 'z'
	}
	if !inner || !colon {
		return false
	}
	for _, c := range base[1:] {
		if c >= 'A' && c <= 'Z' || c == '$' {
			return true
		}
	}
	return false
}
