package rule

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxRegexp bounds a regular expression's text. RE2 bounds what it compiles to,
// and matches in time linear in the value.
const maxRegexp = 4096

// readDetection reads the detection section: selections and the condition over
// them. rename maps the rule's field names to ours.
func readDetection(m mapping, rename func(string) string) (*expr, error) {
	var (
		names      []string
		conditions *yaml.Node
		selections = make(map[string]*expr)
	)
	err := m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "condition":
			conditions = value
			return nil
		case "timeframe":
			return fault(m.path, key, "timeframe is not supported: write a correlation")
		}
		s := selection{mapping: m, rename: rename}
		e, err := s.read(value, true)
		names, selections[key.Value] = append(names, key.Value), e
		return err
	})
	if err != nil {
		return nil, err
	}
	if conditions == nil {
		return nil, fault(m.path, m.node, "a detection needs a condition")
	}
	var texts []string
	if err := m.texts(&yaml.Node{Value: "condition"}, conditions, &texts); err != nil {
		return nil, err
	}
	kids := make([]*expr, len(texts))
	for i, text := range texts {
		if kids[i], err = parseCondition(text, names, selections); err != nil {
			return nil, fault(m.path, conditions, "%v", err)
		}
	}
	if len(kids) == 0 {
		return nil, fault(m.path, conditions, "condition: empty")
	}
	return join(opAny, kids), nil
}

// selection reads one named selection.
type selection struct {
	mapping
	rename func(string) string
}

// read reads a mapping (all of its items hold) or a list (any of its elements
// does), whose texts are keywords.
func (s *selection) read(node *yaml.Node, lists bool) (*expr, error) {
	switch {
	case node.Kind == yaml.MappingNode && len(node.Content) > 0:
		return s.items(node)
	case node.Kind == yaml.SequenceNode && lists && len(node.Content) > 0:
		return s.list(node)
	case node.Kind == yaml.ScalarNode && !isNull(node):
		return s.values(node, "", []*yaml.Node{node}, nil)
	default:
		return nil, fault(s.path, node, "a selection is a mapping, a list of mappings, or keywords; not empty")
	}
}

func (s *selection) list(node *yaml.Node) (*expr, error) {
	var kids []*expr
	var keywords []*yaml.Node
	for _, item := range node.Content {
		if item.Kind == yaml.ScalarNode {
			keywords = append(keywords, item)
			continue
		}
		e, err := s.read(item, false)
		if err != nil {
			return nil, err
		}
		kids = append(kids, e)
	}
	if len(keywords) > 0 {
		e, err := s.values(node, "", keywords, nil)
		if err != nil {
			return nil, err
		}
		kids = append(kids, e)
	}
	return join(opAny, kids), nil
}

func (s *selection) items(node *yaml.Node) (*expr, error) {
	var kids []*expr
	var errs []error
	for i := 0; i < len(node.Content); i += 2 {
		e, err := s.item(node.Content[i], node.Content[i+1])
		kids, errs = append(kids, e), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return join(opAll, kids), nil
}

// item reads "field|modifier…: value or list".
func (s *selection) item(key, value *yaml.Node) (*expr, error) {
	field, rest, given := strings.Cut(key.Value, "|")
	var modifiers []string
	if given {
		modifiers = strings.Split(rest, "|")
	}
	if err := checkModifiers(modifiers); err != nil {
		return nil, fault(s.path, key, "%s: %v", key.Value, err)
	}
	values := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		values = value.Content
	}
	for _, v := range values {
		if v.Kind != yaml.ScalarNode {
			return nil, fault(s.path, v, "%s: a value or a list of values is wanted", key.Value)
		}
	}
	if len(values) == 0 {
		return nil, fault(s.path, value, "%s: an empty list", key.Value)
	}
	if field != "" {
		field = s.rename(field)
	}
	return s.values(key, field, values, modifiers)
}

