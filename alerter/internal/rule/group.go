package rule

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// The fields that groups are made of where a rule declares none.
const (
	fieldHost        = "host.name"
	fieldSource      = "source.ip"
	fieldUser        = "user.name"
	fieldFile        = "file.path"
	fieldErrorType   = "error.type"
	fieldFingerprint = "tocsin.error.fingerprint"
	fieldExecutable  = "process.executable"
)

// DefaultGroup names the fields of the group of a detection that declares none:
// the host and the class's own key, as far as the event has it. get gives the
// first value of a field of the event (or of the finding made of it), empty where
// it has none. The host is always part of the group.
func DefaultGroup(class eventv1.Class, get func(field string) []byte) []string {
	group := []string{fieldHost}
	add := func(fields ...string) bool {
		found := false
		for _, field := range fields {
			if len(get(field)) > 0 {
				group, found = append(group, field), true
			}
		}
		return found
	}
	switch class {
	case eventv1.Class_CLASS_AUTH, eventv1.Class_CLASS_WEB:
		if !add(fieldSource) {
			add(fieldUser)
		}
	case eventv1.Class_CLASS_FILE:
		add(fieldFile)
	case eventv1.Class_CLASS_APP:
		add(fieldErrorType, fieldFingerprint)
	case eventv1.Class_CLASS_PROCESS:
		add(fieldExecutable)
	}
	return group
}
