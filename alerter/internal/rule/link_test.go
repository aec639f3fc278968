package rule

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const chain = `
title: Failed
id: failed
name: login_failed
logsource: {category: authentication}
detection: {s: {event.outcome: failure}, condition: s}
---
title: Succeeded
id: succeeded
logsource: {category: authentication}
detection: {s: {event.outcome: success}, condition: s}
---
title: Many
id: many
correlation:
  type: event_count
  rules: [login_failed]
  group-by: [source.ip, user.name]
  timespan: 10m
  condition: {gte: 5}
---
title: After
id: after
correlation:
  type: temporal_ordered
  rules: [many, succeeded]
  aliases:
    who: {many: user.name, succeeded: user.effective.name}
  group-by: [who]
  timespan: 1h
`

// rootsOf are the ids of what alerts.
func rootsOf(s *Set) []string {
	var ids []string
	for _, r := range s.Roots() {
		ids = append(ids, r.ID)
	}
	return ids
}

func loadWith(t *testing.T, o Options, texts ...string) *Set {
	t.Helper()
	o.Shipped = files(texts...)
	s, err := Load(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatACorrelationCountsDoesNotAlert(t *testing.T) {
	tests := []struct {
		name, text string
		disable    []string
		want       []string
	}{
		{"only the outermost alerts", chain, nil, []string{"after"}},
		{"generate lets the rules beneath alert", strings.Replace(chain, "timespan: 1h", "timespan: 1h\n  generate: true", 1), nil, []string{"after", "many", "succeeded"}},
		{"generate stands at the top as well", strings.Replace(chain, "title: After", "title: After\ngenerate: true", 1), nil, []string{"after", "many", "succeeded"}},
		{"a rule's own word goes before", strings.Replace(chain, "title: Many", "title: Many\ntocsin: {alert: true}", 1), nil, []string{"after", "many"}},
		{"a rule may be silent by itself", strings.Replace(chain, "title: After", "title: After\ntocsin: {alert: false}", 1), nil, nil},
		{"what is disabled never alerts", strings.Replace(chain, "title: Many", "title: Many\ntocsin: {alert: true}", 1), []string{"after"}, []string{"many"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := loadWith(t, Options{Disable: tt.disable}, tt.text)
			if diff := cmp.Diff(tt.want, rootsOf(s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRulesOnTrial(t *testing.T) {
	byItself := strings.Replace(chain, "title: After", "title: After\ntocsin: {shadow: true}", 1)
	for name, s := range map[string]*Set{
		"by the configuration": loadWith(t, Options{Shadow: []string{"after"}}, chain),
		"by its own word":      loadWith(t, Options{}, byItself),
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range s.Rules() {
				if r.Shadow != (r.ID == "after") {
					t.Errorf("rule %s: on trial %v", r.ID, r.Shadow)
				}
			}
			if diff := cmp.Diff([]string{"after"}, rootsOf(s)); diff != "" || !s.Roots()[0].Shadow {
				t.Errorf("a rule on trial goes on finding: %s", diff)
			}
		})
	}
	with, without := loadWith(t, Options{Shadow: []string{"after"}}, chain), load(t, chain)
	if with.Hash() == without.Hash() || with.Roots()[0].Hash != without.Roots()[0].Hash {
		t.Error("a trial makes the set another, and leaves the rule's windows what they are")
	}
}

func TestRootOfAChain(t *testing.T) {
	s := load(t, chain)
	r := s.Roots()[0]
	if r.Timespan != 70*time.Minute || r.Type != TemporalOrdered || s.Root(r.Hash) != r {
		t.Errorf("root %+v", r)
	}
	if diff := cmp.Diff([]string{"source.ip", "user.effective.name", "user.name"}, r.Fields); diff != "" {
		t.Error(diff)
	}
	if len(r.Tree.Refs) != 2 || r.Tree.Refs[0].ID != "many" || r.Tree.Refs[0].Refs[0].ID != "failed" || r.Tree.Refs[1].Refs != nil {
		t.Errorf("tree %+v", r.Tree)
	}
	if diff := cmp.Diff(map[string]map[string]string{"who": {"many": "user.name", "succeeded": "user.effective.name"}}, r.Tree.Aliases); diff != "" {
		t.Error(diff)
	}
}

func TestFeedsResolveAliases(t *testing.T) {
	m := load(t, chain).Matcher()
	for outcome, want := range map[string]string{"failure": "user.name", "success": "user.effective.name"} {
		found := m.Match(Input{Event: eventOf("event.outcome=" + outcome), Class: eventv1.Class_CLASS_AUTH})
		if len(found) != 1 || len(found[0].Feeds) != 1 || !slices.Equal(found[0].Feeds[0].GroupBy, []string{want}) {
			t.Errorf("%s: %+v", outcome, found)
		}
	}
}

func TestOneRuleGroupedInTwoWaysIsRefused(t *testing.T) {
	text := strings.Replace(chain, "rules: [many, succeeded]", "rules: [many, failed]", 1)
	text = strings.Replace(text, "succeeded: user.effective.name}", "failed: user.effective.name}", 1)
	_, err := Load(Options{Shipped: files(text)})
	if err == nil || !strings.Contains(err.Error(), `groups the events of "Failed" in two ways: user.name and user.effective.name`) {
		t.Error(err)
	}
}

func TestGroupsOfDetections(t *testing.T) {
	text := "title: T\nid: t\nlogsource: {category: authentication}\ndetection: {s: {user.name: u}, condition: s}\n"
	feed := func(text string) Feed {
		found := load(t, text).Matcher().Match(Input{Event: eventOf("user.name=u"), Class: eventv1.Class_CLASS_AUTH})
		return found[0].Feeds[0]
	}
	if f := feed(text); f.GroupBy != nil {
		t.Errorf("a group nobody declared: %q", f.GroupBy)
	}
	if f := feed(text + "tocsin: {group_by: [user.name]}\n"); !slices.Equal(f.GroupBy, []string{"user.name"}) || f.Root.Timespan != time.Hour {
		t.Errorf("feed %+v", f)
	}
	none := text + "---\ntitle: C\nid: c\ncorrelation: {type: event_count, rules: [t], timespan: 1m, condition: {gte: 2}}\n"
	if f := feed(none); f.GroupBy == nil || len(f.GroupBy) != 0 {
		t.Errorf("a correlation without group-by has one group: %#v", f.GroupBy)
	}
}

func TestDefaultGroup(t *testing.T) {
	tests := []struct {
		class  eventv1.Class
		fields string
		want   []string
	}{
		{eventv1.Class_CLASS_AUTH, "source.ip user.name", []string{"host.name", "source.ip"}},
		{eventv1.Class_CLASS_AUTH, "user.name", []string{"host.name", "user.name"}},
		{eventv1.Class_CLASS_WEB, "", []string{"host.name"}},
		{eventv1.Class_CLASS_FILE, "file.path", []string{"host.name", "file.path"}},
		{eventv1.Class_CLASS_APP, "error.type tocsin.error.fingerprint", []string{"host.name", "error.type", "tocsin.error.fingerprint"}},
		{eventv1.Class_CLASS_PROCESS, "process.executable", []string{"host.name", "process.executable"}},
		{eventv1.Class_CLASS_SYSTEM, "source.ip", []string{"host.name"}},
	}
	for _, tt := range tests {
		got := DefaultGroup(tt.class, func(field string) []byte {
			if slices.Contains(strings.Fields(tt.fields), field) {
				return []byte("x")
			}
			return nil
		})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%v %s: %s", tt.class, tt.fields, diff)
		}
	}
}

func TestExceptions(t *testing.T) {
	alert := strings.Replace(chain, "title: Many", "title: Many\ntocsin: {alert: true}", 1)
	feeds := func(e Exception, fields ...string) []string {
		s := loadWith(t, Options{Exceptions: []Exception{e}}, alert)
		var ids []string
		for _, m := range s.Matcher().Match(Input{Event: eventOf(fields...), Class: eventv1.Class_CLASS_AUTH, Host: "web01"}) {
			for _, f := range m.Feeds {
				ids = append(ids, f.Root.ID)
			}
		}
		return ids
	}
	network := map[string][]string{"source.ip": {"10.0.0.0/8", "192.0.2.1"}, "user.name": {"back*"}}
	inside := []string{"event.outcome=failure", "source.ip=10.1.1.1", "user.name=Backup"}
	outside := []string{"event.outcome=failure", "source.ip=10.1.1.1", "user.name=bob"}
	tests := []struct {
		name  string
		e     Exception
		event []string
		want  []string
	}{
		{"of a detection", Exception{"failed", network}, inside, nil},
		{"one field does not hold", Exception{"failed", network}, outside, []string{"after", "many"}},
		{"of an inner correlation: it is in the way to both", Exception{"many", network}, inside, nil},
		{"of the outer correlation", Exception{"after", network}, inside, []string{"many"}},
		{"of a host", Exception{"after", map[string][]string{"host.name": {"web01"}}}, outside, []string{"many"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, feeds(tt.e, tt.event...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnknownIdsInTheConfigurationAreErrors(t *testing.T) {
	for _, o := range []Options{
		{Disable: []string{"after", "nothing"}},
		{Shadow: []string{"after", "nothing"}},
		{Exceptions: []Exception{{"nothing", map[string][]string{"user.name": {"x"}}}}},
		{Exceptions: []Exception{{"after", nil}}},
		{Exceptions: []Exception{{"after", map[string][]string{"user.name": {}}}}},
	} {
		o.Shipped = files(chain)
		if _, err := Load(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	if _, err := Load(Options{Paths: []string{"does/not/exist"}}); err == nil {
		t.Error("a path that does not exist was taken")
	}
}

func TestFoldersAreReadInDepth(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"a/b/one.yml": "title: One\n", "two.yaml": "title: Two\n", "notes.md": "# no rule\n", ".hidden/three.yml": "title: Three\n", ".four.yml": "title: Four\n",
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		text += "logsource: {category: webserver}\ndetection: {s: {a: b}, condition: s}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{root, link, root + "/"} {
		s, err := Load(Options{Paths: []string{path}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"One", "Two"}, rootsOf(s)); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestHashesFollowWhatMatters(t *testing.T) {
	hash := func(text, id string) (rule, set Hash) {
		s := load(t, text)
		for _, r := range s.Rules() {
			if r.ID == id {
				return r.Hash, s.Hash()
			}
		}
		return
	}
	r0, s0 := hash(chain, "after")
	same := []string{"\n# a comment\n" + chain, strings.Replace(chain, "{gte: 5}", "{ gte: '5' }", 1)}
	for _, text := range same {
		if r, s := hash(text, "after"); r != r0 || s != s0 {
			t.Error("the hash follows what does not matter")
		}
	}
	if r, s := hash(strings.Replace(chain, "title: After", "title: Later", 1), "after"); r != r0 || s == s0 {
		t.Error("a title is the set's, not what the rule finds")
	}
	for _, change := range [][2]string{{"{gte: 5}", "{gte: 6}"}, {"event.outcome: failure", "event.outcome: fail"}, {"category: authentication", "category: application"}} {
		if r, _ := hash(strings.Replace(chain, change[0], change[1], 1), "after"); r == r0 {
			t.Errorf("%s: the hash stays", change[1])
		}
	}
	a, _ := Load(Options{Shipped: files(chain), Disable: []string{"after"}})
	if a.Hash() == s0 {
		t.Error("the set's hash does not follow the configuration")
	}
}
