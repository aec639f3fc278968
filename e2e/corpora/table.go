package corpora

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Goal is one capability and what is asked of it.
type Goal struct {
	// Name says what is counted.
	Name string
	// Percent is the bound: what is right at least or, of an error, at most. 0 is
	// none: the goal is printed, and nothing is asked of it.
	Percent float64
	// Error says that what is counted ought not to be.
	Error bool
}

// Answer is what came of one question.
type Answer struct {
	Goal Goal
	// Source is where the line is from: a service, a test, a format.
	Source string
	// Yes says that it is so: right, or for an error that it was made.
	Yes bool
	// Miss says what is wrong with which line, for who looks closer.
	Miss string
}

// Table counts answers.
type Table struct {
	goals []Goal // in the order of their first answer
	rows  map[Goal]map[string]*row
	notes []string
}

type row struct {
	yes, all int
	misses   []string
}

// Add counts answers.
func (t *Table) Add(answers ...Answer) {
	if t.rows == nil {
		t.rows = map[Goal]map[string]*row{}
	}
	for _, a := range answers {
		if t.rows[a.Goal] == nil {
			t.goals = append(t.goals, a.Goal)
			t.rows[a.Goal] = map[string]*row{}
		}
		r := t.rows[a.Goal][a.Source]
		if r == nil {
			r = &row{}
			t.rows[a.Goal][a.Source] = r
		}
		r.all++
		if a.Yes {
			r.yes++
		}
		if a.Yes == a.Goal.Error {
			r.misses = append(r.misses, a.Miss)
		}
	}
}

// Note adds a line that is printed below the table.
func (t *Table) Note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// Write prints each goal with its sources, and each miss where verbose. Its error
// names the goals that were missed, or says that nothing was asked.
func (t *Table) Write(out io.Writer, verbose bool) error {
	var text strings.Builder
	var missed error
	for _, goal := range t.goals {
		rows := t.rows[goal]
		var sum row
		for _, r := range rows {
			sum.yes, sum.all = sum.yes+r.yes, sum.all+r.all
		}
		verdict := goal.verdict(&sum)
		fmt.Fprintf(&text, "%-62s %6d %6d %7.2f %%  %s\n", goal.Name, sum.yes, sum.all, sum.percent(), verdict)
		if verdict == verdictMissed {
			missed = errors.Join(missed, fmt.Errorf("%s: %.2f %%", goal.Name, sum.percent()))
		}
		for _, source := range slices.SortedFunc(maps.Keys(rows), cmp.Compare[string]) {
			rows[source].write(&text, source, verbose)
		}
	}
	for _, note := range t.notes {
		text.WriteString(note + "\n")
	}
	if len(t.goals) == 0 {
		missed = errors.New("no line was scored")
	}
	_, err := io.WriteString(out, text.String())
	return errors.Join(missed, err)
}

func (r *row) write(text *strings.Builder, source string, verbose bool) {
	fmt.Fprintf(text, "    %-58s %6d %6d %7.2f %%\n", source, r.yes, r.all, r.percent())
	if !verbose {
		return
	}
	for _, miss := range r.misses {
		fmt.Fprintf(text, "        %s\n", miss)
	}
}

func (r *row) percent() float64 { return 100 * float64(r.yes) / float64(max(r.all, 1)) }

const verdictMissed = "MISSED"

func (g Goal) verdict(sum *row) string {
	switch {
	case g.Percent == 0:
		return "(no bound)"
	case g.Error && sum.percent() > g.Percent, !g.Error && sum.percent() < g.Percent:
		return verdictMissed
	case g.Error:
		return fmt.Sprintf("at most %g %%: kept", g.Percent)
	default:
		return fmt.Sprintf("at least %g %%: kept", g.Percent)
	}
}
