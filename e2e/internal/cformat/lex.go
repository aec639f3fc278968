package cformat

import (
	"strconv"
	"strings"
)

type kind int

const (
	endOfFile kind = iota
	word           // a name or a number
	text           // a string, without its quotes and escapes
	punct          // any other byte
)

type token struct {
	kind   kind
	text   string
	column int
}

// lexer cuts a C source into tokens. Comments, character constants and the lines of
// the preprocessor are none; both branches of a condition are read.
type lexer struct {
	src  []byte
	at   int
	line int // where the line at hand begins
}

func (l *lexer) next() token {
	for l.at < len(l.src) {
		c := l.src[l.at]
		switch {
		case c == '\n':
			l.at++
			l.line = l.at
		case c == ' ' || c == '\t' || c == '\r' || c == '\f':
			l.at++
		case c == '#' && strings.TrimSpace(string(l.src[l.line:l.at])) == "":
			l.directive()
		case c == '/' && l.peek(1) == '/':
			l.skipTo("\n")
		case c == '/' && l.peek(1) == '*':
			l.at += 2
			l.skipTo("*/")
			l.at = min(l.at+2, len(l.src))
		case c == '"':
			return l.quoted()
		case c == '\'':
			l.character()
		case isWord(c):
			return l.word()
		default:
			l.at++
			return token{kind: punct, text: string(c), column: l.at - 1 - l.line}
		}
	}
	return token{}
}

func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.src) {
		return l.src[l.at+n]
	}
	return 0
}

func (l *lexer) skipTo(end string) {
	i := strings.Index(string(l.src[l.at:]), end)
	if i < 0 {
		l.at = len(l.src)
		return
	}
	l.at += i
}

// directive passes a line of the preprocessor and the lines that continue it.
func (l *lexer) directive() {
	for l.at < len(l.src) {
		switch {
		case l.src[l.at] == '\n':
			return
		case l.src[l.at] == '\\':
			l.at++
		case l.src[l.at] == '/' && l.peek(1) == '*':
			l.skipTo("*/")
		}
		l.at++
	}
	l.at = len(l.src)
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func (l *lexer) word() token {
	start := l.at
	for l.at < len(l.src) && isWord(l.src[l.at]) {
		l.at++
	}
	return token{kind: word, text: string(l.src[start:l.at]), column: start - l.line}
}

func (l *lexer) character() {
	for l.at++; l.at < len(l.src) && l.src[l.at] != '\'' && l.src[l.at] != '\n'; l.at++ {
		if l.src[l.at] == '\\' {
			l.at++
		}
	}
	l.at = min(l.at+1, len(l.src))
}

func (l *lexer) quoted() token {
	start := l.at
	for l.at++; l.at < len(l.src) && l.src[l.at] != '"'; l.at++ {
		if l.src[l.at] == '\\' {
			l.at++
		}
	}
	l.at = min(l.at+1, len(l.src))
	raw := strings.ReplaceAll(string(l.src[start:l.at]), "\\\n", "")
	s, err := strconv.Unquote(strings.ReplaceAll(raw, `\'`, `'`))
	if err != nil {
		s = strings.Trim(raw, `"`)
	}
	return token{kind: text, text: s, column: start - l.line}
}
