package collector_test

import (
	"testing"

	"github.com/tocsin-security/tocsin/shell/law"
)

func TestHouseRules(t *testing.T) {
	law.Check(t, law.Rules{
		Module: "github.com/tocsin-security/tocsin/collector",
		Leaves: []string{"internal/config"},
		Never: []string{
			"github.com/tocsin-security/tocsin/agent",
			"github.com/tocsin-security/tocsin/alerter",
		},
	})
}
