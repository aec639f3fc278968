package parse

// phase is where in a multi-line record the joiner is. Those of one language
// stand together, in the order of languageOf.
type phase int

const (
	idle     phase = iota
	piece          // within a line that its envelope broke
	header         // a record that a stack may follow
	indent         // a record of .NET's console, whose further lines are indented
	second         // the first line of java.util.logging, whose message is the second
	complete       // that of a record that no stack follows
	noted          // indented words between a record and its stack
	gap            // an empty line between the two, as Spring has it

	frames // Python: within a traceback
	group  // within the drawing of an exception group
	ended  // after a traceback's last line
	blank  // an empty line after that: a chain may go on
	marker // after the words that link a chain
	linked // an empty line after those
	doubt  // a line that is a neighbour, unless an indented one follows

	nodePlace  // Java, .NET, JavaScript: Node's line with the place of a throw
	nodeSource // the line of source there
	nodeCaret  // the caret below it
	nodeThrown // what follows that, before the error itself
	atCrash    // what Android says before an exception
	atHead     // a line that names an exception
	atMessage  // more lines of its message
	atLink     // a line that names one more exception of a chain
	atFrames   // within the frames
	atProps    // within the properties that Node prints after them
	atEnd      // after those
	atBlank    // an empty line, before Node says its version
	atDone     // after that: nothing more belongs to it

	goHead  // Go: a panic's words
	goText  // more lines of them
	goBlank // an empty line before the stacks
	goFunc  // a line that names a function
	goStack // within the stack of a goroutine
	goGap   // an empty line between two of them
	goRegs  // the registers after a signal
	goDone

	phpHead  // PHP: an exception's words
	phpText  // more lines of them
	phpStack // within a stack
	phpGap   // an empty line before the next exception of a chain
	phpNext  // that exception's words
	phpDone

	rubyHead  // Ruby: a place and the error there
	rubyText  // more lines of its message
	rubyHint  // a caret below the source, or a suggestion
	rubyStack // within a backtrace
	railsHead // a class with its message in parentheses
	railsGap  // an empty line after that

	rustHead  // Rust: a panic's place and message
	rustPlace // a panic's place, whose message is the next line
	rustText  // that
	rustMore  // further lines of the message
	rustStack // within a backtrace
	chainList // within the causes that anyhow lists
	chainMore // an empty line after those
	rustDone

	dartHead  // Dart: the words before an unhandled error
	dartText  // lines of its message
	dartStack // within the frames
	dartDone
)

// tentative says whether a line of this phase belongs to the record only if a
// certain one follows.
func (p phase) tentative() bool {
	switch p {
	case piece, noted, gap, blank, marker, linked, doubt,
		nodePlace, nodeSource, nodeCaret, nodeThrown, atCrash, atHead, atMessage, atBlank,
		goHead, goText, goBlank, goFunc, goGap, phpHead, phpText, phpGap, phpNext,
		rubyHead, rubyText, railsHead, railsGap, rustHead, rustPlace, rustMore, chainMore, dartHead, dartText:
		return true
	default:
		return false
	}
}

// alone says whether one line that opened a record in this phase is an exception
// by itself.
func (p phase) alone() bool { return p == rubyHead || p == phpHead || p == rustHead }

// language is what wrote a stack.
type language int

const (
	noLanguage language = iota
	inPython
	atFamily // Java, .NET and JavaScript, whose frames all begin with "at"
	inGo
	inPHP
	inRuby
	inRust
	inDart
)

// language is that of the record a phase is of.
func (p phase) language() language {
	switch {
	case p < frames:
		return noLanguage
	case p < nodePlace:
		return inPython
	case p < goHead:
		return atFamily
	case p < phpHead:
		return inGo
	case p < rubyHead:
		return inPHP
	case p < rustHead:
		return inRuby
	case p < dartHead:
		return inRust
	default:
		return inDart
	}
}

// whole is the phase of a record of a language that is complete, and that may have
// more lines all the same.
func (l language) whole() phase {
	switch l {
	case inPython:
		return ended
	case atFamily:
		return atFrames
	case inGo:
		return goStack
	case inPHP:
		return phpStack
	case inRuby:
		return rubyStack
	case inRust:
		return rustStack
	case inDart:
		return dartStack
	case noLanguage:
	}
	return header
}

// next says in which phase a line continues the record; idle means that it does
// not.
func next(p phase, line []byte) phase {
	switch p.language() {
	case inPython:
		return nextPython(p, line)
	case atFamily:
		return nextAt(p, line)
	case inGo:
		return nextGo(p, line)
	case inPHP:
		return nextPHP(p, line)
	case inRuby:
		return nextRuby(p, line)
	case inRust:
		return nextRust(p, line)
	case inDart:
		return nextDart(p, line)
	case noLanguage:
	}
	return afterRecord(p, line)
}

