package parse

import "bytes"

// Go's panics, fatal errors and dumps of goroutines. Written from runtime/panic.go
// (printpanics, fatalthrow), runtime/traceback.go (goroutineheader, traceback2,
// printcreatedby), runtime/signal_unix.go and signal_amd64.go (dumpregs) of
// Go 1.26; net/http/server.go ("http: panic serving"); zap 1.27
// stacktrace.Formatter, whose frames have no arguments.

// opensGo says whether a line begins such a dump.
func opensGo(line []byte) phase {
	switch line[0] {
	case 'p':
		if has(line, "panic: ") {
			return goHead
		}
	case 'f':
		if has(line, "fatal error: ") {
			return goHead
		}
	case 'r':
		if has(line, "runtime: ") {
			return goHead
		}
	case 'u':
		if has(line, "unexpected fault address ") {
			return goHead
		}
	case 'S':
		if has(line, "SIG") && isGoSignal(line) {
			return goHead
		}
	case 'g':
		if isGoroutine(line) {
			return goStack
		}
	}
	return idle
}

// isGoSignal knows "SIGQUIT: quit".
func isGoSignal(line []byte) bool {
	i := len("SIG")
	for i < len(line) && line[i] >= 'A' && line[i] <= 'Z' {
		i++
	}
	return i > len("SIG") && i < 12 && has(line[i:], ": ")
}

// isGoroutine knows "goroutine 1 gp=0x1 m=0 [running]:".
func isGoroutine(line []byte) bool {
	rest, ok := cut(line, "goroutine ")
	if !ok {
		return false
	}
	number, rest := digits(rest)
	_, ok = cutEnd(rest, "]:")
	return ok && len(number) > 0 && contains(rest, " [")
}

// isGoFunction knows the line that names a function: "main.(*T).f(0x1, ...)", or
// without arguments as zap writes it.
func isGoFunction(line []byte) bool {
	if len(line) < 3 || !isLetter(line[0]) && line[0] != '_' {
		return false
	}
	if has(line, "created by ") {
		return true
	}
	name := goFunction(line)
	if len(name) == 0 || bytes.IndexByte(name, ' ') >= 0 {
		return false
	}
	return len(name) < len(line) && line[len(line)-1] == ')' || len(name) == len(line) && bytes.IndexByte(name, '.') > 0
}

// goFunction is a function's name without its arguments.
func goFunction(line []byte) []byte {
	if rest, ok := cut(line, "created by "); ok {
		name, _, _ := split(rest, " in goroutine ")
		return name
	}
	for i := len(line) - 1; i > 0; i-- {
		// The arguments' parenthesis follows a name; that of a receiver a dot.
		if line[i] == '(' && line[i-1] != '.' {
			return line[:i]
		}
	}
	return line
}

// isGoPlace knows "\tPATH:LINE +0xOFFSET".
func isGoPlace(line []byte) bool {
	b := trimIndent(line)
	if len(b) == len(line) {
		return false
	}
	b, _, _ = split(b, " +0x")
	return isPlaceAtEnd(b)
}

// isGoRegister knows "rip    0x40816e".
func isGoRegister(line []byte) bool {
	name, rest := token(line)
	return len(name) >= 2 && len(name) <= 8 && has(trimLeft(rest), "0x")
}

func nextGo(p phase, line []byte) phase {
	switch p {
	case goHead, goText:
		return afterPanic(p, line)
	case goBlank:
		if isGoroutine(line) || string(line) == "runtime stack:" {
			return goStack
		}
	case goFunc:
		if isGoPlace(line) {
			return goStack
		}
	case goStack, goGap, goRegs:
		switch {
		case isGoroutine(line), p == goGap && string(line) == "runtime stack:":
			return goStack
		case isGoRegister(line):
			return goRegs
		case has(line, "exit status "):
			return goDone
		case p == goStack && (isGoPlace(line) || has(line, "...") || has(line, "[originating from goroutine ") || has(line, "\tgoroutine running on other thread") ||
			string(line) == "non-Go function" || has(line, "\tpc=0x")):
			return goStack
		case p == goStack && isGoFunction(line):
			return goFunc
		case p == goStack && len(line) == 0:
			return goGap
		}
	default:
	}
	return idle
}

// afterPanic reads what stands between a panic's words and its stacks.
func afterPanic(p phase, line []byte) phase {
	switch {
	case isGoroutine(line):
		return goStack
	case has(line, "[signal ") || has(line, "\tpanic: ") || has(line, "[recovered"):
		return goText
	case len(line) == 0:
		return goBlank
	case isSpace(line[0]) || has(line, "PC=") || has(line, "runtime: ") || has(line, "fatal error: ") || has(line, "signal arrived during "):
		return goText
	case p == goHead || p == goText:
		if isMessageLine(line) {
			return goText
		}
	}
	return idle
}
