package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/e2e/fimscenario"
	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// TestFilesThatChangeAreToldOf runs our own scenarios, each in folders of its own,
// through the real watch. How long an event takes is not asked here: the machine
// is shared.
func TestFilesThatChangeAreToldOf(t *testing.T) {
	all, err := fimscenario.ReadFiles("testdata/fim.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	runner := fimscenario.Runner{Bin: binary.Folder(t, "tocsin-agent", "tocsin-alerter"), Patience: time.Minute}
	for i := range all {
		t.Run(all[i].ID, func(t *testing.T) {
			t.Parallel()
			res, err := runner.Run(t.Context(), &all[i])
			if err != nil {
				t.Fatal(err)
			}
			if res.Skipped != "" {
				t.Skipf("SKIPPED: %s", res.Skipped)
			}
			for _, wrong := range res.Wrong {
				t.Error(wrong)
			}
		})
	}
}

// TestScenariosCanFail holds expectations against an agent that do not come true.
func TestScenariosCanFail(t *testing.T) {
	runner := fimscenario.Runner{Bin: binary.Folder(t, "tocsin-agent", "tocsin-alerter"), Patience: time.Second}
	for name, line := range map[string]string{
		"nothing of the kind happens": `{"id":"a","steps":["true"],"expect":[{"path":"$D/f","action":"created"}]}`,
		"another action":              `{"id":"b","setup":["echo a > $D/f"],"steps":["echo b > $D/f"],"expect":[{"path":"$D/f","action":"deleted"}]}`,
		"another attribute":           `{"id":"c","setup":["echo a > $D/f"],"steps":["chmod 1 $D/f"],"expect":[{"path":"$D/f","action":"attributes_modified","changed":["hash"]}]}`,
		"one too many":                `{"id":"d","steps":["touch $D/f $D/g"],"exact":true,"expect":[{"path":"$D/f","action":"created"}]}`,
		"one that must not be":        `{"id":"e","steps":["touch $D/f"],"never":["$D/f"],"expect":[]}`,
		"too often":                   `{"id":"f","steps":["touch $D/f"],"expect":[{"path":"$D/f","action":"created","times":2}]}`,
		"not severe":                  `{"id":"g","steps":["touch $D/f"],"as":"/opt","expect":[{"path":"$D/f","action":"created","severity":">=high"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := fimscenario.Read(strings.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			if res, err := runner.Run(t.Context(), &s[0]); err != nil || len(res.Wrong) == 0 {
				t.Errorf("wrong: %q, error: %v", res.Wrong, err)
			}
		})
	}
}
