package parse

import (
	"bytes"
	"crypto/sha256"
	hexadecimal "encoding/hex"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

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

// traceback sets the error fields from a text that holds one. The error is the
// one that was raised last: of a chain the last traceback, of a group the group.
func (e *entry) traceback(text []byte) bool {
	start := traceOffset(text)
	if start < 0 {
		return false
	}
	kind, message := traceError(text[start:])
	e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, "exception")
	e.text(eventv1.FieldId_FIELD_ID_EVENT_TYPE, "error")
	e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, failure)
	e.add(eventv1.FieldId_FIELD_ID_ERROR_TYPE, kind)
	e.add(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE, message)
	e.add(eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE, text)
	e.fingerprint(text)
	return true
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

// errorLine is the line that names the error, the best that a traceback without
// words of its own has for a message.
func errorLine(text []byte) []byte {
	start := traceOffset(text)
	if start < 0 {
		return nil
	}
	kind, message := traceError(text[start:])
	if len(kind) == 0 || len(message) == 0 {
		return kind
	}
	message, _ = nextLine(message)
	// Both stand in the same line, two bytes apart.
	return chomp(kind[:len(kind)+len(": ")+len(message)])
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

// fingerprint hashes the files and functions of the frames, in order and without
// line numbers, so that an edit elsewhere in a file does not make a new error.
func (e *entry) fingerprint(text []byte) {
	h := sha256.New()
	frames := 0
	for rest := text; len(rest) > 0; {
		var line []byte
		line, rest = nextLine(rest)
		content, _ := gutter(chomp(line))
		file, function, ok := readFrame(trimLeft(content))
		if !ok {
			continue
		}
		frames++
		h.Write(file)
		h.Write([]byte{0})
		h.Write(function)
		h.Write([]byte{0})
	}
	if frames == 0 {
		return
	}
	var sum [sha256.Size]byte
	var digits [32]byte
	hexadecimal.Encode(digits[:], h.Sum(sum[:0])[:16])
	start := len(e.scratch)
	e.scratch = append(e.scratch, digits[:]...)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_ERROR_FINGERPRINT, e.scratch[start:len(e.scratch):len(e.scratch)])
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
