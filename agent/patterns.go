package agent

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/agent/internal/config"
	"github.com/tocsin-security/tocsin/agent/internal/parse"
	"github.com/tocsin-security/tocsin/agent/internal/pattern"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// exampleYear is the year of times without one in examples: their lines are the same
// for ever.
const exampleYear = 2000

// Patterns are parsers that users wrote.
type Patterns = pattern.Set

// LoadPatterns reads and checks files of users' patterns, and holds their examples
// against them.
func LoadPatterns(paths []string) (*Patterns, error) {
	set, err := config.LoadPatterns(paths, reservedNames())
	if err != nil {
		return nil, err
	}
	if err := checkExamples(set); err != nil {
		return nil, err
	}
	return set, nil
}

// reservedNames are those that no parser of a user's may have.
func reservedNames() []string { return append(parse.Names(), sourceJournald) }

// skippedPatterns counts since the configuration was read last.
func (r *runner) skippedPatterns() prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: "tocsin_agent", Subsystem: "patterns", Name: "skipped_total",
		Help: "Texts that users' patterns were not, or not all, held against, for their length.",
	}, func() float64 {
		if s := r.reading.Load(); s != nil {
			return float64(s.pipe.patterns.Skipped())
		}
		return 0
	})
}

// checkExamples reads the lines of the examples as the parser of each, by the same
// way that the agent reads a line, and compares.
func checkExamples(set *Patterns) error {
	var errs []error
	examples := set.Examples()
	for i := range examples {
		x := &examples[i]
		stream, err := parse.New(x.Name, parse.Options{Year: exampleYear, Patterns: set})
		if err != nil {
			return err
		}
		count := 0
		emit := func(e *record.Event) {
			if count++; count == 1 {
				errs = append(errs, checkExample(x, e)...)
			}
		}
		stream.Push(&record.Raw{Text: []byte(x.Line), Line: 1}, emit)
		stream.Flush(emit)
	}
	return errors.Join(errs...)
}

func checkExample(x *pattern.Example, e *record.Event) []error {
	by := string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER))
	switch {
	case x.Refused && by == x.Name:
		return []error{x.Errorf("%s understands the line, and is not to: %s", x.Name, told(e))}
	case x.Refused:
		return nil
	case by != x.Name:
		return []error{x.Errorf("no expression of %s matches the line, or a field that one captures cannot have its value", x.Name)}
	}
	var errs []error
	for i := range x.Want {
		w := &x.Want[i]
		got := valuesOf(e, w.Name)
		if !slices.Equal(got, w.Values) {
			errs = append(errs, x.ErrorAt(w, "the line gives %s, wanted is %s", listed(got), listed(w.Values)))
		}
	}
	return errs
}

func valuesOf(e *record.Event, name string) []string {
	if name == "@timestamp" {
		return []string{event.FormatTime(e.Time)}
	}
	var values []string
	for i := range e.Fields {
		if f := &e.Fields[i]; f.Name() == name {
			values = append(values, string(f.Value))
		}
	}
	return values
}

func listed(values []string) string {
	if len(values) == 0 {
		return "nothing"
	}
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = fmt.Sprintf("%q", value)
	}
	return strings.Join(quoted, ", ")
}

// told are the fields that say who did what.
func told(e *record.Event) string {
	var parts []string
	for _, name := range []string{"event.action", "event.outcome", "user.name", "source.ip"} {
		if values := valuesOf(e, name); len(values) > 0 {
			parts = append(parts, name+" "+listed(values))
		}
	}
	return strings.Join(parts, ", ")
}
