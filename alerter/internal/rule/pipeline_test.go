package rule

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// piped loads rules through pipelines.
func piped(t *testing.T, rules string, pipelines ...string) (*Set, error) {
	t.Helper()
	o := Options{Shipped: files(rules)}
	for i, text := range pipelines {
		path := filepath.Join(t.TempDir(), string(rune('a'+i))+".yml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o.Pipelines = append(o.Pipelines, path)
	}
	return Load(o)
}

func TestPipelines(t *testing.T) {
	rule := func(detection string) string { return authRule(detection) }
	steps := func(text string) string {
		return "name: test\npriority: 20\nallowed_backends: [any]\ntransformations:\n  - " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\npostprocessing: []\n"
	}
	tests := []struct {
		name, rule string
		pipelines  []string
		yes, no    [][]string
	}{
		{
			"fields get our names, modifiers stay", rule("s: {User|startswith: ro, Src: 192.0.2.1}\ncondition: s"),
			[]string{steps("id: a\ntype: field_name_mapping\nmapping: {User: user.name, Src: source.ip, Other: x}")},
			[][]string{{"user.name=root", "source.ip=192.0.2.1"}}, [][]string{{"user.name=root"}, {"User=root", "Src=192.0.2.1"}},
		},
		{
			"of several names any may hold it", rule("s: {User: root, Outcome: failure}\ncondition: s"),
			[]string{steps("type: field_name_mapping\nmapping: {User: [user.name, user.effective.name], Outcome: event.outcome}")},
			[][]string{{"user.name=root", "event.outcome=failure"}, {"user.effective.name=root", "event.outcome=failure"}},
			[][]string{{"user.name=root"}, {"event.outcome=failure"}},
		},
		{
			"in lists of mappings, with keywords beside", rule("s:\n  - User: root\n  - word\ncondition: s"),
			[]string{steps("type: field_name_mapping\nmapping: {User: [user.name, user.id]}")},
			[][]string{{"user.name=root"}, {"user.id=root"}, {"original=a word"}}, [][]string{{"User=root"}},
		},
		{
			"fieldref names a field as well", rule("s: {A|fieldref: B}\ncondition: s"),
			[]string{steps("type: field_name_mapping\nmapping: {A: user.name, B: user.effective.name}")},
			[][]string{{"user.name=x", "user.effective.name=x"}}, [][]string{{"user.name=x", "user.effective.name=y"}},
		},
		{
			"prefixes", rule("s: {win.user: root}\ncondition: s"),
			[]string{steps("type: field_name_prefix_mapping\nmapping: {win.: user.}"), steps("type: field_name_mapping\nmapping: {user.user: user.name}")},
			[][]string{{"user.name=root"}}, [][]string{{"win.user=root"}},
		},
		{
			"a prefix and a suffix for all, but for some", rule("s: {name: root, event.outcome: failure}\ncondition: s"),
			[]string{steps("type: field_name_prefix\nprefix: user.\nfield_name_conditions:\n  - type: exclude_fields\n    fields: ['event.*']")},
			[][]string{{"user.name=root", "event.outcome=failure"}}, nil,
		},
		{
			"only rules of a log source", rule("s: {User: root}\ncondition: s"),
			[]string{steps("type: field_name_mapping\nmapping: {User: user.id}\nrule_conditions:\n  - type: logsource\n    category: webserver"),
				steps("type: field_name_mapping\nmapping: {User: user.name}\nrule_conditions:\n  - {type: logsource, category: authentication}\n  - {type: is_sigma_rule}")},
			[][]string{{"user.name=root"}}, [][]string{{"user.id=root"}},
		},
		{
			"any of the conditions, none of them, an expression", rule("s: {User: root, A: x, B: y}\ncondition: s"),
			[]string{
				steps("type: field_name_mapping\nmapping: {User: user.name}\nrule_cond_op: or\nrule_conditions:\n  - {type: tag, tag: attack.t1}\n  - {type: contains_field, field: User}"),
				steps("type: field_name_mapping\nmapping: {A: user.id}\nrule_cond_not: true\nrule_conditions:\n  - {type: is_sigma_correlation_rule}"),
				steps("type: field_name_mapping\nmapping: {B: source.ip}\nrule_cond_expr: one and not (two or three)\nrule_conditions:\n  one: {type: contains_detection_item, field: B, value: y}\n  two: {type: is_sigma_correlation_rule}\n  three: {type: rule_attribute, attribute: title, value: U}"),
			},
			[][]string{{"user.name=root", "user.id=x", "source.ip=y"}}, nil,
		},
		{
			"a later step sees what an earlier one did, by priority", rule("s: {User: root, event.outcome: failure}\ncondition: s"),
			[]string{
				"priority: 30\ntransformations:\n  - {type: field_name_suffix, suffix: .name, rule_conditions: [{type: processing_item_applied, processing_item_id: first}], field_name_conditions: [{type: processing_item_applied, processing_item_id: first}]}\n",
				"priority: 10\ntransformations:\n  - {id: first, type: field_name_mapping, mapping: {User: user}}\n",
			},
			[][]string{{"user.name=root", "event.outcome=failure"}}, nil,
		},
		{
			"items go", rule("s: {Noise: 1, user.name: root}\ncondition: s"),
			[]string{steps("type: drop_detection_item\nfield_name_conditions: [{type: include_fields, fields: [Noise]}]")},
			[][]string{{"user.name=root"}}, [][]string{{"Noise=1"}},
		},
		{
			"conditions come, for and against", rule("s: {user.name: root}\nt: {user.name: bob}\ncondition: s or t"),
			[]string{steps("type: add_condition\nconditions: {event.outcome: [failure, unknown]}"), steps("type: add_condition\nnegated: true\nconditions: {source.ip: 192.0.2.1}")},
			[][]string{{"user.name=root", "event.outcome=failure"}, {"user.name=bob", "event.outcome=unknown", "source.ip=192.0.2.2"}},
			[][]string{{"user.name=root"}, {"user.name=bob", "event.outcome=failure", "source.ip=192.0.2.1"}},
		},
		{
			"another log source", "title: T\nlogsource: {product: amiga}\ndetection: {s: {user.name: root}, condition: s}\n",
			[]string{steps("type: change_logsource\ncategory: authentication\nrule_conditions: [{type: logsource, product: amiga}]")},
			[][]string{{"user.name=root"}}, nil,
		},
		{
			"values by an expression, a table, in lower case, and one for all", rule("s: {user.name: 'C:\\root', user.id: [one, two], process.name: BASH, source.ip: x}\ncondition: s"),
			[]string{
				steps(`type: replace_string` + "\n" + `regex: '^C:.(\w+)$'` + "\n" + `replacement: 'the-\1'` + "\nfield_name_conditions: [{type: include_fields, fields: [user.name]}]"),
				steps("type: map_string\nmapping: {one: ['1', I]}"),
				steps("type: case\nmethod: lower\ndetection_item_conditions: [{type: match_string, cond: any, pattern: '[A-Z]+$'}]"),
				steps("type: set_value\nvalue: 192.0.2.1\ndetection_item_conditions: [{type: match_value, value: x}]"),
			},
			[][]string{
				{"user.name=the-root", "user.id=I", "process.name=bash", "source.ip=192.0.2.1"}, {"user.name=the-root", "user.id=two", "process.name=bash", "source.ip=192.0.2.1"},
			},
			[][]string{{"user.name=the-root", "user.id=one", "process.name=bash", "source.ip=192.0.2.1"}},
		},
		{
			"placeholders", rule("s: {user.name|expand: '%admins%', process.name|expand: '%any%'}\ncondition: s"),
			[]string{"vars: {admins: [root, adm*]}\ntransformations:\n  - {type: value_placeholders, include: admins}\n  - {type: wildcard_placeholders, exclude: [admins]}\n"},
			[][]string{{"user.name=admin", "process.name=x"}}, [][]string{{"user.name=bob", "process.name=x"}},
		},
		{
			"state, and steps within a step", rule("s: {User: root}\ncondition: s"),
			[]string{"transformations:\n  - {type: set_state, key: k, val: v}\n  - type: nest\n    rule_conditions: [{type: processing_state, key: k, val: v}]\n    items:\n      - {type: field_name_mapping, mapping: {User: user.name}}\n"},
			[][]string{{"user.name=root"}}, nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := piped(t, tt.rule, tt.pipelines...)
			if err != nil {
				t.Fatal(err)
			}
			m := s.Matcher()
			for want, events := range map[bool][][]string{true: tt.yes, false: tt.no} {
				for _, fields := range events {
					if got := matches(m, eventv1.Class_CLASS_AUTH, eventOf(fields...)); got != want {
						t.Errorf("%q: %v, want %v", fields, got, want)
					}
				}
			}
		})
	}
}

