package rule

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// definition is one rule as its author wrote it, checked by itself but not yet
// linked to the others.
type definition struct {
	Info
	doc mapping
	// ref is the rule's own word for itself, besides its id.
	ref         string
	source      logSource
	body        *body
	correlation *correlation
	// groupBy and alert are our own keys.
	groupBy []string
	alert   *bool
}

// define reads one document.
func define(doc mapping, o *Options) (*definition, error) {
	d := &definition{doc: doc}
	d.Path, d.Line = doc.path, doc.node.Line
	d.Type = Detection
	d.Level = alertv1.Level_LEVEL_MEDIUM
	generate := false
	err := doc.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "logsource", "detection":
			return nil // after all others: the fields depend on the log source
		case "correlation":
			c, err := correlate(doc, key, value)
			d.correlation = c
			return err
		case "generate":
			return doc.truth(key, value, &generate)
		case "tocsin":
			return d.extend(key, value)
		default:
			return d.describe(key, value)
		}
	})
	if d.correlation != nil {
		d.correlation.generate = d.correlation.generate || generate
		d.Type = d.correlation.typ
	} else if doc.get("correlation") != nil {
		return nil, err
	}
	if err := errors.Join(err, d.detect(o)); err != nil {
		return nil, err
	}
	return d, d.identify()
}

// describe reads the keys that say what a rule is about.
func (d *definition) describe(key, value *yaml.Node) error {
	m, ignored := d.doc, ""
	switch key.Value {
	case "title":
		return m.text(key, value, &d.Name)
	case "id":
		return m.text(key, value, &d.ID)
	case "name":
		return m.text(key, value, &d.ref)
	case "description":
		return m.text(key, value, &d.Description)
	case "references":
		return m.texts(key, value, &d.References)
	case "falsepositives":
		return m.texts(key, value, &d.FalsePositives)
	case "tags":
		return m.texts(key, value, &d.Tags)
	case "level":
		return d.level(value)
	case "fields", "scope":
		return m.texts(key, value, new([]string))
	case "status", "author", "date", "modified", "license", "taxonomy", "regression_tests_path":
		return m.text(key, value, &ignored)
	case "related", "simulation":
		if value.Kind != yaml.SequenceNode {
			return fault(m.path, value, "%s: a list is wanted", key.Value)
		}
		return nil
	default:
		return m.unknown(key, "a rule")
	}
}

func (d *definition) level(value *yaml.Node) error {
	level, ok := alertv1.Level_value["LEVEL_"+strings.ToUpper(value.Value)]
	if !ok || level == 0 {
		return fault(d.doc.path, value, "level: %q is none of informational, low, medium, high, critical", value.Value)
	}
	d.Level = alertv1.Level(level)
	return nil
}

// extend reads our own keys.
func (d *definition) extend(key, value *yaml.Node) error {
	m, err := d.doc.sub(key, value)
	if err != nil {
		return err
	}
	return m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "group_by":
			return m.texts(key, value, &d.groupBy)
		case "alert":
			d.alert = new(bool)
			return m.truth(key, value, d.alert)
		case "shadow":
			return m.truth(key, value, &d.Shadow)
		default:
			return m.unknown(key, "tocsin")
		}
	})
}

// detect reads what the rule looks for.
func (d *definition) detect(o *Options) error {
	source, body := d.doc.get("logsource"), d.doc.get("detection")
	if d.correlation != nil {
		if body != nil || source != nil {
			return fault(d.doc.path, d.doc.node, "a rule has either a detection or a correlation")
		}
		if d.groupBy != nil {
			return fault(d.doc.path, d.doc.node, "tocsin.group_by: a correlation has its own group-by")
		}
		return nil
	}
	if source == nil || body == nil {
		return fault(d.doc.path, d.doc.node, "a rule needs logsource and detection, or correlation")
	}
	var err error
	if d.source, err = readLogSource(mapping{d.doc.path, source}, o.Raw); err != nil {
		return err
	}
	d.Unfed = d.source.unfed
	d.body, err = d.read(mapping{d.doc.path, body}, o)
	return err
}

// read reads selections and the condition over them, in the words of the log source.
func (d *definition) read(body mapping, o *Options) (*body, error) {
	return readDetection(body, vocabulary{d.field, o.Lists})
}

// field is our name of a field of the rule. It notes the ones that are not ours.
func (d *definition) field(name string) string {
	ours := d.source.fields(name)
	_, registered := event.FieldByName(ours)
	_, translated := d.source.names[name]
	if d.source.mapped && !registered && !translated && ours != fieldTime && !slices.Contains(d.Unknown, ours) {
		d.Unknown = append(d.Unknown, ours)
	}
	return ours
}

// identify sees to it that the rule can be told from others.
func (d *definition) identify() error {
	if d.Name == "" {
		return fault(d.doc.path, d.doc.node, "a rule needs a title")
	}
	if d.ID == "" {
		d.ID = d.ref
	}
	if d.ID == "" {
		d.ID = d.Name
	}
	for _, field := range d.groupBy {
		if field == "" {
			return fault(d.doc.path, d.doc.node, "tocsin.group_by: an empty field name")
		}
	}
	if len(d.ID) > 256 || len(d.Name) > 1024 {
		return fault(d.doc.path, d.doc.node, "the id or the title is too long")
	}
	return nil
}

// at is an error at the rule's first line.
func (d *definition) at(format string, args ...any) error {
	return fault(d.doc.path, d.doc.node, format, args...)
}
