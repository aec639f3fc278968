package route

import (
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Labels are what matchers and group_by know an alert by. A label may have
// several values.
type Labels map[string][]string

// LabelsOf reads an alert's labels: rule.id, rule.name, rule.level, rule.type,
// rule.tags, every field of its group, and every field of its oldest sample,
// which is the one that changes least while an alert grows.
func LabelsOf(a *alertv1.Alert) Labels {
	labels := make(Labels)
	oldest := a.GetLast()
	if samples := a.GetSamples(); len(samples) > 0 {
		oldest = samples[0]
	}
	for _, f := range oldest.GetFields() {
		name := finding.FieldName(f)
		labels[name] = append(labels[name], string(f.GetValue()))
	}
	for _, g := range a.GetGroup() {
		labels[g.GetField()] = []string{g.GetValue()}
	}
	r := a.GetRule()
	labels["rule.id"] = []string{r.GetId()}
	labels["rule.name"] = []string{r.GetName()}
	labels["rule.type"] = []string{r.GetType()}
	labels["rule.level"] = []string{finding.LevelName(r.GetLevel())}
	labels["rule.tags"] = r.GetTags()
	return labels
}