// comparisons are the modifiers that say how values compare: one at most.
func comparisons() []string {
	return []string{"contains", "startswith", "endswith", "re", "cidr", "exists", "gt", "gte", "lt", "lte"}
}

// checkModifiers refuses what is not known, and what does not go together.
func checkModifiers(modifiers []string) error {
	comparison, all := "", false
	for _, m := range modifiers {
		switch {
		case m == "all" && !all:
			all = true
		case m == "all" || comparison != "" && m == comparison:
			return fmt.Errorf("modifier %q given twice", m)
		case !slices.Contains(comparisons(), m):
			return fmt.Errorf("unknown modifier %q", m)
		case comparison != "":
			return fmt.Errorf("modifiers %q and %q do not go together", comparison, m)
		default:
			comparison = m
		}
	}
	if all && comparison == "exists" {
		return errors.New(`modifiers "exists" and "all" do not go together`)
	}
	return nil
}

// values makes the tests of one item: one for all values, or with "all" one for each.
func (s *selection) values(at *yaml.Node, field string, values []*yaml.Node, modifiers []string) (*expr, error) {
	comparison := ""
	for _, m := range modifiers {
		if m != "all" {
			comparison = m
		}
	}
	if !slices.Contains(modifiers, "all") {
		return s.test(at, field, values, comparison)
	}
	kids := make([]*expr, len(values))
	for i, v := range values {
		var err error
		if kids[i], err = s.test(at, field, []*yaml.Node{v}, comparison); err != nil {
			return nil, err
		}
	}
	return join(opAll, kids), nil
}

func (s *selection) test(at *yaml.Node, field string, values []*yaml.Node, comparison string) (*expr, error) {
	t := &test{field: field, keyword: field == ""}
	if t.keyword && comparison != "" && comparison != "contains" && comparison != "re" {
		return nil, fault(s.path, at, "modifier %q needs a field", comparison)
	}
	e := &expr{op: opTest, test: t}
	for _, v := range values {
		if comparison == "exists" {
			if len(values) != 1 || v.Tag != "!!bool" {
				return nil, fault(s.path, v, "%s|exists: true or false is wanted", field)
			}
			t.exists = strings.EqualFold(v.Value, "true")
			t.absent = !t.exists
			return e, nil
		}
		if err := t.add(v, comparison); err != nil {
			return nil, fault(s.path, v, "%s: %v", field, err)
		}
	}
	return e, nil
}

// add adds one value to what the test looks for.
func (t *test) add(value *yaml.Node, comparison string) error {
	if isNull(value) {
		if comparison != "" || t.keyword {
			return errors.New("null does not compare")
		}
		t.absent = true
		return nil
	}
	switch comparison {
	case "re":
		return t.addRegexp(value.Value)
	case "cidr":
		prefix, err := netip.ParsePrefix(value.Value)
		if err != nil {
			return fmt.Errorf("%q is no network in CIDR notation", value.Value)
		}
		t.prefixes = append(t.prefixes, prefix.Masked())
	case "gt", "gte", "lt", "lte":
		n, err := strconv.ParseFloat(value.Value, 64)
		if err != nil || n != n {
			return fmt.Errorf("%s: %q is no number", comparison, value.Value)
		}
		t.bounds = append(t.bounds, bound{comparison, n})
	default:
		t.addPattern(parsePattern(value.Value), comparison)
	}
	return nil
}

func (t *test) addRegexp(text string) error {
	if len(text) > maxRegexp {
		return fmt.Errorf("re: longer than %d bytes", maxRegexp)
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return fmt.Errorf("re: %w", err)
	}
	t.regexps = append(t.regexps, re)
	return nil
}

// addPattern files a pattern under the cheapest comparison that decides it.
func (t *test) addPattern(pattern []glyph, comparison string) {
	if comparison == "contains" || comparison == "endswith" || t.keyword {
		pattern = append([]glyph{glyphAny}, pattern...)
	}
	if comparison == "contains" || comparison == "startswith" || t.keyword {
		pattern = append(pattern, glyphAny)
	}
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
