package rule

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxChoices bounds what mappings of one name to several make of one selection.
const maxChoices = 64

// readChange reads the parameters of a transformation. One that is not known is an
// error: what it should have changed would be looked for under a wrong name.
func readChange(kind *yaml.Node, m mapping) (func(*subject, *step) error, error) {
	texts := func(keys ...string) (map[string]string, error) {
		all := make(map[string]string)
		return all, m.each(func(key, value *yaml.Node) error {
			if !slices.Contains(keys, key.Value) {
				return m.unknown(key, kind.Value)
			}
			var text string
			err := m.text(key, value, &text)
			all[key.Value] = text
			return err
		})
	}
	switch kind.Value {
	case "field_name_mapping", "field_name_prefix_mapping", "map_string":
		names, err := readNames(m)
		return func(s *subject, step *step) error {
			switch kind.Value {
			case "map_string":
				return s.eachValue(step, func(text string) []string { return names[text] })
			case "field_name_mapping":
				return s.rename(step, func(field string) []string { return names[field] })
			}
			return s.rename(step, func(field string) []string {
				for prefix, to := range names {
					if rest, ok := strings.CutPrefix(field, prefix); ok {
						return suffixed(to, rest)
					}
				}
				return nil
			})
		}, err
	case "field_name_prefix", "field_name_suffix":
		t, err := texts("prefix", "suffix")
		return func(s *subject, step *step) error {
			return s.rename(step, func(field string) []string { return []string{t["prefix"] + field + t["suffix"]} })
		}, err
	case "drop_detection_item":
		_, err := texts()
		return (*subject).dropItems, err
	case "add_condition":
		return readAddCondition(m)
	case "change_logsource":
		_, err := texts("category", "product", "service")
		return func(s *subject, _ *step) error { s.put("logsource", copied(m.node)); return nil }, err
	case "replace_string":
		return readReplace(m)
	case "set_value":
		t, err := texts("value", "force_type")
		return func(s *subject, step *step) error {
			return s.eachValue(step, func(string) []string { return []string{t["value"]} })
		}, err
	case "case":
		t, err := texts("method")
		change := map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper}[t["method"]]
		if err == nil && change == nil {
			err = fault(m.path, m.node, "case: method: lower or upper is wanted")
		}
		return func(s *subject, step *step) error {
			return s.eachValue(step, func(text string) []string { return []string{change(text)} })
		}, err
	case "value_placeholders", "wildcard_placeholders":
		return readPlaceholders(kind.Value == "wildcard_placeholders", m)
	case "set_state":
		t, err := texts("key", "val", "value")
		return func(s *subject, _ *step) error { s.state[t["key"]] = t["val"] + t["value"]; return nil }, err
	case "rule_failure", "detection_item_failure":
		t, err := texts("message")
		return func(s *subject, step *step) error { return s.fail(kind.Value == "rule_failure", step, t["message"]) }, err
	case "nest":
		for i := 0; i < len(m.node.Content); i += 2 {
			if key := m.node.Content[i]; key.Value == "items" {
				steps, err := readSteps(m, key, m.node.Content[i+1])
				return func(s *subject, _ *step) error { return s.walk(steps) }, err
			}
		}
		return nil, fault(m.path, m.node, "nest: items are wanted")
	case "add_field", "remove_field", "set_custom_attribute":
		return func(*subject, *step) error { return nil }, nil // of the rule's list for who reads it
	default:
		return nil, fault(m.path, kind, "unknown transformation %q", kind.Value)
	}
}

// readNames reads "mapping", of a name to one or several.
func readNames(m mapping) (map[string][]string, error) {
	names := make(map[string][]string)
	return names, m.each(func(key, value *yaml.Node) error {
		if key.Value != "mapping" {
			return m.unknown(key, "the transformation")
		}
		sub, err := m.sub(key, value)
		if err != nil {
			return err
		}
		return sub.each(func(key, value *yaml.Node) error {
			var to []string
			err := sub.texts(key, value, &to)
			names[key.Value] = to
			return err
		})
	})
}

