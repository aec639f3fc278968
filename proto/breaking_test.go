// Package proto_test holds the contract's guard against itself: a check of
// compatibility that has never failed proves nothing.
package proto_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestBreakingCheckCatches(t *testing.T) {
	for name, test := range map[string]struct{ file, from, to, says string }{
		"nothing":             {"event.proto", "", "", ""},
		"a renumbered field":  {"event.proto", "fixed64 observed = 2;", "fixed64 observed = 9;", "observed"},
		"a removed field":     {"event.proto", "  uint32 count = 5;\n", "", "count"},
		"a changed type":      {"event.proto", "uint64 ordinal = 3;", "string ordinal = 3;", "ordinal"},
		"a renumbered name":   {"field.proto", "FIELD_ID_EVENT_ACTION = 3 ", "FIELD_ID_EVENT_ACTION = 9003 ", "FIELD_ID_EVENT_ACTION"},
		"a renamed FieldId":   {"field.proto", "FIELD_ID_USER_NAME =", "FIELD_ID_LOGIN_NAME =", "FIELD_ID_USER_NAME"},
		"an added event part": {"event.proto", "repeated Field fields = 5;", "repeated Field fields = 5;\n  bytes more = 6;", ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(filepath.Join(folder, "proto", "tocsin"), os.DirFS("tocsin")); err != nil {
				t.Fatal(err)
			}
			config, err := os.ReadFile("../buf.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "buf.yaml"), config, 0o600); err != nil {
				t.Fatal(err)
			}
			change(t, filepath.Join(folder, "proto/tocsin/event/v1", test.file), test.from, test.to)
			out, err := breaking(t, folder)
			switch {
			case test.says == "" && err != nil:
				t.Errorf("%v: %s", err, out)
			case test.says != "" && (err == nil || !strings.Contains(out, test.says)):
				t.Errorf("passes: %v %s", err, out)
			}
		})
	}
}

func change(t *testing.T, file, from, to string) {
	t.Helper()
	if from == "" {
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), from) != 1 {
		t.Fatalf("%s does not hold %q once", file, from)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// breaking holds a folder's protos against the committed image with the pinned buf.
func breaking(t *testing.T, folder string) (string, error) {
	t.Helper()
	image, err := filepath.Abs("compatible.binpb")
	if err != nil {
		t.Fatal(err)
	}
	buf := exec.CommandContext(t.Context(), "go", "tool", "buf", "breaking", folder, "--against", image)
	buf.Dir = "../tools/buf"
	buf.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := buf.CombinedOutput()
	return string(out), err
}
