package finding

import (
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// LevelName is the level's word in rules, matchers and mails, "high"; "" for none.
func LevelName(l alertv1.Level) string {
	if l == alertv1.Level_LEVEL_UNSPECIFIED {
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(l.String(), "LEVEL_"))
}

// StateName is the state's word in reports and findings, "firing".
func StateName(s alertv1.AlertState) string {
	return strings.ToLower(strings.TrimPrefix(s.String(), "ALERT_STATE_"))
}

// FieldName is the dotted name of a finding's field.
func FieldName(f *eventv1.Field) string {
	if f.GetId() == eventv1.FieldId_FIELD_ID_UNSPECIFIED {
		return f.GetKey()
	}
	return event.SpecOf(f.GetId()).Name
}

// Value is the first value that a finding has of a registered field, "" for none.
func Value(f *alertv1.Finding, id eventv1.FieldId) string {
	for _, field := range f.GetFields() {
		if field.GetId() == id {
			return string(field.GetValue())
		}
	}
	return ""
}
