package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// TestShippedRules runs the cases of all shipped rules as rule writers run theirs:
// the agent reads the lines, the alerter compares what the rules find.
func TestShippedRules(t *testing.T) {
	bin := binary.Folder(t, "tocsin-agent", "tocsin-alerter")
	c := exec.CommandContext(t.Context(), filepath.Join(bin, "tocsin-alerter"), "rules", "test", "../alerter/rules/testdata")
	out, err := c.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if err != nil && !strings.HasPrefix(line, "ok ") {
			t.Log(strings.TrimSuffix(line, "\n"))
		}
	}
	if cases := strings.Count(string(out), "\nok "); err != nil || cases < 200 {
		t.Errorf("%d cases as they should be, at least 200 are wanted: %v", cases, err)
	}
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
