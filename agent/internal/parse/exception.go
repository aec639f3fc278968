package parse

import (
	"bytes"
	"crypto/sha256"
	hexadecimal "encoding/hex"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// fault is what a stack says about its error. All alias the text.
type fault struct {
	kind, message []byte
	// trace is the text from the error's name on, without the record it is in.
	trace []byte
}

// readRecord reads a record of several lines, without its envelope. p is the phase
// of its last line. inner says that the envelope names the program: then no line
// is taken for one that has such an envelope itself.
func (s *Stream) readRecord(text []byte, p phase, inner bool) {
	e := &s.entry
	lang := p.language()
	if lang == noLanguage {
		s.readLines(text, inner)
		return
	}
	head, _ := nextLine(text)
	head = chomp(head)
	named := opensTrace(head)
	first := head
	if logged := named == idle || named == header || opensStack(head) == idle && isAppStart(head); logged {
		s.readHead(head, inner)
		if second, _ := nextLine(text[min(len(head)+1, len(text)):]); isJavaUtilHead(head) || isDotnetHead(head) && has(second, dotnetIndent) {
			e.moreLines(head, chomp(second))
		}
		if first = s.entry.out.Get(eventv1.FieldId_FIELD_ID_MESSAGE); len(first) == 0 || !bytes.HasSuffix(head, first) {
			first = head
		}
		first = head[len(head)-len(first):]
	}
	f := faultOf(lang, text, first)
	if named != idle && named != header || len(e.out.Get(eventv1.FieldId_FIELD_ID_MESSAGE)) == 0 {
		e.summary(&f, head)
	}
	switch e.parser {
	case auto, plain, syslog, jsonLine:
		e.parser = appLog
	default:
	}
	if lang == inPython {
		e.parser = python
	}
	e.out.Class = eventv1.Class_CLASS_APP
	e.exception(lang, &f)
}

// readLines reads a record whose format has several lines and which is no
// exception.
func (s *Stream) readLines(text []byte, inner bool) {
	line, rest := nextLine(text)
	if len(rest) == 0 {
		s.readHead(chomp(text), inner)
		return
	}
	if s.readHead(chomp(line), inner); s.entry.parser == plain || s.entry.parser == auto {
		s.entry.parser = appLog
	}
	s.entry.moreLines(chomp(line), rest)
}

// readHead reads the first line of a record.
func (s *Stream) readHead(line []byte, inner bool) {
	if !inner {
		s.read(line)
		return
	}
	e := &s.entry
	if by, ok := e.logger(&s.clock, line); ok {
		e.parser = by
	} else {
		e.parser = plain
		e.set(eventv1.FieldId_FIELD_ID_MESSAGE, line)
	}
	e.out.Class = eventv1.Class_CLASS_APP
}

// summary is the message of a record that is nothing but an exception: the line
// that names the error.
func (e *entry) summary(f *fault, head []byte) {
	if len(f.kind) == 0 {
		e.set(eventv1.FieldId_FIELD_ID_MESSAGE, head)
		return
	}
	message, _ := nextLine(f.message)
	start := len(e.scratch)
	e.scratch = append(e.scratch, f.kind...)
	if message = chomp(message); len(message) > 0 {
		e.scratch = append(append(e.scratch, ": "...), message...)
	}
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, e.scratch[start:len(e.scratch):len(e.scratch)])
}

// exception sets the error fields.
func (e *entry) exception(lang language, f *fault) {
	if e.out.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil { // else its line tells of a login, which failed with it
		e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, "exception")
		e.text(eventv1.FieldId_FIELD_ID_EVENT_TYPE, "error")
		e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, failure)
	}
	e.add(eventv1.FieldId_FIELD_ID_ERROR_TYPE, f.kind)
	e.add(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE, f.message)
	e.add(eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE, f.trace)
	e.fingerprint(lang, f.trace)
}

// faultOf finds the error that a stack is of. first is the first line of the text
// without what a log wrote before its message.
func faultOf(lang language, text, first []byte) fault {
	switch lang {
	case inPython:
		return pythonFault(text)
	case atFamily:
		return atFault(text, first)
	case inGo:
		return goFault(text, first)
	case inPHP:
		return phpFault(text, first)
	case inRuby:
		return rubyFault(text, first)
	case inRust:
		return rustFault(text, first)
	case inDart:
		return dartFault(text)
	case noLanguage:
	}
	return fault{trace: text}
}

