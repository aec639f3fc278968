package corpora

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
)

// ecsCase is a line and its fields in the Elastic Common Schema.
type ecsCase struct {
	Format   string          `json:"format"`
	Test     string          `json:"test"`
	Line     string          `json:"line"`
	Expected json.RawMessage `json:"expected"`
}

// isCore says whether a field is asked for: Tocsin's registry has it, an agent may
// say it (who sent an event comes from its certificate, never from a line), and it is
// not one that a product words as it likes.
func isCore(name string) bool {
	switch name {
	case "message", "event.type", "event.action", "event.dataset", "event.module", "event.kind":
		return false
	}
	id, ok := event.FieldByName(name)
	return ok && !event.SpecOf(id).Attested && !event.SpecOf(id).Derived
}

// isAsked leaves out a value that is none ("-"), and the outcome of what begins or ends
// a connection or a session: the corpus calls a disconnect a success, where its line
// states no result and Tocsin's contract says unknown.
func isAsked(name, value string, want Record) bool {
	if name == "event.outcome" && (want.Has("event.category", "session") || want.Has("event.category", "network")) {
		return false
	}
	return !isNothing(value)
}

// sameAs names the fields that may hold a value in Tocsin, where it is another one: an
// address that is an IP address is in source.ip alone, the host that a client asked
// for is the URL's, and what an access log counts are the bytes of the body, as its
// manual says.
func sameAs(name string) []string {
	switch name {
	case "source.address", "client.address", "client.ip":
		return []string{"source.ip"} // the client is the source, unless a proxy says otherwise
	case "source.user.name":
		return []string{"user.name"}
	case "destination.address":
		return []string{"destination.ip", "url.domain"}
	case "destination.domain":
		return []string{"url.domain"}
	case "destination.port":
		return []string{"url.port"}
	case "http.response.bytes":
		return []string{"http.response.body.bytes"}
	}
	return nil
}

// holds says whether a record has a value, under its name or one that is the same. A
// whole number may have been written as a fraction: 8000000.0.
func holds(r Record, name, value string) bool {
	names := append(sameAs(name), name)
	return slices.ContainsFunc(names, func(other string) bool { return r.Has(other, value) || r.Has(other, strings.TrimSuffix(value, ".0")) })
}

// coreFields scores ecs_sekoia.jsonl: the fields that the registry has.
func coreFields(ctx context.Context, agent Agent, dir string, table *Table) error {
	all, err := readCorpus[ecsCase](dir, "ecs_sekoia.jsonl")
	if err != nil {
		return err
	}
	groups := group(all, func(c *ecsCase) string { return c.Format + "/" + c.Test })
	records, err := agent.Explain(ctx, groups.logs(func(c *ecsCase) string { return c.Line }))
	if err != nil {
		return err
	}
	for i, key := range groups.keys {
		for n, c := range groups.cases[key] {
			answers, err := c.answers(byLine(records[i], n+1))
			if err != nil {
				return err
			}
			table.Add(answers...)
		}
	}
	return nil
}

func (c *ecsCase) answers(r Record) ([]Answer, error) {
	want, err := readRecord(c.Expected)
	if err != nil {
		return nil, err
	}
	var answers []Answer
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !isCore(name) {
			continue
		}
		for _, value := range want[name] {
			if !isAsked(name, value, want) {
				continue
			}
			answers = append(answers, Answer{
				Goal:   Goal{Name: "ecs: core fields", Percent: 97},
				Source: c.Format, Yes: holds(r, name, value),
				Miss: fmt.Sprintf("%s: want %s=%s, got %s: %s", c.Test, name, value, r[name], missOf(r, c.Line)),
			})
		}
	}
	return answers, nil
}
