package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Messages that programs write with nothing before them: `sshd -D -e` in a container,
// libpam below it, slapd with -d stats, and what `journalctl -o cat` prints. Whose they
// are, only their own words say. So a line is taken for OpenSSH's only where it is one
// of those that name the client, and does so to the end that sshd writes; there is no
// shorter one of OpenSSH's that another program might not say.

// bareMessage reads such a line.
func (e *entry) bareMessage(b []byte) bool {
	m := trimLeft(b)
	if len(m) < 16 {
		return false
	}
	start := e.mark()
	switch {
	case has(m, "pam_"), has(m, "PAM "):
		if e.pam(m) {
			e.bareService(m)
			e.parser = pam
			return true
		}
	case has(m, "conn=") && isDigit(m[len("conn=")]):
		if e.slapd(m) {
			e.parser, e.out.Class = slapd, e.classByCategory()
			return true
		}
	case contains(m[:min(len(m), 80)], " : TTY=") && contains(m, " ; COMMAND="):
		if e.sudo(m) {
			e.text(eventv1.FieldId_FIELD_ID_PROCESS_NAME, "sudo")
			e.parser = sudo
			return true
		}
	case e.bareSSH(m):
		e.text(eventv1.FieldId_FIELD_ID_PROCESS_NAME, "sshd")
		e.parser = sshd
		return true
	}
	e.undo(start)
	return false
}

// bareService sets the program that a PAM module speaks for: "pam_unix(sshd:auth): ",
// "PAM service(sshd) ".
func (e *entry) bareService(m []byte) {
	_, rest, ok := split(m[:min(len(m), 80)], "(")
	if !ok {
		return
	}
	if name := until(rest, ":) "); len(name) < len(rest) && consists(name, inHost) {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_NAME, name)
	}
}

// bareSSH reads a line of sshd's with the client in it.
func (e *entry) bareSSH(m []byte) bool {
	words, end := m, byte(0)
	for _, prefix := range [...]string{"error: ", "fatal: "} {
		words, _ = cut(words, prefix)
	}
	if len(words) < 20 {
		return false
	}
	switch {
	case has(words, "Failed "), has(words, "Accepted "), has(words, "Postponed "), has(words, "maximum authentication attempts exceeded for "):
		end = 's' // "port N ssh2"
	case has(words, "Invalid user "), has(words, "Connection "), has(words, "Disconnected from "), has(words, "Disconnecting "),
		has(words, "Received disconnect from "), has(words, "Did not receive identification string from "),
		has(words, "Bad protocol version identification "), has(words, "Unable to negotiate with "), has(words, "Timeout before authentication for "),
		has(words, "banner exchange: Connection from "), has(words, "ssh_dispatch_run_fatal: Connection from "), has(words, "Protocol major versions differ for "):
	case has(words, "kex_exchange_identification: "):
		return e.sshd(m) // which names nobody
	default:
		return isOnlySSH(words) && e.sshd(m) && e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) != nil
	}
	if !e.sshd(m) || e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP) == nil {
		return false
	}
	if end == 's' {
		return contains(words, " ssh2") || contains(words, " ssh1")
	}
	return e.out.Get(eventv1.FieldId_FIELD_ID_SOURCE_PORT) != nil || isOldSSH(words)
}

// isOldSSH knows messages that had no port up to 7.1, and are told by other words.
func isOldSSH(words []byte) bool {
	if _, ok := cutEnd(words, " [preauth]"); ok {
		return true
	}
	for _, start := range [...]string{
		"Received disconnect from ", "Did not receive identification string from ", "Bad protocol version identification ",
		"Unable to negotiate with ", "Protocol major versions differ for ",
	} {
		if has(words, start) {
			return true
		}
	}
	rest, ok := cut(words, "Invalid user ")
	name, _, from := split(rest, " from ") // the address ends the line
	return ok && from && !contains(name, " ")
}

// isOnlySSH knows rarer messages that no other program words so.
func isOnlySSH(words []byte) bool {
	switch words[0] {
	case 'A':
		return has(words, "Address ") && contains(words, ", but this does not map back to the address")
	case 'C':
		return has(words, "Close session: user ")
	case 'P':
		return has(words, "PAM: ") && contains(words, " for ")
	case 'R':
		return has(words, "ROOT LOGIN REFUSED FROM ")
	case 'S':
		return has(words, "Starting session: ")
	case 'U':
		return has(words, "User ") && contains(words, " not allowed because ")
	case 'd':
		return has(words, "drop connection #")
	case 'r':
		return has(words, "reverse mapping checking getaddrinfo for ")
	}
	return false
}
