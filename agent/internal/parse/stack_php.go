package parse

import "bytes"

// PHP's exceptions. Written from zend_exceptions.c (Exception::__toString,
// zend_exception_error: "Uncaught …", "  thrown in") and main/main.c
// (php_error_cb: "PHP Fatal error:  ") of PHP 8.2, the quotes of PHP 5's
// "exception 'C' with message 'm' in f:n", Xdebug 3's "PHP Stack trace:", and
// Monolog 3's LineFormatter with includeStacktraces, as Laravel uses it.

// opensPHP says whether a line begins an exception's text.
func opensPHP(line []byte) phase {
	switch line[0] {
	case 'P', 'F', '[', 'e', 'U', 'C':
	default:
		return idle
	}
	if bytes.HasPrefix(line, []byte("exception '")) {
		return phpHead
	}
	if rest, ok := cut(line, "PHP "); ok {
		line = rest
	} else if line[0] == '[' {
		// The time that PHP's own error_log writes first.
		if _, rest, ok := split(line, "] PHP "); ok {
			line = rest
		} else {
			return idle
		}
	}
	for _, prefix := range [...]string{"Fatal error: ", "Recoverable fatal error: ", "Catchable fatal error: ", "Warning: ", "Notice: "} {
		if rest, ok := cut(line, prefix); ok {
			rest = trimLeft(rest)
			if has(rest, "Uncaught ") || has(rest, "Exception thrown without") || contains(rest, "Uncaught ") {
				return phpHead
			}
		}
	}
	if len(line) > 0 && line[0] == 'S' && isPHPStackStart(line) {
		return phpStack
	}
	return idle
}

// phpInside finds the text of an exception in a line of another program's: what
// PHP-FPM wrote into nginx's error log.
func phpInside(line []byte) []byte {
	if _, rest, ok := split(line, "PHP message: "); ok && opensPHP4(rest) {
		return rest
	}
	return nil
}

func opensPHP4(b []byte) bool { return len(b) >= 4 && opensPHP(b) == phpHead }

func isPHPStackStart(line []byte) bool {
	if rest, ok := cut(line, "PHP "); ok {
		line = rest
	}
	return string(line) == "Stack trace:" || string(line) == "[stacktrace]"
}

// isPHPFrame knows "#0 /srv/a.php(3): f()", "#1 {main}", "#2 [internal function]: f()"
// and Xdebug's "PHP   1. f() /srv/a.php:3".
func isPHPFrame(line []byte) bool {
	if rest, ok := cut(line, "#"); ok {
		number, rest := digits(rest)
		if len(number) == 0 || len(rest) < 2 || rest[0] != ' ' || rest[1] == ' ' {
			return false
		}
		rest = rest[1:]
		return has(rest, "{main}") || has(rest, "[internal function]") || contains(rest, "): ")
	}
	b, ok := cut(line, "PHP  ")
	if !ok {
		b, ok = cut(line, "  ")
	}
	number, rest := digits(trimLeft(b))
	return ok && len(number) > 0 && has(rest, ". ") && bytes.IndexByte(rest, '(') > 0 && isPlaceAtEnd(rest)
}

func nextPHP(p phase, line []byte) phase {
	switch p {
	case phpHead, phpText, phpNext:
		switch {
		case isPHPStackStart(line):
			return phpStack
		case isPHPFrame(line):
			return phpStack
		case has(line, "  thrown in "):
			return phpDone
		case len(line) > 0 && isMessageLine(line):
			return phpText
		}
	case phpStack:
		switch {
		case isPHPFrame(line) || isPHPStackStart(line):
			return phpStack
		case has(line, "  thrown in ") || has(line, `"} `) || string(line) == `"}`:
			return phpDone
		case has(line, "[previous exception] ") || has(line, "Next "):
			return phpNext
		case len(line) == 0:
			return phpGap
		}
	case phpGap:
		switch {
		case has(line, "Next "), has(line, "[previous exception] "):
			return phpNext
		case has(line, "  thrown in "):
			return phpDone
		}
	default:
	}
	return idle
}
