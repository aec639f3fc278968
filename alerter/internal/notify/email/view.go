package email

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// view is what the templates see.
type view struct {
	T        *catalogue
	Subject  string
	Headline string
	// Digest says that Alerts are rows of a table only.
	Digest bool
	Alerts []alertView
	// Single says that the headline has nothing that the one alert's title has not.
	Single bool
	// RefusedText says why this mail comes to somebody else; "" where it does not.
	RefusedText string
	LostText    string
	MoreText    string
	Footer      string
	BaseURL     string
}

// alertView is one alert, ready to be read.
type alertView struct {
	Title string // the rule and what it is about
	Level string // the word
	Color string
	State string
	Host  string
	Group string
	Count uint64
	First string
	Last  string
	Facts []fact
	// Hashes come before the other fields: they are what a changed file is about.
	Hashes, Fields []fact
	Samples, Trace []string
	Description    string
	Hints, Links   []string
	Exception      string
}

type fact struct{ Name, Value string }

func newView(style Style, c Content) *view {
	t := catalogueOf(style.Locale)
	alerts := slices.Clone(c.Alerts)
	if len(alerts) > style.DigestOver { // the table has the worst first
		slices.SortStableFunc(alerts, func(a, b *alertv1.Alert) int {
			return cmp.Compare(b.GetRule().GetLevel(), a.GetRule().GetLevel())
		})
	}
	v := &view{
		T: t, Digest: len(alerts) > style.DigestOver,
		Footer:  fmt.Sprintf(t.Footer, c.Notification.GetReceiver()),
		BaseURL: style.BaseURL,
	}
	if c.Refusal != "" {
		v.RefusedText = fmt.Sprintf(t.Refused, c.Notification.GetReceiver(), oneLine(c.Refusal, 500))
	}
	if c.Lost > 0 {
		v.LostText = fmt.Sprintf(t.Lost, c.Lost)
	}
	v.Subject, v.Headline = headlines(t, c)
	v.Single = len(alerts) == 1 && c.Lost == 0 && c.Delay == 0 && alerts[0].GetState() != alertv1.AlertState_ALERT_STATE_RESOLVED
	if len(alerts) > maxRows {
		v.MoreText = fmt.Sprintf(t.More, len(alerts)-maxRows)
		alerts = alerts[:maxRows]
	}
	for _, a := range alerts {
		v.Alerts = append(v.Alerts, newAlertView(style, t, c, a, v.Digest))
	}
	return v
}

// headlines are the subject and the first line.
func headlines(t *catalogue, c Content) (subject, headline string) {
	count := len(c.Alerts) + c.Lost
	level := alertv1.Level_LEVEL_UNSPECIFIED
	over := true
	for _, a := range c.Alerts {
		level = max(level, a.GetRule().GetLevel())
		over = over && a.GetState() == alertv1.AlertState_ALERT_STATE_RESOLVED && !c.isNew(a)
	}
	word := cmp.Or(t.levels[finding.LevelName(level)], t.Alert)
	rules := ruleList(c.Alerts)
	switch {
	case c.Delay > 0:
		delay := t.duration(c.Delay)
		subject = fmt.Sprintf(t.SubjectDelayed, count, delay)
		headline = fmt.Sprintf(t.Delayed, count, delay)
	case count == 1 && len(c.Alerts) == 1 && over:
		subject = fmt.Sprintf(t.SubjectResolved, title(t, c.Alerts[0]))
		headline = fmt.Sprintf(t.Ended, title(t, c.Alerts[0]))
	case count == 1 && len(c.Alerts) == 1:
		a := c.Alerts[0]
		subject = fmt.Sprintf(t.SubjectOne, word, title(t, a))
		headline = title(t, a) + " (" + t.events(a.GetCount()) + ")."
	case over && len(c.Alerts) > 0:
		subject = fmt.Sprintf(t.SubjectResolved, rules)
		headline = fmt.Sprintf(t.Ended, rules)
	default:
		subject = fmt.Sprintf(t.SubjectMany, word, count, rules)
		headline = fmt.Sprintf(t.Many, count, rules)
	}
	return headerText(subject, maxSubject), oneLine(headline, maxValue)
}

