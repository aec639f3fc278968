package rule

import (
	"fmt"
	"slices"
)

// modifiers are the words after a field's name, as the modifiers appendix 2.1.0 of
// the Sigma specification has them.
type modifiers struct {
	// compare is contains, startswith, endswith, re, cidr, exists, gt, gte, lt or
	// lte; empty for equality.
	compare string
	// part is the part of a date that is compared: minute, hour, day, week, month, year.
	part string
	// encodings change the text of a value, in the order given: windash, utf16le,
	// utf16be, utf16, base64, base64offset.
	encodings []string
	// flags are those of re: i, m, s.
	flags                             string
	all, cased, neq, expand, fieldref bool
}

// readModifiers reads the words. It refuses what is not known, what does not go
// together, and what would be without effect: a rule that says it means something else.
func readModifiers(words []string) (modifiers, error) {
	var m modifiers
	for i, word := range words {
		if slices.Contains(words[:i], word) {
			return m, fmt.Errorf("modifier %q given twice", word)
		}
		if err := m.add(word); err != nil {
			return m, err
		}
	}
	return m, m.check()
}

func (m *modifiers) add(word string) error {
	switch word {
	case "all":
		m.all = true
	case "cased":
		m.cased = true
	case "neq":
		m.neq = true
	case "expand":
		m.expand = true
	case "fieldref":
		m.fieldref = true
	case "i", "m", "s":
		if m.compare != "re" {
			return fmt.Errorf("modifier %q comes after %q", word, "re")
		}
		m.flags += word
	case "contains", "startswith", "endswith", "re", "cidr", "exists", "gt", "gte", "lt", "lte":
		if m.compare != "" {
			return clash(m.compare, word)
		}
		m.compare = word
	case "minute", "hour", "day", "week", "month", "year":
		if m.part != "" {
			return clash(m.part, word)
		}
		m.part = word
	case "windash", "wide", "utf16le", "utf16be", "utf16", "base64", "base64offset":
		return m.encode(word)
	default:
		return fmt.Errorf("unknown modifier %q", word)
	}
	return nil
}

// encode adds an encoding. One that comes too late would look for dashes in Base64, or
// encode the wildcards that contains puts around a value.
func (m *modifiers) encode(word string) error {
	if word == "wide" {
		word = "utf16le"
	}
	if n := len(m.encodings); n > 0 && stageOf(word) <= stageOf(m.encodings[n-1]) {
		return fmt.Errorf("modifier %q does not come after %q", word, m.encodings[n-1])
	}
	if m.compare != "" && stageOf(word) == stageBase64 {
		return fmt.Errorf("modifier %q does not come after %q", word, m.compare)
	}
	m.encodings = append(m.encodings, word)
	return nil
}

// The stages of encoding, in their order: each works on what the one before it gives.
const (
	stageDash = iota
	stageUTF16
	stageBase64
)

func stageOf(encoding string) int {
	switch encoding {
	case "windash":
		return stageDash
	case "base64", "base64offset":
		return stageBase64
	default:
		return stageUTF16
	}
}

func clash(a, b string) error { return fmt.Errorf("modifiers %q and %q do not go together", a, b) }

// isText says whether values are compared as text.
func (m *modifiers) isText() bool {
	switch m.compare {
	case "", "contains", "startswith", "endswith":
		return m.part == ""
	}
	return false
}

func (m *modifiers) isNumber() bool {
	switch m.compare {
	case "gt", "gte", "lt", "lte":
		return true
	}
	return false
}

// what names the way of comparing, for messages.
func (m *modifiers) what() string {
	switch {
	case m.part != "":
		return m.part
	case m.fieldref:
		return "fieldref"
	}
	return m.compare
}

func (m *modifiers) check() error {
	switch {
	case m.compare == "exists" && (m.all || m.neq):
		return clash("exists", map[bool]string{true: "all", false: "neq"}[m.all])
	case m.part != "" && m.compare != "" && !m.isNumber():
		return clash(m.compare, m.part)
	case m.cased && !m.isText():
		return clash(m.what(), "cased")
	case len(m.encodings) > 0 && !m.isText():
		return clash(m.what(), m.encodings[0])
	case m.fieldref && !m.isText():
		return clash(m.what(), "fieldref")
	case m.fieldref && len(m.encodings) > 0:
		return clash("fieldref", m.encodings[0])
	case m.expand && m.fieldref:
		return clash("expand", "fieldref")
	case m.expand && !m.isText() && m.compare != "re" && m.compare != "cidr":
		return clash(m.what(), "expand")
	}
	return nil
}
