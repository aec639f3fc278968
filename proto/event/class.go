package event

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// Classes are all classes in the order in which lanes are drained and consumed:
// the most urgent first.
func Classes() []eventv1.Class {
	return []eventv1.Class{
		eventv1.Class_CLASS_AGENT, eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_FILE,
		eventv1.Class_CLASS_PROCESS, eventv1.Class_CLASS_WEB, eventv1.Class_CLASS_APP,
		eventv1.Class_CLASS_SYSTEM,
	}
}

// ClassCount is one more than the largest class number: the length of a table
// indexed by class.
const ClassCount = int(eventv1.Class_CLASS_AGENT) + 1

// ClassName is the class's word in subjects, configuration and JSON: "auth",
// "file" and so on; "" for a class this build does not know.
func ClassName(c eventv1.Class) string {
	switch c {
	case eventv1.Class_CLASS_AUTH:
		return "auth"
	case eventv1.Class_CLASS_FILE:
		return "file"
	case eventv1.Class_CLASS_WEB:
		return "web"
	case eventv1.Class_CLASS_APP:
		return "app"
	case eventv1.Class_CLASS_PROCESS:
		return "process"
	case eventv1.Class_CLASS_SYSTEM:
		return "system"
	case eventv1.Class_CLASS_AGENT:
		return "agent"
	default:
		return ""
	}
}

// ClassByName is the class that a word stands for.
func ClassByName(name string) (eventv1.Class, bool) {
	for _, c := range Classes() {
		if ClassName(c) == name {
			return c, true
		}
	}
	return eventv1.Class_CLASS_UNSPECIFIED, false
}