func TestPipelinesRenameWhatCorrelationsAndFiltersName(t *testing.T) {
	const mapping = "transformations:\n  - {type: field_name_mapping, mapping: {Src: source.ip, User: user.name, Who: user.name}}\n"
	s, err := piped(t, `
title: A
id: a
logsource: {category: authentication}
detection: {s: {event.outcome: failure}, condition: s}
---
title: C
id: c
correlation: {type: value_count, rules: [a], group-by: [Src, ip], aliases: {ip: {a: Who}}, timespan: 5m, condition: {field: User, gte: 2}}
---
title: F
logsource: {category: authentication}
filter: {rules: [a], s: {Src: 192.0.2.1}, condition: not s}
`, mapping)
	if err != nil {
		t.Fatal(err)
	}
	root := s.Roots()[0]
	if root.GroupBy[0] != "source.ip" || root.Tree.Aliases["ip"]["a"] != "user.name" || root.Tree.Condition.Fields[0] != "user.name" {
		t.Errorf("%+v", root.Tree)
	}
	for ip, want := range map[string]bool{"192.0.2.1": false, "192.0.2.2": true} {
		if got := matches(s.Matcher(), eventv1.Class_CLASS_AUTH, eventOf("event.outcome=failure", "source.ip="+ip)); got != want {
			t.Errorf("from %s: %v", ip, got)
		}
	}
}

