package parse

import (
	"bytes"
	"strings"
)

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// cutFold is cut for a prefix in lower case, whatever the case of the text.
func cutFold(b []byte, prefix string) ([]byte, bool) {
	if len(b) < len(prefix) {
		return b, false
	}
	for i := range len(prefix) {
		if lower(b[i]) != prefix[i] {
			return b, false
		}
	}
	return b[len(prefix):], true
}

// hasAny says whether a text begins with one of some words, as cutAny takes them.
func hasAny(b []byte, list string) bool {
	_, ok := cutAny(b, list)
	return ok
}

// cutAny removes the first of some words, which bars stand between, that a text
// begins with, and that end where a word of the text does.
func cutAny(b []byte, list string) ([]byte, bool) {
	for len(list) > 0 {
		words := list
		if i := strings.IndexByte(list, '|'); i >= 0 {
			words, list = list[:i], list[i+1:]
		} else {
			list = ""
		}
		if rest, ok := cutFold(b, words); ok && endsWord(rest) {
			return rest, true
		}
	}
	return b, false
}

// endsWord says whether a word ended where a text goes on.
func endsWord(rest []byte) bool {
	return len(rest) == 0 || !isLetter(rest[0]) && !isDigit(rest[0]) && rest[0] != '_' && rest[0] != '-'
}

// phraseValue takes a value: in quotes or brackets, or one word without the marks
// that end it.
func phraseValue(b []byte) (value, rest []byte, quoted bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	if closing := closes(b[0]); closing != 0 {
		end := bytes.IndexByte(b[1:], closing)
		if end < 0 {
			return nil, b[1:], false
		}
		inside, rest := b[1:1+end], b[2+end:]
		if closing == ')' || closing == ']' {
			if value, after, quoted := phraseValue(inside); quoted && len(after) == 0 {
				return value, rest, true
			}
		}
		return inside, rest, true
	}
	i := 0
	for i < len(b) && !endsValue(b[i]) {
		i++
	}
	return bytes.TrimRight(b[:i], ".:!"), b[i:], false
}

// endsValue says whether a byte ends a value without quotes.
func endsValue(c byte) bool {
	switch c {
	case ' ', ',', ';', '\t', '(', ')', '"', '\'':
		return true
	}
	return c < ' '
}

// closes is what ends a value that begins with a byte, 0 where nothing does.
func closes(c byte) byte {
	switch c {
	case '"', '\'', '`':
		return c
	case '(':
		return ')'
	case '[':
		return ']'
	case '<':
		return '>'
	}
	return 0
}