func (c *Content) isNew(a *alertv1.Alert) bool { return c.News == nil || c.News[a.GetId()] }

// ruleList names the rules of some alerts, the most frequent first.
func ruleList(alerts []*alertv1.Alert) string {
	counts := make(map[string]int)
	var names []string
	for _, a := range alerts {
		name := a.GetRule().GetName()
		if counts[name] == 0 {
			names = append(names, name)
		}
		counts[name]++
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	for i, name := range names {
		if counts[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d)", oneLine(name, 60), counts[name])
		}
	}
	if len(names) > 4 {
		names = append(names[:4], "…")
	}
	return strings.Join(names, ", ")
}

// title says what happened: the rule, and the host, source, user and file that
// the alert is about.
func title(t *catalogue, a *alertv1.Alert) string {
	about := func(id eventv1.FieldId, name string) string {
		for _, g := range a.GetGroup() {
			if g.GetField() == name {
				return g.GetValue()
			}
		}
		return agreed(a, id)
	}
	b := oneLine(a.GetRule().GetName(), 100)
	for _, part := range []struct{ form, value string }{
		{t.File, about(eventv1.FieldId_FIELD_ID_FILE_PATH, "file.path")},
		{t.On, about(eventv1.FieldId_FIELD_ID_HOST_NAME, "host.name")},
		{t.From, about(eventv1.FieldId_FIELD_ID_SOURCE_IP, "source.ip")},
		{t.User, about(eventv1.FieldId_FIELD_ID_USER_NAME, "user.name")},
	} {
		if part.value != "" {
			b += fmt.Sprintf(part.form, oneLine(part.value, 60))
		}
	}
	return b
}

// agreed is the value of a field in which all events that are shown agree; "" for
// none: a mail about many users does not name one of them.
func agreed(a *alertv1.Alert, id eventv1.FieldId) string {
	value := finding.Value(a.GetLast(), id)
	for _, f := range a.GetSamples() {
		if finding.Value(f, id) != value {
			return ""
		}
	}
	return value
}

// color is the one that stands for a level.
func color(level string) string {
	switch level {
	case "critical":
		return "#b3261e"
	case "high":
		return "#c4501b"
	case "medium":
		return "#9a6b00"
	case "low":
		return "#2f6f4f"
	default:
		return "#4a5a6a"
	}
}

func newAlertView(style Style, t *catalogue, c Content, a *alertv1.Alert, digest bool) alertView {
	level := finding.LevelName(a.GetRule().GetLevel())
	clock := func(ns uint64) string {
		return time.Unix(0, int64(ns)).In(style.Location).Format("2006-01-02 15:04:05 MST")
	}
	v := alertView{
		Title: title(t, a), Level: cmp.Or(t.levels[level], level), Color: color(level),
		State: stateWord(t, a, c.isNew(a)), Count: a.GetCount(),
		Host:  oneLine(agreed(a, eventv1.FieldId_FIELD_ID_HOST_NAME), maxValue),
		First: clock(a.GetFirstEvent()), Last: clock(a.GetLastEvent()),
	}
	var group []string
	for _, g := range a.GetGroup() {
		group = append(group, oneLine(g.GetField(), 60)+" = "+oneLine(g.GetValue(), 200))
	}
	v.Group = strings.Join(group, ", ")
	if digest {
		return v
	}
	v.Facts = []fact{{t.Rule, oneLine(a.GetRule().GetName(), maxValue) + " (" + oneLine(a.GetRule().GetId(), 64) + ")"},
		{t.Level, v.Level}, {t.State, v.State}, {t.Host, v.Host}, {t.Group, v.Group},
		{t.Count, fmt.Sprint(v.Count)}, {t.First, v.First}, {t.Last, v.Last},
		{t.Tags, oneLine(strings.Join(a.GetRule().GetTags(), ", "), maxValue)}, {t.Alert, a.GetId()}}
	v.Facts = slices.DeleteFunc(v.Facts, func(f fact) bool { return f.Value == "" })
	v.fields(t, a.GetLast())
	v.samples(a)
	if c.Hints != nil {
		if hints, ok := c.Hints(a.GetRule().GetId()); ok {
			v.Description = strings.TrimSpace(hints.Description)
			v.Hints, v.Links = hints.FalsePositives, hints.References
		}
	}
	v.Exception = exception(a)
	return v
}

