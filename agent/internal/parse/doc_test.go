package parse

import (
	"os"
	"strings"
	"testing"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Rules are written from the table of actions in the package comment: it names
// every action that a parser sets, and none that no case shows.
func TestActionsAreDocumented(t *testing.T) {
	documented := documentedActions(t)
	lines := map[string][]string{}
	for name, cases := range allCases() {
		for _, tc := range cases {
			lines[name] = append(lines[name], tc.line)
		}
	}
	for _, tc := range joinCases {
		lines["auto"] = append(lines["auto"], strings.Split(tc.record, "\n")...)
	}
	for _, tc := range columnCases() {
		lines["iis"] = append(lines["iis"], strings.Split(tc.line, "\n")...)
	}
	shown := map[string]bool{}
	for name := range lines {
		for _, e := range parseLines(t, name, Options{}, lines[name]...) {
			if action := string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION)); action != "" {
				shown[action] = true
			}
		}
	}
	for action := range shown {
		if !documented[action] {
			t.Errorf("action %q is not documented", action)
		}
	}
	for action := range documented {
		if !shown[action] {
			t.Errorf("action %q is documented and never shown", action)
		}
	}
}

// documentedActions reads the first words of the table's rows.
func documentedActions(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "//\taction ")
	if !ok {
		t.Fatal("no table of actions")
	}
	actions := map[string]bool{}
	for line := range strings.Lines(table) {
		row, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			if len(actions) > 0 {
				break
			}
			continue
		}
		for _, word := range strings.Fields(row) {
			if !strings.Contains(word, "_") && word != "su*" && word != "exception*" {
				break
			}
			actions[strings.TrimSuffix(word, "*")] = true
		}
	}
	return actions
}
