package publicrules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
	"github.com/tocsin-security/tocsin/e2e/internal/publicrules"
)

const (
	good = "title: G\nid: g\nlogsource: {category: webserver}\ndetection: {s: {cs-method: PUT}, condition: s}\n"
	far  = "title: F\nid: f\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {Image|endswith: '\\evil.exe'}, condition: s}\n"
	bad  = "title: B\nid: b\nlogsource: {product: windows}\ndetection:\n  s: {User|expand: '%admins%'}\n  condition: s\n"
)

// world is a folder of rules, and a check of it.
func world(t *testing.T, goods int, events string) *publicrules.Check {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for i := range goods {
		n := string(rune('a'+i/26)) + string(rune('a'+i%26))
		write("rules/web/"+n+".yml", strings.ReplaceAll(good, ": g", ": "+n))
	}
	write("rules/far.yml", far)
	write("rules/more/bad.yml", bad)
	return &publicrules.Check{
		Bin: binary.Folder(t, "tocsin-alerter"), Rules: filepath.Join(dir, "rules"),
		Events: write("events", events), Refused: filepath.Join(dir, "refused.md"),
	}
}

func TestCheck(t *testing.T) {
	c := world(t, 120, `{"rule_file": "far.yml", "rule_id": "f", "event": {"Image": "C:\\x\\evil.exe"}}
{"rule_file": "far.yml", "rule_id": "f", "event": {"Image": "C:\\x\\good.exe"}}
`)
	got, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := `121 of 122 files compile: 99.18 %
121 rules in 121 files are valid; 121 of them alert, 1 are unfed
0 fields that no parser gives, in rules that are fed
     1  unmapped logsource category "process_creation", product "windows", service ""
1 of 1 rules with recorded events fire, on 1 of 2 events
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	page, err := os.ReadFile(c.Refused)
	if err != nil {
		t.Fatal(err)
	}
	if row := "| more/bad.yml | 5 | User: expand: no list \"admins\" |\n"; !strings.HasSuffix(string(page), row) {
		t.Errorf("the list is\n%s", page)
	}
}

func TestCheckFails(t *testing.T) {
	tests := []struct {
		name, events, want string
		goods              int
	}{
		{"fewer than 99 % compile", "", "98.0", 50},
		{"a rule does not find its event", `{"rule_file": "far.yml", "rule_id": "f", "event": {"Image": "x"}}` + "\n", "far.yml: none of its 1 events makes it fire", 120},
		{"an event without a rule", `{"event": {}}` + "\n", "events:1: no rule_file, rule_id and event", 120},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := world(t, tt.goods, tt.events)
			if _, err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
