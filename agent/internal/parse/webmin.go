package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// webmin reads Webmin's logins by syslog and its own log of actions, "SECONDS.PID.N
// [02/Jan/2006 15:04:05] USER SESSION IP MODULE SCRIPT "ACTION" "TYPE" "OBJECT"";
// as in 2.1: miniserv.pl (handle_login, write_logout_utmp),
// web-lib-funcs.pl (webmin_log).
func (e *entry) webmin(c *clock, m []byte) bool {
	for _, line := range [...]struct{ text, outcome string }{
		{"Invalid login as ", failure}, {"Non-existent login as ", failure}, {"Expired login as ", failure},
		{"Locked login as ", failure}, {"Successful login as ", success}, {"Non-existent or restricted login as ", failure},
	} {
		if rest, ok := cut(m, line.text); ok {
			name, host, ok := splitLast(trimRight(rest), " from ")
			if !ok {
				return false
			}
			e.webLogin(line.outcome, host, name)
			return true
		}
	}
	if rest, ok := cut(m, "Logout by "); ok {
		name, host, ok := splitLast(trimRight(rest), " from ")
		if !ok {
			return false
		}
		e.did(session, "web_logout", unknown)
		e.hostPort(host)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if rest, ok := cut(m, "Timeout of session for "); ok {
		e.did(session, "web_logout", unknown)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, trimRight(rest))
		return true
	}
	if rest, ok := cut(m, "Security alert: Host "); ok {
		host, rest := token(rest)
		if !has(rest, "blocked after ") {
			return false
		}
		e.did(authentication, "web_login_blocked", failure)
		return e.hostPort(host)
	}
	id, rest := token(m)
	rest, ok := cut(rest, "[")
	var t stamp
	rest, timed := t.accessTime(rest)
	unix, valid := c.unix(&t)
	if rest, closed := cut(rest, "] "); ok && timed && valid && closed && len(id) > 10 {
		name, rest := token(rest)
		_, rest = token(rest)
		host, rest := token(rest)
		_, rest = token(rest)
		script, rest := token(rest)
		if string(script) != "miniserv.pl" || !isIP(host) {
			return false
		}
		switch action, _, _ := quoted(rest); string(action) {
		case "failed", "wronguser", "wrongpass":
			e.webLogin(failure, host, name)
		case "login":
			e.webLogin(success, host, name)
		case "logout", "timeout":
			e.did(session, "web_logout", unknown)
			e.address(host)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		default:
			return false
		}
		e.at(unix)
		return true
	}
	return false
}
