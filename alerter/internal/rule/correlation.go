package rule

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	// maxTimespan bounds a window: signals are held that long.
	maxTimespan = 30 * 24 * time.Hour
	// maxNumber bounds a condition's numbers: up to it, whole ones are exact.
	maxNumber = 1 << 53
)

// correlation is a correlation as written: its rules are still words.
type correlation struct {
	typ       Type
	rules     []string
	groupBy   []string
	timespan  time.Duration
	condition Condition
	// presence is a condition that is a text.
	presence *yaml.Node
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
	if err := c.completeCondition(m); err != nil {
		return err
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

// completeCondition checks that the condition is one of the type's.
func (c *correlation) completeCondition(m mapping) error {
	at := m.node
	if given := m.get("condition"); given != nil {
		at = given
	}
	if c.typ == Absence {
		if m.get("condition") != nil {
			return fault(m.path, at, "condition: absence has none")
		}
		return nil
	}
	temporal := c.typ == Temporal || c.typ == TemporalOrdered
	switch n := len(c.condition.Fields); {
	case c.presence != nil && !temporal:
		return fault(m.path, at, "condition: only temporal and temporal_ordered have one over rules")
	case c.presence != nil:
		return c.completePresence(m)
	case !temporal && len(c.condition.Bounds) == 0:
		return fault(m.path, at, "%s: a condition is wanted", c.typ)
	case c.typ != ValueCount && !c.typ.Amounts():
		if n > 0 {
			return fault(m.path, at, "condition.field: %s has none", c.typ)
		}
	case n == 0:
		return fault(m.path, at, "%s: condition.field is wanted", c.typ)
	case n > 1 && c.typ != ValueCount:
		return fault(m.path, at, "condition.field: %s has one", c.typ)
	}
	if (c.typ == ValuePercentile) != (m.percentile() != nil) {
		return fault(m.path, at, "condition.percentile: value_percentile has it, and nothing else")
	}
	if c.typ == ValueMedian {
		c.condition.Percentile = 50
	}
	for _, b := range c.condition.Bounds {
		if !c.typ.Amounts() && (b.Value != math.Trunc(b.Value) || b.Value < 0) {
			return fault(m.path, at, "%s: %s: a whole number is wanted", c.typ, b.Operator)
		}
	}
	if c.typ == Temporal {
		return c.once(m)
	}
	return nil
}

// completePresence reads a condition over rules. In a sequence each of them has its
// place, so that none of them may be left out.
func (c *correlation) completePresence(m mapping) error {
	if err := c.once(m); err != nil {
		return err
	}
	p, err := readPresence(c.presence.Value, c.rules)
	if err != nil {
		return fault(m.path, c.presence, "%v", err)
	}
	if c.typ == TemporalOrdered {
		if !p.isAll(len(c.rules)) {
			return fault(m.path, c.presence, "condition: temporal_ordered wants all of its rules, or a number of them")
		}
		return nil
	}
	c.condition.Presence = p
	return nil
}

// once checks that no rule is named twice.
func (c *correlation) once(m mapping) error {
	for i, word := range c.rules {
		if slices.Contains(c.rules[:i], word) {
			return fault(m.path, m.get("rules"), "rules: %q is given twice", word)
		}
	}
	return nil
}

func (c *correlation) readType(m mapping, value *yaml.Node) error {
	switch c.typ = Type(value.Value); c.typ {
	case EventCount, ValueCount, Temporal, TemporalOrdered, ValueSum, ValueAvg, ValuePercentile, ValueMedian, Absence:
		return nil
	default:
		return fault(m.path, value, "unknown correlation type %q: event_count, value_count, temporal, temporal_ordered, value_sum, value_avg, value_percentile, value_median or absence is wanted", value.Value)
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

// readCondition reads bounds, or a text that is a condition over the rules.
func (c *correlation) readCondition(m mapping, key, value *yaml.Node) error {
	if value.Kind == yaml.ScalarNode && !isNull(value) {
		c.presence = value
		return nil
	}
	sub, err := m.sub(key, value)
	if err != nil {
		return err
	}
	return sub.each(func(key, value *yaml.Node) error {
		switch key.Value {
		case "field":
			return c.readFields(sub, key, value)
		case "percentile":
			n, err := sub.number(key, value)
			if err == nil && (n < 0 || n > 100) {
				err = fault(sub.path, value, "percentile: a number from 0 to 100 is wanted")
			}
			c.condition.Percentile = n
			return err
		case "gt", "gte", "lt", "lte", "eq", "neq":
			n, err := sub.number(key, value)
			c.condition.Bounds = append(c.condition.Bounds, Bound{key.Value, n})
			return err
		default:
			return sub.unknown(key, "condition")
		}
	})
}

// readFields reads a field, or several whose values count together.
func (c *correlation) readFields(m mapping, key, value *yaml.Node) error {
	err := m.texts(key, value, &c.condition.Fields)
	for i, field := range c.condition.Fields {
		if field == "" || slices.Contains(c.condition.Fields[:i], field) {
			return fault(m.path, value, "field: %q is empty or given twice", field)
		}
	}
	return err
}

// number reads a decimal number.
func (m mapping) number(key, value *yaml.Node) (float64, error) {
	n, err := strconv.ParseFloat(value.Value, 64)
	if err != nil || math.IsNaN(n) || math.Abs(n) > maxNumber || value.Kind != yaml.ScalarNode {
		return 0, fault(m.path, value, "%s: a number is wanted", key.Value)
	}
	return n, nil
}

// percentile is that of the condition; nil where none is given.
func (m mapping) percentile() *yaml.Node {
	condition := m.get("condition")
	if condition == nil || condition.Kind != yaml.MappingNode {
		return nil
	}
	return mapping{m.path, condition}.get("percentile")
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
