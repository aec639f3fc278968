package parse

import "bytes"

// Each language's way to name the error and a frame.

func pythonFault(text []byte) fault {
	at := 0
	for rest := text; len(rest) > 0; {
		line, after := nextLine(rest)
		line = chomp(line)
		if trace, inGroup := beginsTrace(line); trace || inGroup {
			break
		}
		if at == 0 && endsInTrace(line) {
			at = len(line) - len(traceStart)
			break
		}
		at += len(rest) - len(after)
		rest = after
	}
	if at >= len(text) {
		at = 0
	}
	f := fault{trace: text[at:]}
	// Without its first line it is the rest of one whose beginning was rotated away.
	f.kind, f.message = traceError(text[max(0, traceOffset(text)):])
	return f
}

// atFault finds the line that names the exception: the first before the frames
// that can, in the order of how sure that is.
func atFault(text, first []byte) fault {
	const (
		whole = iota // a class of a package, or one that is called an exception
		inner        // such a class within the first line
		weak         // a word with capitals
		none
	)
	f, found := fault{trace: text}, none
	take := func(kind, message []byte, at, quality int) {
		if quality < found {
			found = quality
			f = fault{kind: kind, message: message, trace: text[at:]}
		}
	}
	at, end := 0, len(text)
	for rest := text; len(rest) > 0; {
		line, after := nextLine(rest)
		start := at
		at += len(rest) - len(after)
		line = chomp(line)
		if start > 0 && (isAtFrame(line) || isOmission(line)) || start == 0 && isAtFrame(line) && &first[0] == &line[0] {
			end = start
			break
		}
		rest = after
		if found == whole && isLink(line) {
			end = start
			break
		}
		if start == 0 && len(first) > 0 {
			start, line = len(line)-len(first), first
		}
		body := trimIndent(line)
		kind, message := className(leadIn(body))
		if len(kind) == 0 {
			if start < len(text) && len(body) > 0 && &first[0] == &line[0] {
				if kind, message = innerClass(line); len(kind) > 0 {
					take(kind, message, offsetIn(text, kind), inner)
				}
			}
			continue
		}
		quality := weak
		if isSureClass(kind) {
			quality = whole
		}
		take(kind, message, offsetIn(text, kind), quality)
	}
	if found == none {
		f.message = thrownValue(text)
		return f
	}
	f.message = messageUntil(text, f.message, end)
	return f
}

// thrownValue is what Node prints of a value that is no error: the lines between
// the caret below the source and the runtime's own words.
func thrownValue(text []byte) []byte {
	place, rest := nextLine(text)
	if len(place) == 0 || !isNodePlace(chomp(place)) {
		return nil
	}
	for range 2 {
		var line []byte
		if line, rest = nextLine(rest); isCaret(chomp(line)) {
			rest, _, _ = split(rest, "\n(Use `node")
			rest, _, _ = split(rest, "\n\nNode.js v")
			return bytes.TrimSpace(rest)
		}
	}
	return nil
}

// offsetIn is where a part of a text begins. The two share their memory.
func offsetIn(text, part []byte) int {
	return cap(text) - cap(part)
}

// messageUntil makes a message that ends with its line go on to an offset.
func messageUntil(text, message []byte, end int) []byte {
	if len(message) == 0 {
		return nil
	}
	if at := offsetIn(text, message); at >= 0 && at < end && end <= len(text) {
		message = text[at:end]
	}
	message = bytes.TrimRight(message, "\r\n")
	for _, mark := range [...]string{"\n ---> ", " ---> ", "\nCaused by:", "\n\nCaused by:"} {
		message, _, _ = split(message, mark)
	}
	return bytes.TrimRight(message, "\r\n")
}

// isSureClass says whether a class has a package, or a name as exceptions have.
func isSureClass(kind []byte) bool {
	for _, suffix := range [...]string{"Exception", "Error", "Throwable", "Failure", "Fault"} {
		if _, ok := cutEnd(kind, suffix); ok {
			return true
		}
	}
	return bytes.IndexByte(kind, '.') > 0
}

