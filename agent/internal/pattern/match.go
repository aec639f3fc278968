package pattern

import (
	"bytes"

	"github.com/tocsin-security/tocsin/proto/event"
)

// Match is what a pattern made of a text. Its memory is used again for the next
// one; values alias the text, the Set, or the Match itself.
type Match struct {
	Pattern *Pattern
	Fields  []event.Field
	// Stamp is the time of the text, Timed whether it has one.
	Stamp Stamp
	Timed bool

	time    []byte
	scratch []byte
}

// First fills a Match by the first of some patterns that a text matches, and says
// whether there is one.
func (s *Set) First(patterns []*Pattern, text []byte, m *Match) bool {
	if len(patterns) == 0 || len(text) == 0 {
		return false
	}
	if len(text) > MaxText {
		s.skipped.Add(1)
		return false
	}
	work := 0
	for _, p := range patterns {
		for i := range p.expressions {
			x := &p.expressions[i]
			if !bytes.Contains(text, x.literal) {
				continue
			}
			if work += len(text); work > maxWork {
				s.skipped.Add(1)
				return false
			}
			if m.try(p, x, text) {
				return true
			}
		}
	}
	return false
}

// try holds a text against one expression. A field that cannot have the value that
// it captured makes the text another's.
func (m *Match) try(p *Pattern, x *expression, text []byte) bool {
	groups := x.regexp.FindSubmatchIndex(text)
	if groups == nil {
		return false
	}
	m.Pattern, m.Fields, m.scratch, m.time, m.Timed = p, m.Fields[:0], m.scratch[:0], nil, false
	for i, c := range x.captures {
		from, to := groups[2*i+2], groups[2*i+3]
		if from < 0 || from == to {
			continue // an absent field is no empty one
		}
		if !m.capture(c, text[from:to:to]) {
			return false
		}
	}
	if m.time != nil && !m.readTime(p) {
		return false
	}
	m.Fields = append(m.Fields, p.set...)
	return true
}

func (m *Match) readTime(p *Pattern) bool {
	for i := range p.layouts {
		if stamp, ok := p.layouts[i].read(m.time); ok {
			m.Stamp, m.Timed = stamp, true
			return true
		}
	}
	return false
}
