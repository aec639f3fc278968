package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// login reads login on terminals and systemd-logind: shadow 4.8.1 and 4.17.4
// (src/login.c), util-linux 2.41 (login-utils/login.c) and FreeBSD's
// (usr.bin/login/login.c), which the other BSDs share.
func (e *entry) login(m []byte) bool {
	return e.consoleLogin(m) || e.consoleDenied(m) || e.consoleBSD(m) || e.logind(m)
}

// consoleLogin reads "FAILED LOGIN (N) on 'TTY'[ from 'HOST'] FOR 'NAME', WHY",
// "FAILED LOGIN N FROM HOST FOR NAME, WHY", "LOGIN ON TTY BY NAME[ FROM HOST]" and
// "ROOT LOGIN  ON TTY[ FROM HOST]".
func (e *entry) consoleLogin(m []byte) bool {
	if rest, ok := cut(m, "FAILED LOGIN "); ok {
		e.did(authentication, "console_login", failure)
		e.consoleFor(rest, true)
		return true
	}
	if rest, ok := cut(m, "TOO MANY LOGIN TRIES "); ok {
		e.did(authentication, "console_max_attempts", failure)
		e.consoleFor(rest, false)
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

// consoleFor reads "… from 'HOST' FOR 'NAME'[, WHY]" and "… FROM HOST FOR NAME, WHY". The
// name is a stranger's, and stands between what login wrote before it and PAM's reason.
func (e *entry) consoleFor(b []byte, reasoned bool) {
	head, name, ok := split(b, " FOR ")
	if !ok {
		return
	}
	var reason []byte
	if reasoned || !isQuoted(name) { // util-linux has a reason always
		if name, reason, ok = splitLast(name, ", "); !ok {
			return
		}
	}
	if isQuoted(name) {
		name = name[1 : len(name)-1]
	}
	if !isNobody(name) && string(name) != "UNKNOWN" && string(name) != "(unknown)" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	if _, host, ok := split(head, " from "); ok {
		host, _, _ := inQuotes(host)
		e.address(host)
	} else if _, host, ok := split(head, "FROM "); ok {
		if has(host, "tty") && !contains(host, ".") {
			e.terminal(host) // what util-linux writes where there is no host
		} else {
			e.address(host)
		}
	}
}

// isQuoted says whether all of b stands in single quotes, of which the first may be a
// backquote.
func isQuoted(b []byte) bool {
	return len(b) > 1 && (b[0] == '\'' || b[0] == '`') && b[len(b)-1] == '\''
}

func (e *entry) loginFrom(b []byte) {
	tty, host, ok := split(b, " FROM ")
	if !ok {
		tty, host, ok = split(b, " from ")
		host, _, _ = inQuotes(host)
	}
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
