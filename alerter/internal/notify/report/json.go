package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

type page struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Final  bool      `json:"final"`
	Count  int       `json:"count"`
	Alerts []entry   `json:"alerts"`
}

// entry is one alert as data.
type entry struct {
	ID         string              `json:"id"`
	Rule       ruleEntry           `json:"rule"`
	State      string              `json:"state"`
	Group      map[string]string   `json:"group"`
	EventCount uint64              `json:"event_count"`
	FirstEvent time.Time           `json:"first_event"`
	LastEvent  time.Time           `json:"last_event"`
	Opened     time.Time           `json:"opened"`
	Resolved   *time.Time          `json:"resolved,omitempty"`
	Host       string              `json:"host,omitempty"`
	Backfill   bool                `json:"backfill,omitempty"`
	EventIDs   []string            `json:"event_ids,omitempty"`
	Fields     map[string][]string `json:"fields,omitempty"`
	Lines      []string            `json:"lines,omitempty"`
}

type ruleEntry struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Level string   `json:"level"`
	Tags  []string `json:"tags,omitempty"`
	// Shadow says that the rule is on trial: nobody was told.
	Shadow bool `json:"shadow,omitempty"`
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	p := page{From: r.From.In(r.Location), To: r.To.In(r.Location), Final: r.Final, Alerts: []entry{}}
	for _, a := range r.Alerts() {
		p.Alerts = append(p.Alerts, r.entry(a))
	}
	p.Count = len(p.Alerts)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

func (r *Report) entry(a *alertv1.Alert) entry {
	clock := func(ns uint64) time.Time { return time.Unix(0, int64(ns)).In(r.Location) }
	e := entry{
		ID: a.GetId(), State: finding.StateName(a.GetState()), Group: make(map[string]string),
		Rule: ruleEntry{
			ID: a.GetRule().GetId(), Name: a.GetRule().GetName(),
			Level: finding.LevelName(a.GetRule().GetLevel()), Tags: a.GetRule().GetTags(),
			Shadow: a.GetRule().GetShadow(),
		},
		EventCount: a.GetCount(), FirstEvent: clock(a.GetFirstEvent()), LastEvent: clock(a.GetLastEvent()),
		Opened: clock(a.GetOpened()), Backfill: a.GetBackfill(), EventIDs: a.GetEventIds(),
		Host:   finding.Value(a.GetLast(), eventv1.FieldId_FIELD_ID_HOST_NAME),
		Fields: make(map[string][]string), Lines: lines(a),
	}
	if a.GetState() == alertv1.AlertState_ALERT_STATE_RESOLVED {
		at := clock(a.GetResolved())
		e.Resolved = &at
	}
	for _, g := range a.GetGroup() {
		e.Group[g.GetField()] = g.GetValue()
	}
	for _, f := range a.GetLast().GetFields() {
		name := finding.FieldName(f)
		e.Fields[name] = append(e.Fields[name], strings.ToValidUTF8(string(f.GetValue()), "\uFFFD"))
	}
	return e
}

// lines are the raw lines of the samples and of the last event, oldest first.
func lines(a *alertv1.Alert) []string {
	var list []string
	seen := make(map[string]bool)
	for _, f := range append(a.GetSamples()[:len(a.GetSamples()):len(a.GetSamples())], a.GetLast()) {
		if f == nil || seen[f.GetEventId()] || len(f.GetOriginal()) == 0 {
			continue
		}
		seen[f.GetEventId()] = true
		list = append(list, strings.ToValidUTF8(string(f.GetOriginal()), "\uFFFD"))
	}
	return list
}
