package rule

import (
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Input is one event as rules see it.
type Input struct {
	*event.Event
	Class eventv1.Class
	// Host and Agent are who sent it, by certificate and registry: host.name and agent.id.
	Host  string
	Agent string
}

// Match is a detection that an event satisfies.
type Match struct {
	Rule *Info
	// Feeds are the roots that count it.
	Feeds []Feed
}

// Feed is a root that counts a detection.
type Feed struct {
	Root *Root
	// GroupBy names the fields of the detection's event that hold the group of
	// Root, aliases resolved; nil where DefaultGroup tells it.
	GroupBy []string
}

// Matcher asks a set's detections about events. It is not safe for concurrent use.
type Matcher struct {
	set *Set
	in  Input
}

// Matcher makes a matcher of the set.
func (s *Set) Matcher() *Matcher { return &Matcher{set: s} }

// Match gives the detections that the event satisfies. The slice is valid until
// the next call.
func (m *Matcher) Match(in Input) []*Match {
	m.in = in
	return nil
}