func suffixed(list []string, suffix string) []string {
	all := make([]string, len(list))
	for i, text := range list {
		all[i] = text + suffix
	}
	return all
}

// readAddCondition reads items that the rule is to want besides, or not to want.
func readAddCondition(m mapping) (func(*subject, *step) error, error) {
	var items *yaml.Node
	negated := false
	err := m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "conditions":
			items = value
			_, err := m.sub(key, value)
			return err
		case "negated":
			return m.truth(key, value, &negated)
		case "name":
			return nil
		default:
			return m.unknown(key, "add_condition")
		}
	})
	if err == nil && items == nil {
		err = fault(m.path, m.node, "add_condition: conditions are wanted")
	}
	return func(s *subject, _ *step) error {
		detection := s.get("detection")
		if detection == nil || detection.Kind != yaml.MappingNode {
			return nil
		}
		d := &subject{mapping: mapping{s.path, detection}}
		name := "_added"
		for d.get(name) != nil {
			name += "_"
		}
		d.put(name, copied(items))
		before := "and "
		if negated {
			before = "and not "
		}
		if condition := d.get("condition"); condition != nil {
			for _, text := range scalars(condition) {
				text.Value = "(" + text.Value + ") " + before + name
			}
		}
		return nil
	}, err
}

// readReplace reads a replacement by a regular expression, with \1 for its groups.
func readReplace(m mapping) (func(*subject, *step) error, error) {
	t := make(map[string]string)
	err := m.each(func(key, value *yaml.Node) error {
		if !slices.Contains([]string{"regex", "replacement", "skip_special", "interpret_special"}, key.Value) {
			return m.unknown(key, "replace_string")
		}
		var text string
		err := m.text(key, value, &text)
		t[key.Value] = text
		return err
	})
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(t["regex"])
	if err != nil {
		return nil, fault(m.path, m.node, "regex: %v", err)
	}
	with := regexp.MustCompile(`\\(\d)`).ReplaceAllString(strings.ReplaceAll(t["replacement"], "$", "$$"), "$${$1}")
	return func(s *subject, step *step) error {
		return s.eachValue(step, func(text string) []string {
			// Before it is made: each byte may become a whole replacement.
			if s.grow(len(text)*len(with)/4096) != nil {
				return nil
			}
			return []string{re.ReplaceAllString(text, with)}
		})
	}, nil
}

// readPlaceholders reads which placeholders get the pipeline's values, or a wildcard.
func readPlaceholders(wildcard bool, m mapping) (func(*subject, *step) error, error) {
	var include, exclude []string
	err := m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "include":
			return m.texts(key, value, &include)
		case "exclude":
			return m.texts(key, value, &exclude)
		default:
			return m.unknown(key, "placeholders")
		}
	})
	return func(s *subject, _ *step) error {
		var err error
		s.eachItem(func(key, value *yaml.Node) {
			if words := strings.Split(key.Value, "|"); err != nil || !slices.Contains(words[1:], "expand") {
				return
			}
			open := false
			var all []*yaml.Node
			for _, v := range scalars(value) {
				name := strings.Trim(v.Value, "%")
				values, known := s.vars[name]
				meant := (len(include) == 0 || slices.Contains(include, name)) && !slices.Contains(exclude, name)
				switch {
				case meant && wildcard:
					values = []string{"*"}
				case !meant || !known:
					open, values = true, []string{v.Value} // the configuration's lists may have it
				}
				if err = s.grow(len(values)); err != nil {
					return
				}
				for _, text := range values {
					all = append(all, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: v.Line})
				}
			}
			*value = yaml.Node{Kind: yaml.SequenceNode, Content: all, Line: value.Line}
			if !open {
				key.Value = strings.Join(slices.DeleteFunc(strings.Split(key.Value, "|"), func(word string) bool { return word == "expand" }), "|")
			}
		})
		return err
	}, err
}

