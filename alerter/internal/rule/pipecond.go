package rule

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// conditions are those of one kind of a step: all of them, any, or an expression
// over their names.
type conditions struct {
	list []*clause
	any  bool
	not  bool
	// expr is an expression over names; tests are the conditions by their tests in it.
	text  *yaml.Node
	expr  *expr
	tests map[*test]*clause
}

// clause is one of them, with its parameters.
type clause struct {
	mapping
	name, kind string
	texts      map[string]string
	fields     []string
	// re is a pattern of values, named those of fields' names.
	re    *regexp.Regexp
	named []*regexp.Regexp
}

// read reads one of the keys that conditions have.
func (c *conditions) read(m mapping, part string, key, value *yaml.Node) error {
	switch part {
	case "_not":
		return m.truth(key, value, &c.not)
	case "_op":
		c.any = value.Value == "or"
		if !c.any && value.Value != "and" {
			return fault(m.path, value, "%s: and or or is wanted", key.Value)
		}
		return nil
	case "_expr", "_expression":
		c.text = value
		return nil
	}
	add := func(name string, node *yaml.Node) error {
		sub, err := m.sub(key, node)
		if err != nil {
			return err
		}
		one, err := readClause(sub)
		if err == nil {
			one.name = name
			c.list = append(c.list, one)
		}
		return err
	}
	switch value.Kind {
	case yaml.SequenceNode:
		for _, node := range value.Content {
			if err := add("", node); err != nil {
				return err
			}
		}
		return nil
	case yaml.MappingNode:
		return mapping{m.path, value}.each(func(key, node *yaml.Node) error { return add(key.Value, node) })
	default:
		return fault(m.path, value, "%s: a list of conditions is wanted", key.Value)
	}
}

// complete links an expression to the conditions that it names.
func (c *conditions) complete(m mapping) error {
	if c.text == nil {
		return nil
	}
	var names []string
	exprs := make(map[string]*expr)
	c.tests = make(map[*test]*clause)
	for _, one := range c.list {
		t := &test{}
		names, exprs[one.name], c.tests[t] = append(names, one.name), &expr{op: opTest, test: t}, one
	}
	var err error
	if c.expr, err = parseCondition(c.text.Value, names, exprs); err != nil {
		return fault(m.path, c.text, "%v", err)
	}
	return nil
}

// hold asks each condition.
func (c *conditions) hold(ask func(*clause) bool) bool {
	var holds bool
	switch {
	case c.expr != nil:
		holds = c.eval(c.expr, ask)
	case c.any:
		holds = slices.ContainsFunc(c.list, ask)
	default:
		holds = !slices.ContainsFunc(c.list, func(one *clause) bool { return !ask(one) })
	}
	return holds != c.not
}

func (c *conditions) eval(e *expr, ask func(*clause) bool) bool {
	is := func(kid *expr) bool { return c.eval(kid, ask) }
	switch e.op {
	case opTest:
		return ask(c.tests[e.test])
	case opAny:
		return slices.ContainsFunc(e.kids, is)
	case opAll:
		return !slices.ContainsFunc(e.kids, func(kid *expr) bool { return !is(kid) })
	default:
		return !is(e.kids[0])
	}
}

// conditionKeys are the parameters of each kind of condition.
func conditionKeys(kind string) ([]string, bool) {
	keys, ok := map[string][]string{
		"logsource": {"category", "product", "service"}, "contains_field": {"field"}, "contains_detection_item": {"field", "value"},
		"is_sigma_rule": {}, "is_sigma_correlation_rule": {}, "rule_attribute": {"attribute", "value", "op"}, "tag": {"tag"},
		"processing_item_applied": {"processing_item_id"}, "processing_state": {"key", "val", "op"},
		"include_fields": {"fields", "mode"}, "exclude_fields": {"fields", "mode"},
		"match_string": {"pattern", "cond", "negate"}, "match_value": {"value", "cond"}, "contains_wildcard": {"cond"}, "is_null": {"cond"},
	}[kind]
	return keys, ok
}

