//go:build !tocsin_mutant_fsync

package spool

import (
	"os/exec"
	"strings"
	"testing"
)

// TestSwappedOrderIsFound builds a spool that reports a flush before it is on
// disk, and wants the crash test to notice.
func TestSwappedOrderIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary")
	}
	run := exec.CommandContext(t.Context(), "go", "test", "-tags", "tocsin_mutant_fsync", "-run", "^TestCrashAtEveryPoint$", ".")
	out, err := run.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "reported as on disk") {
		t.Errorf("err %v, output:\n%s", err, out)
	}
}
