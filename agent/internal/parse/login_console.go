package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// consoleDenied reads what shadow's login says where it does without PAM: a text, the
// name in quotes, " on 'TTY'[ from 'HOST']". The name is a stranger's; what follows is
// login's, so it is read from there.
func (e *entry) consoleDenied(m []byte) bool {
	if len(m) == 0 {
		return false
	}
	for _, line := range [...]struct{ text, action, outcome string }{
		{"invalid password for ", "console_login", failure},
		{"LOGIN '", "console_login_denied", failure},
		{"exceeded failure limit for ", "console_login_denied", failure},
		{"invalid login time for ", "console_login_denied", failure},
		{"no shadow password for ", "console_login_denied", failure},
		{"ILLEGAL ROOT LOGIN ", "console_login_denied", failure},
		{"REPEATED login failures", "console_max_attempts", failure},
		{"'", "console_login", success},
	} {
		rest, ok := cut(m, line.text)
		if !ok {
			continue
		}
		name, place, _ := splitLast(rest, " on '")
		if place, ok = cutEnd(place, "'"); !ok {
			return false
		}
		switch line.text {
		case "LOGIN '":
			name, ok = cutEnd(trimRight(name), "' REFUSED")
		case "'":
			name, ok = cutEnd(trimRight(name), "' logged in")
		case "ILLEGAL ROOT LOGIN ":
			name = []byte("root")
		case "REPEATED login failures":
			name, ok = nil, len(name) == 0
		default:
			if name = trimRight(name); isQuoted(name) {
				name = name[1 : len(name)-1]
			} else {
				ok = false
			}
		}
		if !ok {
			return false
		}
		e.did(authentication, line.action, line.outcome)
		if string(name) != "UNKNOWN" {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		tty, host, ok := split(place, "' from '")
		e.terminal(tty)
		if ok {
			e.address(host)
		}
		return true
	}
	return false
}

// consoleBSD reads "N LOGIN FAILURE[S] FROM HOST[, NAME]" and "… ON TTY[, NAME]", of
// which both are logged, "login [from HOST ]on TTY as NAME", "ROOT LOGIN (NAME) ON TTY
// [FROM HOST]" and "LOGIN NAME REFUSED (WHY) [FROM HOST ]ON TTY TTY".
func (e *entry) consoleBSD(m []byte) bool {
	if number, rest := digits(m); isNumber(number) {
		after, ok := cut(rest, " LOGIN FAILURE")
		if !ok {
			return false
		}
		after, _ = cut(after, "S")
		return e.consoleFailures(number, after)
	}
	if rest, ok := cut(m, "login "); ok {
		e.did(authentication, "console_login", success)
		if host, after, ok := split(rest, " on "); ok && has(host, "from ") {
			e.address(host[len("from "):])
			rest = after
		} else if rest, ok = cut(rest, "on "); !ok {
			return false
		}
		tty, name, ok := split(rest, " as ")
		if !ok {
			return false
		}
		e.terminal(tty)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if rest, ok := cut(m, "ROOT LOGIN ("); ok {
		name, rest, ok := splitLast(rest, ") ON ")
		if !ok {
			return false
		}
		e.did(authentication, "console_login", success)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		e.loginFrom(rest)
		return true
	}
	rest, ok := cut(m, "LOGIN ")
	head, tty, on := splitLast(rest, " ON TTY ")
	name, reason, in := split(head, " REFUSED (")
	if !ok || !on || !in {
		return false
	}
	e.did(authentication, "console_login_denied", failure)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	reason, host, from := split(reason, ") FROM ")
	if from {
		e.address(host)
	} else {
		reason, _ = cutEnd(reason, ")")
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	e.terminal(tty)
	return true
}

func (e *entry) consoleFailures(number, b []byte) bool {
	host, from := cut(b, " FROM ")
	tty, on := cut(b, " ON ")
	if !from && !on {
		return false
	}
	place := host
	if on {
		place = tty
	}
	place, name, named := split(place, ", ")
	action := "console_login_more"
	if named {
		action = "console_login"
	}
	e.did(authentication, action, failure)
	e.repeats(number)
	if on {
		e.terminal(place)
	} else {
		e.address(place)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}
