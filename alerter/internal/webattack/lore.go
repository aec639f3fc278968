package webattack

import "regexp"

// lore is what an eye knows of attacks.
type lore struct {
	commands, ordinary        map[string]bool
	sensitive, left, sqlWords []string
	remote                    []string
	sql, markup               []shape
	code, templates           []shape
	assigned, function        shape
	inside, external          shape
	scanners                  [256][]string
	// value, path, name and prose are the characters of plain texts: of a value,
	// of a path, of what frameworks call parameters, and of what people write.
	value, path, name, prose [256]bool
}

func newLore() lore {
	return lore{
		commands:  commandNames(),
		ordinary:  ordinaryNames(),
		sensitive: sensitiveFiles(),
		left:      leftFiles(),
		sqlWords:  sqlWords(),
		sql:       sqlShapes(),
		markup:    markupShapes(),
		code:      codeShapes(),
		templates: templateShapes(),
		assigned:  shape{words: []string{"=$", `=\`, "='", `="`, "={", "=("}, shape: assigned, score: likely},
		remote:    remoteSigns(),
		inside:    shape{words: []string{"://"}, shape: inside, score: likely},
		external:  shape{words: []string{"<!entity"}, shape: external, score: sure},
		function:  shape{words: []string{"()"}, shape: shellFunction, score: sure},
		scanners:  firstLetters(scanners()),
		value:     marksOf("-_.~"),
		path:      marksOf("-_.~/@,:"),
		name:      marksOf("-_.~[]:$@,/ "),
		prose:     marksOf("-_.~,:@! "),
	}
}

// shape is what an attack looks like: an expression, worth trying only where one
// of the words is.
type shape struct {
	words []string
	shape *regexp.Regexp
	score int
	// alone says that the words are no parts of longer ones.
	alone bool
	// whole says that the expression is of the text as a whole, which is brief.
	whole bool
	// cost is set where the expression begins with what stands before a word, one
	// character or none, so that it is tried at the words and nowhere else: what one
	// try costs.
	cost int
}

// seen makes a shape of its score, its expression and its words.
func seen(score int, expression string, words ...string) shape {
	return shape{words: words, shape: regexp.MustCompile(expression), score: score}
}

// whole is the shape of a brief text from its beginning to its end; what it finds is likely.
func whole(expression string, words ...string) shape {
	s := seen(likely, "(?i)^"+expression+"$", words...)
	s.whole = true
	return s
}

// at is the shape of an expression that begins at its words, or one character
// before them.
func at(score int, expression string, words ...string) shape {
	s := seen(score, "(?is)^"+expression, words...)
	s.cost = tryCost
	return s
}

// far is at for an expression that may look far; what it finds is likely.
func far(expression string, words ...string) shape {
	s := at(likely, expression, words...)
	s.cost = scanCost
	return s
}

// asWords is the shape where its words are no parts of longer ones.
func (s shape) asWords() shape {
	s.alone = true
	return s
}

// What shapes may cost: texts that are no longer than brief are looked at as a
// whole, longer ones around the words, and all of a request's together by no
// more than maxWork bytes.
const (
	brief   = 512
	before  = 64
	behind  = 256
	maxWork = 12 << 10
	// What a try of an expression costs that begins at a word: one that soon ends,
	// and one that may look far.
	tryCost, scanCost = 6, 48
	// maxWords is how many words one shape may have.
	maxWords = 32
)

// shapes tries shapes on a text.
func (e *Eye) shapes(list []shape, text []byte, class Class, where []byte) {
	for i := range list {
		if s := &list[i]; e.fits(s, text, class, where) {
			e.found(class, s.score, where)
		}
	}
}

// fits tells whether a text has a shape. A request may be crowded with the words
// of attacks so that each takes long to look at; what is left of such a one when
// its time is over counts as an attack, which honest requests are far from.
func (e *Eye) fits(s *shape, text []byte, class Class, where []byte) bool {
	if s.cost > 0 {
		return e.fitsAt(s, text, class, where)
	}
	if (s.score == hint || s.whole) && len(text) > brief {
		return false // long honest texts hold about everything
	}
	if len(text) <= brief {
		return containsAny(text, s.words) && e.spend(len(text), class, where) && s.shape.Match(text)
	}
	var next [maxWords]int // where each word stands from start on
	for start := 0; ; {
		at := len(text)
		for i, w := range s.words {
			if next[i] <= start {
				next[i] = s.find(text, w, start)
			}
			at = min(at, next[i])
		}
		if at == len(text) {
			return false
		}
		from, to := edge(text, max(0, at-before)), edge(text, min(len(text), at+behind))
		if !e.spend(to-from, class, where) {
			return false
		}
		if s.shape.Match(text[from:to]) {
			return true
		}
		start = max(at+1, to-before) // a word near the end sees what is behind it
	}
}

// fitsAt is fits for an anchored shape, which costs little where it does not fit.
func (e *Eye) fitsAt(s *shape, text []byte, class Class, where []byte) bool {
	for _, w := range s.words {
		for start := 0; ; {
			found := s.find(text, w, start)
			if found == len(text) {
				break
			}
			if !e.spend(s.cost, class, where) {
				return false
			}
			if s.shape.Match(text[max(0, found-1):min(len(text), found+behind)]) {
				return true
			}
			start = found + 1
		}
	}
	return false
}

// find is where a word stands from a place on; the text's length for nowhere.
func (s *shape) find(text []byte, word string, from int) int {
	for {
		n := index(text[from:], word)
		if n < 0 {
			return len(text)
		}
		at := from + n
		end := at + len(word)
		if !s.alone || !isLetter(word[0]) || (at == 0 || !isLetter(text[at-1])) && (end == len(text) || !isLetter(text[end])) {
			return at
		}
		from = at + 1
	}
}

// edge moves a cut through a text out of a word, if the word is not long.
func edge(text []byte, at int) int {
	for n := 0; n < 32 && at > 0 && at < len(text) && isWord(text[at-1]); n++ {
		at--
	}
	return at
}

// spend takes what looking at a number of bytes costs.
func (e *Eye) spend(n int, class Class, where []byte) bool {
	if e.work < n {
		e.found(class, likely, where)
		return false
	}
	e.work -= n
	return true
}