// innerClass finds "CLASS: MESSAGE", or CLASS at the end, within a line.
func innerClass(line []byte) (kind, message []byte) {
	for i := range line {
		if i > 0 && bytes.IndexByte([]byte(" [(\"'\t"), line[i-1]) < 0 {
			continue
		}
		kind, message = className(line[i:])
		if len(kind) == 0 || line[i] == '[' {
			continue
		}
		for _, suffix := range [...]string{"Exception", "Error", "Throwable"} {
			if _, ok := cutEnd(kind, suffix); ok && len(kind) > len(suffix)-1 {
				return kind, message
			}
		}
	}
	return nil, nil
}

// atFrame reads a frame of Java's, .NET's or JavaScript's.
func atFrame(line []byte) (file, function []byte, ok bool) {
	if !isAtFrame(line) {
		return nil, nil, false
	}
	rest, _, _ := atWord(line)
	rest, _ = cutEnd(rest, " {")
	rest, _ = cutEnd(rest, ",")
	open := bytes.IndexByte(rest, '(')
	if open < 0 {
		rest, _ = cut(rest, "async ")
		return withoutPlace(rest), nil, true
	}
	function = trimSpaces(rest[:open])
	if i := bytes.LastIndexByte(function, '/'); i >= 0 {
		function = function[i+1:] // Java's class loader and module, with its version
	}
	if i := lastIndex(rest, ") in "); i > 0 {
		file, _, _ = split(rest[i+len(") in "):], ":line ")
		return withoutPlace(file), function, true
	}
	if i := lastIndex(rest, "] in "); i > 0 {
		return withoutPlace(rest[i+len("] in "):]), function, true
	}
	if last := bytes.LastIndexByte(rest, '('); last > open && contains(rest[last:], ":") {
		open = last
	}
	inside := rest[open+1:]
	if i := bytes.IndexByte(inside, ')'); i >= 0 {
		inside = inside[:i]
	}
	if isPlaceAtEnd(inside) || contains(inside, ".java") || contains(inside, ".kt") || contains(inside, "Native Method") {
		return withoutPlace(inside), function, true
	}
	return nil, function, true
}

// withoutPlace drops ":LINE" and ":LINE:COLUMN".
func withoutPlace(b []byte) []byte {
	for isPlaceAtEnd(b) {
		b = b[:bytes.LastIndexByte(b, ':')]
	}
	return b
}

// goFault reads the words of a panic: of several the last.
func goFault(text, first []byte) fault {
	f := fault{trace: text}
	for rest := text; len(rest) > 0; {
		line, after := nextLine(rest)
		if isGoroutine(chomp(line)) {
			break
		}
		if len(f.kind) == 0 && len(rest) == len(text) && len(first) > 0 {
			line = first
		}
		for _, kind := range [...]string{"panic", "fatal error"} {
			i := index(line, kind)
			if i < 0 || (len(rest) != len(text) && i > 1) {
				continue
			}
			tail := line[i+len(kind):]
			if message, ok := cut(tail, ": "); ok {
				f.kind, f.message = line[i:i+len(kind)], goMessage(text, message)
			} else if message, ok := cut(tail, " serving "); ok {
				// An address of version 6 is in brackets, so its port ends at ": ".
				_, message, _ = split(message, ": ")
				f.kind, f.message = line[i:i+len(kind)], goMessage(text, message)
			}
		}
		if len(f.kind) == 0 && has(line, "SIG") && isGoSignal(line) {
			f.kind, f.message, _ = split(chomp(line), ": ")
		}
		rest = after
	}
	return f
}

