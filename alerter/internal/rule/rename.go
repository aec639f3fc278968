package rule

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// rename gives fields other names. Of several, any may hold the value.
func (s *subject) rename(step *step, names func(string) []string) error {
	s.renameCorrelation(step, names)
	return s.eachSelection(func(at **yaml.Node) error {
		var all []*yaml.Node
		single := (*at).Kind == yaml.MappingNode
		elements := []*yaml.Node{*at}
		if (*at).Kind == yaml.SequenceNode {
			elements = (*at).Content
		}
		for _, element := range elements {
			if element.Kind != yaml.MappingNode {
				all = append(all, element)
				continue
			}
			made, err := s.variants(step, element, names)
			if err != nil {
				return err
			}
			all = append(all, made...)
		}
		switch {
		case single && len(all) == 1:
			*at = all[0]
		case single:
			*at = &yaml.Node{Kind: yaml.SequenceNode, Content: all, Line: (*at).Line}
		default:
			(*at).Content = all
		}
		return nil
	})
}

// variants are a mapping with its fields renamed: one for each choice of names.
func (s *subject) variants(step *step, m *yaml.Node, names func(string) []string) ([]*yaml.Node, error) {
	made := []*yaml.Node{{Kind: yaml.MappingNode, Tag: m.Tag, Line: m.Line}}
	for i := 0; i < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		field, rest, modified := strings.Cut(key.Value, "|")
		to := []string{field}
		if field != "" && s.means(step, key, value) {
			if other := names(field); other != nil {
				to = other
				s.did(step, key)
			}
			if modified && slices.Contains(strings.Split(rest, "|"), "fieldref") {
				for _, v := range scalars(value) {
					if other := names(v.Value); len(other) == 1 {
						v.Value = other[0]
					}
				}
			}
		}
		if len(made)*len(to) > maxChoices {
			return nil, fault(s.path, m, "a pipeline makes more than %d variants of a selection", maxChoices)
		}
		var next []*yaml.Node
		for n, name := range to {
			own := key
			if n > 0 {
				own = copied(key)
				s.items[own] = s.items[key]
			}
			own.Value = name
			if modified {
				own.Value += "|" + rest
			}
			for _, one := range made {
				with := *one
				with.Content = append(slices.Clone(one.Content), own, value)
				next = append(next, &with)
			}
		}
		made = next
	}
	// What one of them becomes in a later step, another does not.
	for i := 1; i < len(made); i++ {
		if err := s.grow(nodes(made[i])); err != nil {
			return nil, err
		}
		own := copied(made[i])
		for k := 0; k < len(own.Content); k += 2 {
			s.items[own.Content[k]] = s.items[made[i].Content[k]]
		}
		made[i] = own
	}
	return made, nil
}

// renameCorrelation renames the fields that a correlation groups by and counts.
func (s *subject) renameCorrelation(step *step, names func(string) []string) {
	correlation := s.get("correlation")
	if correlation == nil || correlation.Kind != yaml.MappingNode {
		return
	}
	m := mapping{s.path, correlation}
	var fields []*yaml.Node
	aliases := make(map[string]bool)
	if a := m.get("aliases"); a != nil && a.Kind == yaml.MappingNode {
		for i := 0; i < len(a.Content); i += 2 {
			aliases[a.Content[i].Value] = true
			for k := 1; k < len(a.Content[i+1].Content); k += 2 {
				fields = append(fields, a.Content[i+1].Content[k])
			}
		}
	}
	if group := m.get("group-by"); group != nil {
		fields = append(fields, scalars(group)...)
	}
	if condition := m.get("condition"); condition != nil && condition.Kind == yaml.MappingNode {
		if field := (mapping{s.path, condition}).get("field"); field != nil {
			fields = append(fields, scalars(field)...)
		}
	}
	for _, field := range fields {
		if aliases[field.Value] || !step.field.hold(func(c *clause) bool { return c.ofField(s, field, field.Value) }) {
			continue
		}
		if to := names(field.Value); len(to) == 1 {
			field.Value = to[0]
		}
	}
}
