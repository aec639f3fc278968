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

// isOpinion leaves out how the schema's words for what happened are used of the
// beginning and end of a connection: the corpus calls a disconnect a success of the
// session, or of the network. Of logins, requests and processes they are asked for.
func isOpinion(name string, want Record) bool {
	if name != "event.category" && name != "event.outcome" {
		return false
	}
	return want.Has("event.category", "session") || want.Has("event.category", "network")
}

// isStated says whether the line holds a value, so that it can be asked for: what a
// product works out or words itself (a duration in its unit, a message for a status)
// is its own. What happened is never in the line in the schema's words.
func (c *ecsCase) isStated(name, value string) bool {
	return name == "event.category" || name == "event.outcome" || !isNothing(value) && strings.Contains(c.Line, value)
}

// sameAs names the field that holds a value in Tocsin, where it is another one: an
// address that is an IP address is in source.ip alone, the host that a client asked
// for is the URL's, and what an access log counts are the bytes of the body, as its
// manual says.
func sameAs(name string) string {
	switch name {
	case "source.address", "client.address", "client.ip":
		return "source.ip" // the client is the source, unless a proxy says otherwise
	case "source.user.name":
		return "user.name"
	case "destination.address", "destination.domain":
		return "url.domain"
	case "destination.port":
		return "url.port"
	case "http.response.bytes":
		return "http.response.body.bytes"
	}
	return ""
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
		if !isCore(name) || isOpinion(name, want) {
			continue
		}
		for _, value := range want[name] {
			if !c.isStated(name, value) {
				continue
			}
			answers = append(answers, Answer{
				Goal:   Goal{Name: "ecs: core fields", Percent: 97},
				Source: c.Format, Yes: r.Has(name, value) || r.Has(sameAs(name), value),
				Miss: fmt.Sprintf("%s: want %s=%s, got %s: %s", c.Test, name, value, r[name], missOf(r, c.Line)),
			})
		}
	}
	return answers, nil
}
