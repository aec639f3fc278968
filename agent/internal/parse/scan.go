package parse

import (
	"bytes"
	"strings"
)

// cut removes a prefix. It is written for string constants, so that none of them
// becomes an allocated byte slice.
func cut(b []byte, prefix string) ([]byte, bool) {
	if len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix {
		return b[len(prefix):], true
	}
	return b, false
}

// cutEnd removes a suffix.
func cutEnd(b []byte, suffix string) ([]byte, bool) {
	if n := len(b) - len(suffix); n >= 0 && string(b[n:]) == suffix {
		return b[:n], true
	}
	return b, false
}

func has(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// begins says whether the first byte is one of these.
func begins(b []byte, with string) bool {
	return len(b) > 0 && strings.IndexByte(with, b[0]) >= 0
}

// index finds the first separator, which must not be empty. Where its first byte
// misleads often, as a space does, the library's search takes over: it needs more
// time to begin and less for each byte.
func index(b []byte, sep string) int {
	for i, misled := 0, 0; ; misled++ {
		if misled > 32+i/8 {
			if j := bytes.Index(b[i:], []byte(sep)); j >= 0 {
				return i + j
			}
			return -1
		}
		j := bytes.IndexByte(b[i:], sep[0])
		if j < 0 || len(b)-i-j < len(sep) {
			return -1
		}
		i += j
		if string(b[i:i+len(sep)]) == sep {
			return i
		}
		i++
	}
}

// lastIndex finds the last separator, which must not be empty. A byte that is not
// in the separator rules out every place that would put one over it.
func lastIndex(b []byte, sep string) int {
	n := len(sep)
	var in uint64 // of the separator's bytes, by their low six bits
	for i := range n {
		in |= 1 << (sep[i] & 63)
	}
	for i := len(b) - n; i >= 0; {
		c := b[i]
		if in>>(c&63)&1 == 0 {
			i -= n
			continue
		}
		if c == sep[0] && string(b[i:i+n]) == sep {
			return i
		}
		i--
	}
	return -1
}

func contains(b []byte, sep string) bool { return index(b, sep) >= 0 }

// split cuts at the first separator.
func split(b []byte, sep string) (before, after []byte, ok bool) {
	i := index(b, sep)
	if i < 0 {
		return b, nil, false
	}
	return b[:i], b[i+len(sep):], true
}

// splitLast cuts at the last separator.
func splitLast(b []byte, sep string) (before, after []byte, ok bool) {
	i := lastIndex(b, sep)
	if i < 0 {
		return b, nil, false
	}
	return b[:i], b[i+len(sep):], true
}

// token takes what stands before the first space; rest begins after that space.
func token(b []byte) (word, rest []byte) {
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		return b, nil
	}
	return b[:i], b[i+1:]
}

// trimLeft drops leading spaces.
func trimLeft(b []byte) []byte {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	return b
}

func isDigit(c byte) bool { return c-'0' < 10 }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// kinds are sets of bytes that words are made of.
type kinds uint8

const (
	inHost   kinds = 1 << iota // host names
	inPeer                     // what sshd writes for the other end
	inOrigin                   // what syslog writes for a host
	inName                     // Python's identifiers with dots
	inKey                      // fingerprints of keys
)

// byteKinds says for each byte in which sets it is. It never changes.
//
//nolint:gochecknoglobals // a constant table, which Go has no other way to write
var byteKinds = makeByteKinds()

func makeByteKinds() [256]kinds {
	var table [256]kinds
	for i := range table {
		c := byte(i)
		if isLetter(c) || isDigit(c) || c == '.' || c == '_' {
			table[i] = inHost | inPeer | inOrigin | inName
		}
		if isLetter(c) || isDigit(c) || c == ':' || c == '+' || c == '/' || c == '=' {
			table[i] |= inKey
		}
		if c >= 0x80 {
			table[i] = inName
		}
	}
	table['-'] |= inHost | inPeer | inOrigin
	for _, c := range []byte(":%[]") {
		table[c] |= inPeer
	}
	for _, c := range []byte(":/@[]") {
		table[c] |= inOrigin
	}
	return table
}

// consists says whether every byte is in a set.
func consists(b []byte, of kinds) bool {
	for _, c := range b {
		if byteKinds[c]&of == 0 {
			return false
		}
	}
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// digits takes the leading decimal digits.
func digits(b []byte) (number, rest []byte) {
	i := 0
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return b[:i], b[i:]
}

// isNumber says whether b is a decimal number that fits 63 bits and is written
// the one canonical way.
func isNumber(b []byte) bool {
	if len(b) == 0 || len(b) > 18 || (len(b) > 1 && b[0] == '0') {
		return false
	}
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

// atoi reads a number that isNumber accepts.
func atoi(b []byte) int64 {
	var n int64
	for _, c := range b {
		n = n*10 + int64(c-'0')
	}
	return n
}

// quoted reads a string in double quotes at the beginning of b, in which a
// backslash hides the next byte. The content still has its escapes.
func quoted(b []byte) (content, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, b, false
	}
	b = b[1:]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return nil, b, false
	}
	if bytes.IndexByte(b[:end], '\\') < 0 {
		return b[:end], b[end+1:], true
	}
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[:i], b[i+1:], true
		}
	}
	return nil, b, false
}

// isName says whether b can be an identifier with dots, as Python's modules,
// classes and loggers are named.
func isName(b []byte) bool {
	if len(b) == 0 || len(b) > 256 || isDigit(b[0]) || b[0] == '.' {
		return false
	}
	return consists(b, inName)
}
