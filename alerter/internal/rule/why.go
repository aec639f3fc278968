package rule

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Reason is one line of why a detection matches an event, or does not.
type Reason struct {
	// Depth is how far the line stands under those before it.
	Depth int
	Holds bool
	// Says is the condition in the rule's own words; Line is where they stand, 0 for
	// what stands nowhere.
	Says string
	Line int
	// Field is our name of the field that is asked, and Values what the event has of
	// it; "" where none is, as for keywords, whose value is the whole text.
	Field  string
	Asks   bool
	Values []string
}

// body is a detection section.
type body struct {
	expr *expr
	// conditions are the texts of which one must hold, each the one of exprs.
	conditions *yaml.Node
	exprs      []*expr
	// names are the selections in the rule's order.
	names      []*yaml.Node
	selections map[string]*expr
}

// Why says why the event satisfies a detection of the set, or does not: its log
// source, its condition, each selection item by item, and what filters and exceptions
// say. There are no reasons for what is no detection, or one that nothing counts.
func (m *Matcher) Why(r *Info, in Input) (why []Reason, matches bool) {
	at := slices.IndexFunc(m.program.detections, func(d *detection) bool { return d.info.ID == r.ID })
	if at < 0 {
		return nil, false
	}
	d := m.program.detections[at]
	m.load(in)
	source := Reason{Says: d.of.source.says(), Holds: d.classes.has(in.Class)}
	for _, e := range d.where {
		source.Holds = source.Holds && m.eval(e)
	}
	why = []Reason{source}
	for i, text := range scalars(d.of.body.conditions) {
		why = append(why, Reason{Says: "condition: " + text.Value, Line: text.Line, Holds: m.eval(d.of.body.exprs[i])})
	}
	for _, name := range d.of.body.names {
		e := d.of.body.selections[name.Value]
		why = append(why, Reason{Depth: 1, Says: name.Value, Line: name.Line, Holds: m.eval(e)})
		why = m.reasons(why, e, 2)
	}
	if len(d.except) > 0 {
		why = append(why, Reason{Says: "filters and exceptions", Holds: !slices.ContainsFunc(d.except, m.eval)})
	}
	return why, d.classes.has(in.Class) && m.eval(d.expr)
}

// reasons tells of what is beneath a selection.
func (m *Matcher) reasons(why []Reason, e *expr, depth int) []Reason {
	switch e.op {
	case opTest:
		return append(why, m.reason(e.test, depth, m.eval(e)))
	case opNot:
		if kid := e.kids[0]; kid.op == opTest {
			return append(why, m.reason(kid.test, depth, m.eval(e))) // its modifier says neq
		}
		why = append(why, Reason{Depth: depth, Says: "not", Holds: m.eval(e)})
		return m.reasons(why, e.kids[0], depth+1)
	case opAny:
		for _, kid := range e.kids {
			if kid.op == opAll {
				why = append(why, Reason{Depth: depth, Says: "or", Holds: m.eval(kid)})
				why = m.reasons(why, kid, depth+1)
				continue
			}
			why = m.reasons(why, kid, depth)
		}
		return why
	default:
		for _, kid := range e.kids {
			why = m.reasons(why, kid, depth)
		}
		return why
	}
}

func (m *Matcher) reason(t *test, depth int, holds bool) Reason {
	r := Reason{Depth: depth, Holds: holds, Says: t.says(), Field: t.field, Asks: true}
	if len(t.given) > 0 {
		r.Line = t.given[0].Line
	}
	for i := m.head(t.slot); i != 0; i = m.values[i-1].next {
		r.Values = append(r.Values, string(m.values[i-1].text))
	}
	slices.Reverse(r.Values) // they are chained backwards
	return r
}

// says is a log source in the rule's words.
func (l *logSource) says() string {
	text := "logsource:"
	for i, key := range [...]string{"category", "product", "service"} {
		if l.words[i] != "" {
			text += " " + key + " " + l.words[i]
		}
	}
	return text
}

// says is a test in the rule's words.
func (t *test) says() string {
	var words []string
	for _, v := range t.given {
		if isNull(v) {
			words = append(words, "null")
			continue
		}
		words = append(words, v.Value)
	}
	values := strings.Join(words, ", ")
	if len(words) > 1 {
		values = "[" + values + "]"
	}
	if t.item == nil {
		return "keywords: " + values
	}
	return t.item.Value + ": " + values
}

// scalars are a node itself, or the elements of a list.
func scalars(node *yaml.Node) []*yaml.Node {
	if node.Kind == yaml.SequenceNode {
		return node.Content
	}
	return []*yaml.Node{node}
}

// Rule finds a rule by its id or, where that is none's, by its title; nil for none.
func (s *Set) Rule(word string) *Info {
	for _, name := range [...]func(*Info) string{
		func(r *Info) string { return r.ID },
		func(r *Info) string { return r.Name },
	} {
		if at := slices.IndexFunc(s.rules, func(r *Info) bool { return name(r) == word }); at >= 0 {
			return s.rules[at]
		}
	}
	return nil
}

// Beneath are the detections that a rule counts; of a detection, it alone.
func (s *Set) Beneath(r *Info) []*Info { return s.beneath[r.ID] }
