// Package rule reads Sigma rules: detections and correlations, decoded strictly
// and compiled once into an immutable Set.
//
// In flows YAML, out flows a Set: matchers that detect asks about events, and
// roots that tell correlate what to count.
package rule

import (
	"time"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Hash is the SHA-256 of a rule's canonical content and of all it refers to.
type Hash [32]byte

// Type says how a root counts: a detection counts to one.
type Type string

// The types of rule.
const (
	Detection       Type = "detection"
	EventCount      Type = "event_count"
	ValueCount      Type = "value_count"
	Temporal        Type = "temporal"
	TemporalOrdered Type = "temporal_ordered"
	ValueSum        Type = "value_sum"
	ValueAvg        Type = "value_avg"
	ValuePercentile Type = "value_percentile"
	ValueMedian     Type = "value_median"
	// Absence is ours: events of a group that stop, its last one counts.
	Absence Type = "absence"
)

// Distinct says that the type counts different things: values, or rules.
func (t Type) Distinct() bool { return t == ValueCount || t == Temporal }

// Amounts says that the type reckons with the numbers that a field holds.
func (t Type) Amounts() bool {
	return t == ValueSum || t == ValueAvg || t == ValuePercentile || t == ValueMedian
}

// Info is what people are told about a rule.
type Info struct {
	ID    string
	Name  string // the rule's title
	Type  Type
	Level alertv1.Level
	Tags  []string
	// Description and References, and FalsePositives, as the author wrote them.
	Description    string
	References     []string
	FalsePositives []string
	Hash           Hash
	// Path is the file that the rule was read from.
	Path string
	// Line is where in that file the rule begins.
	Line int
	// Unfed says why no event of ours can satisfy the rule: its log source is not
	// mapped, or so are those of what a correlation refers to. Empty where one may.
	Unfed string
	// Unknown are fields, in the rule's own order, that no parser gives. Patterns of
	// users and other senders may.
	Unknown []string
	// Alerts says that the rule alerts by itself. A rule that a correlation refers
	// to does not, unless the correlation says generate, or the rule itself says
	// tocsin.alert; one that the configuration disables never does.
	Alerts bool
	// Shadow says that the rule is on trial: its alerts are recorded, and nobody is
	// told of them.
	Shadow bool
}

// Root is a rule that alerts: a correlation, or a detection as a correlation of
// one. It is the unit of partitioning: everything beneath it is evaluated where
// the group of the root is counted.
type Root struct {
	Info
	// GroupBy names the fields whose values make the group, in order. For a
	// detection without a declared group it is empty and DefaultGroup tells it.
	GroupBy []string
	// Tree is what has to be counted.
	Tree *Node
	// Fields are the dotted names that a signal must carry for the tree's
	// conditions: every group-by and every counted field beneath the root.
	Fields []string
	// Timespan is the longest way from a member to the condition it completes: the
	// sum of the timespans of the tree; an hour for a detection (its episode gap).
	Timespan time.Duration
}

// Node is a detection or a correlation in a root's tree.
type Node struct {
	Info
	// Refs are what a correlation counts, in the order in which the rule names
	// them; nil for a detection.
	Refs []*Node
	// GroupBy names the node's own group, which contains the outer node's.
	GroupBy []string
	// Aliases maps an alias in GroupBy to the field that holds it, by the ref's id.
	Aliases map[string]map[string]string
	// Timespan is the window; 0 for a detection.
	Timespan time.Duration
	// Condition is what the count must satisfy; unused for a detection. A temporal or
	// temporal_ordered correlation without one wants all its refs.
	Condition Condition
}

// Condition compares a count, in Sigma's words. Every bound that is set must hold.
type Condition struct {
	// Fields are what value_count counts the different values of, together where
	// there are several; the one field whose numbers the other value_… reckon with.
	Fields []string
	// Percentile is that of value_percentile, from 0 to 100; 50 for value_median.
	Percentile float64
	// Presence is a temporal correlation's condition over its refs; nil for none.
	Presence *Presence
	// Bounds are pairs of an operator (gt, gte, lt, lte, eq, neq) and a number.
	Bounds []Bound
}

// Bound is one comparison of a condition.
type Bound struct {
	Operator string
	Value    float64
}
