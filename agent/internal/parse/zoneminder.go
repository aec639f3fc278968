package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// zoneminder reads the logins at ZoneMinder: "10/07/25 09:00:00.123456
// web_php[PID].LEVEL [IP] [TEXT] at FILE line N", the time in the locale's format; as logs have it,
// not held against its source.
func (e *entry) zoneminder(c *clock, m []byte) bool {
	when, rest, ok := split(m[:min(len(m), 80)], " web_php[")
	if !ok || len(when) < 17 || when[2] != '/' || when[5] != '/' {
		return false
	}
	pid, rest, ok := split(m[len(m[:min(len(m), 80)])-len(rest):], "].")
	if !ok || !e.readTemplate(rest, []templated{
		{"%w [%h] [Could not retrieve user %u details] at %*", authentication, "web_login", failure},
		{"%w [%h] [Login denied for user \"%u\"] at %*", authentication, "web_login", failure},
		{"%w [%h] [Login successful for user \"%u\"] at %*", authentication, "web_login", success},
	}) {
		return false
	}
	if isNumber(pid) {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	}
	t := stamp{month: two(when), day: two(when[3:]), year: 2000 + two(when[6:])}
	if when[8] != ' ' || t.month < 1 || t.day < 1 || t.year < 2000 {
		return true // a locale's own format
	}
	if _, ok := t.clockTime(when[9:]); ok {
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	return true
}

// zoneminderPHP reads the same where PHP's error log is its place, with the client that
// Apache wrote before it: "ERR [TEXT]", and a referrer that Apache adds.
func (e *entry) zoneminderPHP(m []byte) bool {
	rest, ok := cut(m, "ERR [")
	if !ok {
		return false
	}
	text, after, ok := split(rest, "], referer: ")
	if !ok {
		if text, ok = cutEnd(rest, "]"); !ok {
			return false
		}
	}
	end := " details"
	name, login := cut(text, "Could not retrieve user ")
	if !login {
		end = `"`
		if name, login = cut(text, `Login denied for user "`); !login {
			return false
		}
	}
	e.did(authentication, "web_login", failure)
	if name, ok = cutEnd(name, end); ok && !contains(after, "], referer: ") {
		e.user(name)
	}
	return true
}
