package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Matcher accepts alerts by one label, in Alertmanager's notation:
// name="value", name!="value", name=~"pattern", name!~"pattern".
type Matcher struct {
	// Name is the dotted name of a label.
	Name string
	// Operator is one of = != =~ !~.
	Operator string
	// Value is the text or the pattern; a pattern must match a whole value.
	Value   string
	pattern *regexp.Regexp
}

// String is the matcher in the notation it was read from.
func (m *Matcher) String() string {
	return m.Name + m.Operator + strconv.Quote(m.Value)
}

// Matches tells whether a label with these values is accepted. A label that an
// alert lacks has no values and equals the empty text; of several, one that
// equals or matches is enough.
func (m *Matcher) Matches(values []string) bool {
	if len(values) == 0 {
		values = []string{""}
	}
	found := false
	for _, value := range values {
		if m.pattern != nil {
			found = found || m.pattern.MatchString(value)
		} else {
			found = found || value == m.Value
		}
	}
	return found == (m.Operator[0] == '=')
}

// ParseMatchers reads one matcher or several separated by commas, in braces or
// not. Names and values may be quoted; an unquoted value ends at a comma.
func ParseMatchers(text string) ([]Matcher, error) {
	rest := strings.TrimSpace(text)
	if strings.HasPrefix(rest, "{") {
		if !strings.HasSuffix(rest, "}") {
			return nil, fmt.Errorf("closing brace is missing")
		}
		rest = strings.TrimSpace(rest[1 : len(rest)-1])
	}
	if rest == "" {
		return nil, fmt.Errorf("no matcher")
	}
	var list []Matcher
	for rest != "" {
		m, after, err := parseMatcher(rest)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
		after = strings.TrimSpace(after)
		if after != "" && after[0] != ',' {
			return nil, fmt.Errorf("comma expected before %q", after)
		}
		rest = strings.TrimSpace(strings.TrimPrefix(after, ","))
	}
	return list, nil
}

// parseMatcher reads the matcher at the beginning of text and returns what follows.
func parseMatcher(text string) (Matcher, string, error) {
	name, rest, err := parseName(text)
	if err != nil {
		return Matcher{}, "", err
	}
	m := Matcher{Name: name}
	rest = strings.TrimSpace(rest)
	for _, operator := range []string{"=~", "!~", "!=", "="} {
		if strings.HasPrefix(rest, operator) {
			m.Operator = operator
			break
		}
	}
	if m.Operator == "" {
		return Matcher{}, "", fmt.Errorf("one of = != =~ !~ expected after %q", name)
	}
	rest = strings.TrimSpace(rest[len(m.Operator):])
	if m.Value, rest, err = parseValue(rest); err != nil {
		return Matcher{}, "", err
	}
	if strings.HasSuffix(m.Operator, "~") {
		if m.pattern, err = regexp.Compile("^(?s:" + m.Value + ")$"); err != nil {
			return Matcher{}, "", fmt.Errorf("pattern: %w", err)
		}
	}
	return m, rest, nil
}

func parseName(text string) (name, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		if name, rest, err = parseQuoted(text); err == nil && name == "" {
			err = fmt.Errorf("label name is empty")
		}
		return name, rest, err
	}
	end := strings.IndexFunc(text, func(r rune) bool { return !isName(r) })
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		return "", "", fmt.Errorf("label name expected at %q", text)
	}
	return text[:end], text[end:], nil
}

func isName(r rune) bool {
	return r == '_' || r == '.' || r == '-' || r == '@' ||
		'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func parseValue(text string) (value, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		return parseQuoted(text)
	}
	end := strings.IndexByte(text, ',')
	if end < 0 {
		end = len(text)
	}
	value = strings.TrimSpace(text[:end])
	if strings.ContainsAny(value, `"{}=~!`) {
		return "", "", fmt.Errorf("value %q must be quoted", value)
	}
	return value, text[end:], nil
}

// parseQuoted reads a text in double quotes, in which a backslash stands before a
// quote, a backslash or n; before anything else it stands for itself, so that
// patterns need not double theirs.
func parseQuoted(text string) (value, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		case c == '\\' && i+1 < len(text) && text[i+1] == 'n':
			i++
			b.WriteByte('\n')
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("closing quote is missing in %q", text)
}
