package parse

import (
	"bytes"
	"unicode/utf8"
)

const (
	// maxDepth and maxPairs bound what is taken of one JSON line.
	maxDepth = 8
	maxPairs = 256
)

// jsonPair is one scalar of a JSON object, its key with the keys above it.
type jsonPair struct {
	key, value []byte
	kind       byte // 's' string, 'n' number, 'b' boolean, '0' null
	slot       slot // what the key means
}

// jsonScanner flattens one JSON object. It accepts nginx's \xHH besides JSON's
// own escapes, because a log format without escape=json writes them.
type jsonScanner struct {
	pairs   []jsonPair
	scratch []byte
	rest    []byte
	arrays  int // how many arrays the scanner is in
	inner   int // and how many objects inside those: these are not taken
}

// scan reads a whole line, which must be one object and nothing else.
func (j *jsonScanner) scan(b []byte) bool {
	*j = jsonScanner{pairs: j.pairs[:0], scratch: j.scratch[:0], rest: b}
	j.space()
	if !j.object(nil, 0) {
		return false
	}
	j.space()
	return len(j.rest) == 0
}

func (j *jsonScanner) space() {
	for len(j.rest) > 0 && (j.rest[0] == ' ' || j.rest[0] == '\t' || j.rest[0] == '\n' || j.rest[0] == '\r') {
		j.rest = j.rest[1:]
	}
}

// eat takes one byte, after spaces.
func (j *jsonScanner) eat(c byte) bool {
	j.space()
	if len(j.rest) == 0 || j.rest[0] != c {
		return false
	}
	j.rest = j.rest[1:]
	return true
}

func (j *jsonScanner) object(path []byte, depth int) bool {
	if depth > maxDepth || !j.eat('{') {
		return false
	}
	if j.eat('}') {
		return true
	}
	for {
		j.space()
		key, ok := j.str()
		if !ok || !j.eat(':') || !j.value(j.join(path, key), depth) {
			return false
		}
		if j.eat(',') {
			continue
		}
		return j.eat('}')
	}
}

func (j *jsonScanner) join(path, key []byte) []byte {
	if len(path) == 0 {
		return key
	}
	start := len(j.scratch)
	j.scratch = append(append(append(j.scratch, path...), '.'), key...)
	return j.scratch[start:len(j.scratch):len(j.scratch)]
}

func (j *jsonScanner) value(key []byte, depth int) bool {
	j.space()
	if len(j.rest) == 0 {
		return false
	}
	switch c := j.rest[0]; {
	case c == '{':
		if j.arrays == 0 {
			return j.object(key, depth+1)
		}
		j.inner++
		ok := j.object(nil, depth+1)
		j.inner--
		return ok
	case c == '[':
		return j.array(key, depth+1)
	case c == '"':
		text, ok := j.str()
		j.keep(key, text, 's')
		return ok
	case c == '-' || isDigit(c):
		return j.number(key)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if has(j.rest, word) {
			kind := byte('b')
			if word == "null" {
				kind = '0'
			}
			j.keep(key, j.rest[:len(word)], kind)
			j.rest = j.rest[len(word):]
			return true
		}
	}
	return false
}

func (j *jsonScanner) keep(key, value []byte, kind byte) {
	if len(j.pairs) < maxPairs && j.inner == 0 {
		j.pairs = append(j.pairs, jsonPair{key: key, value: value, kind: kind})
	}
}

func (j *jsonScanner) array(key []byte, depth int) bool {
	if depth > maxDepth || !j.eat('[') {
		return false
	}
	j.arrays++
	defer func() { j.arrays-- }()
	if j.eat(']') {
		return true
	}
	for {
		if !j.value(key, depth) {
			return false
		}
		if j.eat(',') {
			continue
		}
		return j.eat(']')
	}
}

func (j *jsonScanner) number(key []byte) bool {
	i := 0
	for i < len(j.rest) && (isDigit(j.rest[i]) || bytes.IndexByte([]byte("+-.eE"), j.rest[i]) >= 0) {
		i++
	}
	j.keep(key, j.rest[:i], 'n')
	j.rest = j.rest[i:]
	return true
}

// str reads a string; one without escapes aliases the line.
func (j *jsonScanner) str() ([]byte, bool) {
	if len(j.rest) == 0 || j.rest[0] != '"' {
		return nil, false
	}
	b := j.rest[1:]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return nil, false
	}
	if bytes.IndexByte(b[:end], '\\') < 0 {
		j.rest = b[end+1:]
		return b[:end], true
	}
	start := len(j.scratch)
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			j.rest = b[i+1:]
			return j.scratch[start:len(j.scratch):len(j.scratch)], true
		case '\\':
			n := j.escape(b[i+1:])
			if n == 0 {
				return nil, false
			}
			i += n
		default:
			j.scratch = append(j.scratch, b[i])
		}
	}
	return nil, false
}

// escape undoes one escape and says how many bytes after the backslash it took.
func (j *jsonScanner) escape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch c := b[0]; c {
	case '"', '\\', '/':
		j.scratch = append(j.scratch, c)
	case 'n':
		j.scratch = append(j.scratch, '\n')
	case 't':
		j.scratch = append(j.scratch, '\t')
	case 'r':
		j.scratch = append(j.scratch, '\r')
	case 'b':
		j.scratch = append(j.scratch, '\b')
	case 'f':
		j.scratch = append(j.scratch, '\f')
	case 'x':
		if len(b) < 3 || hex(b[1]) < 0 || hex(b[2]) < 0 {
			return 0
		}
		j.scratch = append(j.scratch, byte(hex(b[1])<<4|hex(b[2])))
		return 3
	case 'u':
		return j.unicode(b)
	default:
		return 0
	}
	return 1
}

func (j *jsonScanner) unicode(b []byte) int {
	r, n := hex4(b[1:]), 5
	if r < 0 {
		return 0
	}
	if r >= 0xd800 && r < 0xdc00 && len(b) >= 11 && b[5] == '\\' && b[6] == 'u' {
		if low := hex4(b[7:]); low >= 0xdc00 && low < 0xe000 {
			r, n = (r-0xd800)<<10+(low-0xdc00)+0x10000, 11
		}
	}
	j.scratch = utf8.AppendRune(j.scratch, r)
	return n
}

func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		digit := hex(c)
		if digit < 0 {
			return -1
		}
		r = r<<4 | rune(digit)
	}
	return r
}
