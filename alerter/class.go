package alerter

import (
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// classOf is the class of an event that does not name one, as those of other
// shippers do not: its ECS category decides, else what only an application has.
func classOf(e *event.Event) eventv1.Class {
	var file, process, web, failed bool
	for i := range e.Fields {
		switch e.Fields[i].ID {
		case eventv1.FieldId_FIELD_ID_EVENT_CATEGORY:
			switch string(e.Fields[i].Value) {
			case "authentication", "iam", "session":
				return eventv1.Class_CLASS_AUTH // a web login is one as well
			case "file":
				file = true
			case "process":
				process = true
			case "web":
				web = true
			}
		case eventv1.FieldId_FIELD_ID_ERROR_TYPE, eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE:
			failed = true
		}
	}
	switch {
	case web:
		return eventv1.Class_CLASS_WEB
	case file:
		return eventv1.Class_CLASS_FILE
	case process:
		return eventv1.Class_CLASS_PROCESS
	case failed:
		return eventv1.Class_CLASS_APP
	default:
		return eventv1.Class_CLASS_UNSPECIFIED
	}
}
