package rule

import (
	"slices"
	"strings"
	"testing"
)

const head = "title: T\nid: t\nlogsource: {category: webserver}\n"

func TestLoadRefuses(t *testing.T) {
	correlation := func(body string) string {
		return head + "name: d\ndetection: {s: {user.name: u}, condition: s}\n---\ntitle: C\nid: c\ncorrelation:\n  " + strings.ReplaceAll(body, "\n", "\n  ") + "\n"
	}
	tests := []struct{ name, text, want string }{
		{"an unknown key", head + "colour: red\ndetection: {s: {a: b}, condition: s}\n", `shipped/a.yml:4: unknown key "colour" in a rule`},
		{"an unknown modifier", head + "detection:\n  s:\n    user.name|fuzzy: b\n  condition: s\n", `shipped/a.yml:6: user.name|fuzzy: unknown modifier "fuzzy"`},
		{"a modifier without a name", head + "detection: {s: {'a|': b}, condition: s}\n", `a|: unknown modifier ""`},
		{"modifiers that do not go together", head + "detection: {s: {a|contains|re: b}, condition: s}\n", `modifiers "contains" and "re" do not go together`},
		{"an unknown key of the log source", "title: T\nlogsource: {category: webserver, os: x}\ndetection: {s: {a: b}, condition: s}\n", `unknown key "os" in logsource`},
		{"no title", "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n", "needs a title"},
		{"no detection", head, "needs logsource and detection, or correlation"},
		{"a detection that is a list", "title: T\nlogsource: {}\ndetection:\n-", "a.yml:4: detection: a mapping is wanted"},
		{"no condition", head + "detection: {s: {a: b}}\n", "needs a condition"},
		{"an unknown selection", head + "detection: {s: {a: b}, condition: s and x}\n", `unknown selection "x"`},
		{"a pattern of nothing", head + "detection: {s: {a: b}, condition: 1 of x*}\n", "1 of x*: no such selection"},
		{"a count that Sigma has not", head + "detection: {s: {a: b}, condition: 2 of them}\n", `"2" of: 1, any or all is wanted`},
		{"an open parenthesis", head + "detection: {s: {a: b}, condition: (s}\n", "a parenthesis is not closed"},
		{"a closed parenthesis", head + "detection: {s: {a: b}, condition: s)}\n", `unexpected ")"`},
		{"an old aggregation", head + "detection: {s: {a: b}, condition: 's | count() > 5'}\n", "aggregations are not supported"},
		{"timeframe", head + "detection: {s: {a: b}, timeframe: 5m, condition: s}\n", "timeframe is not supported"},
		{"endless parentheses", head + "detection: {s: {a: b}, condition: '" + strings.Repeat("(", 10000) + "s" + strings.Repeat(")", 10000) + "'}\n", "nested deeper than 64 levels"},
		{"endless negations", head + "detection: {s: {a: b}, condition: '" + strings.Repeat("not ", 10000) + "s'}\n", "nested deeper than 64 levels"},
		{"an empty selection", head + "detection: {s: {}, condition: s}\n", "not empty"},
		{"an empty list", head + "detection: {s: {a: []}, condition: s}\n", "an empty list"},
		{"a mapping for a value", head + "detection: {s: {a: {b: c}}, condition: s}\n", "a value or a list of values is wanted"},
		{"a broken regular expression", head + "detection: {s: {a|re: '('}, condition: s}\n", "missing closing )"},
		{"a huge regular expression", head + "detection: {s: {a|re: '(((a{1000}){1000}){1000})'}, condition: s}\n", "re: "},
		{"a look-ahead", head + "detection: {s: {a|re: 'a(?=b)'}, condition: s}\n", "invalid or unsupported Perl syntax"},
		{"a broken network", head + "detection: {s: {a|cidr: 10.0.0.0}, condition: s}\n", "no network in CIDR notation"},
		{"a broken number", head + "detection: {s: {a|gt: ten}, condition: s}\n", `gt: "ten" is no number`},
		{"exists without a truth", head + "detection: {s: {a|exists: maybe}, condition: s}\n", "true or false is wanted"},
		{"a level that is none", head + "level: severe\ndetection: {s: {a: b}, condition: s}\n", `level: "severe"`},
		{"a key given twice", head + "title: U\ndetection: {s: {a: b}, condition: s}\n", "title: given twice"},
		{"an anchor", head + "detection: {s: &x {a: b}, t: *x, condition: s}\n", "anchors and aliases are not supported"},
		{"broken YAML", "title: [\n", "shipped/a.yml:"},
		{"text that is no rule", "just text\n", "a rule is a mapping"},
		{"an unknown key of ours", head + "tocsin: {mute: true}\ndetection: {s: {a: b}, condition: s}\n", `unknown key "mute" in tocsin`},
		{"a big file", "title: " + strings.Repeat("x", maxFile) + "\n", "at most 1048576 bytes"},
		{"an unknown type", correlation("type: value_mode\nrules: [d]\ntimespan: 5m"), `unknown correlation type "value_mode"`},
		{"an unknown rule", correlation("type: event_count\nrules: [x]\ntimespan: 5m\ncondition: {gte: 2}"), `refers to rule "x", which is not loaded`},
		{"no bound", correlation("type: event_count\nrules: [d]\ntimespan: 5m"), "a condition is wanted"},
		{"no counted field", correlation("type: value_count\nrules: [d]\ntimespan: 5m\ncondition: {gte: 2}"), "condition.field is wanted"},
		{"no timespan", correlation("type: event_count\nrules: [d]\ncondition: {gte: 2}"), "timespan is wanted"},
		{"a broken timespan", correlation("type: event_count\nrules: [d]\ntimespan: 5 minutes\ncondition: {gte: 2}"), "timespan: "},
		{"a long timespan", correlation("type: event_count\nrules: [d]\ntimespan: 31d\ncondition: {gte: 2}"), "longer than 30d"},
		{"a broken bound", correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: {gte: many}"), "gte: a number is wanted"},
		{"a bound between two counts", correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: {gte: 2.5}"), "event_count: gte: a whole number is wanted"},
		{"a bound below all counts", correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: {gte: -1}"), "event_count: gte: a whole number is wanted"},
		{"a bound that is no number", correlation("type: value_sum\nrules: [d]\ntimespan: 5m\ncondition: {field: a, gte: NaN}"), "gte: a number is wanted"},
		{"a field of what counts events", correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: {field: a, gte: 2}"), "condition.field: event_count has none"},
		{"an amount of no field", correlation("type: value_sum\nrules: [d]\ntimespan: 5m\ncondition: {gte: 2}"), "value_sum: condition.field is wanted"},
		{"an amount of two fields", correlation("type: value_avg\nrules: [d]\ntimespan: 5m\ncondition: {field: [a, b], gte: 2}"), "condition.field: value_avg has one"},
		{"a field given twice", correlation("type: value_count\nrules: [d]\ntimespan: 5m\ncondition: {field: [a, a], gte: 2}"), `field: "a" is empty or given twice`},
		{"no percentile", correlation("type: value_percentile\nrules: [d]\ntimespan: 5m\ncondition: {field: a, gte: 2}"), "value_percentile has it, and nothing else"},
		{"a percentile of something else", correlation("type: value_sum\nrules: [d]\ntimespan: 5m\ncondition: {field: a, percentile: 5, gte: 2}"), "value_percentile has it, and nothing else"},
		{"a percentile beyond all", correlation("type: value_percentile\nrules: [d]\ntimespan: 5m\ncondition: {field: a, percentile: 101, gte: 2}"), "percentile: a number from 0 to 100 is wanted"},
		{"a condition over rules of what counts", correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: d"), "only temporal and temporal_ordered have one over rules"},
		{"a condition over a rule that is not among them", correlation("type: temporal\nrules: [d]\ntimespan: 5m\ncondition: d and e"), `a.yml:13: condition: unknown selection "e"`},
		{"a condition that holds without any", correlation("type: temporal\nrules: [d]\ntimespan: 5m\ncondition: not d"), "it holds where no rule matches"},
		{"a condition that leaves a rule out", correlation("type: temporal\nrules: [d, t]\ntimespan: 5m\ncondition: d"), `rule "t" is not part of it`},
		{"a sequence that may lack a part", correlation("type: temporal_ordered\nrules: [d, t]\ntimespan: 5m\ncondition: d or t"), "temporal_ordered wants all of its rules"},
		{"a rule twice", correlation("type: temporal\nrules: [d, d]\ntimespan: 5m"), `rules: "d" is given twice`},
		{"a rule twice by two names", correlation("type: temporal\nrules: [d, t]\ntimespan: 5m"), `correlation "C" refers to rule "T" twice`},
		{"an absence with a condition", correlation("type: absence\nrules: [d]\ntimespan: 5m\ncondition: {gte: 2}"), "condition: absence has none"},
		{
			"an absence of a correlation",
			correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: {gte: 2}") + "---\ntitle: A\ncorrelation: {type: absence, rules: [c], timespan: 5m}\n",
			`correlation "A" refers to "C": an absence is of detections, and no correlation is of it`,
		},
		{
			"a correlation of an absence",
			correlation("type: absence\nrules: [d]\ntimespan: 5m") + "---\ntitle: A\ncorrelation: {type: event_count, rules: [c], timespan: 5m, condition: {gte: 2}}\n",
			`correlation "A" refers to "C": an absence is of detections`,
		},
		{"an unknown bound", correlation("type: event_count\nrules: [d]\ntimespan: 5m\ncondition: {about: 2}"), `unknown key "about" in condition`},
		{"an unknown key of a correlation", correlation("type: event_count\nrules: [d]\ntimespan: 5m\nwindow: 1\ncondition: {gte: 2}"), `unknown key "window" in correlation`},
		{"an alias that groups nothing", correlation("type: event_count\nrules: [d]\ntimespan: 5m\naliases: {ip: {d: source.ip}}\ncondition: {gte: 2}"), "ip is not part of group-by"},
		{"an alias without a field", correlation("type: event_count\nrules: [d]\ngroup-by: [ip]\ntimespan: 5m\naliases: {ip: {}}\ncondition: {gte: 2}"), `ip names no field for rule "T"`},
		{
			"an inner group that lacks the outer's",
			correlation("type: event_count\nrules: [d]\ngroup-by: [source.ip]\ntimespan: 5m\ncondition: {gte: 2}") +
				"---\ntitle: Outer\nid: o\ncorrelation: {type: temporal_ordered, rules: [c, d], group-by: [user.name], timespan: 1h}\n",
			`correlation "Outer" groups by user.name, but "C", which it refers to, does not`,
		},
		{
			"a circle",
			"title: A\nid: a\ncorrelation: {type: event_count, rules: [b], timespan: 1m, condition: {gte: 1}}\n---\ntitle: B\nid: b\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}}\n",
			"in a circle: A → B → A",
		},
		{"an action that is none", head + "action: merge\ndetection: {s: {a: b}, condition: s}\n", `a.yml:1: action: "merge" is none of global, reset, repeat`},
		{"a repetition of nothing", "action: reset\n---\naction: repeat\ntitle: U\n", "a.yml:3: action: repeat without a rule before it"},
		{"a global document that unfolds without end", "action: global\nreferences: [" + strings.Repeat("x, ", 1000) + "x]\n" + strings.Repeat("---\n"+head, 300), "unfold to more than 262144 values"},
		{"a filter without a log source", "title: F\nfilter: {rules: any, s: {a: b}, condition: s}\n", `a.yml:1: a filter needs logsource`},
		{"a filter of nothing", head + "filter: {s: {a: b}, condition: s}\n", `filter "T" names no rules`},
		{"a filter without a condition", head + "filter: {rules: any, s: {a: b}}\n", "a.yml:4: a detection needs a condition"},
		{"a filter's unknown modifier", head + "filter: {rules: any, s: {a|fuzzy: b}, condition: s}\n", `unknown modifier "fuzzy"`},
		{"a filter's unknown key", head + "colour: red\nfilter: {rules: any, s: {a: b}, condition: s}\n", `unknown key "colour"`},
		{"a filter of a rule that is not loaded", head + "filter: {rules: [x], s: {a: b}, condition: s}\n", `a.yml:1: filter "T" is for rule "x", which is not loaded`},
		{
			"a filter of a rule of another log source",
			head + "detection: {s: {a: b}, condition: s}\n---\ntitle: F\nlogsource: {category: authentication}\nfilter: {rules: [t], s: {a: b}, condition: s}\n",
			`a.yml:6: filter "F" is for rule "T", whose logsource is another`,
		},
		{"two rules of one id", head + "detection: {s: {a: b}, condition: s}\n---\n" + head + "detection: {s: {a: b}, condition: s}\n", `rule "t" exists already`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(Options{Shipped: files(tt.text)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// What nothing can feed is no error, and is told.
func TestUnfed(t *testing.T) {
	amiga := "title: A\nid: a\nlogsource: {product: amiga}\ndetection: {s: {x: y}, condition: s}\n---\n"
	fed := "title: F\nid: f\nlogsource: {category: webserver}\ndetection: {s: {cs-method: GET, flavour: sweet}, condition: s}\n---\n"
	over := func(typ, rules string) string {
		return "title: C\nid: c\ncorrelation: {type: " + typ + ", rules: [" + rules + "], timespan: 1m" + map[string]string{"event_count": ", condition: {gte: 2}"}[typ] + "}\n"
	}
	tests := []struct{ name, text, id, want string }{
		{"a log source of which there is nothing", amiga, "a", `unmapped logsource category "", product "amiga", service ""`},
		{"one of which there is", fed, "f", ""},
		{"a count of what is unfed", amiga + over("event_count", "a"), "c", `so is rule "A", which it refers to`},
		{"a count of what is fed in part", amiga + fed + over("event_count", "a, f"), "c", ""},
		{"a sequence that lacks a part", amiga + fed + over("temporal_ordered", "f, a"), "c", `so is rule "A", which it refers to`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := Load(Options{Shipped: files(tt.text)})
			if err != nil {
				t.Fatal(err)
			}
			r := set.rules[slices.IndexFunc(set.rules, func(r *Info) bool { return r.ID == tt.id })]
			if r.Unfed != tt.want {
				t.Errorf("unfed: %q, want %q", r.Unfed, tt.want)
			}
			if r.ID == "f" && !slices.Equal(r.Unknown, []string{"flavour"}) {
				t.Errorf("unknown: %q", r.Unknown)
			}
			if raw, err := Load(Options{Shipped: files(tt.text), Raw: true}); err != nil || slices.ContainsFunc(raw.rules, func(r *Info) bool { return r.Unfed != "" || r.Unknown != nil }) {
				t.Errorf("with the events' own names: %v", err)
			}
		})
	}
}

func TestLoadTellsEverythingThatIsWrong(t *testing.T) {
	_, err := Load(Options{Shipped: files(head+"a1: x\nb2: y\ndetection: {s: {a: b}, condition: s}\n", "title: T\n")})
	for _, want := range []string{"a.yml:4", "a.yml:5", "b.yml:1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}

func TestCorrelationsCannotUnfoldWithoutBound(t *testing.T) {
	var text strings.Builder
	text.WriteString("title: R\nid: r0\nlogsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n")
	for i := 1; i < 20; i++ {
		prev := "r" + string(rune('a'+i-1))
		if i == 1 {
			prev = "r0"
		}
		text.WriteString("---\ntitle: C\nid: r" + string(rune('a'+i)) + "\ncorrelation: {type: event_count, rules: [" + prev + ", " + prev + "], timespan: 1m, condition: {gte: 1}}\n")
	}
	if _, err := Load(Options{Shipped: files(text.String())}); err == nil || !strings.Contains(err.Error(), "unfolds to more than") {
		t.Error(err)
	}
}
