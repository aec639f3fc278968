package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/rules"
)

func TestShippedRulesAreComplete(t *testing.T) {
	set, err := rule.Load(rule.Options{Shipped: rules.Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, r := range set.Rules() {
		if !uuid.MatchString(r.ID) {
			t.Errorf("%s: %q: the id is no random UUID", r.Path, r.Name)
		}
		if r.Description == "" || len(r.Tags) == 0 {
			t.Errorf("%s: %q: description and tags are wanted", r.Path, r.Name)
		}
		if r.Alerts && len(r.FalsePositives) == 0 && !strings.Contains(r.Path, "http_password") {
			t.Errorf("%s: %q: falsepositives are wanted", r.Path, r.Name)
		}
	}
	if n := len(set.Roots()); n < 20 {
		t.Errorf("%d rules alert, at least 20 are wanted", n)
	}
}

func TestEveryAlertingRuleHasItsCases(t *testing.T) {
	set, err := rule.Load(rule.Options{Shipped: rules.Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	alerting := make(map[string]bool)
	for _, r := range set.Roots() {
		alerting[r.ID] = true
	}
	wants, err := filepath.Glob("testdata/*/want.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range wants {
		var w struct {
			Rule  string                         `yaml:"rule"`
			Cases map[string][]map[string]string `yaml:"cases"`
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &w); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		attacks, near := 0, 0
		for name, groups := range w.Cases {
			if strings.HasPrefix(name, "attack-") && len(groups) > 0 {
				attacks++
			}
			if strings.HasPrefix(name, "near-") && len(groups) == 0 {
				near++
			}
		}
		if !alerting[w.Rule] || attacks < 3 || near < 3 || attacks+near != len(w.Cases) {
			t.Errorf("%s: alerts %v, %d attacks, %d near misses, %d cases", path, alerting[w.Rule], attacks, near, len(w.Cases))
		}
		delete(alerting, w.Rule)
	}
	for id := range alerting {
		t.Errorf("rule %s has no cases", id)
	}
}
