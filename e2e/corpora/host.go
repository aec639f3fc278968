package corpora

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// hostCase is a line and the rule that fires on it.
type hostCase struct {
	File        string `json:"file"`
	Line        string `json:"line"`
	Polarity    string `json:"polarity"`
	Level       string `json:"rule_level"`
	Decoder     string `json:"decoder"`
	Description string `json:"description"`
	Groups      string `json:"rule_groups"`
}

// leastLevel is that of rules which make an alert with their product's defaults;
// those below group lines for others, and are asked nothing.
const leastLevel = 3

// isHost leaves out what is no line of a host's log: a cloud service's objects, and
// events of Windows.
func (c *hostCase) isHost() bool {
	level, err := strconv.Atoi(c.Level)
	return err == nil && level >= leastLevel && c.Polarity == "pass" && c.Line != "" && c.Decoder != "" &&
		!strings.Contains(c.Line, `"win":{`) && !strings.Contains(c.Line, `"ClientRequestHost"`)
}

// hostLines scores wazuh.jsonl: whether lines that make an alert have a category, an
// action and an outcome, and whether that is the one which the rule's groups speak of.
func hostLines(ctx context.Context, agent Agent, dir string, table *Table) error {
	all, err := readCorpus[hostCase](dir, "wazuh.jsonl")
	if err != nil {
		return err
	}
	groups := group(all, func(c *hostCase) string { return c.File })
	records, err := agent.Explain(ctx, groups.logs(func(c *hostCase) string { return c.Line }))
	if err != nil {
		return err
	}
	for i, file := range groups.keys {
		for n, c := range groups.cases[file] {
			if c.isHost() {
				table.Add(c.answer(byLine(records[i], n+1)))
			}
		}
	}
	table.Note("wazuh: lines of rules of level %d and more that must match, without Windows events and Cloudflare's", leastLevel)
	return nil
}

func (c *hostCase) answer(r Record) Answer {
	return Answer{
		Goal:   Goal{Name: "wazuh: category, action and outcome of host lines", Percent: 90},
		Source: c.File, Yes: c.isRight(r), Miss: missOf(r, c.Description+" | "+c.Line, "event.category"),
	}
}

func (c *hostCase) isRight(r Record) bool {
	for _, name := range []string{"event.category", "event.action", "event.outcome"} {
		if r.Get(name) == "" {
			return false
		}
	}
	groups := strings.Split(c.Groups, ",")
	failed := slices.ContainsFunc(groups, func(group string) bool {
		return group == "authentication_failed" || group == "invalid_login" || group == "access_denied"
	})
	succeeded := slices.Contains(groups, "authentication_success")
	switch outcome := r.Get("event.outcome"); {
	case failed == succeeded: // neither, or a rule of both
		return true
	case failed:
		return outcome == "failure"
	default:
		return outcome == "success"
	}
}
