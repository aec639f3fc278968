// Package binary has the commands that end-to-end tests run.
package binary

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Folder is a folder that holds these commands: the one that TOCSIN_BIN names,
// or a fresh one that they are built into, as they are released: static.
func Folder(t testing.TB, names ...string) string {
	t.Helper()
	if folder := os.Getenv("TOCSIN_BIN"); folder != "" {
		folder, err := filepath.Abs(folder)
		if err != nil {
			t.Fatalf("find TOCSIN_BIN: %v", err)
		}
		return folder
	}
	folder := t.TempDir()
	for _, name := range names {
		module := map[string]string{
			"tocsin-agent":     "github.com/tocsin-security/tocsin/agent",
			"tocsin-collector": "github.com/tocsin-security/tocsin/collector",
			"tocsin-alerter":   "github.com/tocsin-security/tocsin/alerter",
		}[name]
		build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(folder, name), module+"/cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	return folder
}
