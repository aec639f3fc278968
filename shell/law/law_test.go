package law

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBreaches(t *testing.T) {
	rules := Rules{
		Module: "example.com/m",
		Leaves: []string{"internal/leaf", "internal/other"},
		Never:  []string{"example.com/bus"},
	}
	tests := []struct {
		name string
		give found
		want []string
	}{
		{"the root imports anything", found{ImportPath: "example.com/m", Imports: []string{"example.com/m/internal/stage", "example.com/m/internal/leaf"}}, nil},
		{"a command imports the root", found{ImportPath: "example.com/m/cmd/x", Imports: []string{"example.com/m", "fmt"}}, nil},
		{
			"a command imports a leaf",
			found{ImportPath: "example.com/m/cmd/x", Imports: []string{"example.com/m/internal/leaf"}},
			[]string{"example.com/m/cmd/x must not import example.com/m/internal/leaf"},
		},
		{"a stage imports a leaf", found{ImportPath: "example.com/m/internal/stage", Imports: []string{"example.com/m/internal/leaf"}}, nil},
		{"a stage imports its part", found{ImportPath: "example.com/m/internal/stage", Imports: []string{"example.com/m/internal/stage/part"}}, nil},
		{
			"a stage imports a stage",
			found{ImportPath: "example.com/m/internal/stage", Imports: []string{"example.com/m/internal/stage2"}},
			[]string{"example.com/m/internal/stage must not import example.com/m/internal/stage2"},
		},
		{
			"a part imports the root",
			found{ImportPath: "example.com/m/internal/stage", Imports: []string{"example.com/m"}},
			[]string{"example.com/m/internal/stage must not import example.com/m"},
		},
		{"a leaf imports a leaf", found{ImportPath: "example.com/m/internal/leaf", Imports: []string{"example.com/m/internal/other"}}, nil},
		{
			"a leaf imports a stage",
			found{ImportPath: "example.com/m/internal/leaf", Imports: []string{"example.com/m/internal/stage"}},
			[]string{"example.com/m/internal/leaf must not import example.com/m/internal/stage"},
		},
		{
			"what is never to be reached",
			found{ImportPath: "example.com/m/internal/stage", Deps: []string{"example.com/business", "example.com/bus/v2"}},
			[]string{"example.com/m/internal/stage reaches example.com/bus/v2"},
		},
		{"only tests", found{ImportPath: "example.com/m/internal/stage"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, rules.breaches(&test.give)); diff != "" {
				t.Error(diff)
			}
		})
	}
	silent := found{ImportPath: "example.com/m/internal/stage", GoFiles: []string{"a.go"}}
	if diff := cmp.Diff([]string{"example.com/m/internal/stage has no package comment"}, rules.breaches(&silent)); diff != "" {
		t.Error(diff)
	}
}

func TestHouse(t *testing.T) {
	t.Chdir("..")
	Check(t, Rules{
		Module: "github.com/tocsin-security/tocsin/shell",
		Leaves: []string{"settings"},
		Never:  []string{"github.com/nats-io/nats.go", "google.golang.org/grpc"},
	})
}
