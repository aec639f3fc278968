package rule

import "bytes"

// texts are what a test looks for in a text, by the cheapest comparison that decides it.
type texts struct {
	exact                  map[string]struct{}
	starts, ends, contains [][]byte
	globs                  [][]glyph
}

func (t *texts) empty() bool {
	return len(t.exact)+len(t.starts)+len(t.ends)+len(t.contains)+len(t.globs) == 0
}

// onlyExact says that nothing else than equality decides.
func (t *texts) onlyExact() bool {
	return len(t.exact) > 0 && len(t.starts)+len(t.ends)+len(t.contains)+len(t.globs) == 0
}

// add files a pattern, its wildcards included.
func (t *texts) add(pattern []glyph) {
	body, open := pattern, [2]bool{}
	for len(body) > 0 && body[0] == glyphAny {
		body, open[0] = body[1:], true
	}
	for len(body) > 0 && body[len(body)-1] == glyphAny {
		body, open[1] = body[:len(body)-1], true
	}
	text, ok := literal(body)
	switch {
	case !ok:
		t.globs = append(t.globs, pattern)
	case open[0] && open[1] || len(text) == 0 && (open[0] || open[1]):
		t.contains = append(t.contains, text)
	case open[0]:
		t.ends = append(t.ends, text)
	case open[1]:
		t.starts = append(t.starts, text)
	default:
		if t.exact == nil {
			t.exact = make(map[string]struct{})
		}
		t.exact[string(text)] = struct{}{}
	}
}

// hold says whether a value is one of the texts.
func (t *texts) hold(value []byte) bool {
	if _, ok := t.exact[string(value)]; ok {
		return true
	}
	for _, s := range t.starts {
		if bytes.HasPrefix(value, s) {
			return true
		}
	}
	for _, s := range t.ends {
		if bytes.HasSuffix(value, s) {
			return true
		}
	}
	for _, s := range t.contains {
		if bytes.Contains(value, s) {
			return true
		}
	}
	for _, g := range t.globs {
		if glob(g, value) {
			return true
		}
	}
	return false
}
