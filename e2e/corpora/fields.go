package corpora

import (
	"context"
	"strings"
)

// fieldCase is a line and what another parser takes from it.
type fieldCase struct {
	Test    string         `json:"test"`
	Parser  string         `json:"parser"`
	Success bool           `json:"success"`
	Line    string         `json:"line"`
	Meta    map[string]any `json:"meta"`
}

// askedField is one of the fields that are compared, and what it is called there.
type askedField struct {
	name  string
	keys  []string
	equal func(got Record, want string) bool
}

func askedFields() []askedField {
	is := func(fields ...string) func(Record, string) bool {
		return func(r Record, want string) bool {
			for _, field := range fields {
				if r.Has(field, want) {
					return true
				}
			}
			return false
		}
	}
	return []askedField{
		{"source address", []string{"source_ip"}, isFrom},
		{"user", []string{"target_user", "username", "user"}, is("user.name", "user.target.name")},
		{"status", []string{"http_status"}, is("http.response.status_code")},
		{"path", []string{"http_path"}, is("url.original", "url.path")},
		{"verb", []string{"http_verb"}, is("http.request.method")},
	}
}

// parsedFields scores crowdsec_parsed.jsonl: address, user, status, path and verb.
func parsedFields(ctx context.Context, agent Agent, dir string, table *Table) error {
	all, err := readCorpus[fieldCase](dir, "crowdsec_parsed.jsonl")
	if err != nil {
		return err
	}
	groups := group(all, func(c *fieldCase) string { return c.Test })
	records, err := agent.Explain(ctx, groups.logs(func(c *fieldCase) string { return c.Line }))
	if err != nil {
		return err
	}
	for i, test := range groups.keys {
		for n, c := range groups.cases[test] {
			if c.Success && c.Line != "" {
				table.Add(c.answers(byLine(records[i], n+1))...)
			}
		}
	}
	return nil
}

func (c *fieldCase) answers(r Record) []Answer {
	_, source, _ := strings.Cut(c.Parser, "/")
	if source == "" {
		source = c.Parser
	}
	var answers []Answer
	for _, field := range askedFields() {
		want := c.first(field.keys)
		if want == "" || field.name == "path" && c.first([]string{"http_verb"}) == "" {
			continue // what a scanner sent instead of a request has no path
		}
		answers = append(answers, Answer{
			Goal:   Goal{Name: "crowdsec: address, user, status, path, verb", Percent: 95},
			Source: source, Yes: field.equal(r, want),
			Miss: field.name + " " + want + ": " + missOf(r, c.Line, "source.ip", "user.name", "url.original"),
		})
	}
	return answers
}

func (c *fieldCase) first(keys []string) string {
	for _, key := range keys {
		if text, ok := c.Meta[key].(string); ok && !isNothing(text) {
			return strings.Trim(text, `'"`) // a pattern may take quotes along
		}
	}
	return ""
}

// isNothing says whether a value is a program's word for none, which is no value.
func isNothing(text string) bool {
	switch text {
	case "", "-", "N/A", "undefined", "null", "(null)", "[]":
		return true
	}
	return false
}
