package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// login reads login on terminals and systemd-logind.
func (e *entry) login(m []byte) bool {
	return e.consoleLogin(m) || e.logind(m)
}

// consoleLogin reads "FAILED LOGIN (N) on 'TTY'[ from 'HOST'] FOR 'NAME', WHY",
// "LOGIN ON TTY BY NAME[ FROM HOST]" and "ROOT LOGIN  ON TTY[ FROM HOST]".
func (e *entry) consoleLogin(m []byte) bool {
	if rest, ok := cut(m, "FAILED LOGIN "); ok {
		e.did(authentication, "console_login", failure)
		head, tail, ok := split(rest, " FOR ")
		if !ok {
			return true
		}
		if name, reason, ok := splitLast(tail, ", "); ok {
			if name, _, ok := inQuotes(name); ok {
				tail = name
			} else {
				tail = nil
			}
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, tail)
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		}
		if _, host, ok := split(head, " from "); ok {
			host, _, _ := inQuotes(host)
			e.address(host)
		}
		return true
	}
	if rest, ok := cut(m, "ROOT LOGIN "); ok {
		rest = trimLeft(rest)
		after, ok := cut(rest, "ON ")
		if !ok {
			after, ok = cut(rest, "on ")
		}
		if !ok {
			return false
		}
		e.did(authentication, "console_login", success)
		e.text(eventv1.FieldId_FIELD_ID_USER_NAME, "root")
		e.loginFrom(after)
		return true
	}
	rest, ok := cut(m, "LOGIN ON ")
	if !ok {
		return false
	}
	tty, name, ok := split(rest, " BY ")
	if !ok {
		return false
	}
	e.did(authentication, "console_login", success)
	e.terminal(tty)
	if who, host, ok := splitLast(name, " FROM "); ok && e.address(host) {
		name = who
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

func (e *entry) loginFrom(b []byte) {
	tty, host, ok := split(b, " FROM ")
	if quoted, _, in := inQuotes(tty); in {
		tty = quoted
	}
	e.terminal(tty)
	if ok {
		e.address(host)
	}
}

func (e *entry) logind(m []byte) bool {
	if rest, ok := cut(m, "New session "); ok {
		_, name, ok := split(rest, " of user ")
		if !ok {
			return false
		}
		e.did(session, "session_opened", success)
		if user, _, ok := split(name, " with class "); ok {
			name = user
			name, _ = cutEnd(name, "'")
			name, _ = cut(name, "'")
		}
		name, _ = cutEnd(name, ".")
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if has(m, "Removed session ") || (has(m, "Session ") && contains(m, " logged out")) {
		e.did(session, "session_closed", unknown)
		return true
	}
	return false
}
