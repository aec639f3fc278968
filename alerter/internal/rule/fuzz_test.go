package rule

import (
	"testing"
	"testing/fstest"
	"unicode/utf8"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func FuzzLoad(f *testing.F) {
	f.Add(chain)
	f.Add(head + "detection:\n  s:\n    user.name|contains|all: ['a*', b]\n  k: [x, y]\n  condition: 1 of s* or not k\n")
	f.Add(head + "detection: {s: [{a|re: b}, {c|cidr: 10.0.0.0/8}], condition: all of them}\n")
	f.Add("action: global\n" + head + "---\ndetection: {s: {a: b}, condition: s}\n---\naction: repeat\nid: u\n---\ntitle: F\nlogsource: {}\nfilter: {rules: any, s: {a: b}, condition: not s}\n")
	f.Add("title: [\n---\n? {a: b}\n: c\n")
	e := eventOf("user.name=aXb", "source.ip=10.0.0.1", "original=text")
	f.Fuzz(func(_ *testing.T, text string) {
		set, err := Load(Options{Shipped: fstest.MapFS{"a.yml": {Data: []byte(text)}}})
		if err != nil {
			return
		}
		m := set.Matcher()
		for class := range eventv1.Class_name {
			m.Match(Input{Event: e, Class: eventv1.Class(class)})
		}
	})
}

// A pipeline makes of a rule one that is read or refused, and nothing else.
func FuzzPipeline(f *testing.F) {
	f.Add("transformations:\n  - {type: field_name_mapping, mapping: {user.name: [a, b]}, rule_cond_expr: x or not x, rule_conditions: {x: {type: tag, tag: t}}}\n")
	f.Add("vars: {v: [a]}\ntransformations:\n  - {type: value_placeholders}\n  - {type: drop_detection_item, detection_item_conditions: [{type: is_null, cond: all}]}\n")
	f.Add("transformations:\n  - {type: add_condition, conditions: {a: b}}\n  - {type: replace_string, regex: '(a)', replacement: '\\1$1'}\n  - {type: nest, items: [{type: case, method: upper}]}\n")
	e := eventOf("user.name=aXb", "source.ip=10.0.0.1", "original=text")
	f.Fuzz(func(_ *testing.T, text string) {
		docs, err := documents("a.yml", []byte(text))
		if err != nil {
			return
		}
		var all []*pipeline
		for _, doc := range docs {
			p, err := readPipeline(doc)
			if err != nil {
				return
			}
			all = append(all, p)
		}
		rules, err := documents("b.yml", []byte(head+"detection: {s: [{user.name|contains: [a, '*']}, {c|expand: '%v%'}, word], condition: s}\n---\n"+chain))
		if err != nil {
			return
		}
		var definitions []*definition
		for _, doc := range rules {
			if doc, err = through(all, doc); err != nil {
				return
			}
			d, err := define(doc, &Options{})
			if err != nil {
				return
			}
			definitions = append(definitions, d)
		}
		l, err := link(definitions)
		if err != nil {
			return
		}
		set, err := assemble(definitions, l, nil, Hash{})
		if err != nil {
			return
		}
		m := set.Matcher()
		for class := range eventv1.Class_name {
			m.Match(Input{Event: e, Class: eventv1.Class(class)})
		}
	})
}

func FuzzCondition(f *testing.F) {
	for _, text := range []string{"a and not (b or c)", "1 of a* and all of them", "((((", "not not a", "1 of", "a | count()"} {
		f.Add(text)
	}
	names := []string{"a", "b", "c", "and"}
	selections := make(map[string]*expr)
	for _, name := range names {
		selections[name] = &expr{op: opTest, test: &test{field: name}}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := parseCondition(text, names, selections); (e == nil) == (err == nil) {
			t.Errorf("%v, %v", e, err)
		}
	})
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b?c", "aXbYc")
	f.Add(`\*\?\\`, `*?\`)
	f.Fuzz(func(t *testing.T, pattern, value string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(value) {
			return // YAML holds no such pattern, and of such values only their bytes count
		}
		g := parsePattern(pattern)
		folded := fold(nil, []byte(value))
		if text, ok := literal(g); ok && glob(g, folded) != (string(text) == string(folded)) {
			t.Errorf("%q, %q", pattern, value)
		}
	})
}
