package alerter

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// wantFile names what the cases of a folder want; their events lie beside it.
const wantFile = "want.yaml"

// RuleTest says which cases Run is to run.
type RuleTest struct {
	// Folders are searched in depth for want.yaml.
	Folders []string
	// Rules, Config, Lists and Pipelines choose the rules, as for Explain.
	Rules     []string
	Config    *Config
	Lists     map[string]string
	Pipelines []string
	// Agent is the tocsin-agent that reads raw lines; "" stands for the one beside
	// this program, else the one in PATH.
	Agent string
	Out   io.Writer
}

// wanted is what want.yaml holds.
type wanted struct {
	// Rule is the id of the rule whose findings are compared.
	Rule string `yaml:"rule"`
	// Source, Timezone and Year say how the agent reads raw lines; see its explain.
	Source   string `yaml:"source"`
	Timezone string `yaml:"tz"`
	Year     int    `yaml:"year"`
	// Cases are the groups of the findings wanted of NAME.log (raw lines) or
	// NAME.jsonl (events), in order. Of a group, the fields given are compared.
	Cases map[string][]map[string]string `yaml:"cases"`
}

// Run runs the cases, on a clock that their events drive, and writes a line for each.
// It returns command.ErrSilent if one found something else than it wants.
func (q *RuleTest) Run(ctx context.Context) error {
	set, err := (&Explanation{Rules: q.Rules, Config: q.Config, Lists: q.Lists, Pipelines: q.Pipelines}).load()
	if err != nil {
		return err
	}
	var wants []string
	for _, folder := range q.Folders {
		found, err := findWants(folder)
		if err != nil {
			return err
		}
		wants = append(wants, found...)
	}
	cases, failed := 0, 0
	for _, path := range wants {
		t, err := q.open(path, set)
		if err != nil {
			return command.Config(err)
		}
		for _, name := range slices.Sorted(maps.Keys(t.want.Cases)) {
			ok, err := t.run(ctx, name)
			if err != nil {
				return err
			}
			if cases++; !ok {
				failed++
			}
		}
	}
	if _, err := fmt.Fprintf(q.Out, "%d cases in %d folders, %d failed\n", cases, len(wants), failed); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if failed > 0 {
		return command.ErrSilent
	}
	return nil
}

func findWants(folder string) ([]string, error) {
	var wants []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == wantFile {
			wants = append(wants, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find cases: %w", err)
	}
	if len(wants) == 0 {
		return nil, command.Config(fmt.Errorf("%s: no %s in it", folder, wantFile))
	}
	return wants, nil
}

// ruleCases is a folder of cases.
type ruleCases struct {
	*RuleTest
	set    *rule.Set
	folder string
	want   wanted
	// all says that the rule alerts only through others: its matches are compared.
	all bool
}

// open reads want.yaml, and holds it against the rules and the files beside it.
func (q *RuleTest) open(path string, set *rule.Set) (*ruleCases, error) {
	t := &ruleCases{RuleTest: q, set: set, folder: filepath.Dir(path)}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	doc, err := settings.Parse(path, text, nil, &t.want)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(set.Rules(), func(r *rule.Info) bool { return r.ID == t.want.Rule })
	switch {
	case at < 0:
		return nil, doc.Errorf("rule", "no rule %q is loaded", t.want.Rule)
	case !set.Rules()[at].Alerts && set.Rules()[at].Type != rule.Detection:
		return nil, doc.Errorf("rule", "%q is a correlation that does not alert by itself", t.want.Rule)
	case len(t.want.Cases) == 0:
		return nil, doc.Errorf("cases", "none")
	}
	t.all = !set.Rules()[at].Alerts
	for name := range t.want.Cases {
		if t.events(name) == "" {
			return nil, doc.Errorf("cases."+name, "neither %s.log nor %s.jsonl is there", name, name)
		}
	}
	entries, err := os.ReadDir(t.folder)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	for _, entry := range entries {
		name, ext := strings.TrimSuffix(entry.Name(), filepath.Ext(entry.Name())), filepath.Ext(entry.Name())
		if _, ok := t.want.Cases[name]; !ok && (ext == ".log" || ext == ".jsonl") {
			return nil, doc.Errorf("cases", "%s is not among them", entry.Name())
		}
	}
	return t, nil
}

// events is the file that holds the events of a case; "" where there is none.
func (t *ruleCases) events(name string) string {
	for _, ext := range [...]string{".log", ".jsonl"} {
		path := filepath.Join(t.folder, name+ext)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// run runs one case, and tells whether it finds what it wants.
func (t *ruleCases) run(ctx context.Context, name string) (bool, error) {
	path := t.events(name)
	events, err := t.read(ctx, path)
	if err != nil {
		return false, err
	}
	var got []map[string]string
	var faults bytes.Buffer
	x := Explanation{Inputs: []Input{{Name: path, Reader: bytes.NewReader(events)}}, All: t.all, Err: &faults}
	e := newExplainer(x, t.set, func(v any) error {
		found, _ := v.(object)
		about, _ := found["rule"].(object)
		if group, ok := found["group"].(map[string]string); ok && about["id"] == t.want.Rule {
			got = append(got, group)
		}
		return nil
	})
	if err := e.run(ctx); err != nil {
		return false, err
	}
	title := filepath.Join(t.folder, name)
	if ok := slices.EqualFunc(t.want.Cases[name], got, holds); ok && faults.Len() == 0 {
		_, err = fmt.Fprintf(t.Out, "ok    %s\n", title)
		return true, err
	}
	_, err = fmt.Fprintf(t.Out, "FAIL  %s\n%s%s%s", title, faults.Bytes(), listed("want", t.want.Cases[name]), listed("got ", got))
	return false, err
}

// holds says whether a group has what is wanted of it.
func holds(want, got map[string]string) bool {
	for field, value := range want {
		if got[field] != value {
			return false
		}
	}
	return true
}

func listed(word string, groups []map[string]string) string {
	if len(groups) == 0 {
		return "      " + word + " nothing\n"
	}
	var out strings.Builder
	for _, group := range groups {
		text, _ := json.Marshal(group) // texts always can
		fmt.Fprintf(&out, "      %s %s\n", word, text)
	}
	return out.String()
}

// read gives a file's events as JSON lines. Raw lines are the agent's to read.
func (t *ruleCases) read(ctx context.Context, path string) ([]byte, error) {
	if filepath.Ext(path) == ".jsonl" {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		return text, nil
	}
	agent, err := t.agent()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	args := []string{"explain", "--source", cmp.Or(t.want.Source, "auto"), "--tz", cmp.Or(t.want.Timezone, "UTC")}
	if t.want.Year != 0 {
		args = append(args, "--year", strconv.Itoa(t.want.Year))
	}
	var out, faults bytes.Buffer
	c := exec.CommandContext(ctx, agent, append(args, path)...)
	c.Stdout, c.Stderr = &out, &faults
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("read %s: %s explain: %w\n%s", path, agent, err, bytes.TrimSpace(faults.Bytes()))
	}
	return out.Bytes(), nil
}

// agent finds the program that reads raw lines.
func (q *RuleTest) agent() (string, error) {
	if q.Agent != "" {
		return q.Agent, nil
	}
	const name = "tocsin-agent"
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); isFile(beside) {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", errors.New("raw lines are read by tocsin-agent, which is neither beside this program nor in PATH; --agent names it")
	}
	return path, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
