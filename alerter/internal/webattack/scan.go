package webattack

import "bytes"

// foldByte is c, a letter in lower case.
func foldByte(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// index finds a lower-case word in text whatever its case; -1 where it is not.
func index(text []byte, word string) int {
	if len(word) == 0 || len(text) < len(word) {
		return -1
	}
	last := len(text) - len(word) + 1
	lower, upper := word[0], word[0]
	if isLetter(lower) {
		upper -= 'a' - 'A'
	}
	// next is where a letter stands from i on, or last.
	next := func(i int, c byte) int {
		if n := bytes.IndexByte(text[i:last], c); n >= 0 {
			return i + n
		}
		return last
	}
	a, b := next(0, lower), last
	if upper != lower {
		b = next(0, upper)
	}
	for a < last || b < last {
		i := min(a, b)
		if hasPrefix(text[i:], word) {
			return i
		}
		if i == a {
			a = next(i+1, lower)
		} else {
			b = next(i+1, upper)
		}
	}
	return -1
}

func contains(text []byte, word string) bool { return index(text, word) >= 0 }

func containsAny(text []byte, words []string) bool {
	for _, w := range words {
		if contains(text, w) {
			return true
		}
	}
	return false
}

// hasPrefix tells whether text begins with a lower-case word, whatever its case.
func hasPrefix(text []byte, word string) bool {
	if len(text) < len(word) {
		return false
	}
	for i := range len(word) {
		if foldByte(text[i]) != word[i] {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool {
	c |= 0x20
	return c >= 'a' && c <= 'z'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0
}

// skipSpace is text without leading space.
func skipSpace(text []byte) []byte {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	return text
}

// wordAt is the run of word characters that text begins with.
func wordAt(text []byte) []byte {
	n := 0
	for n < len(text) && isWord(text[n]) {
		n++
	}
	return text[:n]
}

func hasByte(text []byte, chars string) bool { return bytes.ContainsAny(text, chars) }
