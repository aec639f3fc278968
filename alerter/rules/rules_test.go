package rules_test

import (
	"regexp"
	"strings"
	"testing"

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
