package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sudo reads "NAME : [REASON ; ][HOST=… ; ]TTY=… ; PWD=… ; USER=… ; COMMAND=…"; the
// reasons are those of testdata/formats/sudo.tsv. A folder's name and a command's
// arguments are the user's: where a key stands twice, what it says is left out.
func (e *entry) sudo(m []byte) bool {
	if rest, ok := cut(m, "@cee:"); ok {
		return e.sudoJSON(rest)
	}
	name, rest, ok := split(trimLeft(m), " : ")
	if !ok || len(name) == 0 || contains(name, " ") {
		return false
	}
	rest = trimLeft(rest) // where there is no terminal, some leave two spaces
	reason := []byte(nil)
	if !isSudoKey(rest) {
		reason, rest = sudoReason(rest)
	}
	if !e.sudoAction(reason[:min(len(reason), maxSudoReason)], contains(rest, "COMMAND=")) {
		if rest == nil || has(reason, "(command continued)") {
			return false
		}
		e.did(process, "sudo_warning", unknown)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason[:min(len(reason), maxSudoReason)])
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	if first, ok := cut(rest, "TTY="); !ok || len(reason) == 0 || !contains(first, " ; TTY=") {
		e.sudoKeys(rest) // else the reason repeats what the user typed, keys and all
	}
	return true
}

// maxSudoReason is where a reason is cut: what is longer repeats what the user typed.
const maxSudoReason = 1024

// isSudoKey says whether b begins with one of the keys before the command.
func isSudoKey(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch b[0] {
	case 'T':
		return has(b, "TTY=") || has(b, "TSID=")
	case 'P':
		return has(b, "PWD=")
	case 'U':
		return has(b, "USER=")
	case 'H':
		return has(b, "HOST=")
	case 'C':
		return has(b, "COMMAND=") || has(b, "CHROOT=") || has(b, "CWD=")
	case 'G':
		return has(b, "GROUP=")
	case 'E':
		return has(b, "ENV=")
	}
	return false
}

// sudoReason cuts at the first key.
func sudoReason(b []byte) (reason, keys []byte) {
	for at := 0; ; {
		i := index(b[at:], " ; ")
		if i < 0 {
			return b, nil
		}
		if at += i + len(" ; "); isSudoKey(b[at:]) {
			return b[:at-len(" ; ")], b[at:]
		}
	}
}

// sudoAction sets what happened; no reason to refuse means that it ran.
func (e *entry) sudoAction(reason []byte, command bool) bool {
	if len(reason) == 0 {
		if !command {
			return false
		}
		e.did(process, "sudo_command", success)
		return true
	}
	switch {
	case has(reason, "(command continued)"):
		return false
	case contains(reason, "incorrect password attempt"):
		e.did(authentication, "sudo_authentication", failure)
		if number, rest := digits(reason); isNumber(number) && has(rest, " incorrect") {
			e.add(eventv1.FieldId_FIELD_ID_TOCSIN_REPEATED, number)
		}
	case isSudoAuthentication(reason):
		e.did(authentication, "sudo_authentication", failure)
	case isSudoDenial(reason):
		e.did(authentication, "sudo_denied", failure)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	return true
}

// isSudoAuthentication knows why sudo does not believe that a user is who they are.
func isSudoAuthentication(reason []byte) bool {
	for _, text := range [...]string{
		"a password is required", "no tty present", "a terminal is required", "conversation failed", "auth could not identify password",
		"account validation failure", "Account or password is expired", "unable to change expired password", "Password expired",
		"Account expired or PAM", "PAM account management error", "PAM authentication error", ": Cannot verify TGT!", "authentication failure",
	} {
		if contains(reason, text) {
			return true
		}
	}
	return false
}

// isSudoDenial knows why sudo may not run a command; one that does not exist is no
// matter of what is allowed.
func isSudoDenial(reason []byte) bool {
	for _, text := range [...]string{"NOT in sudoers", "NOT authorized on host", "command not allowed", "not allowed to ", "user NOT "} {
		if contains(reason, text) {
			return true
		}
	}
	for _, start := range [...]string{
		"unknown user", "unknown group", "unknown uid", "unknown login class", "no tty", "invalid shell for user ", "invalid user-specified editor: ",
		"command rejected by ",
	} {
		if has(reason, start) {
			return true
		}
	}
	return false
}

// sudoKeys reads the keys up to the command, of which everything is the user's.
func (e *entry) sudoKeys(b []byte) {
	head, command, ok := split(b, "COMMAND=")
	twice := ok && contains(command, " ; COMMAND=")
	head, _ = cutEnd(head, " ; ")
	var tty, folder, user []byte
	ttys, folders, users := 0, 0, 0
	for len(head) > 0 {
		var pair []byte
		pair, head, _ = split(head, " ; ")
		if v, ok := cut(pair, "PWD="); ok {
			folder = v
			folders++
		} else if v, ok := cut(pair, "USER="); ok {
			user = v
			users++
		} else if v, ok := cut(pair, "TTY="); ok {
			tty = v
			ttys++
		}
	}
	if ttys == 1 {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
	}
	if twice {
		return
	}
	if folders <= 1 && users <= 1 {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_WORKING_DIRECTORY, folder)
		e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, user)
	}
	if ok {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, command)
	}
}
