package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// doas reads what OpenBSD's doas and opendoas log, written from opendoas 6.8.2 (doas.c,
// pam.c, shadow.c) and, for what older ones log, from logs; the actions are sudo's. Who
// asks comes first or before a colon; the command and the folder are that user's words.
func (e *entry) doas(m []byte) bool {
	if name, ok := cut(m, "failed auth for "); ok {
		e.did(authentication, "sudo_authentication", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if name, ok := cut(m, "tty required for "); ok {
		e.did(authentication, "sudo_denied", failure)
		e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "a tty is required")
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	for _, start := range [...]string{"command not permitted for ", "failed command for "} {
		if rest, ok := cut(m, start); ok {
			name, command, ok := split(rest, ": ")
			if !ok {
				return false
			}
			e.did(authentication, "sudo_denied", failure)
			e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "command not permitted")
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, command)
			return true
		}
	}
	name, rest := token(m)
	rest, ok := cut(rest, "ran command ")
	return ok && e.doasRan(name, rest)
}

// doasRan reads "COMMAND as TARGET from FOLDER", and "as TARGET: COMMAND" of old.
func (e *entry) doasRan(name, b []byte) bool {
	if rest, ok := cut(b, "as "); ok {
		target, command, ok := split(rest, ": ")
		if ok && !contains(target, " ") {
			e.did(process, "sudo_command", success)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, target)
			e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, command)
			return true
		}
	}
	if !contains(b, " as ") {
		return false
	}
	e.did(process, "sudo_command", success)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	command, rest, once := splitOnly(b, " as ")
	target, folder, ok := split(rest, " from ")
	if once && ok && !contains(target, " ") { // else the command or the folder repeats the words
		e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, target)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_WORKING_DIRECTORY, folder)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, command)
	}
	return true
}
