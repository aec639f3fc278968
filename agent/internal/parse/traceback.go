package parse

import "bytes"

// Python's tracebacks. Written from Lib/traceback.py (TracebackException.format,
// exception groups' drawing), Lib/logging/__init__.py (Formatter.format),
// Lib/asyncio/base_events.py (default_exception_handler) and Lib/threading.py
// (excepthook) of CPython 3.11.

const (
	traceStart = "Traceback (most recent call last):"
	groupStart = "Exception Group Traceback (most recent call last):"
	during     = "During handling of the above exception, another exception occurred:"
	cause      = "The above exception was the direct cause of the following exception:"
)

// nextLine takes a line off the front of text.
func nextLine(text []byte) (line, rest []byte) {
	i := bytes.IndexByte(text, '\n')
	if i < 0 {
		return text, nil
	}
	return text[:i], text[i+1:]
}

// chomp drops a carriage return at a line's end.
func chomp(line []byte) []byte {
	line, _ = cutEnd(line, "\r")
	return line
}

// gutter drops what an exception group draws before a line: spaces, then "|" or
// "+" and a space. depth is the column of the drawing, -1 without one.
func gutter(line []byte) (text []byte, depth int) {
	i := 0
	for i < len(line) && line[i] == ' ' {
		i++
	}
	if i == len(line) || i == 0 || (line[i] != '|' && line[i] != '+') {
		return line, -1
	}
	return trimOne(line[i+1:]), i
}

// beginsTrace says whether a line begins a traceback that is not part of a
// group's drawing.
func beginsTrace(line []byte) (trace, group bool) {
	if string(line) == traceStart {
		return true, false
	}
	text, depth := gutter(line)
	return false, depth >= 0 && depth <= 2 && string(text) == groupStart
}

// isPrelude knows what the interpreter and asyncio print before a traceback.
func isPrelude(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	switch line[0] {
	case 'E', 'T', 'F', 'U', 'I':
	default:
		return false
	}
	for _, prefix := range [...]string{
		"Exception in thread ", "Exception ignored in: ", "Exception in callback ", "Exception in ASGI application",
		"Task exception was never retrieved", "Future exception was never retrieved", "Unhandled exception in ", "Internal Server Error: ",
	} {
		if has(line, prefix) {
			return !isAtHead(line) // Java names a thread too, and the exception after it
		}
	}
	return false
}

// nextPython says in which phase a line continues a traceback.
func nextPython(p phase, line []byte) phase {
	trace, inGroup := beginsTrace(line)
	switch p {
	case marker, linked:
		switch {
		case trace:
			return frames
		case inGroup:
			return group
		case p == marker && len(line) == 0:
			return linked
		}
	case frames:
		switch {
		case len(line) > 0 && isSpace(line[0]):
			return frames
		case len(line) > 0 && isException(line):
			return ended
		case len(line) > 4 && opensRuby(line) == rubyHead:
			return rubyStack // Ruby 2.5 to 2.7 began so on a terminal
		}
	case group:
		if _, depth := gutter(line); depth >= 0 {
			return group
		}
		if len(line) == 0 {
			return blank
		}
	case ended:
		switch {
		case len(line) == 0:
			return blank
		case isSpace(line[0]) && !inGroup || continuesMessage(line) || has(line, ": "):
			return ended
		case !trace && isUnmarked(line):
			return doubt
		}
	case doubt:
		switch {
		case inGroup || len(line) == 0 || opensStack(line) != idle:
		case len(line) > 2 && isSpace(line[0]) && isSpace(line[1]):
			return ended
		case !trace && isUnmarked(line):
			return doubt
		}
	case blank:
		switch {
		case string(line) == during || string(line) == cause:
			return marker
		case continuesMessage(line):
			return ended
		}
	default:
	}
	return idle
}

// continuesMessage knows the further lines of database errors' messages.
func continuesMessage(line []byte) bool {
	for _, prefix := range [...]string{
		"LINE ", "DETAIL: ", "HINT: ", "CONTEXT: ", "QUERY: ", "[SQL: ", "[parameters: ", "(Background on this error at: ",
	} {
		if has(line, prefix) {
			return true
		}
	}
	return false
}

// traceOffset finds the last traceback that is not inside a group.
func traceOffset(text []byte) int {
	found, at := -1, 0
	for rest := text; len(rest) > 0; {
		line, after := nextLine(rest)
		trace, group := beginsTrace(chomp(line))
		// A record's own first words may stand before the first one.
		if trace || group || (at == 0 && endsInTrace(chomp(line))) {
			found = at
		}
		at += len(rest) - len(after)
		rest = after
	}
	return found
}

func endsInTrace(line []byte) bool {
	_, ok := cutEnd(line, traceStart)
	return ok
}

// traceError reads the line after the frames of one traceback, "TYPE[: MESSAGE]".
// Outside a group the message goes on to the end of the text.
func traceError(text []byte) (kind, message []byte) {
	first, rest := nextLine(text)
	_, group := beginsTrace(chomp(first))
	for len(rest) > 0 {
		line, after := nextLine(rest)
		content := chomp(line)
		if group {
			content, _ = gutter(content)
		}
		if len(content) == 0 || isSpace(content[0]) {
			rest = after
			continue
		}
		if !isException(content) {
			return nil, nil
		}
		kind, message, _ = split(content, ": ")
		if len(message) == 0 {
			kind, _ = cutEnd(kind, ":")
		} else if !group {
			message = bytes.TrimRight(rest[len(kind)+len(": "):], "\r\n")
		}
		return kind, message
	}
	return nil, nil
}

// isException says whether a line can be the one that ends a traceback: a class's
// name, alone or before a colon.
func isException(line []byte) bool {
	kind, _, ok := split(line, ": ")
	if !ok {
		kind, _ = cutEnd(line, ":")
	}
	// One lower-case word is more likely a neighbour than a class.
	if isLevel(kind) || len(kind) == 0 || (kind[0] >= 'a' && kind[0] <= 'z' && bytes.IndexByte(kind, '.') < 0) {
		return false
	}
	if open := bytes.Index(kind, []byte(".<locals>")); open > 0 {
		return isName(kind[:open])
	}
	return isName(kind)
}

// readFrame reads `File "PATH", line N[, in FUNCTION]`.
func readFrame(line []byte) (file, function []byte, ok bool) {
	rest, ok := cut(line, `File "`)
	if !ok {
		return nil, nil, false
	}
	file, rest, ok = split(rest, `", line `)
	if !ok {
		return nil, nil, false
	}
	_, rest = digits(rest)
	function, _ = cut(rest, ", in ")
	return file, function, true
}
