package corpora

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Alerter runs one alerter's binary.
type Alerter struct {
	// Path is that of tocsin-alerter.
	Path string
}

// findings are every match of the shipped rules in a log file, as the agent reads it.
func (p Programs) findings(ctx context.Context, path string) ([]Record, error) {
	events, err := p.Agent.run(ctx, "explain", "--source", "access", path)
	if err != nil {
		return nil, err
	}
	out, err := run(ctx, events, p.Alerter.Path, "explain", "--all")
	if err != nil {
		return nil, err
	}
	var findings []Record
	for line := range bytes.Lines(out) {
		r, err := readRecord(line)
		if err != nil {
			return nil, err
		}
		findings = append(findings, r)
	}
	return findings, nil
}

// webCase is what a line of weblog.log is; each line has an address of its own.
type webCase struct {
	IP     string `json:"ip"`
	Label  string `json:"label"`
	Source string `json:"source"`
}

// goalOf is what is asked of the lines of a label. Nothing is asked of the benign ones:
// a good part of what is found in them are shell commands that the corpus calls benign.
func goalOf(label string) Goal {
	switch label {
	case "sqli":
		return Goal{Name: "web: SQL injection found", Percent: 98}
	case "xss":
		return Goal{Name: "web: cross-site scripting found", Percent: 95}
	case "cmdi":
		return Goal{Name: "web: command injection found", Percent: 90}
	default:
		return Goal{Name: "web: benign lines with a finding", Error: true}
	}
}

// webAttacks scores weblog.log by weblog_truth.jsonl: whether a rule above informational
// finds something in a line, whatever it calls it.
func webAttacks(ctx context.Context, p Programs, dir string, table *Table) error {
	cases, err := readCorpus[webCase](dir, "weblog_truth.jsonl")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "weblog.log")
	findings, err := p.findings(ctx, path)
	if err != nil {
		return err
	}
	found := map[string]string{}
	for _, f := range findings {
		if f.Get("rule.level") != "informational" {
			found[f.Get("source.ip")] = f.Get("rule.name")
		}
	}
	lines, err := byAddress(path)
	if err != nil {
		return err
	}
	for _, c := range cases {
		table.Add(Answer{
			Goal: goalOf(c.Label), Source: c.Source, Yes: found[c.IP] != "",
			Miss: fmt.Sprintf("found %q: %s", found[c.IP], lines[c.IP]),
		})
	}
	return nil
}

// byAddress are a log's lines by their first word.
func byAddress(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	lines := map[string]string{}
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		address, _, _ := strings.Cut(s.Text(), " ")
		lines[address] = s.Text()
	}
	return lines, s.Err()
}
