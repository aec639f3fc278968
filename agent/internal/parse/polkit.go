package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// polkit reads polkitd's and pkexec's messages, 0.105 to 126, written from 122:
// src/polkitbackend/polkitbackendinteractiveauthority.c (log_result,
// authentication_agent_…), src/programs/pkexec.c (log_message). The command line in
// brackets is the user's; the owner ends the line.
func (e *entry) polkit(m []byte) bool {
	if rest, ok := cut(m, "Operator of "); ok {
		return e.polkitOperator(rest)
	}
	if has(m, "Registered Authentication Agent for ") {
		e.did(process, "polkit_agent_registered", unknown)
		return true
	}
	if has(m, "Unregistered Authentication Agent for ") {
		e.did(process, "polkit_agent_unregistered", unknown)
		return true
	}
	return e.pkexec(m)
}

// polkitOperator reads "SUBJECT successfully authenticated as unix-user:NAME to gain …
// authorization for action A for P [COMMAND] (owned by unix-user:NAME)".
func (e *entry) polkitOperator(b []byte) bool {
	head, owner, ok := splitLast(b, " (owned by unix-user:")
	if !ok {
		return false
	}
	_, rest := token(head)
	if who, ok := cut(rest, "successfully authenticated as unix-user:"); ok {
		e.did(authentication, "polkit_authentication", success)
		name, _, _ := split(who, " to gain ")
		e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, name)
	} else if has(rest, "FAILED to authenticate ") {
		e.did(authentication, "polkit_authentication", failure)
	} else {
		return false
	}
	if owner, ok = cutEnd(owner, ")"); ok {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, owner)
	}
	if _, action, ok := split(rest, " for action "); ok {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, firstWord(action))
	}
	return true
}

// pkexec reads "NAME: WHAT [USER=U] [TTY=T] [CWD=D] [COMMAND=C]".
func (e *entry) pkexec(m []byte) bool {
	name, rest, ok := split(m, ": ")
	what, rest, found := split(rest, " [USER=")
	if !ok || !found || len(name) > 64 {
		return false
	}
	switch {
	case string(what) == "Executing command":
		e.did(process, "pkexec_command", success)
	case has(what, "Error executing command as another user: "), has(what, "The value for "):
		e.did(authentication, "pkexec_denied", failure)
		if _, reason, ok := split(what, ": "); ok {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		} else {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, what)
		}
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	user, rest, ok := split(rest, "] [TTY=")
	if !ok {
		return true
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, user)
	tty, rest, ok := split(rest, "] [CWD=")
	folder, command, found := split(rest, "] [COMMAND=")
	if !ok || !found {
		return true
	}
	if string(tty) != "unknown" {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
	}
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_WORKING_DIRECTORY, folder)
	command, _ = cutEnd(command, "]")
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, command)
	return true
}
