package alerter

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/shell/command"
)

// RuleQuery says which rules are asked about.
type RuleQuery struct {
	// Paths are files and folders of rules. Without any, the rules are those that
	// Config names, and without that the shipped ones.
	Paths  []string
	Config *Config
	// Lists are files of values by name, and Pipelines files that change rules as they
	// are read, beside those of Config.
	Lists     map[string]string
	Pipelines []string
	// Strict lets Check refuse rules that nothing can satisfy; Cost lets it write which
	// events each rule is held against.
	Strict, Cost bool
	Out          io.Writer
}

// load reads the rules as explain does.
func (q *RuleQuery) load() (*rule.Set, error) {
	x := Explanation{Rules: q.Paths, Config: q.Config, Lists: q.Lists, Pipelines: q.Pipelines}
	return x.load()
}

// Check reads the rules as an alerter would, writes a line for each that this
// fleet's events cannot feed and for each field that no parser gives, and says how
// many rules there are. The error names everything that is wrong with them, by file
// and line.
func (q *RuleQuery) Check() error {
	set, err := q.load()
	if err != nil {
		return err
	}
	var out strings.Builder
	files, unfed, doubts := make(map[string]bool), 0, 0
	for _, r := range set.Rules() {
		files[r.Path] = true
		for _, doubt := range doubtsOf(r) {
			doubts++
			fmt.Fprintf(&out, "%s:%d: rule %q: %s\n", r.Path, r.Line, r.Name, doubt)
		}
		if routing := set.Routing(r); q.Cost && routing != "" {
			fmt.Fprintf(&out, "%s:%d: rule %q: cost: held against %s\n", r.Path, r.Line, r.Name, routing)
		}
		if r.Unfed != "" {
			unfed++
		}
	}
	fmt.Fprintf(&out, "%d rules in %d files are valid; %d of them alert", len(set.Rules()), len(files), len(set.Roots()))
	if unfed > 0 {
		fmt.Fprintf(&out, ", %d are unfed", unfed)
	}
	out.WriteByte('\n')
	if _, err := io.WriteString(q.Out, out.String()); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if q.Strict && doubts > 0 {
		return command.Config(errors.New("rules of which nothing, or not all, can be satisfied"))
	}
	return nil
}

// doubtsOf says what of a rule no event of this fleet's can satisfy.
func doubtsOf(r *rule.Info) []string {
	if r.Unfed != "" {
		return []string{"unfed: " + r.Unfed}
	}
	var doubts []string
	for _, field := range r.Unknown {
		doubts = append(doubts, fmt.Sprintf("no parser gives the field %q", field))
	}
	return doubts
}

// List writes one line for each rule: its id, its level, its type, whether it
// alerts by itself, does so on trial (shadow) or cannot be fed, and its name.
func (q *RuleQuery) List() error {
	set, err := q.load()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(q.Out, 0, 8, 2, ' ', 0)
	rows := [][]string{{"ID", "LEVEL", "TYPE", "ALERTS", "NAME"}}
	for _, r := range set.Rules() {
		alerts := "yes"
		switch {
		case r.Unfed != "":
			alerts = "unfed"
		case r.Alerts && r.Shadow:
			alerts = "shadow"
		case !r.Alerts:
			alerts = "no"
		}
		rows = append(rows, []string{r.ID, levelName(r.Level), string(r.Type), alerts, r.Name})
	}
	for _, row := range rows {
		if _, err := fmt.Fprintln(w, strings.Join(row, "\t")); err != nil {
			return fmt.Errorf("write rules: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write rules: %w", err)
	}
	return nil
}

// levelName is a level in Sigma's words.
func levelName(l alertv1.Level) string {
	return strings.ToLower(strings.TrimPrefix(l.String(), "LEVEL_"))
}
