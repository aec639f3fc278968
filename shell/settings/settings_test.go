package settings_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/shell/settings"
)

type inner struct {
	Host string            `yaml:"host"`
	Wait settings.Duration `yaml:"wait"`
	Max  settings.Bytes    `yaml:"max"`
}

type shared struct {
	Level string `yaml:"level"`
}

type config struct {
	Name   string           `yaml:"name"`
	Count  int              `yaml:"count"`
	On     *bool            `yaml:"on"`
	Paths  []string         `yaml:"paths"`
	Nested []inner          `yaml:"nested"`
	One    *inner           `yaml:"one"`
	ByName map[string]inner `yaml:"by_name"`
	Shared shared           `yaml:",inline"`
	Hidden string           `yaml:"-"`
}

func env(name string) (string, bool) {
	v, ok := map[string]string{"HOST": "mail.example.com", "N": "7", "EMPTY": "", "EVIL": "x\ncount: 9"}[name]
	return v, ok
}

func TestParse(t *testing.T) {
	got := config{Name: "default", Count: 1}
	_, err := settings.Parse("c.yaml", []byte(`
count: ${N}
paths: ["${HOST}:1", plain, "$$5", "${NONE:-fallback}", "${EMPTY}", "${EVIL}"]
nested: [{host: a, wait: 90s, max: 256KiB}, {host: b, wait: 7d, max: 1GB}]
by_name: {x: {host: c}}
level: info
`), env, &got)
	if err != nil {
		t.Fatal(err)
	}
	want := config{
		Name: "default", Count: 7,
		Paths: []string{"mail.example.com:1", "plain", "$5", "fallback", "", "x\ncount: 9"},
		Nested: []inner{
			{Host: "a", Wait: settings.Duration(90 * time.Second), Max: 262144},
			{Host: "b", Wait: settings.Duration(7 * 24 * time.Hour), Max: 1_000_000_000},
		},
		ByName: map[string]inner{"x": {Host: "c"}}, Shared: shared{Level: "info"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAnEnvironmentADollarIsADollar(t *testing.T) {
	var got config
	if _, err := settings.Parse("c.yaml", []byte("paths: ['^a\\$$', '${HOST}']\n"), nil, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`^a\$$`, "${HOST}"}, got.Paths); diff != "" {
		t.Error(diff)
	}
}

func TestParseErrorsNameThePlace(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"unknown key": {"name: x\nnaem: y\n",
			`c.yaml:2: naem: unknown key "naem" (known here: by_name, count, level, name, nested, on, one, paths)`},
		"unknown nested key": {"nested:\n  - host: a\n  - hots: b\n",
			`c.yaml:3: nested[1].hots: unknown key "hots" (known here: host, max, wait)`},
		"unknown key behind a pointer": {"one:\n  hots: b\n", `c.yaml:2: one.hots: unknown key "hots" (known here: host, max, wait)`},
		"unknown key in a map":         {"by_name:\n  x:\n    hots: b\n", `c.yaml:3: by_name.x.hots: unknown key "hots" (known here: host, max, wait)`},
		"hidden field":                 {"hidden: x", `c.yaml:1: hidden: unknown key "hidden" (known here: by_name, count, level, name, nested, on, one, paths)`},
		"wrong kind":                   {"\ncount: many\n", "c.yaml:2: count: cannot unmarshal !!str `many` into int"},
		"a value where keys belong":    {"one: 5\n", "c.yaml:1: one: must hold keys"},
		"a value where a list belongs": {"paths: /var/log\n", "c.yaml:1: paths: must be a list"},
		"unset variable":               {"nested:\n- host: ${NOPE}\n", "c.yaml:2: nested[0].host: variable NOPE is not set"},
		"key twice":                    {"name: x\nname: y\n", "c.yaml:2: name: given twice"},
		"bad duration":                 {"nested: [{wait: soon}]", `c.yaml:1: nested[0].wait: "soon" is no duration (examples: 500ms, 30s, 5m, 4h, 7d)`},
		"bad size":                     {"nested: [{max: lots}]", `c.yaml:1: nested[0].max: "lots" is no size (examples: 65536, 256KiB, 1GiB)`},
		"a list for a value":           {"name: [x]\n", "c.yaml:1: name: cannot unmarshal !!seq into string"},
		"not YAML":                     {"name: [", "c.yaml:1: did not find expected node content"},
		"two documents":                {"name: x\n---\nname: y\n", "c.yaml: more than one document"},
		"a list at the top":            {"- x\n", "c.yaml:1: must hold keys"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := settings.Parse("c.yaml", []byte(test.text), env, &config{})
			var e *settings.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorfFindsTheLine(t *testing.T) {
	d, err := settings.Parse("c.yaml", []byte("name: x\nnested:\n  - host: a\n  - host: b\n    wait: 1s\n"), env, &config{})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"nested[1].wait": "c.yaml:5: nested[1].wait: bad", "nested[0].wait": "c.yaml:3: nested[0].wait: bad",
		"name": "c.yaml:1: name: bad", "missing": "c.yaml: missing: bad", "nested[9].x": "c.yaml:2: nested[9].x: bad",
	} {
		if got := d.Errorf(key, "bad").Error(); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

func TestEmptyFileIsAllDefaults(t *testing.T) {
	for _, text := range []string{"", "# only a comment\n", "---\n"} {
		got := config{Name: "default"}
		if _, err := settings.Parse("c.yaml", []byte(text), env, &got); err != nil || got.Name != "default" {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
}

func TestSecret(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(" s3cret \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := settings.Secret("", file); err != nil || got != " s3cret " {
		t.Errorf("%q %v", got, err)
	}
	if got, err := settings.Secret("x", ""); err != nil || got != "x" {
		t.Errorf("%q %v", got, err)
	}
	if _, err := settings.Secret("x", file); err == nil {
		t.Error("both were accepted")
	}
	if _, err := settings.Secret("", file+".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name: x\nnested:\n- {host: ${HOST}, wait: 1d}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = settings.Parse("c.yaml", data, env, &config{})
	})
}
