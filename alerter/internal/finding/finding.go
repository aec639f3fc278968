// Package finding holds the values that the alerter's stages pass: the event a
// rule looks at, and the signal a match becomes.
//
// consume fills events, detect turns them into signals, correlate counts signals
// into alerts, route and notify tell people of alerts.
package finding

import (
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Partitions is the number of partitions of signals. It is part of the stored
// format: it never changes.
const Partitions = 64

// Event is one stored event with everything a rule may ask of it. It is reused:
// nothing that outlives a call keeps a reference to it.
type Event struct {
	event.Event
	Class eventv1.Class
	// Agent is the id from the certificate; Host the name the registry has for it.
	Agent string
	Host  string
	// Sender is what the log itself says of the host, where there is no registry
	// to name it: explain only. It stands in for the host in default groups.
	Sender string
	// Header and Index identify the event; EventID renders them.
	Header *event.Header
	Index  int
	// GivenID is the id where an event comes from JSON instead of a stored batch.
	GivenID string
	// Corrected is the event time corrected by the agent's skew and clamped to
	// received + 5 min, in nanoseconds since the Unix epoch.
	Corrected int64
	// Received is when the collector received it, in nanoseconds since the Unix epoch.
	Received int64
}

// EventID is the event's id.
func (e *Event) EventID() string {
	if e.GivenID != "" {
		return e.GivenID
	}
	return event.ID(e.Header, e.Index)
}

// Signal is a finding on its way to the partition where it is counted.
type Signal struct {
	Partition uint32
	*alertv1.Signal
}

// Partition is where a root's group is counted.
func Partition(ruleID string, group []string) uint32 {
	h := groupHash(ruleID, group)
	return uint32(h[0]) % Partitions
}

// Fingerprint names what an alert is about: a rule and a group. It is stable for
// ever, across edits of the rule that keep its id.
func Fingerprint(ruleID string, group []string) string {
	return event.EncodeID(groupHash(ruleID, group))
}