func stateWord(t *catalogue, a *alertv1.Alert, isNew bool) string {
	switch {
	case a.GetState() == alertv1.AlertState_ALERT_STATE_RESOLVED:
		return t.Resolved
	case a.GetState() == alertv1.AlertState_ALERT_STATE_ACKNOWLEDGED:
		return t.Acknowledged
	case isNew:
		return t.Firing
	default:
		return t.Ongoing
	}
}

// fields sorts the last event's fields into those that matter most and the rest.
func (v *alertView) fields(t *catalogue, f *alertv1.Finding) {
	for _, field := range f.GetFields() {
		name := finding.FieldName(field)
		value := oneLine(string(field.GetValue()), maxValue)
		switch {
		case name == "file.hash.sha256":
			v.Hashes = append(v.Hashes, fact{t.HashNow, value})
		case name == "tocsin.file.previous.hash.sha256":
			v.Hashes = slices.Insert(v.Hashes, 0, fact{t.HashBefore, value})
		case name == "tocsin.file.previous.path":
			v.Hashes = slices.Insert(v.Hashes, 0, fact{t.PathBefore, value})
		case name == "error.stack_trace":
			v.Trace = visibleLines(string(field.GetValue()), maxTrace)
		case len(v.Fields) < 60 && value != "":
			v.Fields = append(v.Fields, fact{oneLine(name, 100), value})
		}
	}
}

// samples are raw lines, the last event's at the end.
func (v *alertView) samples(a *alertv1.Alert) {
	shown := make(map[string]bool)
	for _, f := range append(slices.Clone(a.GetSamples()), a.GetLast()) {
		if f == nil || shown[f.GetEventId()] || len(f.GetOriginal()) == 0 || len(v.Samples) >= 12 {
			continue
		}
		shown[f.GetEventId()] = true
		text := string(f.GetOriginal())
		if f.GetEventId() == a.GetLast().GetEventId() { // its trace is shown by itself
			text = strings.TrimRight(strings.Replace(text, finding.Value(a.GetLast(), eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE), "", 1), "\n")
		}
		if text != "" {
			v.Samples = append(v.Samples, visibleLines(text, 12)...)
		}
	}
}

// exception is the configuration that makes the rule overlook this alert's group.
func exception(a *alertv1.Alert) string {
	match := make([]string, 0, len(a.GetGroup()))
	for _, g := range a.GetGroup() {
		match = append(match, quote(g.GetField())+": "+quote(g.GetValue()))
	}
	if len(match) == 0 {
		host := finding.Value(a.GetLast(), eventv1.FieldId_FIELD_ID_HOST_NAME)
		if host == "" {
			return "rules:\n  disable: [" + quote(a.GetRule().GetId()) + "]"
		}
		match = append(match, `"host.name": `+quote(host))
	}
	return "rules:\n  exceptions:\n    - rule: " + quote(a.GetRule().GetId()) +
		"\n      match: {" + strings.Join(match, ", ") + "}"
}

// quote writes a YAML scalar; a dollar is doubled, since the settings expand it,
// and what cannot be seen is escaped, so that what is pasted is what was read.
func quote(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(strings.ReplaceAll(text, "$", "$$")); err != nil {
		return `""`
	}
	var shown strings.Builder
	for _, r := range strings.TrimRight(b.String(), "\n") {
		switch {
		case unicode.IsPrint(r):
			shown.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&shown, `\U%08x`, r)
		default:
			fmt.Fprintf(&shown, `\u%04x`, r)
		}
	}
	return shown.String()
}
