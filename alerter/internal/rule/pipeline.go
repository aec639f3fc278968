package rule

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// pipeline is a processing pipeline as pySigma has them in YAML: steps that change
// rules before they are read, mostly to other names of fields and log sources.
// What it says of queries (postprocessing, finalizers) has no meaning here.
type pipeline struct {
	mapping
	priority int
	// vars are the values of placeholders.
	vars  map[string][]string
	steps []*step
}

// step is one transformation and when it applies.
type step struct {
	mapping
	id string
	// rule, item and field are conditions of the whole rule, of an item of its detection
	// and of the name of a field.
	rule, item, field conditions
	change            func(*subject, *step) error
}

// subject is a rule on its way through the pipelines. It is a copy that belongs to
// them.
type subject struct {
	mapping
	vars map[string][]string
	// applied are the ids of steps that applied, to the rule and to each item by its key.
	applied map[string]bool
	items   map[*yaml.Node]map[string]bool
	state   map[string]string
	// grown is what the steps added, in nodes.
	grown int
}

// maxGrowth bounds what pipelines may add to one rule, in values and names, each of
// them as many as it has pieces of 64 bytes.
const maxGrowth = 1 << 16

// grow counts what a step adds.
func (s *subject) grow(n int) error {
	if s.grown += n; s.grown > maxGrowth {
		return fault(s.path, s.node, "pipelines make more than %d values of the rule", maxGrowth)
	}
	return nil
}

// readPipelines reads files of pipelines, and puts them in the order of their priorities.
func readPipelines(paths []string) ([]*pipeline, error) {
	var all []*pipeline
	var errs []error
	for _, path := range paths {
		text, err := readBounded(path)
		if err != nil {
			errs = append(errs, fmt.Errorf("read pipeline: %w", err))
			continue
		}
		docs, err := documents(path, text)
		errs = append(errs, err)
		for _, doc := range docs {
			p, err := readPipeline(doc)
			all, errs = append(all, p), append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b *pipeline) int { return cmp.Compare(a.priority, b.priority) })
	return all, nil
}

func readPipeline(doc mapping) (*pipeline, error) {
	p := &pipeline{mapping: doc, vars: make(map[string][]string)}
	var ignored string
	err := doc.each(func(key, value *yaml.Node) (err error) {
		switch key.Value {
		case "name":
			return doc.text(key, value, &ignored)
		case "priority":
			if p.priority, err = strconv.Atoi(value.Value); err != nil {
				return fault(doc.path, value, "priority: a whole number is wanted")
			}
			return nil
		case "vars":
			vars, err := doc.sub(key, value)
			if err != nil {
				return err
			}
			return vars.each(func(key, value *yaml.Node) error {
				var values []string
				err := vars.texts(key, value, &values)
				p.vars[key.Value] = values
				return err
			})
		case "transformations":
			p.steps, err = readSteps(doc, key, value)
			return err
		case "allowed_backends", "postprocessing", "finalizers":
			return nil // of who makes queries
		default:
			return doc.unknown(key, "a pipeline")
		}
	})
	return p, err
}

func readSteps(m mapping, key, value *yaml.Node) ([]*step, error) {
	if value.Kind != yaml.SequenceNode {
		return nil, fault(m.path, value, "%s: a list is wanted", key.Value)
	}
	var steps []*step
	var errs []error
	for _, node := range value.Content {
		item, err := m.sub(key, node)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s, err := readStep(item)
		steps, errs = append(steps, s), append(errs, err)
	}
	return steps, errors.Join(errs...)
}

// readStep reads what all transformations have; the rest is the transformation's own.
func readStep(m mapping) (*step, error) {
	s := &step{mapping: m}
	own := *m.node
	own.Content = nil
	kind := m.get("type")
	if kind == nil {
		return nil, fault(m.path, m.node, "a transformation needs a type")
	}
	err := m.each(func(key, value *yaml.Node) error {
		if of, part := s.conditionsOf(key.Value); of != nil {
			return of.read(m, part, key, value)
		}
		switch key.Value {
		case "id":
			return m.text(key, value, &s.id)
		case "type":
			return nil
		default:
			own.Content = append(own.Content, key, value)
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	for _, c := range [...]*conditions{&s.rule, &s.item, &s.field} {
		if err := c.complete(m); err != nil {
			return nil, err
		}
	}
	s.change, err = readChange(kind, mapping{m.path, &own})
	return s, err
}

// conditionsOf tells which conditions a key is about, and what of them.
func (s *step) conditionsOf(key string) (of *conditions, part string) {
	for prefix, of := range map[string]*conditions{"rule_cond": &s.rule, "detection_item_cond": &s.item, "field_name_cond": &s.field} {
		switch key {
		case prefix + "itions", prefix + "_op", prefix + "_not", prefix + "_expr", prefix + "_expression":
			return of, key[len(prefix):]
		}
	}
	return nil, ""
}

// through gives a rule to all pipelines, and what they make of it.
func through(pipelines []*pipeline, doc mapping) (mapping, error) {
	if len(pipelines) == 0 {
		return doc, nil
	}
	s := &subject{
		mapping: mapping{doc.path, copied(doc.node)}, applied: make(map[string]bool),
		items: make(map[*yaml.Node]map[string]bool), state: make(map[string]string),
	}
	for _, p := range pipelines {
		s.vars = p.vars
		if err := s.walk(p.steps); err != nil {
			return mapping{}, err
		}
	}
	return s.mapping, nil
}

// walk lets a rule go through steps.
func (s *subject) walk(steps []*step) error {
	for _, step := range steps {
		if !step.rule.hold(func(c *clause) bool { return c.ofRule(s) }) {
			continue
		}
		if err := step.change(s, step); err != nil {
			return err
		}
		s.applied[step.id] = true
	}
	return nil
}

// copied is a copy of a node and all beneath it.
func copied(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, kid := range n.Content {
		c.Content[i] = copied(kid)
	}
	return &c
}
