package parse

import "bytes"

// rubyFault reads the words of an exception: the line with its place, or that of
// Rails or Logger.
func rubyFault(text, first []byte) fault {
	f := fault{trace: text}
	at := 0
	for rest := text; len(rest) > 0; {
		line, after := nextLine(rest)
		start := at
		at += len(rest) - len(after)
		rest = after
		line = chomp(line)
		if start == 0 && len(first) > 0 && len(first) < len(line) {
			start, line = len(line)-len(first), first
		}
		if len(line) < 4 {
			continue
		}
		switch _, method, tail, ok := rubyPlace(line); {
		case isRubyFrame(line):
			continue
		case ok && len(method) > 0 && has(tail, ": "):
			f.kind, f.message = rubyError(tail[len(": "):], rest)
		case isRailsHead(line):
			kind, message, _ := split(trimLeft(line), " (")
			f.kind = kind
			f.message, _ = cutEnd(message, "):")
		default:
			if f.kind, f.message = rubyError(line, nil); len(f.kind) == 0 {
				if f.kind, f.message = className(trimIndent(line)); len(f.kind) == 0 {
					continue
				}
			}
		}
		f.trace = text[start:]
		return f
	}
	return f
}

// rubyError reads "MESSAGE (CLASS)" and the lines of the message below it.
func rubyError(line, rest []byte) (kind, message []byte) {
	message, kind, ok := splitLast(line, " (")
	kind, end := cutEnd(kind, ")")
	if !ok || !end || !isRubyClass(kind) {
		return nil, line
	}
	message = bytes.Clone(message)
	for len(rest) > 0 {
		var more []byte
		more, rest = nextLine(rest)
		more = chomp(more)
		if len(more) == 0 || isRubyFrame(more) || has(more, "Did you mean?") || (len(more) > 3 && opensRuby(more) != idle) {
			break
		}
		message = append(append(message, '\n'), more...)
	}
	return kind, message
}

// rustFault reads the message of a panic, or of an error that anyhow printed.
func rustFault(text, first []byte) fault {
	f := fault{trace: text}
	i := index(text, " panicked at ")
	if i < 0 {
		f.kind, f.message = className(first)
		if len(f.kind) == 0 {
			f.message = first
		}
		return f
	}
	f.trace = text[max(0, lastIndex(text[:i], "thread '")):]
	f.kind = text[i+1 : i+1+len("panic")]
	place, rest := nextLine(text[i+len(" panicked at "):])
	if place = chomp(place); len(place) > 0 && place[0] == '\'' {
		f.message, _, _ = splitLast(place[1:], "', ")
		return f
	}
	for _, mark := range [...]string{"\nnote: ", "\nstack backtrace:"} {
		rest, _, _ = split(rest, mark)
	}
	if !has(rest, "note: ") && !has(rest, rustBacktrace) {
		f.message = bytes.TrimRight(rest, "\r\n")
	}
	return f
}

// rustFrame reads a frame's function, the line of its file, or a panic's place.
func rustFrame(line []byte) (file, function []byte, ok bool) {
	if _, place, ok := split(line, " panicked at "); ok {
		place, _ = cutEnd(place, ":")
		if i := lastIndex(place, "', "); i >= 0 {
			place = place[i+len("', "):]
		}
		return withoutPlace(place), nil, true
	}
	if !isRustFrame(line) {
		return nil, nil, false
	}
	b := trimIndent(line)
	if rest, ok := cut(b, "at "); ok {
		return withoutPlace(rest), nil, true
	}
	_, rest := digits(b)
	rest, _ = cut(rest, ": ")
	rest = trimLeft(rest)
	if has(rest, "0x") {
		_, rest, _ = split(rest, " - ")
	}
	return nil, rest, true
}

// dartFault reads the message before the frames and its class. Errors of the core
// library print words, not their class.
func dartFault(text []byte) fault {
	f := fault{trace: text}
	head, rest := nextLine(text)
	at := len(head) + 1
	if _, inline, ok := split(head, "Unhandled Exception: "); ok {
		at = offsetIn(text, inline)
	} else if isDartFrame(head) {
		return f
	}
	end := len(text)
	for position := len(head) + 1; len(rest) > 0; {
		line, after := nextLine(rest)
		if isDartFrame(chomp(line)) {
			end = position
			break
		}
		position += len(rest) - len(after)
		rest = after
	}
	if at >= end {
		return f
	}
	f.message = bytes.TrimRight(text[at:end], "\r\n")
	f.kind, f.message = dartError(f.message)
	return f
}

// dartError finds the class of an error from its words.
func dartError(message []byte) (kind, rest []byte) {
	if kind, ok := cut(message, "Instance of '"); ok {
		kind, _ = cutEnd(kind, "'")
		return kind, message
	}
	for _, known := range [...]struct{ words, kind string }{
		{"Bad state: ", "StateError"}, {"Invalid argument", "ArgumentError"}, {"Unsupported operation: ", "UnsupportedError"},
		{"RangeError (", "RangeError"}, {"Concurrent modification during iteration", "ConcurrentModificationError"},
		{"Null check operator used on a null value", "TypeError"}, {"type '", "TypeError"}, {"UnimplementedError", "UnimplementedError"},
		{"Stack Overflow", "StackOverflowError"}, {"Out of Memory", "OutOfMemoryError"}, {"Assertion failed", "AssertionError"},
		{"LateInitializationError: ", "LateInitializationError"},
	} {
		if has(message, known.words) {
			return []byte(known.kind), message
		}
	}
	if contains(message, "Failed assertion: ") {
		return []byte("AssertionError"), message
	}
	first, _ := nextLine(message)
	if kind, _, ok := split(first, ": "); ok && isName(kind) && kind[0] >= 'A' && kind[0] <= 'Z' {
		return kind, message[len(kind)+len(": "):]
	}
	return nil, message
}

// dartFrame reads "#0      f (URI:LINE:COLUMN)".
func dartFrame(line []byte) (file, function []byte, ok bool) {
	if !isDartFrame(line) {
		return nil, nil, false
	}
	_, rest := token(line)
	open := bytes.LastIndexByte(rest, '(')
	place, _ := cutEnd(rest[open+1:], ")")
	return withoutPlace(place), trimSpaces(rest[:open]), true
}
