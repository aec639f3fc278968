// Package detect asks the rules about each event: in flow events, out flow
// signals, one for each root that a match feeds.
//
// It is pure: it keeps nothing from one event to the next. A Detector belongs to
// one goroutine.
package detect

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/internal/webattack"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Detector asks one set of rules about events.
type Detector struct {
	matcher *rule.Matcher
	eye     *webattack.Eye
	// shown tells of each registered field whether every finding carries it.
	shown map[eventv1.FieldId]bool
	// extra are, by root, the fields that its findings carry besides those that
	// every finding does.
	extra map[*rule.Root][]string
	// once and onceExtra note, during a call, of which shown and extra fields the
	// finding has a value.
	once, onceExtra []bool
	// score holds the text of the derived score during a call.
	score []byte
}

// New makes a detector of a set.
func New(set *rule.Set) *Detector {
	d := &Detector{
		matcher: set.Matcher(),
		eye:     webattack.New(),
		shown:   make(map[eventv1.FieldId]bool),
		extra:   make(map[*rule.Root][]string),
	}
	for _, name := range shown() {
		if id, ok := event.FieldByName(name); ok {
			d.shown[id] = true
		}
	}
	for _, root := range set.Roots() {
		for _, field := range root.Fields {
			if id, ok := event.FieldByName(field); !ok || !d.shown[id] {
				d.extra[root] = append(d.extra[root], field)
			}
		}
	}
	return d
}

// Detect gives emit the signals of one event: one for each root that counts it.
// A root whose group the event does not have whole does not count it; the host
// is always part of what an event has. Detect adds derived fields to the event.
// Signals keep nothing of the event's memory, but those of one event may share
// their Finding, and those of one rule its hash, which nobody changes.
func (d *Detector) Detect(e *finding.Event, emit func(finding.Signal)) {
	matches := d.match(e)
	if len(matches) == 0 {
		return
	}
	common := d.finding(e, nil)
	for _, m := range matches {
		for i := range m.Feeds {
			d.signal(e, m, &m.Feeds[i], common, emit)
		}
	}
}

// Matches gives visit every detection that the event satisfies, those that alert
// nobody by themselves included. It adds derived fields to the event.
func (d *Detector) Matches(e *finding.Event, visit func(*rule.Info)) {
	for _, m := range d.match(e) {
		visit(m.Rule)
	}
}

// Tally gives visit what each detection was asked since the last call.
func (d *Detector) Tally(visit func(*rule.Info, rule.Tally)) { d.matcher.Tally(visit) }

// Why says why the event satisfies a detection, or does not; there are no reasons for
// one that nothing counts. It adds derived fields to the event.
func (d *Detector) Why(e *finding.Event, r *rule.Info) (why []rule.Reason, matches bool) {
	return d.matcher.Why(r, d.input(e))
}

func (d *Detector) match(e *finding.Event) []*rule.Match {
	return d.matcher.Match(d.input(e))
}

func (d *Detector) input(e *finding.Event) rule.Input {
	if e.Class == eventv1.Class_CLASS_WEB {
		d.derive(e)
	}
	return rule.Input{Event: &e.Event, Class: e.Class, Host: e.Host, Agent: e.Agent}
}

// derive adds what the request shows of an attack. The score is the highest of
// all classes; so that it can be taken for that of each, hints of one class are
// left out where another is likely.
func (d *Detector) derive(e *finding.Event) {
	verdicts := d.eye.Inspect(webattack.Request{
		Target:    e.Get(eventv1.FieldId_FIELD_ID_URL_ORIGINAL),
		Referrer:  e.Get(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER),
		UserAgent: e.Get(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL),
	})
	if len(verdicts) == 0 {
		return
	}
	best := 0
	for i := range verdicts {
		best = max(best, verdicts[i].Score)
	}
	for i := range verdicts {
		v := &verdicts[i]
		if v.Score < webattack.Likely && best >= webattack.Likely {
			continue
		}
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_WEB_ATTACK_CLASS, v.Class.Text())
		if !holds(e, eventv1.FieldId_FIELD_ID_TOCSIN_WEB_ATTACK_PARAMETER, v.Parameter) {
			e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_WEB_ATTACK_PARAMETER, v.Parameter)
		}
	}
	d.score = strconv.AppendInt(d.score[:0], int64(best), 10)
	e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_WEB_ATTACK_SCORE, d.score)
}

// holds tells whether a field has a value.
func holds(e *finding.Event, id eventv1.FieldId, value []byte) bool {
	return slices.ContainsFunc(e.Fields, func(f event.Field) bool { return f.ID == id && bytes.Equal(f.Value, value) })
}

// signal emits what one match means to one root.
func (d *Detector) signal(e *finding.Event, m *rule.Match, feed *rule.Feed, common *alertv1.Finding, emit func(finding.Signal)) {
	names := feed.GroupBy
	if names == nil {
		names = rule.DefaultGroup(e.Class, func(field string) []byte {
			value, _ := lookup(e, field)
			return value
		})
	}
	group := make([]string, len(names))
	for i, name := range names {
		value, ok := lookup(e, name)
		if feed.GroupBy == nil && name == "host.name" && len(value) == 0 {
			value = []byte(e.Sender)
		}
		if !ok {
			return
		}
		group[i] = finding.Text(clip(value, maxValue))
	}
	found := common
	if extra := d.extra[feed.Root]; len(extra) > 0 {
		found = d.finding(e, extra)
	}
	emit(finding.Signal{
		Partition: finding.Partition(feed.Root.ID, group),
		Signal: &alertv1.Signal{
			Root:    feed.Root.Hash[:],
			Group:   group,
			Rule:    m.Rule.Hash[:],
			Finding: found,
		},
	})
}