// goMessage makes a message go on to where the runtime's own lines begin.
func goMessage(text, message []byte) []byte {
	if len(message) == 0 {
		return nil
	}
	message = messageUntil(text, message, len(text))
	for _, mark := range [...]string{"\n[signal ", "\n\n", "\ngoroutine ", "\n\tpanic: ", "\r\n", "\n[recovered", "\nPC=", "\nruntime: "} {
		message, _, _ = split(message, mark)
	}
	message, _ = cutEnd(message, " [recovered]")
	message, _ = cutEnd(message, " [recovered, repanicked]")
	return message
}

// goFrame reads the line of a function or that of its place.
func goFrame(line []byte) (file, function []byte, ok bool) {
	if isGoPlace(line) {
		b, _, _ := split(trimIndent(line), " +0x")
		return withoutPlace(b), nil, true
	}
	if isGoFunction(line) && !isGoroutine(line) {
		return nil, goFunction(line), true
	}
	return nil, nil, false
}

// phpFault reads the words of the last exception of a chain.
func phpFault(text, first []byte) fault {
	f := fault{trace: text}
	at := 0
	if len(first) > 0 {
		at = max(0, offsetIn(text, first))
	}
	f.trace = text[min(at, len(text)):]
	rest := f.trace
	for _, mark := range [...]string{"exception '", "Uncaught ", `[object] (`} {
		if i := index(rest, mark); i >= 0 {
			rest = rest[i+len(mark):]
			if mark == "exception '" {
				f.kind, rest, _ = split(rest, "'")
				rest, _ = cut(rest, " with message '")
				rest, _, _ = split(rest, "\nStack trace:")
				f.message, _, _ = splitPlace(rest)
				f.message, _ = cutEnd(f.message, "'")
				return f
			}
			break
		}
	}
	for {
		f.kind, f.message = phpError(rest)
		i := index(rest, "\nNext ")
		if i < 0 {
			break
		}
		rest = rest[i+len("\nNext "):]
	}
	return f
}

// phpError reads "CLASS: MESSAGE in FILE:LINE" or "CLASS(code: N): MESSAGE at FILE:LINE".
func phpError(b []byte) (kind, message []byte) {
	b, _, _ = split(b, "\nStack trace:")
	b, _, _ = split(b, "\n[stacktrace]")
	b, _, _ = split(b, "\n  thrown in ")
	i := 0
	for i < len(b) && (byteKinds[b[i]]&inName != 0 || b[i] == '\\' || b[i] == '@') {
		i++
	}
	kind, rest := b[:i], b[i:]
	if after, ok := cut(rest, "(code: "); ok {
		_, rest, _ = split(after, ")")
	}
	if rest, ok := cut(rest, ": "); ok {
		message, _, _ = splitPlace(rest)
		return kind, message
	}
	return kind, nil
}

// splitPlace cuts " in FILE:LINE" or " at FILE:LINE" off a message's end.
func splitPlace(b []byte) (message, file []byte, ok bool) {
	line := bytes.TrimRight(b, "\r\n)")
	for _, word := range [...]string{" in ", " at "} {
		if message, place, ok := splitLast(line, word); ok && isPlaceAtEnd(place) {
			return message, withoutPlace(place), true
		}
	}
	if message, _, ok := splitLast(line, " in "); ok && contains(line, ":") {
		line = message
	}
	return line, nil, false
}

// phpFrame reads a frame, or the place in the words of an exception.
func phpFrame(line []byte) (file, function []byte, ok bool) {
	if !isPHPFrame(line) {
		_, file, ok = splitPlace(line)
		return file, nil, ok
	}
	if rest, ok := cut(line, "#"); ok {
		_, rest = token(rest)
		place, call, _ := split(rest, ": ")
		if open := bytes.LastIndexByte(place, '('); open > 0 {
			place = place[:open]
		}
		call, _, _ = split(call, "(")
		return place, call, true
	}
	_, rest, _ := split(line, ". ")
	call, place, _ := splitLast(rest, " ")
	call, _, _ = split(call, "(")
	return withoutPlace(place), call, true
}
