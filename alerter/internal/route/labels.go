package route

import (
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Labels are what matchers and group_by know an alert by. A label may have
// several values.
type Labels map[string][]string

// LabelsOf reads an alert's labels: rule.id, rule.name, rule.level, rule.type,
// rule.tags, every field of its group, and every field of the signal that opened
// it. They are the same for as long as the alert lives.
func LabelsOf(a *alertv1.Alert) Labels {
	labels := make(Labels)
	for _, f := range a.GetLabels() {
		name := finding.FieldName(f)
		labels[name] = append(labels[name], finding.Text(f.GetValue()))
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
