package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/e2e/corpora"
	"github.com/tocsin-security/tocsin/e2e/fimscenario"
)

// options are what the command line says.
type options struct {
	bin, dir, only string
	verbose        bool
	patience       time.Duration
}

func (o *options) run(ctx context.Context, out io.Writer) error {
	lines := slices.DeleteFunc(corpora.Scorers(), func(s corpora.Scorer) bool {
		return o.only != "" && o.only != "lines" && s.Name != o.only
	})
	var failed error
	if o.only == "" || len(lines) > 0 {
		failed = o.lines(ctx, out, lines)
	}
	if o.only == "" || len(lines) == 0 {
		failed = errors.Join(failed, o.scenarios(ctx, out))
	}
	return failed
}

// lines prints the table of what the programs make of lines.
func (o *options) lines(ctx context.Context, out io.Writer, some []corpora.Scorer) error {
	programs := corpora.Programs{
		Agent:   corpora.Agent{Path: filepath.Join(o.bin, "tocsin-agent")},
		Alerter: corpora.Alerter{Path: filepath.Join(o.bin, "tocsin-alerter")},
	}
	var table corpora.Table
	for _, s := range some {
		if err := s.Run(ctx, programs, o.dir, &table); err != nil {
			return fmt.Errorf("score %s: %w", s.Name, err)
		}
	}
	return table.Write(out, o.verbose)
}

// scenarios prints the table of the scenarios of changing files.
func (o *options) scenarios(ctx context.Context, out io.Writer) error {
	all, err := fimscenario.ReadFiles(filepath.Join(o.dir, "fim.jsonl"))
	if err != nil {
		return err
	}
	if o.only != "" && o.only != "fim" {
		all = slices.DeleteFunc(all, func(s fimscenario.Scenario) bool { return s.ID != o.only })
	}
	runner := fimscenario.Runner{Bin: o.bin, Patience: o.patience}
	return runner.Table(ctx, out, all)
}
