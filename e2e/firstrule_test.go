package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// fence is a block of a page: sh, or what the block before it prints.
var fence = regexp.MustCompile("(?ms)^```(sh)?\n(.*?)^```$")

// TestFirstRule follows docs/first-rule.md to the letter, in an empty folder: every
// sh block succeeds and prints the block that follows it, or nothing where none does.
func TestFirstRule(t *testing.T) {
	bin := binary.Folder(t, "tocsin-agent", "tocsin-alerter")
	page, err := os.ReadFile("../docs/first-rule.md")
	if err != nil {
		t.Fatal(err)
	}
	folder, printed, ran := t.TempDir(), "", 0
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		if block[1] == "" {
			if diff := cmp.Diff(block[2], printed); diff != "" {
				t.Errorf("the page (-) and its commands (+) differ:\n%s", diff)
			}
			printed = ""
			continue
		}
		if printed != "" {
			t.Errorf("the page does not show %q", printed)
		}
		c := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", block[2])
		c.Dir = folder
		c.Env = []string{"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + folder}
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%s: %v", block[2], out, err)
		}
		printed, ran = string(out), ran+1
	}
	if printed != "" || ran < 7 {
		t.Errorf("%d blocks ran, the last printed %q", ran, printed)
	}
}
