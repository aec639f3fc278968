package rule

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxRegexp bounds a regular expression's text. RE2 bounds what it compiles to,
// and matches in time linear in the value.
const maxRegexp = 4096

// vocabulary is what a detection's words mean: rename maps its field names to ours, lists
// hold the values of placeholders.
type vocabulary struct {
	rename func(string) string
	lists  map[string][]string
}

// readDetection reads the detection section: selections and the condition over
// them.
func readDetection(m mapping, v vocabulary) (*body, error) {
	if m.node.Kind != yaml.MappingNode {
		return nil, fault(m.path, m.node, "detection: a mapping is wanted")
	}
	var all []string
	b := &body{selections: make(map[string]*expr)}
	err := m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "condition":
			b.conditions = value
			return nil
		case "timeframe":
			return fault(m.path, key, "timeframe is not supported: write a correlation")
		}
		s := selection{mapping: m, vocabulary: v}
		e, err := s.read(value, true)
		all, b.names, b.selections[key.Value] = append(all, key.Value), append(b.names, key), e
		return err
	})
	if err != nil {
		return nil, err
	}
	if b.conditions == nil {
		return nil, fault(m.path, m.node, "a detection needs a condition")
	}
	var texts []string
	if err := m.texts(&yaml.Node{Value: "condition"}, b.conditions, &texts); err != nil {
		return nil, err
	}
	b.exprs = make([]*expr, len(texts))
	for i, text := range texts {
		if b.exprs[i], err = parseCondition(text, all, b.selections); err != nil {
			return nil, fault(m.path, b.conditions, "%v", err)
		}
	}
	if len(texts) == 0 {
		return nil, fault(m.path, b.conditions, "condition: empty")
	}
	b.expr = join(opAny, b.exprs)
	return b, nil
}

// selection reads one named selection.
type selection struct {
	mapping
	vocabulary
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
		return s.values(node, "", []*yaml.Node{node}, &modifiers{})
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
		e, err := s.values(node, "", keywords, &modifiers{})
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
	var words []string
	if given {
		words = strings.Split(rest, "|")
	}
	m, err := readModifiers(words)
	if err != nil {
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
	return s.values(key, field, values, &m)
}

// values makes the tests of one item: one for all values, or with "all" one for each.
func (s *selection) values(at *yaml.Node, field string, values []*yaml.Node, m *modifiers) (*expr, error) {
	e, err := s.linked(at, field, values, m)
	if err != nil || !m.neq {
		return e, err
	}
	return &expr{op: opNot, kids: []*expr{e}}, nil
}

func (s *selection) linked(at *yaml.Node, field string, values []*yaml.Node, m *modifiers) (*expr, error) {
	if !m.all {
		return s.test(at, field, values, m)
	}
	kids := make([]*expr, len(values))
	for i, v := range values {
		var err error
		if kids[i], err = s.test(at, field, []*yaml.Node{v}, m); err != nil {
			return nil, err
		}
	}
	return join(opAll, kids), nil
}

func (s *selection) test(at *yaml.Node, field string, values []*yaml.Node, m *modifiers) (*expr, error) {
	t := &test{field: field, given: values, keyword: field == "", part: m.part}
	if len(values) == 0 || values[0] != at && at.Kind == yaml.ScalarNode {
		t.item = at
	}
	if t.keyword && (m.part != "" || m.fieldref || !m.isText() && m.compare != "re") {
		return nil, fault(s.path, at, "modifier %q needs a field", m.what())
	}
	if m.compare == "exists" {
		return s.exists(t, values)
	}
	for _, v := range values {
		if err := s.add(t, v, m); err != nil {
			return nil, fault(s.path, v, "%s: %v", field, err)
		}
	}
	t.seal()
	return &expr{op: opTest, test: t}, nil
}

func (s *selection) exists(t *test, values []*yaml.Node) (*expr, error) {
	if v := values[0]; len(values) != 1 || v.Tag != "!!bool" {
		return nil, fault(s.path, v, "%s|exists: true or false is wanted", t.field)
	}
	t.exists = strings.EqualFold(values[0].Value, "true")
	t.absent = !t.exists
	return &expr{op: opTest, test: t}, nil
}

// add adds one value to what the test looks for.
func (s *selection) add(t *test, value *yaml.Node, m *modifiers) error {
	switch {
	case isNull(value):
		if m.what() != "" || m.cased || m.fieldref || m.expand || len(m.encodings) > 0 || t.keyword {
			return errors.New("null does not compare")
		}
		t.absent = true
		return nil
	case m.fieldref:
		return t.addRef(s.rename(value.Value), m)
	case m.part != "" || m.isNumber():
		return t.addBound(value.Value, m)
	}
	texts := []string{value.Value}
	if m.expand {
		var err error
		if texts, err = s.expand(value.Value); err != nil {
			return err
		}
	}
	for _, text := range texts {
		if err := t.addText(text, m); err != nil {
			return err
		}
	}
	return nil
}

func (t *test) addText(text string, m *modifiers) error {
	switch m.compare {
	case "re":
		return t.addRegexp(text, m.flags)
	case "cidr":
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return fmt.Errorf("%q is no network in CIDR notation", text)
		}
		t.prefixes = append(t.prefixes, prefix.Masked())
		return nil
	}
	forms, err := encoded(parsePattern(text), m.encodings)
	if err != nil {
		return err
	}
	for _, form := range forms {
		t.addPattern(form, m)
	}
	return nil
}

func (t *test) addRef(field string, m *modifiers) error {
	if field == "" {
		return errors.New("fieldref: the name of a field is wanted")
	}
	t.refs = append(t.refs, ref{field: field, compare: m.compare, cased: m.cased})
	return nil
}

func (t *test) addBound(text string, m *modifiers) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != n {
		return fmt.Errorf("%s: %q is no number", m.what(), text)
	}
	if m.part != "" && n != math.Trunc(n) {
		return fmt.Errorf("%s: %q is no whole number", m.part, text)
	}
	t.bounds = append(t.bounds, bound{m.compare, n})
	return nil
}

func (t *test) addRegexp(text, flags string) error {
	if len(text) > maxRegexp {
		return fmt.Errorf("re: longer than %d bytes", maxRegexp)
	}
	if flags != "" {
		text = "(?" + flags + ")" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return fmt.Errorf("re: %w", err)
	}
	t.regexps = append(t.regexps, re)
	return nil
}

// addPattern files a pattern under the cheapest comparison that decides it.
func (t *test) addPattern(pattern []glyph, m *modifiers) {
	if m.compare == "contains" || m.compare == "endswith" || t.keyword {
		pattern = append([]glyph{glyphAny}, pattern...)
	}
	if m.compare == "contains" || m.compare == "startswith" || t.keyword {
		pattern = append(pattern, glyphAny)
	}
	if m.cased {
		t.cased.add(pattern)
	} else {
		t.folded.add(foldPattern(pattern))
	}
}
