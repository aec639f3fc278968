package alerter_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-security/tocsin/alerter/natstest"
)

const listRule = `title: A failure of a known address
id: 00000000-0000-4000-8000-000000000003
level: high
logsource: {category: authentication}
detection:
  selection:
    event.outcome: failure
    source.ip|expand|cidr: '%known%'
  condition: selection
tocsin: {group_by: [source.ip]}
`

// A list that changes is read anew, without anybody asking; one that is broken leaves
// the old one as it was.
func TestListsAreReadAnew(t *testing.T) {
	b := newBench(t)
	b.write("rule.yml", listRule)
	b.write("known.txt", "# the first\n192.0.2.0/28\n")
	b.write("office.txt", "192.0.2.9\n")
	b.write("alerter.yaml", strings.Replace(mustRead(t, b.config), "rules: {shipped: false,", fmt.Sprintf(
		"rules: {shipped: false, lists: {known: {path: %q}, office: {path: %q}}, exceptions: [{rule: 00000000-0000-4000-8000-000000000003, match: {source.ip: '%%office%%'}}],",
		filepath.Join(b.folder, "known.txt"), filepath.Join(b.folder, "office.txt")), 1))
	var mu sync.Mutex
	var text bytes.Buffer
	_, _ = b.run(slog.New(slog.NewTextHandler(lockedWriter{&mu, &text}, nil)))
	logged := func(what string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Contains(text.String(), what)
		}
	}
	b.fail("192.0.2.9", 1)
	b.fail("192.0.2.77", 1)
	b.fail("192.0.2.7", 1)
	natstest.Eventually(t, patience, "the alert is written", func() bool { return b.alerts()["192.0.2.7"] != nil })

	b.write("known.txt", "192.0.2.0/24\nnot a network\n")
	natstest.Eventually(t, patience, "the broken list is refused", logged("the old ones stay"))
	b.fail("192.0.2.8", 1)
	natstest.Eventually(t, patience, "the old list still counts", func() bool { return b.alerts()["192.0.2.8"] != nil })

	b.write("known.txt", "192.0.2.0/24\n")
	natstest.Eventually(t, patience, "the new list is taken", logged("configuration reloaded"))
	b.fail("192.0.2.78", 1)
	natstest.Eventually(t, patience, "the new list counts", func() bool { return b.alerts()["192.0.2.78"] != nil })
	for _, address := range []string{"192.0.2.9", "192.0.2.77"} {
		if b.alerts()[address] != nil {
			t.Errorf("%s made an alert", address)
		}
	}
}
