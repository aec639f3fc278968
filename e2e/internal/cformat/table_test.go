package cformat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A check names what a new version has and the table has not, and what the table
// has and the version has not; an update settles it, keeps what was decided, and
// leaves what was found by hand alone.
func TestCheckAndUpdate(t *testing.T) {
	sources, tables := t.TempDir(), t.TempDir()
	place := filepath.Join(sources, "sudo", "2.0", "plugins", "sudoers")
	write(t, filepath.Join(place, "a.c"), "int f()\n{\n\tlog_warningx(0, \"kept\");\n\tlog_warningx(0, \"a\\tnew\\\\ one\");\n}\n")
	table := filepath.Join(tables, "sudo.tsv")
	write(t, table, "# facts\n"+
		"1.0,2.0\tplugins/sudoers/a.c\tf\tlog_warningx\t0\tkept\tauthentication\tauthentication sudo_denied failure\t\n"+
		"2.0\tplugins/sudoers/a.c\tf\tlog_warningx\t0\told\t-\t\t\n"+
		"2.0\tplugins/sudoers/a.c\tf\t-\t\tby hand\t-\t\t\n")

	var out strings.Builder
	c := Check{Sources: sources, Tables: tables, Out: &out}
	if err := c.Run(); err == nil {
		t.Error("a table that differs is accepted")
	}
	for _, want := range []string{`+ plugins/sudoers/a.c f "a\tnew\\ one"`, `- plugins/sudoers/a.c f "old"`, "openssh  SKIPPED", "1 new, 1 gone"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the check does not say %q:\n%s", want, out.String())
		}
	}

	c.Update = true
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	want := "# facts\n" +
		"1.0,2.0\tplugins/sudoers/a.c\tf\tlog_warningx\t0\tkept\tauthentication\tauthentication sudo_denied failure\t\n" +
		"2.0\tplugins/sudoers/a.c\tf\t-\t\tby hand\t-\t\t\n" +
		"2.0\tplugins/sudoers/a.c\tf\tlog_warningx\t0\ta\\tnew\\\\ one\t?\t\t\n"
	if diff := cmp.Diff(want, read(t, table)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	c.Update = false
	if err := c.Run(); err != nil {
		t.Errorf("after the update: %v", err)
	}
}

func TestReadTableRefusesColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tsv")
	write(t, path, "1.0\tx.c\n")
	if _, err := ReadTable(path); err == nil || !strings.Contains(err.Error(), "x.tsv:1: 2 columns, want 9") {
		t.Errorf("error %v", err)
	}
}

// The tables that are committed are undecided about nothing, and name programs that
// there are.
func TestCommittedTables(t *testing.T) {
	for _, p := range Programs() {
		table, err := ReadTable(filepath.Join("..", "..", "..", "agent", "internal", "parse", "testdata", "formats", p.Name+".tsv"))
		if err != nil {
			t.Fatal(err)
		}
		if len(table.Rows) == 0 {
			t.Errorf("%s has no table", p.Name)
		}
		for _, r := range table.Rows {
			if r.Concern == Undecided || r.File == "" || r.Func == "" && r.Call != ByHand && p.Name != "pam" {
				t.Errorf("%s: undecided or of no function: %+v", p.Name, r)
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path) //nolint:gosec // a temporary folder
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
