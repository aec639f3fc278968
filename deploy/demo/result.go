package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-security/tocsin/shell/statedir"
)

// limit is how long a mail may take from the line that completed an attack.
const limit = 10 * time.Second

// row is one expected alert and what came of it.
type row struct {
	Attack     string   `json:"attack"`
	Rule       string   `json:"rule"`
	FindingIDs []string `json:"finding_ids"`
	MessageID  string   `json:"message_id"`
	Mail       string   `json:"mail"`
	LatencyMS  int64    `json:"latency_ms"`

	expected expectation
	alerts   int // how many alerts were raised for it; exactly one is right
}

// problem says what is wrong with a row; empty for nothing.
func (r *row) problem() string {
	switch {
	case r.alerts == 0:
		return "no alert"
	case r.alerts > 1:
		return fmt.Sprintf("%d alerts instead of one", r.alerts)
	case r.Mail == "":
		return "an alert, but no mail"
	case time.Duration(r.LatencyMS)*time.Millisecond > limit:
		return fmt.Sprintf("the mail took %d ms", r.LatencyMS)
	default:
		return ""
	}
}

// write shows the rows and keeps them as JSON.
func writeRows(out io.Writer, file string, rows []*row) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nATTACK\tRULE\tEVENTS\tMAIL\tLATENCY")
	for _, r := range rows {
		latency, mail := fmt.Sprintf("%d ms", r.LatencyMS), r.Mail
		if mail == "" {
			latency, mail = "-", "-"
		}
		note := ""
		if p := r.problem(); p != "" {
			note = "\tFAILED: " + p
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s%s\n", r.Attack, r.Rule, len(r.FindingIDs), mail[strings.LastIndexByte(mail, '/')+1:], latency, note)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	data, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("render result: %w", err)
	}
	return statedir.WriteFile(file, append(data, '\n'), 0o644)
}

// judge is the demo's verdict: every expected alert arrived, in time, and no other.
func judge(rows []*row, unexpected []string) error {
	var errs []error
	for _, r := range rows {
		if p := r.problem(); p != "" {
			errs = append(errs, fmt.Errorf("%s: %s: %s", r.Attack, r.Rule, p))
		}
	}
	for _, what := range unexpected {
		errs = append(errs, fmt.Errorf("unexpected alert: %s", what))
	}
	return errors.Join(errs...)
}
