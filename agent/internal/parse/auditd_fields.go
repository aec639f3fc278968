package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// auditFields reads `… pid=N … msg='op=O acct="NAME" exe="PATH" hostname=H addr=IP
// terminal=T res=R'`, and what an enriched log adds behind 0x1d. Of old a part of it
// stood in parentheses, with commas.
func (e *entry) auditFields(category string, b []byte) {
	if number, _ := digits(valueOf(b, "pid=")); isNumber(number) && e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_PID) == nil {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, number)
	}
	b, more, _ := splitLast(b, "\x1d")
	_, text, ok := split(b, " msg='")
	if !ok {
		e.auditWho(category, nil, more)
		return
	}
	e.auditWho(category, e.auditValue(valueOf(text, "acct=")), more)
	e.add(eventv1.FieldId_FIELD_ID_GROUP_NAME, e.auditValue(valueOf(text, " grp=")))
	e.add(eventv1.FieldId_FIELD_ID_SERVICE_NAME, e.auditValue(valueOf(text, "unit=")))
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, e.auditValue(valueOf(text, " cmd=")))
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_EXECUTABLE, e.auditValue(valueOf(text, " exe=")))
	if ip := auditWord(valueOf(text, " addr=")); isIP(ip) {
		e.address(ip)
		e.port(auditWord(valueOf(text, " rport=")))
	} else if host := auditWord(valueOf(text, "hostname=")); isIP(host) {
		e.address(host) // a name is often this host's own
	}
	if tty := auditWord(valueOf(text, " terminal=")); string(tty) != "?" && string(tty) != "ssh" {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
	}
}

// auditWho sets whose account it is, and of a change to one who made it: that only an
// enriched record says by name.
func (e *entry) auditWho(category string, name, more []byte) {
	login, user, id := auditName(more, "AUID=\""), auditName(more, "UID=\""), auditName(more, "ID=\"")
	if isNoAccount(name) {
		name = id
	}
	switch {
	case category == iam:
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, login)
		e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
	case len(name) > 0:
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	case category == process:
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
	}
}

func isNoAccount(b []byte) bool {
	switch string(b) {
	case "", "(unknown)", "(unknown user)", "?", "(invalid user)":
		return true
	}
	return false
}

// auditName finds KEY="NAME" where nothing else ends in the key.
func auditName(b []byte, key string) []byte {
	for at := 0; ; {
		i := index(b[at:], key)
		if i < 0 {
			return nil
		}
		if at += i; at == 0 || b[at-1] == ' ' || b[at-1] == '\x1d' {
			name := until(b[at+len(key):], "\"")
			if string(name) == "unset" || string(name) == "unknown" {
				return nil
			}
			return name
		}
		at += len(key)
	}
}

// auditWord reads a value that is not quoted.
func auditWord(b []byte) []byte { return until(b, " ,')\x1d") }

// auditValue reads a value that is quoted, without escapes, or in hexadecimal.
func (e *entry) auditValue(b []byte) []byte {
	if inside, ok := cut(b, "\""); ok {
		end := bytes.IndexByte(inside, '"')
		if end < 0 {
			return nil
		}
		return inside[:end]
	}
	word := auditWord(b)
	if string(word) == "?" || string(word) == "(null" || string(word) == "(none" { // up to the parenthesis
		return nil
	}
	return e.auditHex(word)
}

// valueOf gives what follows a key that stands once in b; in what a program says, a
// second one may be a user's text.
func valueOf(b []byte, key string) []byte {
	_, rest, ok := split(b, key)
	if !ok || contains(rest, key) && key[0] == ' ' {
		return nil
	}
	return rest
}

// auditHex undoes the hexadecimal in which names with blanks or quotes are written.
func (e *entry) auditHex(b []byte) []byte {
	if len(b) == 0 || len(b)%2 != 0 || len(b) > e.room {
		return b
	}
	start := len(e.scratch)
	for i := 0; i < len(b); i += 2 {
		high, low := hex(b[i]), hex(b[i+1])
		if high < 0 || low < 0 || b[i] >= 'a' || b[i+1] >= 'a' {
			e.scratch = e.scratch[:start]
			return b
		}
		e.scratch = append(e.scratch, byte(high<<4|low))
	}
	text := bytes.TrimRight(e.scratch[start:], "\x00")
	e.scratch = e.scratch[:start+len(text)]
	for i, c := range text {
		if c == 0 {
			text[i] = ' ' // between a command's words
		}
	}
	return text[:len(text):len(text)]
}
