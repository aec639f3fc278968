package agent

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The file that docs/logs.md shows is a good one, and its examples hold.
func TestTheDocumentedPatternsHold(t *testing.T) {
	page, err := os.ReadFile("../docs/logs.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?ms)^```yaml shop.yaml\n(.*?)^```").FindSubmatch(page)
	if shown == nil {
		t.Fatal("the page shows no shop.yaml")
	}
	path := filepath.Join(t.TempDir(), "shop.yaml")
	if err := os.WriteFile(path, shown[1], 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := LoadPatterns([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(set.Examples()); got != 5 {
		t.Errorf("%d examples", got)
	}
	// Without its anchors it falls for the forgery that it guards against.
	loose := strings.ReplaceAll(strings.ReplaceAll(string(shown[1]), "GREEDYDATA", "DATA"), "source.port}$", "source.port}")
	if err := os.WriteFile(path, []byte(loose), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = LoadPatterns([]string{path})
	if err == nil || !strings.Contains(err.Error(), `patterns[0].examples[1].want.source.ip: the line gives "192.0.2.1", wanted is "203.0.113.5"`) ||
		!strings.Contains(err.Error(), "patterns[0].counterexamples[0]: shop understands the line, and is not to") {
		t.Error(err)
	}
}
