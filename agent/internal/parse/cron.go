package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// cron reads "(NAME) EVENT (DETAIL)[: ERROR]" of cron and crontab, and what anacron says
// of its jobs; written from cron 3.0pl1 (misc.c: log_it; cron.c, crontab.c, database.c,
// do_command.c), cronie 1.7.2 (the same files and security.c, anacron/main.c,
// anacron/runjob.c). The detail may be the user's words; what it is called is not.
func (e *entry) cron(m []byte) bool {
	rest, ok := cut(m, "(")
	if !ok {
		return e.anacron(m)
	}
	name, rest, ok := split(rest, ") ")
	event, detail, in := split(rest, " (")
	if !ok || !in || len(name) > 255 || len(event) > 60 {
		return false
	}
	if detail, ok = cutEnd(detail, ")"); !ok {
		detail, _, _ = splitLast(detail, "): ") // and why it failed
	}
	if string(event) == "CMD" {
		e.did(process, "cron_command", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, trimLeft(detail))
		return true
	}
	if string(name) == "CRON" {
		return e.cronDaemon(event, detail)
	}
	return e.cronUser(name, event, detail)
}

// cronDaemon reads what cron says of itself, under the name CRON.
func (e *entry) cronDaemon(event, detail []byte) bool {
	switch string(event) {
	case "STARTUP":
		e.did(process, "service_started", success)
		return true
	case "INFO":
		if string(detail) == "Shutting down" {
			e.did(process, "service_stopped", unknown)
			return true
		}
		return false
	}
	if !isCronError(event) {
		return false
	}
	e.did(process, "cron_error", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, detail)
	return true
}

// cronUser reads what cron and crontab say of a user and their table.
func (e *entry) cronUser(name, event, detail []byte) bool {
	switch string(event) {
	case "CMDEND":
		e.did(process, "cron_command_ended", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, trimLeft(detail))
		return true
	case "REPLACE", "DELETE":
		e.did(process, "cron_table_changed", success)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, detail)
	case "LIST", "BEGIN EDIT", "END EDIT":
		e.did(process, "cron_table_read", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, detail)
	case "RELOAD":
		e.did(process, "cron_table_loaded", unknown)
		if name = namedAccount(name); name != nil {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	case "AUTH", "PAM ERROR", "FAILED to authorize user with PAM":
		e.did(authentication, "cron_denied", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, detail)
	default:
		if !isCronError(event) {
			return false
		}
		e.did(process, "cron_error", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, event)
		if name = namedAccount(name); name == nil {
			return true
		}
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// namedAccount leaves out the names that cron gives to tables which are no user's.
func namedAccount(name []byte) []byte {
	if len(name) > 0 && name[0] == '*' {
		return nil // *system*
	}
	return name
}

// isCronError knows the events that say why a table or a command is not heeded.
func isCronError(event []byte) bool {
	switch string(event) {
	case "ERROR", "error", "DEATH", "FAILED", "ORPHAN", "CAN'T OPEN", "CAN'T FORK", "FSTAT FAILED", "STAT FAILED", "OPENDIR FAILED",
		"EXEC FAILED", "PIPE() FAILED", "ERROR chdir failed", "NOT REGULAR", "BAD FILE MODE", "WRONG FILE OWNER", "BAD LINK COUNT",
		"UNSAFE", "Unauthorized SELinux context", "getseuserbyname FAILED", "getfilecon FAILED":
		return true
	}
	return false
}

// anacron reads "Job `NAME' started" and "Job `NAME' terminated[ (exit status: N)]…".
func (e *entry) anacron(m []byte) bool {
	if has(m, "Anacron ") && contains(m, " started on ") || has(m, "Anacron started on ") {
		e.did(process, "service_started", success)
		return true
	}
	if has(m, "Normal exit (") {
		e.did(process, "service_stopped", unknown)
		return true
	}
	rest, ok := cut(m, "Job ")
	job, rest, in := inQuotes(rest)
	if !ok || !in {
		return false
	}
	switch {
	case string(rest) == " started":
		e.did(process, "cron_command", unknown)
	case has(rest, " terminated due to signal "), has(rest, " terminated abnormally"):
		e.did(process, "cron_command_ended", failure)
	case has(rest, " terminated (exit status: "):
		e.did(process, "cron_command_ended", failure) // which is not zero
		code, _ := digits(rest[len(" terminated (exit status: "):])
		e.number(eventv1.FieldId_FIELD_ID_PROCESS_EXIT_CODE, code)
	case has(rest, " terminated"):
		e.did(process, "cron_command_ended", success)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, job)
	return true
}
