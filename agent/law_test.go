package agent_test

import (
	"testing"

	"github.com/tocsin-security/tocsin/shell/law"
)

func TestHouse(t *testing.T) {
	law.Check(t, law.Rules{
		Module: "github.com/tocsin-security/tocsin/agent",
		Leaves: []string{
			"internal/config", "internal/identity", "internal/identity/fleettest", "internal/record",
			"internal/packages", "internal/charset", "internal/pattern",
			"internal/source/dirwatch", // what both sources learn of folders
		},
		Never: []string{
			"github.com/nats-io",
			"github.com/tocsin-security/tocsin/alerter",
			"github.com/tocsin-security/tocsin/collector",
		},
	})
}
