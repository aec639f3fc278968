package command

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/shell/settings"
)

func TestExitCodes(t *testing.T) {
	failing := func(err error) func(*cobra.Command, []string) error {
		return func(*cobra.Command, []string) error { return err }
	}
	for name, test := range map[string]struct {
		args   []string
		err    error
		code   int
		stderr string
	}{
		"success":             {[]string{"do"}, nil, 0, ""},
		"failure":             {[]string{"do"}, errors.New("boom"), 1, "tocsin-test: boom\n"},
		"failure told before": {[]string{"do"}, ErrSilent, 1, ""},
		"bad configuration":   {[]string{"do"}, fmt.Errorf("load: %w", &settings.Error{File: "f", Line: 2, Message: "no"}), 3, "tocsin-test: load: f:2: no\n"},
		"bad rule":            {[]string{"do"}, Config(errors.New("rule")), 3, "tocsin-test: rule\n"},
		"wrong use":           {[]string{"do"}, Usage(errors.New("needs x")), 2, "tocsin-test: needs x\n"},
		"unknown flag":        {[]string{"do", "--nope"}, nil, 2, "tocsin-test: unknown flag: --nope\n"},
		"too many arguments":  {[]string{"do", "x"}, nil, 2, "tocsin-test: unknown command \"x\" for \"tocsin-test do\"\n"},
		"unknown command":     {[]string{"dance"}, nil, 2, "tocsin-test: unknown command \"dance\"\n"},
		"missing flag":        {[]string{"need"}, nil, 2, "tocsin-test: required flag(s) \"must\" not set\n"},
		"help":                {[]string{}, nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			root := &cobra.Command{Use: "tocsin-test"}
			need := &cobra.Command{Use: "need", RunE: failing(nil)}
			need.Flags().String("must", "", "")
			if err := need.MarkFlagRequired("must"); err != nil {
				t.Fatal(err)
			}
			root.AddCommand(&cobra.Command{Use: "do", Args: cobra.NoArgs, RunE: failing(test.err)}, need)
			root.SetArgs(test.args)
			var stdout, stderr bytes.Buffer
			root.SetOut(&stdout)
			if code := run(t.Context(), root, &stderr); code != test.code || stderr.String() != test.stderr {
				t.Errorf("exit %d, stderr %q; want %d, %q", code, stderr.String(), test.code, test.stderr)
			}
		})
	}
}

func TestVersionNamesTheCommit(t *testing.T) {
	root := &cobra.Command{Use: "tocsin-test", RunE: func(*cobra.Command, []string) error { return nil }}
	root.SetArgs([]string{"--version"})
	var stdout, stderr bytes.Buffer
	root.SetOut(&stdout)
	if code := run(t.Context(), root, &stderr); code != 0 || !strings.HasPrefix(stdout.String(), "tocsin-test devel (commit unknown, go") {
		t.Errorf("exit %d, %q", code, stdout.String())
	}
}

func TestLogger(t *testing.T) {
	if _, err := Logger("info", "json"); err != nil {
		t.Error(err)
	}
	if _, err := Logger("loud", "text"); err == nil {
		t.Error("level accepted")
	}
	if _, err := Logger("info", "xml"); err == nil {
		t.Error("format accepted")
	}
}
