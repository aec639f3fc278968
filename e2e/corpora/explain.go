// Package corpora runs lines whose meaning is known through the real
// `tocsin-agent explain`, and some of them on through `tocsin-alerter explain`, and
// holds what these say of them against that.
//
// A corpus is a file of JSON lines that lies beside a checkout, never in it: the
// lines are other projects', under other licences. Each scorer (auth.go, host.go,
// fields.go, ecs.go, trace.go, web.go) reads one of them and asks one thing; a Table
// counts the answers by what is asked and by where the lines are from.
package corpora

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Agent runs one agent's binary.
type Agent struct {
	// Path is that of tocsin-agent.
	Path string
	// Temp is where inputs are written; the system's default if empty.
	Temp string
}

// Log is the lines of one input, which are read in order as one file.
type Log struct {
	// Lines are the lines without their ends.
	Lines []string
}

// Parsers names the parsers that this agent has.
func (a Agent) Parsers(ctx context.Context) (map[string]bool, error) {
	out, err := a.run(ctx, "explain", "--list")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for name := range strings.FieldsSeq(string(out)) {
		names[name] = true
	}
	return names, nil
}

// Explain gives the records of each log, in one process for all of them.
func (a Agent) Explain(ctx context.Context, logs []Log) (records [][]Record, err error) {
	dir, err := os.MkdirTemp(a.Temp, "corpora")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	args, places := []string{"explain", "--source", "auto"}, map[string]int{}
	for i, log := range logs {
		name := filepath.Join(dir, strconv.Itoa(i)+".log")
		if err := os.WriteFile(name, []byte(strings.Join(log.Lines, "\n")+"\n"), 0o600); err != nil {
			return nil, err
		}
		args, places[name] = append(args, name), i
	}
	out, err := a.run(ctx, args...)
	if err != nil {
		return nil, err
	}
	records = make([][]Record, len(logs))
	for line := range bytes.Lines(out) {
		r, err := readRecord(line)
		if err != nil {
			return nil, err
		}
		i, ok := places[r.Get("log.file.path")]
		if !ok {
			return nil, fmt.Errorf("record of no log: %s", line)
		}
		records[i] = append(records[i], r)
	}
	return records, nil
}

func (a Agent) run(ctx context.Context, args ...string) ([]byte, error) {
	return run(ctx, nil, a.Path, args...)
}

func run(ctx context.Context, in []byte, path string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run %s %s: %w: %s", path, args[0], err, stderr.Bytes())
	}
	return out, nil
}

// byLine finds the record that a line is the first of; none where the line went
// into another's record.
func byLine(records []Record, line int) Record {
	want := strconv.Itoa(line)
	for _, r := range records {
		if r.Get("log.line") == want {
			return r
		}
	}
	return nil
}
