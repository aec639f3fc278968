package rule

import (
	"slices"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// maxKeys bounds the ways to one detection; one with more is always tried.
const maxKeys = 64

// key is something that an event has which satisfies an expression: a field, and where
// they are not nil one of these values in it, or a value that holds one of these words.
type key struct {
	slot   int
	values []string
	words  []string
	// keyword says that a text is meant, which an event without one has in its fields.
	keyword bool
}

// keys are what one of every event that satisfies the expression has; nil where there
// is nothing that can be said.
func (e *expr) keys() []key {
	switch e.op {
	case opTest:
		if k, ok := e.test.key(); ok {
			return []key{k}
		}
	case opAll:
		var best []key
		for _, kid := range e.kids {
			if keys := kid.keys(); keys != nil && (best == nil || narrower(keys, best)) {
				best = keys
			}
		}
		return best
	case opAny:
		var all []key
		for _, kid := range e.kids {
			keys := kid.keys()
			if keys == nil || len(all)+len(keys) > maxKeys {
				return nil
			}
			all = append(all, keys...)
		}
		return all
	default:
	}
	return nil
}

func (t *test) key() (key, bool) {
	if t.absent {
		return key{}, false
	}
	k := key{slot: t.slot, keyword: t.keyword}
	others := len(t.regexps)+len(t.prefixes)+len(t.bounds)+len(t.refs) > 0 || !t.cased.empty() || t.exists
	if !others && !t.keyword && t.folded.onlyExact() && len(t.folded.exact) <= maxWords {
		for v := range t.folded.exact {
			k.values = append(k.values, v)
		}
		slices.Sort(k.values)
		return k, true
	}
	if words, ok := t.words(); ok {
		slices.Sort(words)
		k.words = slices.Compact(words)
	}
	return k, true
}

// narrower tells whether keys let fewer events through than others, as far as that can
// be told without events: by the widest of each.
func narrower(keys, than []key) bool {
	a, b := widest(keys), widest(than)
	if a.weight() != b.weight() {
		return a.weight() > b.weight()
	}
	return len(a.values)+len(a.words) < len(b.values)+len(b.words)
}

func widest(keys []key) key {
	return slices.MinFunc(keys, func(a, b key) int { return a.weight() - b.weight() })
}

// weight is greater for what is rarer. The longer a text, the rarer it is: many requests
// are a GET, few have "/etc/passwd" in them. To be a value is worth some letters more
// than to stand somewhere in one. A field that only we derive is rare, whatever its values.
func (k *key) weight() int {
	const value, derived = 3, 1 << 20
	weight := 0
	switch {
	case k.values != nil:
		weight = shortest(k.values) + value
	case k.words != nil:
		weight = shortest(k.words)
	}
	if event.SpecOf(eventv1.FieldId(k.slot)).Derived { //nolint:gosec // slots are few
		weight += derived
	}
	return weight
}