func TestPipelinesThatAreRefused(t *testing.T) {
	tests := []struct{ name, pipeline, want string }{
		{"an unknown key", "colour: red\n", `a.yml:1: unknown key "colour" in a pipeline`},
		{"no number", "priority: high\n", "a.yml:1: priority: a whole number is wanted"},
		{"no type", "transformations:\n  - id: x\n", "a.yml:2: a transformation needs a type"},
		{"an unknown transformation", "transformations:\n  - {type: shuffle}\n", `a.yml:2: unknown transformation "shuffle"`},
		{"an unknown key of one", "transformations:\n  - {type: change_logsource, os: x}\n", `a.yml:2: unknown key "os" in change_logsource`},
		{"an unknown condition", "transformations:\n  - {type: drop_detection_item, rule_conditions: [{type: weather}]}\n", `a.yml:2: unknown condition "weather"`},
		{"an unknown key of a condition", "transformations:\n  - {type: drop_detection_item, rule_conditions: [{type: tag, name: x}]}\n", `a.yml:2: unknown key "name" in condition tag`},
		{"an expression over nothing", "transformations:\n  - {type: drop_detection_item, rule_cond_expr: a, rule_conditions: {b: {type: is_sigma_rule}}}\n", `unknown selection "a"`},
		{"a broken expression", "transformations:\n  - {type: replace_string, regex: '(', replacement: x}\n", "a.yml:2: regex: "},
		{"a rule that it refuses", "transformations:\n  - {type: rule_failure, message: not here}\n", "shipped/a.yml:1: refused by a pipeline: not here"},
		{"an item that it refuses", "transformations:\n  - {type: detection_item_failure, message: not this, field_name_conditions: [{type: include_fields, fields: [user.name]}]}\n", "shipped/a.yml:5: user.name: refused by a pipeline: not this"},
		{"a selection without items", "transformations:\n  - {type: drop_detection_item}\n", "shipped/a.yml:5: a selection is a mapping"},
		{"a name for everything", "transformations:\n  - {type: field_name_mapping, mapping: {user.name: [a, b, c, d, e, f, g, h, i], event.outcome: [a, b, c, d, e, f, g, h, i]}}\n", "more than 64 variants"},
		{"values without end", "transformations:\n" + strings.Repeat("  - {type: map_string, mapping: {root: [root, root, root, root]}}\n", 30), "pipelines make more than 65536 values of the rule"},
		{"a text without end", "transformations:\n" + strings.Repeat("  - {type: replace_string, regex: o, replacement: oo}\n", 60), "pipelines make more than 65536 values of the rule"},
		{"a long text for each letter", "transformations:\n  - {type: replace_string, regex: '.', replacement: " + strings.Repeat("x", 1<<19) + "}\n  - {type: replace_string, regex: '.', replacement: " + strings.Repeat("x", 1000) + "}\n", "pipelines make more than 65536 values of the rule"},
		{"variants without end", "transformations:\n" + strings.Repeat("  - {type: field_name_mapping, mapping: {user.name: [user.name, user.name]}}\n", 40), "pipelines make more than 65536 values of the rule"},
		{"a file that is not there", "", "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if tt.pipeline == "" {
				_, err = Load(Options{Pipelines: []string{"nowhere.yml"}})
			} else {
				_, err = piped(t, authRule("s: {user.name: root, event.outcome: failure}\ncondition: s"), tt.pipeline)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
