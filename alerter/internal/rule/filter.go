package rule

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"
)

// filter is a Sigma filter (filters specification 2.0.0): what the rules that it
// names find counts only where its condition holds as well. Like an exception, it
// is no part of a rule's own hash: the windows that are open stay so.
type filter struct {
	// definition is what it says of itself, its log source and its condition.
	definition
	rules []string
	// any says that it is for every detection of its log source.
	any bool
}

// readFilter reads a document that has the key filter.
func readFilter(doc mapping, o *Options) (*filter, error) {
	f := &filter{definition: definition{doc: doc}}
	var source, body *yaml.Node
	err := doc.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "logsource":
			source = value
			return nil
		case "filter":
			body = value
			return nil
		default:
			return f.describe(key, value)
		}
	})
	if err != nil {
		return nil, err
	}
	if source == nil || body.Kind != yaml.MappingNode {
		return nil, f.at("a filter needs logsource, and under filter rules, selections and a condition")
	}
	if f.source, err = readLogSource(mapping{doc.path, source}, o.Raw); err != nil {
		return nil, err
	}
	rest, err := f.aim(mapping{doc.path, body})
	if err != nil {
		return nil, err
	}
	f.body, err = f.read(rest, o)
	return f, errors.Join(err, f.identify())
}

// aim reads which rules the filter is for, and gives what else it holds.
func (f *filter) aim(body mapping) (mapping, error) {
	rest := *body.node
	rest.Content = nil
	for i := 0; i < len(body.node.Content); i += 2 {
		key, value := body.node.Content[i], body.node.Content[i+1]
		if key.Value != "rules" {
			rest.Content = append(rest.Content, key, value)
			continue
		}
		if err := body.texts(key, value, &f.rules); err != nil {
			return mapping{}, err
		}
		f.any = value.Kind == yaml.ScalarNode && value.Value == "any"
	}
	if len(f.rules) == 0 {
		return mapping{}, f.at("filter %q names no rules: a list of ids or names is wanted, or any", f.Name)
	}
	return mapping{body.path, &rest}, nil
}

// filter adds what filters take away to the exceptions of rules, by the rule's id.
func (l *linker) filter(filters []*filter, definitions []*definition, except map[string][]*expr) error {
	var errs []error
	for _, f := range filters {
		aimed, err := l.aimed(f, definitions)
		errs = append(errs, err)
		for _, d := range aimed {
			except[d.ID] = append(except[d.ID], negation(f.body.expr))
			for _, field := range f.Unknown {
				if !slices.Contains(d.Unknown, field) {
					d.Unknown = append(d.Unknown, field)
				}
			}
		}
	}
	return errors.Join(errs...)
}

// aimed are the rules that a filter is for. One that it names and that has another
// log source is an error: the filter's fields would not be the rule's.
func (l *linker) aimed(f *filter, definitions []*definition) ([]*definition, error) {
	var aimed []*definition
	if f.any {
		for _, d := range definitions {
			if d.correlation == nil && f.source.covers(&d.source) {
				aimed = append(aimed, d)
			}
		}
		return aimed, nil
	}
	var errs []error
	for _, word := range f.rules {
		switch d := l.byWord[word]; {
		case d == nil:
			errs = append(errs, f.at("filter %q is for rule %q, which is not loaded", f.Name, word))
		case d.correlation == nil && !f.source.covers(&d.source):
			errs = append(errs, f.at("filter %q is for rule %q, whose logsource is another", f.Name, d.Name))
		case !slices.Contains(aimed, d):
			aimed = append(aimed, d)
		}
	}
	return aimed, errors.Join(errs...)
}

// negation is what holds where an expression does not.
func negation(e *expr) *expr {
	if e.op == opNot {
		return e.kids[0]
	}
	return &expr{op: opNot, kids: []*expr{e}}
}
