package rule

import (
	"unicode"
	"unicode/utf8"
)

// glyph is one element of a pattern: a rune, or a wildcard.
type glyph rune

// The wildcards, outside the range of runes.
const (
	glyphAny glyph = -1 // any number of characters
	glyphOne glyph = -2 // exactly one character
)

// parsePattern reads a Sigma string: "*" and "?" are wildcards, a backslash
// before one of them or before a backslash makes it an ordinary character, and
// any other backslash is itself.
func parsePattern(text string) []glyph {
	pattern := make([]glyph, 0, len(text))
	escaped := false
	for _, r := range text {
		switch {
		case escaped && (r == '*' || r == '?' || r == '\\'):
			pattern, escaped = append(pattern, glyph(r)), false
			continue
		case escaped:
			pattern, escaped = append(pattern, '\\'), false
		}
		switch r {
		case '\\':
			escaped = true
		case '*':
			if n := len(pattern); n == 0 || pattern[n-1] != glyphAny {
				pattern = append(pattern, glyphAny)
			}
		case '?':
			pattern = append(pattern, glyphOne)
		default:
			pattern = append(pattern, glyph(r))
		}
	}
	if escaped {
		pattern = append(pattern, '\\')
	}
	return pattern
}

// foldPattern folds a pattern's letters: Sigma ignores their case, unless a rule says cased.
func foldPattern(pattern []glyph) []glyph {
	folded := make([]glyph, len(pattern))
	for i, g := range pattern {
		folded[i] = g
		if g >= 0 {
			folded[i] = glyph(unicode.ToLower(rune(g)))
		}
	}
	return folded
}

// fold appends the value with its letters folded, as patterns are. Bytes that
// are no UTF-8 stay as they are.
func fold(dst, value []byte) []byte {
	for i := 0; i < len(value); {
		c := value[i]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRune(value[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, c)
		} else {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += size
	}
	return dst
}

// literal is the pattern's text; false where it has a wildcard.
func literal(pattern []glyph) ([]byte, bool) {
	text := make([]byte, 0, len(pattern))
	for _, g := range pattern {
		if g < 0 {
			return nil, false
		}
		text = utf8.AppendRune(text, rune(g))
	}
	return text, true
}

// glob tells whether the whole of a value fits a pattern. It keeps only
// the last star to come back to, which is enough: time is at most the product of
// both lengths.
func glob(pattern []glyph, value []byte) bool {
	p, v := 0, 0
	star, mark := -1, 0
	for v < len(value) {
		r, size := rune(value[v]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(value[v:])
		}
		switch {
		case p < len(pattern) && pattern[p] == glyphAny:
			star, mark = p, v
			p++
		case p < len(pattern) && (pattern[p] == glyphOne || pattern[p] == glyph(r)):
			p, v = p+1, v+size
		case star >= 0:
			_, skip := utf8.DecodeRune(value[mark:])
			mark += skip
			p, v = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == glyphAny {
		p++
	}
	return p == len(pattern)
}
