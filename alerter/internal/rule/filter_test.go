package rule

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// fed are the ids of the roots that an event of class auth reaches.
func fed(s *Set, fields ...string) []string {
	var ids []string
	for _, m := range s.Matcher().Match(Input{Event: eventOf(fields...), Class: eventv1.Class_CLASS_AUTH, Host: "web01"}) {
		for _, f := range m.Feeds {
			ids = append(ids, f.Root.ID)
		}
	}
	return ids
}

func TestFilters(t *testing.T) {
	alert := strings.Replace(chain, "title: Failed\n", "title: Failed\ntocsin: {alert: true}\n", 1) +
		"---\ntitle: Anybody\nid: anybody\nlogsource: {category: authentication, product: linux}\ndetection: {s: {event.outcome: failure}, condition: s}\n"
	filter := func(source, rules, body string) string {
		return "title: F\nid: f\ndescription: Backups fail all night.\nlogsource: " + source + "\nfilter:\n  rules: " + rules + "\n  " + strings.ReplaceAll(body, "\n", "\n  ") + "\n"
	}
	const auth, linux = "{category: authentication}", "{category: authentication, product: linux}"
	notBackup := "selection: {user.name|startswith: backup}\ncondition: not selection"
	backup := []string{"event.outcome=failure", "source.ip=10.1.1.1", "user.name=Backup2"}
	bob := []string{"event.outcome=failure", "source.ip=10.1.1.1", "user.name=bob"}
	tests := []struct {
		name, filter string
		event, want  []string
	}{
		{"what the condition holds for goes on", filter(auth, "[failed]", notBackup), bob, []string{"anybody", "after", "failed"}},
		{"what it does not hold for is gone, wherever it counts", filter(auth, "[failed]", notBackup), backup, []string{"anybody"}},
		{"a condition is added, not taken away", filter(auth, "failed", "admin: {user.name: bob}\ncondition: admin"), backup, []string{"anybody"}},
		{"by the rule's name", filter(auth, "[login_failed]", notBackup), backup, []string{"anybody"}},
		{"any rule of its log source", filter(auth, "any", notBackup), backup, nil},
		{"and no other", filter(linux, "any", notBackup), backup, []string{"after", "failed"}},
		{"a correlation's, for what reaches it", filter(auth, "[after]", notBackup), backup, []string{"anybody", "failed"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for order, texts := range map[string][]string{"after the rules": {alert, tt.filter}, "before them": {tt.filter, alert}} {
				if diff := cmp.Diff(tt.want, fed(load(t, texts...), tt.event...)); diff != "" {
					t.Errorf("%s: %s", order, diff)
				}
			}
		})
	}
	with, without := load(t, alert, filter(auth, "[failed]", notBackup)), load(t, alert)
	if with.Hash() == without.Hash() || with.Roots()[0].Hash != without.Roots()[0].Hash {
		t.Error("a filter makes the set another, and leaves the rules' windows what they are")
	}
	doubtful := load(t, alert, filter(auth, "[failed]", "s: {flavour: sweet}\ncondition: not s"))
	for _, r := range doubtful.Rules() {
		if r.ID == "failed" && !cmp.Equal(r.Unknown, []string{"flavour"}) {
			t.Errorf("unknown fields %q", r.Unknown)
		}
	}
}

// A web filter speaks of fields as web rules do.
func TestAFilterUsesTheNamesOfItsLogSource(t *testing.T) {
	s := load(t, "title: R\nid: r\nlogsource: {category: webserver}\ndetection: {s: {cs-method: GET}, condition: s}\n",
		"title: F\nlogsource: {category: webserver}\nfilter: {rules: [r], s: {c-ip|cidr: 10.0.0.0/8}, condition: not s}\n")
	for ip, want := range map[string]bool{"10.1.2.3": false, "192.0.2.1": true} {
		if got := matches(s.Matcher(), eventv1.Class_CLASS_WEB, eventOf("http.request.method=GET", "source.ip="+ip)); got != want {
			t.Errorf("from %s: %v", ip, got)
		}
	}
}

func TestCollections(t *testing.T) {
	const global = "action: global\nlogsource: {category: authentication}\nlevel: high\ndetection: {s: {event.outcome: failure}, condition: s}\n---\n"
	tests := []struct {
		name, text string
		event      []string
		want       []string
	}{
		{"global keys go into all that follow", global + "title: A\n---\ntitle: B\n", []string{"event.outcome=failure"}, []string{"A", "B"}},
		{
			"mappings are merged, and a rule's own word goes before",
			global + "title: A\ndetection: {t: {user.name: root}, condition: s and t}\n---\ntitle: B\ndetection: {s: {event.outcome: success}}\n",
			[]string{"event.outcome=failure", "user.name=root"},
			[]string{"A"},
		},
		{
			"several global documents add up, the later before the earlier",
			global + "action: global\ndetection: {s: {event.outcome: success}}\n---\ntitle: A\n", []string{"event.outcome=success"}, []string{"A"},
		},
		{
			"reset forgets them", global + "title: A\n---\naction: reset\n---\ntitle: B\nlogsource: {category: authentication}\ndetection: {s: {user.name: root}, condition: s}\n",
			[]string{"event.outcome=failure"},
			[]string{"A"},
		},
		{
			"repeat is the rule before with other keys", global + "title: A\ndetection: {s: {user.name: root}}\n---\naction: repeat\ntitle: B\ndetection: {s: {user.name: bob}}\n---\naction: repeat\ntitle: C\n",
			[]string{"event.outcome=failure", "user.name=bob"},
			[]string{"B", "C"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, fed(load(t, tt.text), tt.event...)); diff != "" {
				t.Error(diff)
			}
		})
	}
	one := load(t, global+"title: A\n").Rules()[0]
	if one.Level.String() != "LEVEL_HIGH" || one.Line != 6 {
		t.Errorf("level %v, line %d", one.Level, one.Line)
	}
}
