package webattack

import "regexp"

// lore is what an eye knows of attacks.
type lore struct {
	commands, ordinary        map[string]bool
	sensitive, left, sqlWords []string
	sql, markup               []shape
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
}

// shapes tries shapes on a text.
func (e *Eye) shapes(list []shape, text []byte, class Class, where []byte) {
	for i := range list {
		if s := &list[i]; containsAny(text, s.words) && s.shape.Match(text) {
			e.found(class, s.score, where)
		}
	}
}
