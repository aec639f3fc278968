package parse

import "bytes"

// Ruby's exceptions. Written from error.c and eval_error.c of Ruby 3.1 (the first
// line names place and error, "\tfrom" the callers), Exception#full_message,
// error_highlight's snippet, did_you_mean's suggestion, the quotes of Ruby 3.4,
// Logger::Formatter, and Rails 7 ActionDispatch::DebugExceptions#log_error.

// rubyPlace reads "FILE:LINE:in 'METHOD'" or "FILE:LINE" and gives what follows.
func rubyPlace(line []byte) (file, method, rest []byte, ok bool) {
	for at := 0; at < len(line); {
		i := bytes.IndexByte(line[at:], ':')
		if i < 0 {
			return nil, nil, nil, false
		}
		i += at
		number, after := digits(line[i+1:])
		if i == 0 || len(number) == 0 {
			at = i + 1
			continue
		}
		file = line[:i]
		if inner, ok := cut(after, ":in "); ok && len(inner) > 2 && (inner[0] == '`' || inner[0] == '\'') {
			end := bytes.IndexByte(inner[1:], '\'')
			if end < 0 {
				return nil, nil, nil, false
			}
			return file, inner[1 : 1+end], inner[2+end:], true
		}
		if isRubyFile(file) {
			return file, nil, after, true
		}
		at = i + 1
	}
	return nil, nil, nil, false
}

func isRubyFile(file []byte) bool {
	if i := bytes.LastIndexByte(file, '.'); i > 0 {
		switch string(file[i:]) {
		case ".rb", ".erb", ".haml", ".slim", ".rake", ".ru", ".builder":
			return true
		}
	}
	return false
}

// isRubyFrame knows a frame: a place and nothing else, after "from" or not.
func isRubyFrame(line []byte) bool {
	if len(line) == 0 {
		return false
	}
	if last := line[len(line)-1]; last != '\'' && !isDigit(last) || bytes.IndexByte(line, ':') < 0 {
		return false
	}
	b := trimIndent(line)
	b, _ = rubyFrom(b)
	_, _, rest, ok := rubyPlace(b)
	return ok && len(rest) == 0
}

// rubyFrom drops "from", and the number before it that Ruby 2.5 to 2.7 wrote.
func rubyFrom(b []byte) ([]byte, bool) {
	if _, rest := digits(b); len(rest) < len(b) {
		if after, ok := cut(rest, ": from "); ok {
			return after, true
		}
	}
	return cut(b, "from ")
}

// opensRuby says whether a line begins an exception's text.
func opensRuby(line []byte) phase {
	switch last := line[len(line)-1]; {
	case last == ':' && isRailsHead(line):
		return railsHead
	case line[0] == '{' || line[0] == '<' || isSpace(line[0]):
		return idle
	}
	if !contains(line, ":in ") {
		return idle
	}
	if _, method, rest, ok := rubyPlace(line); ok && len(method) > 0 && has(rest, ": ") {
		return rubyHead
	}
	return idle
}

// isRailsHead knows "CLASS (MESSAGE):".
func isRailsHead(line []byte) bool {
	kind, _, ok := split(trimLeft(line), " (")
	if _, end := cutEnd(line, "):"); !ok || !end {
		return false
	}
	return isRubyClass(kind)
}

func isRubyClass(b []byte) bool {
	if len(b) < 3 || b[0] < 'A' || b[0] > 'Z' {
		return false
	}
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == ':':
			if i++; i+1 >= len(b) || b[i] != ':' {
				return false
			}
		case byteKinds[c]&inName == 0 || c == '.':
			return false
		}
	}
	return string(b) != "Traceback"
}

func nextRuby(p phase, line []byte) phase {
	b := trimIndent(line)
	_, from := rubyFrom(b)
	switch p {
	case rubyHead, rubyText:
		switch {
		case isRubyFrame(line) && from:
			return rubyStack
		case isCaret(line) || has(line, "Did you mean?"):
			return rubyHint
		case isRubyFrame(line):
			return rubyStack
		case isMessageLine(line):
			return rubyText
		}
	case rubyHint:
		switch {
		case isRubyFrame(line):
			return rubyStack
		case has(line, "Did you mean?") || (len(line) > 0 && isSpace(line[0])):
			return rubyHint
		case len(line) == 0:
			return rubyText
		}
	case rubyStack:
		switch {
		case isRubyFrame(line):
			return rubyStack
		case isOmission(line) || has(b, "... "):
			return rubyStack
		case len(line) > 4 && opensRuby(line) == rubyHead:
			return rubyStack
		case isMessageLine(line) && len(line) > 0 && from:
			return rubyText
		}
	case railsHead, railsGap:
		switch {
		case isRubyFrame(line):
			return rubyStack
		case len(b) == 0, isSpace(line[0]), has(line, "Causes:"), has(line, "Extracted source"), has(line, "Did you mean?"), isMessageLine(line):
			return railsGap
		}
	default:
	}
	return idle
}
