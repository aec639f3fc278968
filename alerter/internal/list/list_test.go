package list

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
		fault      string
	}{
		{"values, comments and blanks", "# known\n\n a.example \r\nb.example\n#c\n192.0.2.0/24", []string{"a.example", "b.example", "192.0.2.0/24"}, ""},
		{"nothing", "", nil, ""},
		{"what is no text", "a\n\xff\n", nil, "f:2: not UTF-8"},
		{"a long value", "a\n" + strings.Repeat("x", MaxValue+1) + "\n", nil, "f:2: a value has at most 4096 bytes"},
		{"too many", strings.Repeat("x\n", MaxValues+1), nil, "f:1000001: a list has at most 1000000 values"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read("f", strings.NewReader(tt.text))
			if tt.fault != "" {
				if err == nil || err.Error() != tt.fault {
					t.Errorf("got %v, want %q", err, tt.fault)
				}
				return
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a file that is not there: %v", err)
	}
	if StampOf(path) != (Stamp{}) {
		t.Error("a file that is not there has a stamp")
	}
	if err := os.WriteFile(path, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := StampOf(path)
	if got, err := Load(path); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q, %v", got, err)
	}
	if err := os.WriteFile(path, []byte("a\nb\nc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if StampOf(path) == before {
		t.Error("a change is not seen")
	}
}