func readClause(m mapping) (*clause, error) {
	c := &clause{mapping: m, texts: make(map[string]string)}
	if kind := m.get("type"); kind != nil {
		c.kind = kind.Value
	}
	keys, ok := conditionKeys(c.kind)
	if !ok {
		return nil, fault(m.path, m.node, "unknown condition %q", c.kind)
	}
	err := m.each(func(key, value *yaml.Node) error {
		switch {
		case key.Value == "type":
			return nil
		case !slices.Contains(keys, key.Value):
			return m.unknown(key, "condition "+c.kind)
		case key.Value == "fields":
			return m.texts(key, value, &c.fields)
		default:
			var text string
			err := m.text(key, value, &text)
			c.texts[key.Value] = text
			return err
		}
	})
	if err != nil {
		return nil, err
	}
	if c.kind == "match_string" {
		if c.re, err = regexp.Compile("^(?:" + c.texts["pattern"] + ")"); err != nil {
			return nil, fault(m.path, m.node, "pattern: %v", err)
		}
	}
	for _, pattern := range c.fields {
		if c.texts["mode"] != "re" { // * and ? are wildcards
			pattern = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern)) + "$"
		}
		re, err := regexp.Compile("^(?:" + pattern + ")")
		if err != nil {
			return nil, fault(m.path, m.node, "fields: %v", err)
		}
		c.named = append(c.named, re)
	}
	return c, nil
}

// ofRule asks a condition of a whole rule.
func (c *clause) ofRule(s *subject) bool {
	switch c.kind {
	case "logsource":
		return c.ofLogSource(s.get("logsource"))
	case "is_sigma_rule":
		return s.get("correlation") == nil
	case "is_sigma_correlation_rule":
		return s.get("correlation") != nil
	case "tag":
		tags := s.get("tags")
		return tags != nil && slices.ContainsFunc(scalars(tags), func(n *yaml.Node) bool { return n.Value == c.texts["tag"] })
	case "rule_attribute":
		return c.ofAttribute(s.get(c.texts["attribute"]))
	case "processing_item_applied":
		return s.applied[c.texts["processing_item_id"]]
	case "processing_state":
		return (s.state[c.texts["key"]] == c.texts["val"]) != (c.texts["op"] == "ne")
	case "contains_field", "contains_detection_item":
		found := false
		s.eachItem(func(key, value *yaml.Node) {
			field, _, _ := strings.Cut(key.Value, "|")
			found = found || field == c.texts["field"] && (c.kind == "contains_field" ||
				slices.ContainsFunc(scalars(value), func(n *yaml.Node) bool { return n.Value == c.texts["value"] }))
		})
		return found
	}
	return false
}

func (c *clause) ofLogSource(source *yaml.Node) bool {
	for _, key := range [...]string{"category", "product", "service"} {
		if want, ok := c.texts[key]; ok {
			if source == nil || source.Kind != yaml.MappingNode {
				return false
			}
			if given := (mapping{c.path, source}).get(key); given == nil || given.Value != want {
				return false
			}
		}
	}
	return true
}

func (c *clause) ofAttribute(given *yaml.Node) bool {
	if given == nil {
		return false
	}
	value := c.texts["value"]
	has := slices.ContainsFunc(scalars(given), func(n *yaml.Node) bool { return n.Value == value })
	level := func(word string) int32 { return alertv1.Level_value["LEVEL_"+strings.ToUpper(word)] }
	switch c.texts["op"] {
	case "ne", "not_in":
		return !has
	case "gte":
		return level(given.Value) >= level(value)
	case "gt":
		return level(given.Value) > level(value)
	case "lte":
		return level(given.Value) <= level(value)
	case "lt":
		return level(given.Value) < level(value)
	default:
		return has
	}
}

// ofField asks a condition of a field's name.
func (c *clause) ofField(s *subject, key *yaml.Node, field string) bool {
	named := func(re *regexp.Regexp) bool { return re.MatchString(field) }
	switch c.kind {
	case "include_fields":
		return slices.ContainsFunc(c.named, named)
	case "exclude_fields":
		return !slices.ContainsFunc(c.named, named)
	default:
		return c.ofItem(s, key, nil)
	}
}

// ofItem asks a condition of an item of the detection.
func (c *clause) ofItem(s *subject, key, value *yaml.Node) bool {
	ask := func(*yaml.Node) bool { return false }
	switch c.kind {
	case "processing_item_applied":
		return s.items[key][c.texts["processing_item_id"]]
	case "processing_state":
		return c.ofRule(s)
	case "match_string":
		ask = func(n *yaml.Node) bool { return c.re.MatchString(n.Value) != (c.texts["negate"] == "true") }
	case "match_value":
		ask = func(n *yaml.Node) bool { return n.Value == c.texts["value"] }
	case "contains_wildcard":
		ask = func(n *yaml.Node) bool { return strings.ContainsAny(n.Value, "*?") }
	case "is_null":
		ask = isNull
	}
	if value == nil {
		return false
	}
	values := scalars(value)
	if c.texts["cond"] == "all" {
		return !slices.ContainsFunc(values, func(n *yaml.Node) bool { return !ask(n) })
	}
	return slices.ContainsFunc(values, ask)
}
