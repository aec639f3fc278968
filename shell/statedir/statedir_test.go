package statedir_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-security/tocsin/shell/statedir"
)

func TestOneProcessAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	first, err := statedir.Open(path, "tocsin-test", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := statedir.Open(path, "tocsin-test", 1); !errors.Is(err, statedir.ErrLocked) {
		t.Errorf("second open: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := statedir.Open(path, "tocsin-test", 2)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v %v", info.Mode(), err)
	}
}

func TestOtherFormatsAreRefusedUntouched(t *testing.T) {
	for name, content := range map[string]string{
		"newer": "tocsin-test 2\n", "another command's": "tocsin-other 1\n", "garbage": "???",
	} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			if err := os.WriteFile(filepath.Join(path, "FORMAT"), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := statedir.Open(path, "tocsin-test", 1); !errors.Is(err, statedir.ErrFormat) {
				t.Errorf("error %v", err)
			}
			entries, err := os.ReadDir(path)
			if err != nil || len(entries) != 1 {
				t.Errorf("the folder holds %v %v", entries, err)
			}
		})
	}
}

func TestWriteFileReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"one", "two, longer"} {
		if err := statedir.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("%q %v", got, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := statedir.WriteFile(filepath.Join(path, "below a file"), nil, 0o600); err == nil {
		t.Error("wrote below a file")
	}
}
