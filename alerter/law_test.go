package alerter_test

import (
	"testing"

	"github.com/tocsin-security/tocsin/shell/law"
)

func TestHouseRules(t *testing.T) {
	law.Check(t, law.Rules{
		Module: "github.com/tocsin-security/tocsin/alerter",
		Leaves: []string{
			"internal/config", "internal/finding", "internal/lease", "internal/list", "internal/rule", "internal/webattack",
			"internal/notify/delivery", // what a receiver's refusal means
			"internal/route",           // who is told of what: pure, and asked by what tells
			"internal/stored",          // how a stream is read to its end
		},
		Never: []string{
			"github.com/tocsin-security/tocsin/agent",
			"github.com/tocsin-security/tocsin/collector",
		},
	})
}
