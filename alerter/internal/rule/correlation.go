package rule

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxTimespan bounds a window: signals are held that long.
const maxTimespan = 30 * 24 * time.Hour

// correlation is a correlation as written: its rules are still words.
type correlation struct {
	typ       Type
	rules     []string
	groupBy   []string
	timespan  time.Duration
	condition Condition
	// aliases maps an alias to the field that holds it, by the rule's word.
	aliases map[string]map[string]string
	// generate lets the rules that it refers to alert as well.
	generate bool
}

// correlate reads the correlation section.
func correlate(doc mapping, key, value *yaml.Node) (*correlation, error) {
	m, err := doc.sub(key, value)
	if err != nil {
		return nil, err
	}
	c := &correlation{}
	err = m.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "type":
			return c.readType(m, value)
		case "rules":
			return m.texts(key, value, &c.rules)
		case "group-by":
			return m.texts(key, value, &c.groupBy)
		case "timespan":
			return c.readTimespan(m, value)
		case "condition":
			return c.readCondition(m, key, value)
		case "aliases":
			return c.readAliases(m, key, value)
		case "generate":
			return m.truth(key, value, &c.generate)
		default:
			return m.unknown(key, "correlation")
		}
	})
	if err != nil {
		return nil, err
	}
	return c, c.complete(m)
}

// complete checks that what the type needs is there.
func (c *correlation) complete(m mapping) error {
	for _, name := range []string{"type", "rules", "timespan"} {
		if m.get(name) == nil {
			return fault(m.path, m.node, "correlation: %s is wanted", name)
		}
	}
	if len(c.rules) == 0 {
		return fault(m.path, m.get("rules"), "rules: empty")
	}
	counts := c.typ != TemporalOrdered
	if counts && len(c.condition.Bounds) == 0 {
		return fault(m.path, m.node, "%s: a condition is wanted", c.typ)
	}
	if c.typ == ValueCount && c.condition.Field == "" {
		return fault(m.path, m.node, "value_count: condition.field is wanted")
	}
	if c.typ != ValueCount && c.condition.Field != "" {
		return fault(m.path, m.get("condition"), "condition.field: only value_count has one")
	}
	seen := make(map[string]bool)
	for _, field := range c.groupBy {
		if field == "" || seen[field] {
			return fault(m.path, m.get("group-by"), "group-by: %q is empty or given twice", field)
		}
		seen[field] = true
	}
	for alias := range c.aliases {
		if !seen[alias] {
			return fault(m.path, m.get("aliases"), "aliases: %s is not part of group-by", alias)
		}
	}
	return nil
}

func (c *correlation) readType(m mapping, value *yaml.Node) error {
	switch c.typ = Type(value.Value); c.typ {
	case EventCount, ValueCount, TemporalOrdered:
		return nil
	default:
		return fault(m.path, value, "unknown correlation type %q: event_count, value_count or temporal_ordered is wanted", value.Value)
	}
}

// readTimespan reads a number and a unit: s, m, h or d.
func (c *correlation) readTimespan(m mapping, value *yaml.Node) error {
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
	text := value.Value
	digits := strings.TrimRight(text, "smhd")
	n, err := strconv.ParseUint(digits, 10, 31)
	unit, ok := units[text[len(digits):]]
	if err != nil || !ok || n == 0 {
		return fault(m.path, value, "timespan: %q is no number with one of s, m, h, d", text)
	}
	if n > uint64(maxTimespan/unit) {
		return fault(m.path, value, "timespan: %q is longer than 30d", text)
	}
	c.timespan = time.Duration(n) * unit
	return nil
}

func (c *correlation) readCondition(m mapping, key, value *yaml.Node) error {
	sub, err := m.sub(key, value)
	if err != nil {
		return err
	}
	return sub.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "field":
			return sub.text(key, value, &c.condition.Field)
		case "gt", "gte", "lt", "lte", "eq", "neq":
			n, err := strconv.ParseInt(value.Value, 10, 64)
			if err != nil || n < 0 || value.Kind != yaml.ScalarNode {
				return fault(sub.path, value, "%s: a whole number is wanted", key.Value)
			}
			c.condition.Bounds = append(c.condition.Bounds, Bound{key.Value, n})
			return nil
		default:
			return sub.unknown(key, "condition")
		}
	})
}

func (c *correlation) readAliases(m mapping, key, value *yaml.Node) error {
	sub, err := m.sub(key, value)
	if err != nil {
		return err
	}
	c.aliases = make(map[string]map[string]string)
	return sub.each(func(key, value *yaml.Node) error {
		fields, err := sub.sub(key, value)
		if err != nil {
			return err
		}
		byRule := make(map[string]string)
		c.aliases[key.Value] = byRule
		return fields.each(func(key, value *yaml.Node) error {
			var field string
			err := fields.text(key, value, &field)
			byRule[key.Value] = field
			return err
		})
	})
}
