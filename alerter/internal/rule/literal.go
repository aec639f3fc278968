package rule

import (
	"regexp"
	"regexp/syntax"
	"unicode"
)

// maxAlternatives bounds the literals that stand for one regular expression, and
// minLiteral how short one may be: shorter ones are in every text.
const (
	maxAlternatives = 32
	minLiteral      = 2
	// maxWords bounds the literals of one test: an automaton takes a few hundred bytes
	// for each of their letters.
	maxWords = 4096
)

// words are folded literals of which a folded value must hold one, so that its value
// can satisfy the test; false where there are none that say so.
func (t *test) words() ([]string, bool) {
	many := len(t.folded.exact)+len(t.cased.exact) > maxWords
	if many || len(t.prefixes)+len(t.bounds)+len(t.refs) > 0 || t.exists || t.absent {
		return nil, false
	}
	all, ok := t.folded.words(nil)
	if !ok {
		return nil, false
	}
	if all, ok = t.cased.words(all); !ok {
		return nil, false
	}
	for _, re := range t.regexps {
		found, ok := required(re)
		if !ok {
			return nil, false
		}
		all = append(all, found...)
	}
	return all, len(all) > 0 && len(all) <= maxWords
}

// words appends the literals of texts, folded.
func (t *texts) words(all []string) ([]string, bool) {
	add := func(b []byte) {
		all = append(all, string(fold(nil, b)))
	}
	for word := range t.exact {
		add([]byte(word))
	}
	for _, list := range [...][][]byte{t.starts, t.ends, t.contains} {
		for _, word := range list {
			add(word)
		}
	}
	for _, g := range t.globs {
		add(longestRun(g))
	}
	for _, word := range all {
		if len(word) < minLiteral {
			return nil, false
		}
	}
	return all, true
}

// longestRun is the longest piece of a pattern without wildcards.
func longestRun(pattern []glyph) []byte {
	var longest, run []rune
	for _, g := range pattern {
		if g < 0 {
			run = nil
			continue
		}
		if run = append(run, rune(g)); len(run) > len(longest) {
			longest = run
		}
	}
	return []byte(string(longest))
}

// required are folded literals of which every text that the expression matches holds
// one.
func required(re *regexp.Regexp) ([]string, bool) {
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil, false
	}
	return requiredOf(tree.Simplify())
}

func requiredOf(re *syntax.Regexp) ([]string, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		word := steady(re.Rune, re.Flags&syntax.FoldCase != 0)
		return []string{word}, len(word) >= minLiteral
	case syntax.OpCapture, syntax.OpPlus:
		return requiredOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredOf(re.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range re.Sub {
			if words, ok := requiredOf(sub); ok && (best == nil || shortest(words) > shortest(best)) {
				best = words
			}
		}
		return best, best != nil
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			words, ok := requiredOf(sub)
			if all = append(all, words...); !ok || len(all) > maxAlternatives {
				return nil, false
			}
		}
		return all, true
	default:
	}
	return nil, false
}

// steady is the longest piece of a literal that folding makes the same of, however its
// letters are written: of an s there is a long one that stays as it is.
func steady(runes []rune, anyCase bool) string {
	var longest, run []rune
	for _, r := range runes {
		lower := unicode.ToLower(r)
		same := true
		for other := unicode.SimpleFold(r); anyCase && other != r; other = unicode.SimpleFold(other) {
			same = same && unicode.ToLower(other) == lower
		}
		if !same {
			run = nil
			continue
		}
		if run = append(run, lower); len(run) > len(longest) {
			longest = run
		}
	}
	return string(longest)
}

func shortest(words []string) int {
	least := len(words[0])
	for _, word := range words {
		least = min(least, len(word))
	}
	return least
}
