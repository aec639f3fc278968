package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sudo reads "NAME : [REASON ; ]TTY=… ; PWD=… ; USER=… ; COMMAND=…". A folder's
// name and a command's arguments are the user's: where a key stands twice, what it
// says is left out.
func (e *entry) sudo(m []byte) bool {
	name, rest, ok := split(trimLeft(m), " : ")
	if !ok || len(name) == 0 || contains(name, " ") {
		return false
	}
	reason := []byte(nil)
	if !has(rest, "TTY=") && !has(rest, "PWD=") {
		i := index(rest, " ; TTY=")
		if i < 0 {
			i = index(rest, " ; PWD=")
		}
		if i < 0 {
			reason, rest = rest, nil
		} else {
			reason, rest = rest[:i], rest[i+len(" ; "):]
		}
	}
	if !e.sudoAction(reason, contains(rest, "COMMAND=")) {
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	e.sudoKeys(rest)
	return true
}

// sudoAction sets what happened; no reason to refuse means that it ran.
func (e *entry) sudoAction(reason []byte, command bool) bool {
	switch {
	case len(reason) == 0:
		if !command {
			return false
		}
		e.did(process, "sudo_command", success)
		return true
	case has(reason, "(command continued)"):
		return false
	case contains(reason, "incorrect password attempt"):
		e.did(authentication, "sudo_authentication", failure)
		if number, rest := digits(reason); isNumber(number) && has(rest, " incorrect") {
			e.add(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED, number)
		}
	case contains(reason, "a password is required") || contains(reason, "no tty present") || contains(reason, "a terminal is required") ||
		contains(reason, "conversation failed") || contains(reason, "auth could not identify password"):
		e.did(authentication, "sudo_authentication", failure)
	case contains(reason, "NOT in sudoers") || contains(reason, "NOT authorized on host") || contains(reason, "command not allowed") ||
		contains(reason, "not allowed to ") || contains(reason, "unknown user") || contains(reason, "user NOT "):
		e.did(authentication, "sudo_denied", failure)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

func (e *entry) sudoKeys(b []byte) {
	if tty, ok := cut(b, "TTY="); ok {
		tty, after, ok := split(tty, " ; ")
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
		if !ok {
			return
		}
		b = after
	}
	head, command, ok := split(b, "COMMAND=")
	if ok && contains(command, " ; COMMAND=") {
		return
	}
	head, _ = cutEnd(head, " ; ")
	var folder, user []byte
	folders, users := 0, 0
	for len(head) > 0 {
		var pair []byte
		pair, head, _ = split(head, " ; ")
		if v, ok := cut(pair, "PWD="); ok {
			folder = v
			folders++
		} else if v, ok := cut(pair, "USER="); ok {
			user = v
			users++
		}
	}
	if folders <= 1 && users <= 1 {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_WORKING_DIRECTORY, folder)
		e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, user)
	}
	if ok {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, command)
	}
}