// put sets a key of the rule.
func (s *subject) put(name string, value *yaml.Node) {
	for i := 0; i < len(s.node.Content); i += 2 {
		if s.node.Content[i].Value == name {
			s.node.Content[i+1] = value
			return
		}
	}
	s.node.Content = append(s.node.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: value.Line}, value)
}

// eachSelection gives visit the selections of the detection, or of a filter, and where
// they stand.
func (s *subject) eachSelection(visit func(at **yaml.Node) error) error {
	for _, section := range [...]string{"detection", "filter"} {
		body := s.get(section)
		if body == nil || body.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i < len(body.Content); i += 2 {
			if slices.Contains([]string{"condition", "timeframe", "rules"}, body.Content[i].Value) {
				continue
			}
			if err := visit(&body.Content[i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// mappings are the mappings of a selection.
func mappings(selection *yaml.Node) []*yaml.Node {
	if selection.Kind == yaml.MappingNode {
		return []*yaml.Node{selection}
	}
	var all []*yaml.Node
	for _, element := range selection.Content {
		if element.Kind == yaml.MappingNode {
			all = append(all, element)
		}
	}
	return all
}

// eachItem visits all items of all selections.
func (s *subject) eachItem(visit func(key, value *yaml.Node)) {
	_ = s.eachSelection(func(at **yaml.Node) error { // visit has no error
		for _, m := range mappings(*at) {
			for i := 0; i < len(m.Content); i += 2 {
				visit(m.Content[i], m.Content[i+1])
			}
		}
		return nil
	})
}

// means says whether a step is for an item.
func (s *subject) means(step *step, key, value *yaml.Node) bool {
	field, _, _ := strings.Cut(key.Value, "|")
	return step.item.hold(func(c *clause) bool { return c.ofItem(s, key, value) }) &&
		step.field.hold(func(c *clause) bool { return c.ofField(s, key, field) })
}

func (s *subject) did(step *step, key *yaml.Node) {
	if s.items[key] == nil {
		s.items[key] = make(map[string]bool)
	}
	s.items[key][step.id] = true
}

// eachValue gives the texts of items other texts, one or several; none leaves a text
// as it is.
func (s *subject) eachValue(step *step, change func(string) []string) error {
	var err error
	s.eachItem(func(key, value *yaml.Node) {
		if err != nil || !s.means(step, key, value) {
			return
		}
		var all []*yaml.Node
		changed := false
		for _, v := range scalars(value) {
			texts := change(v.Value)
			if texts == nil || v.Kind != yaml.ScalarNode || isNull(v) {
				all = append(all, v)
				continue
			}
			changed = true
			size := len(texts) - 1
			for _, text := range texts {
				size += len(text) / 64
			}
			if err = s.grow(size); err != nil {
				return
			}
			for _, text := range texts {
				all = append(all, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Line: v.Line})
			}
		}
		if !changed {
			return
		}
		s.did(step, key)
		if len(all) == 1 {
			*value = *all[0]
			return
		}
		*value = yaml.Node{Kind: yaml.SequenceNode, Content: all, Line: value.Line}
	})
	if err != nil {
		return err
	}
	return s.grow(0)
}

// dropItems removes items. A selection of which none is left would match everything,
// and is refused when it is read.
func (s *subject) dropItems(step *step) error {
	return s.eachSelection(func(at **yaml.Node) error {
		for _, m := range mappings(*at) {
			var rest []*yaml.Node
			for i := 0; i < len(m.Content); i += 2 {
				if !s.means(step, m.Content[i], m.Content[i+1]) {
					rest = append(rest, m.Content[i], m.Content[i+1])
				}
			}
			m.Content = rest
		}
		return nil
	})
}

// fail refuses the rule, or one that has such an item.
func (s *subject) fail(whole bool, step *step, message string) error {
	if whole {
		return fault(s.path, s.node, "refused by a pipeline: %s", message)
	}
	var err error
	s.eachItem(func(key, value *yaml.Node) {
		if err == nil && s.means(step, key, value) {
			err = fault(s.path, key, "%s: refused by a pipeline: %s", key.Value, message)
		}
	})
	return err
}
