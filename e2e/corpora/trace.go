package corpora

import (
	"context"
	"strconv"
)

// traceCase is lines of which some are one record.
type traceCase struct {
	Name     string   `json:"name"`
	Language string   `json:"language"`
	Kind     string   `json:"kind"`
	Lines    []string `json:"lines"`
	// Events is how many records they are.
	Events int `json:"expected_events"`
	// Structure is those records: 1 for a line alone, "exc" for the one that joins
	// several. Nil is what Kind says: all lines are one record, or each is its own.
	Structure []any `json:"structure"`
}

// traces scores multiline.jsonl: whether each text became the records it holds.
func traces(ctx context.Context, agent Agent, dir string, table *Table) error {
	all, err := readCorpus[traceCase](dir, "multiline.jsonl")
	if err != nil {
		return err
	}
	logs := make([]Log, 0, len(all))
	for i := range all {
		logs = append(logs, Log{Lines: all[i].Lines})
	}
	records, err := agent.Explain(ctx, logs)
	if err != nil {
		return err
	}
	for i := range all {
		table.Add(all[i].answer(records[i]))
	}
	return nil
}

func (c *traceCase) answer(records []Record) Answer {
	a := Answer{Goal: Goal{Name: "multi-line: joined exactly", Percent: 98}, Source: c.Language, Yes: true}
	starts := c.starts()
	got := make([]int, 0, len(records))
	for _, r := range records {
		line, err := strconv.Atoi(r.Get("log.line"))
		if err == nil {
			got = append(got, line)
		}
	}
	a.Yes = len(got) == len(starts)
	for i := range min(len(got), len(starts)) {
		a.Yes = a.Yes && got[i] == starts[i]
	}
	a.Miss = c.Name + ": records begin at lines " + numbers(got) + ", not " + numbers(starts)
	return a
}

// starts are the numbers of the lines that records begin with.
func (c *traceCase) starts() []int {
	var starts []int
	line := 1
	if c.Structure == nil && c.Kind == "exception" {
		return []int{line}
	}
	if c.Structure == nil {
		for i, text := range c.Lines {
			if text != "" { // an empty line is no record
				starts = append(starts, i+1)
			}
		}
		return starts
	}
	alone := len(c.Structure) - 1
	for _, part := range c.Structure {
		starts = append(starts, line)
		if part == "exc" {
			line += len(c.Lines) - alone
		} else {
			line++
		}
	}
	return starts
}

func numbers(list []int) string {
	text := ""
	for _, n := range list {
		text += strconv.Itoa(n) + " "
	}
	return text
}
