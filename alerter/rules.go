package alerter

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// RuleQuery says which rules are asked about.
type RuleQuery struct {
	// Paths are files and folders of rules. Without any, the rules are those that
	// Config names, and without that the shipped ones.
	Paths  []string
	Config *Config
	Out    io.Writer
}

// load reads the rules as explain does.
func (q *RuleQuery) load() (*rule.Set, error) {
	x := Explanation{Rules: q.Paths, Config: q.Config}
	return x.load()
}

// Check reads the rules as an alerter would, and says how many there are. The
// error names everything that is wrong with them, by file and line.
func (q *RuleQuery) Check() error {
	set, err := q.load()
	if err != nil {
		return err
	}
	files := make(map[string]bool)
	for _, r := range set.Rules() {
		files[r.Path] = true
	}
	_, err = fmt.Fprintf(q.Out, "%d rules in %d files are valid; %d of them alert\n", len(set.Rules()), len(files), len(set.Roots()))
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// List writes one line for each rule: its id, its level, its type, whether it
// alerts by itself, and its name.
func (q *RuleQuery) List() error {
	set, err := q.load()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(q.Out, 0, 8, 2, ' ', 0)
	rows := [][]string{{"ID", "LEVEL", "TYPE", "ALERTS", "NAME"}}
	for _, r := range set.Rules() {
		alerts := "yes"
		if !r.Alerts {
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