// afterRecord says how a line continues a record that is no exception so far.
func afterRecord(p phase, line []byte) phase {
	switch {
	case len(line) == 0:
		if p == header {
			return gap
		}
		return idle
	case p == gap:
		if kind, _ := className(leadIn(line)); isSureClass(kind) {
			return atHead
		}
		return idle
	case p == indent:
		if !has(line, dotnetIndent) {
			return idle
		}
		if isAtFrame(line) {
			return atFrames
		}
		return indent
	case p == second:
		if !isJavaUtilMessage(line) {
			return idle
		}
		if level, _, _ := split(line, ":"); isSevereWord(level) {
			return header
		}
		return complete
	case p == complete:
		return idle
	}
	if to := opensStack(line); to != idle {
		return to
	}
	if to := opensTrace(line); to != idle {
		return to
	}
	switch {
	case has(line, "future: <") || has(line, "handle: <") || has(line, "task: <"):
		return header
	case isGoFunction(line):
		return goFunc
	case isAtHead(line):
		return atHead
	case isSpace(line[0]):
		return noted
	}
	return idle
}

// opensTrace says which trace a line begins, whatever stood before it.
func opensTrace(line []byte) phase {
	if len(line) < 4 {
		return idle
	}
	switch line[0] {
	case 'T', ' ':
		if trace, inGroup := beginsTrace(line); trace {
			return frames
		} else if inGroup {
			return group
		}
	}
	if isLetter(line[0]) && !mayOpen(line) || line[0] == '[' && (line[1] == ' ' || isDigit(line[1]) && !contains(line, "] PHP ")) {
		return idle
	}
	if isPrelude(line) {
		return header
	}
	for _, opens := range [...]func([]byte) phase{opensGo, opensPHP, opensRust, opensDart, opensRuby, opensAt} {
		if to := opens(line); to != idle {
			return to
		}
	}
	return idle
}

// mayOpen rules out most lines that begin with a letter. The first word of a trace
// is a class or a place, with capitals, dots or colons in it, but for these.
func mayOpen(line []byte) bool {
	switch line[0] {
	case 'e', 'f', 'g', 't', 'u':
		for _, prefix := range [...]string{"exception '", "fatal error: ", "goroutine ", "thread '", "unexpected fault address "} {
			if has(line, prefix) {
				return true
			}
		}
	default:
	}
	if line[0] < 'a' {
		return true
	}
	for _, c := range line {
		if c == ' ' {
			return false
		}
		if c == '.' || c == ':' || c == '/' || c >= 'A' && c <= 'Z' {
			return true
		}
	}
	return false
}

// opensStack says whether a line can only stand within a stack: its beginning was
// in a record of another shape, or in a file that was rotated away.
func opensStack(line []byte) phase {
	switch {
	case len(line) < 4:
	case isAtFrame(line):
		return atFrames
	case has(line, "  File \"") && contains(line, "\", line "):
		return frames
	case has(line, "goroutine ") && isGoroutine(line):
		return goStack
	case isPHPFrame(line), isPHPStackStart(line):
		return phpStack
	case isDartFrame(line):
		return dartStack
	case isRubyFrame(line):
		return rubyStack
	case string(line) == rustBacktrace:
		return rustStack
	}
	return idle
}

// isUnmarked says whether nothing at the front of a line shows that it begins a
// record: no time, no level, no bracket, no trace.
func isUnmarked(line []byte) bool {
	if len(line) == 0 || opensTrace(line) != idle {
		return false
	}
	var t stamp
	if _, ok := t.bsdTime(line); ok {
		return false
	}
	i := 0
	for i < len(line) && isLetter(line[i]) {
		i++
	}
	if isLevel(line[:i]) || has(line[i:], ": ") && isPlainLevel(line[:i]) {
		return false
	}
	if len(line) > 4 && line[1] == ',' && line[3] == '[' {
		return false // Ruby's logger
	}
	return isLetter(line[0])
}

// isMessageLine says whether a line can be a further one of an error's message
// while its stack is still to come. It may begin with anything but what shows that
// it begins a record.
func isMessageLine(line []byte) bool {
	if len(line) == 0 {
		return true
	}
	if isSpace(line[0]) {
		return true
	}
	var t stamp
	if _, ok := t.isoTime(line); ok || line[0] == '[' || line[0] == '<' {
		return false
	}
	if isDigit(line[0]) {
		return len(line) < 8 || !isDigit(line[1]) || (line[2] != ':' && line[4] != '-' && line[4] != '/')
	}
	if line[0] == '{' {
		return len(line) < 2 || line[len(line)-1] != '}'
	}
	if !isLetter(line[0]) {
		return opensTraceAt(line) == idle
	}
	return isUnmarked(line)
}
