package finding_test

import (
	"testing"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// TestStoredFormatNeverChanges pins what is in streams for good: where a group is
// counted, and what an alert is called.
func TestStoredFormatNeverChanges(t *testing.T) {
	for _, test := range []struct {
		rule        string
		group       []string
		partition   uint32
		fingerprint string
	}{
		{"66080f17-4c96-48e2-9cbd-0ba3a1a6bcde", []string{"203.0.113.66"}, 42, "vkoljflwzglzx5pgux5yiprvku"},
		{"66080f17-4c96-48e2-9cbd-0ba3a1a6bcde", nil, 56, "hdbzcm25opf7umxvkxc3d7tiey"},
		{"", []string{"한국", ""}, 29, "tx4wadulovajdpdf5yhzqrhdyu"},
	} {
		if got := finding.Partition(test.rule, test.group); got != test.partition {
			t.Errorf("partition of %q %q is %d, was %d", test.rule, test.group, got, test.partition)
		}
		if got := finding.Fingerprint(test.rule, test.group); got != test.fingerprint {
			t.Errorf("fingerprint of %q %q is %s, was %s", test.rule, test.group, got, test.fingerprint)
		}
	}
}

func TestGroupsDoNotRunIntoEachOther(t *testing.T) {
	seen := make(map[string][]string)
	for _, group := range [][]string{{"ab", "c"}, {"a", "bc"}, {"abc"}, {"abc", ""}, {"", "abc"}, {}, {""}} {
		fingerprint := finding.Fingerprint("rule", group)
		if other, known := seen[fingerprint]; known {
			t.Errorf("%q and %q are one", group, other)
		}
		seen[fingerprint] = group
		if !event.ValidID(fingerprint) {
			t.Errorf("%q is no id", fingerprint)
		}
	}
}

func TestEveryPartitionIsUsed(t *testing.T) {
	used := make(map[uint32]int)
	for i := range 64 * 200 {
		used[finding.Partition("rule", []string{event.HashID(string(rune(i)))})]++
	}
	if len(used) != finding.Partitions {
		t.Errorf("%d of %d partitions are used", len(used), finding.Partitions)
	}
	for p, n := range used {
		if n < 100 || n > 320 {
			t.Errorf("partition %d holds %d of %d groups", p, n, 64*200)
		}
	}
}

func TestEventID(t *testing.T) {
	h := event.Header{Agent: event.HashID("agent"), Class: eventv1.Class_CLASS_WEB, FirstSequence: 3}
	e := finding.Event{Header: &h, Index: 2}
	if got := e.EventID(); got != event.ID(&h, 2) {
		t.Errorf("id %q", got)
	}
	e.GivenID = "from-json"
	if got := e.EventID(); got != "from-json" {
		t.Errorf("id %q", got)
	}
}

func TestWordsOfLevels(t *testing.T) {
	for level, want := range map[alertv1.Level]string{
		alertv1.Level_LEVEL_UNSPECIFIED: "", alertv1.Level_LEVEL_INFORMATIONAL: "informational", alertv1.Level_LEVEL_CRITICAL: "critical",
	} {
		if got := finding.LevelName(level); got != want {
			t.Errorf("%v is %q", level, got)
		}
	}
}
