package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// literalOf is the longest text that whatever matches an expression must hold, ""
// for none that is known.
func literalOf(x *syntax.Regexp) string {
	switch x.Op {
	case syntax.OpLiteral:
		// U+FFFD also matches bytes that are no UTF-8.
		if x.Flags&syntax.FoldCase == 0 && !slices.Contains(x.Rune, utf8.RuneError) {
			return string(x.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return literalOf(x.Sub[0])
	case syntax.OpRepeat:
		if x.Min > 0 {
			return literalOf(x.Sub[0])
		}
	case syntax.OpConcat:
		longest := ""
		for _, sub := range x.Sub {
			if l := literalOf(sub); len(l) > len(longest) {
				longest = l
			}
		}
		return longest
	default:
	}
	return ""
}
