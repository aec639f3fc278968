package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// ruleCases is want.json of a rule's folder: the groups of the findings that the
// rule is to make of each file beside it, in order. The host is left out, and so
// is the fingerprint of a stack, which is the parser's business.
type ruleCases struct {
	Rule  string                         `json:"rule"`
	Cases map[string][]map[string]string `json:"cases"`
}

// TestShippedRules feeds each rule's lines to the two commands that rule writers
// use: the agent reads them, the alerter explains them with all shipped rules.
func TestShippedRules(t *testing.T) {
	bin := binary.Folder(t, "tocsin-agent", "tocsin-alerter")
	wants, err := filepath.Glob("../alerter/rules/testdata/*/want.json")
	if err != nil || len(wants) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range wants {
		var w ruleCases
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &w); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		folder := filepath.Dir(path)
		for name, want := range w.Cases {
			t.Run(filepath.Base(folder)+"/"+name, func(t *testing.T) {
				t.Parallel()
				got := groupsOf(t, explainCase(t, bin, filepath.Join(folder, name)), w.Rule)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("groups (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// explainCase gives the findings of a file: raw lines (.log), or what
// tocsin-agent watch prints (.jsonl).
func explainCase(t *testing.T, bin, path string) []byte {
	t.Helper()
	events, err := os.ReadFile(path + ".jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		events = output(t, exec.CommandContext(t.Context(), filepath.Join(bin, "tocsin-agent"), "explain", "--year", "2026", path+".log"), nil)
	} else if err != nil {
		t.Fatal(err)
	}
	return output(t, exec.CommandContext(t.Context(), filepath.Join(bin, "tocsin-alerter"), "explain"), events)
}

func output(t *testing.T, c *exec.Cmd, stdin []byte) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	if err := c.Run(); err != nil || stderr.Len() > 0 {
		t.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, stderr.Bytes())
	}
	return stdout.Bytes()
}

// groupsOf are the groups of the findings of one rule.
func groupsOf(t *testing.T, findings []byte, id string) []map[string]string {
	t.Helper()
	groups := []map[string]string{}
	decoder := json.NewDecoder(bytes.NewReader(findings))
	for decoder.More() {
		var f struct {
			Rule  struct{ ID string }
			Group map[string]string
		}
		if err := decoder.Decode(&f); err != nil {
			t.Fatalf("a finding: %v", err)
		}
		if f.Rule.ID != id {
			continue
		}
		delete(f.Group, "host.name")
		delete(f.Group, "tocsin.error.fingerprint")
		groups = append(groups, f.Group)
	}
	return groups
}

// TestBrokenRulesAreRefused asks for a rule with a modifier that is none: exit
// code 3, and what and where it is.
func TestBrokenRulesAreRefused(t *testing.T) {
	bin := binary.Folder(t, "tocsin-alerter")
	path := filepath.Join(t.TempDir(), "broken.yml")
	text := "title: T\nlogsource: {category: webserver}\ndetection:\n  s:\n    url.original|fuzzy: x\n  condition: s\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"rules", "check", path}, {"rules", "list", path}, {"explain", "--rules", path}} {
		c := exec.CommandContext(t.Context(), filepath.Join(bin, "tocsin-alerter"), args...)
		var stdout, stderr bytes.Buffer
		c.Stdout, c.Stderr = &stdout, &stderr
		err := c.Run()
		if exit := (&exec.ExitError{}); !errors.As(err, &exit) || exit.ExitCode() != 3 {
			t.Errorf("%q: %v, want exit code 3", args, err)
		}
		if want := path + `:5: url.original|fuzzy: unknown modifier "fuzzy"`; !strings.Contains(stderr.String(), want) || stdout.Len() > 0 {
			t.Errorf("%q says %q, want %q", args, stderr.String(), want)
		}
	}
}
