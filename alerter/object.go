package alerter

import (
	"encoding/json"
	"strings"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// object is a nested JSON object; its members come out in the order of their
// names.
type object map[string]any

// put sets a member by its dotted name. A second value makes it a list.
func (o object) put(name, text string) {
	path := strings.Split(name, ".")
	for _, key := range path[:len(path)-1] {
		inner, ok := o[key].(object)
		if !ok {
			inner = object{}
			o[key] = inner
		}
		o = inner
	}
	var value any = text
	if isNumber(name) {
		value = json.Number(text)
	}
	key := path[len(path)-1]
	switch old := o[key].(type) {
	case nil:
		o[key] = value
	case []any:
		o[key] = append(old, value)
	default:
		o[key] = []any{old, value}
	}
}

// rule sets what a finding says of its rule.
func (o object) rule(r *alertv1.Rule) {
	tags := r.GetTags()
	if tags == nil {
		tags = []string{}
	}
	about := object{
		"id": r.GetId(), "name": r.GetName(), "level": finding.LevelName(r.GetLevel()),
		"type": r.GetType(), "tags": tags,
	}
	if r.GetShadow() {
		about["shadow"] = true
	}
	o["rule"] = about
}

// event sets a finding's time and its events.
func (o object) event(time int64, ids []string, count uint64) {
	o["@timestamp"] = event.FormatTime(time)
	o["event"] = object{"id": ids, "count": count}
}
