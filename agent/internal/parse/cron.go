package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// cron reads "(NAME) CMD (COMMAND)".
func (e *entry) cron(m []byte) bool {
	rest, ok := cut(m, "(")
	if !ok {
		return false
	}
	name, command, ok := split(rest, ") CMD (")
	if !ok {
		return false
	}
	command, _ = cutEnd(command, ")")
	e.did(process, "cron_command", unknown)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, trimLeft(command))
	return true
}