// stackIn finds out which language a text is a stack of, line by line.
func stackIn(text []byte) language {
	if traceOffset(text) >= 0 {
		return inPython
	}
	lines := 0
	for rest := text; len(rest) > 0 && lines < 64; lines++ {
		var line []byte
		line, rest = nextLine(rest)
		line = chomp(line)
		if to := opensStack(line); to != idle {
			return to.language()
		}
		if place, _ := nextLine(rest); isGoFunction(line) && isGoPlace(place) {
			return inGo
		}
		if to := opensTraceAt(line); to == rustHead || to == rustPlace || to == phpHead || to == rubyHead {
			return to.language()
		}
	}
	return noLanguage
}

func opensTraceAt(line []byte) phase {
	if len(line) < 4 {
		return idle
	}
	return opensTrace(line)
}

// fingerprint hashes the files and functions of the frames, in order and without
// line numbers, so that an edit elsewhere in a file does not make a new error. Of
// Go's stacks it is the first goroutine's: the others are there by chance.
func (e *entry) fingerprint(lang language, text []byte) {
	h := sha256.New()
	frames, goroutines := 0, 0
	for rest := text; len(rest) > 0; {
		var line []byte
		line, rest = nextLine(rest)
		line = chomp(line)
		if lang == inGo && isGoroutine(line) {
			if goroutines++; goroutines > 1 {
				break
			}
		}
		file, function, ok := readFrameOf(lang, line)
		if !ok {
			continue
		}
		frames++
		mark := len(e.scratch)
		e.scratch = appendStable(appendStable(e.scratch, file), function)
		h.Write(e.scratch[mark:])
		e.scratch = e.scratch[:mark]
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

// readFrameOf reads the file and the function of a frame. Either may be empty.
func readFrameOf(lang language, line []byte) (file, function []byte, ok bool) {
	switch lang {
	case inPython:
		content, _ := gutter(line)
		return readFrame(trimLeft(content))
	case atFamily:
		return atFrame(line)
	case inGo:
		return goFrame(line)
	case inPHP:
		return phpFrame(line)
	case inRuby:
		b, _ := rubyFrom(trimIndent(line))
		file, function, _, ok = rubyPlace(b)
		return file, function, ok
	case inRust:
		return rustFrame(line)
	case inDart:
		return dartFrame(line)
	case noLanguage:
	}
	return nil, nil, false
}

// appendStable appends a name without what differs from one build or run to the
// next: addresses, hashes, and the numbers of generated classes and functions.
func appendStable(buffer, name []byte) []byte {
	for i := 0; i < len(name); {
		if n := generated(name, i); n > 0 {
			buffer = append(buffer, '#')
			i += n
			continue
		}
		buffer = append(buffer, name[i])
		i++
	}
	return append(buffer, 0)
}

// generated says how many bytes at an offset are a generated number: eight or more
// hexadecimal digits, or digits after what generators of names write before them.
func generated(name []byte, i int) int {
	if hex(name[i]) < 0 {
		return 0
	}
	inWord := i > 0 && (isLetter(name[i-1]) || isDigit(name[i-1]))
	n, number := i, false
	for n < len(name) && n-i < 64 && hex(name[n]) >= 0 {
		number = number || isDigit(name[n])
		n++
	}
	after := n < len(name) && isLetter(name[n])
	if number && n-i >= 8 && !after && (!inWord || i > 1 && name[i-1] == 'x' || i > 1 && name[i-1] == 'h') {
		return n - i
	}
	if !isDigit(name[i]) || i == 0 {
		return 0
	}
	number1, _ := digits(name[i:])
	before := name[:i]
	for _, mark := range [...]string{"$", ".func", "Accessor", "Proxy", "__", "_", "gowrap", "@", "0x", "#", "/"} {
		if _, ok := cutEnd(before, mark); ok {
			return len(number1)
		}
	}
	return 0
}
