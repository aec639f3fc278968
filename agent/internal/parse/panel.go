package parse

// panel reads the logins at hosting panels, in logs of their own. Their sources are not
// public: it is as logs have it.
//
//   - DirectAdmin, login.log: "2025:10:07-09:00:00: 'IP' N failed login attempts.
//     Account 'U'[ via 'V']"
//   - cPanel & WHM, login_log: `[2025-10-07 09:00:00 +0000] info [cpsrvd] IP - U
//     "POST /login/ HTTP/1.1" FAILED LOGIN cpaneld: …`
func (e *entry) panel(c *clock, m []byte) bool {
	if len(m) < 40 {
		return false
	}
	if isDigit(m[0]) {
		return e.directadmin(c, m)
	}
	return e.cpanel(c, m)
}

func (e *entry) directadmin(c *clock, m []byte) bool {
	if m[4] != ':' || m[7] != ':' || m[10] != '-' {
		return false
	}
	t := stamp{year: four(m), month: two(m[5:]), day: two(m[8:])}
	rest, ok := t.clockTime(m[11:])
	if rest, _ = cut(rest, ": "); !ok || t.year < 0 || t.month < 1 || t.day < 1 {
		return false
	}
	unix, ok := c.unix(&t)
	if !ok || !e.readTemplate(rest, []templated{
		{"'%h' %d failed login attempts. Account '%u' via '%*'", authentication, "web_login", failure},
		{"'%h' %d failed login attempts. Account '%u'", authentication, "web_login", failure},
		{"'%h' %d failed login attempt. Account '%u'", authentication, "web_login", failure},
		{"'%h' successful login to '%u' after %d attempts", authentication, "web_login", success},
		{"'%h' successful login to '%u' via '%*' after %d attempts", authentication, "web_login", success},
		{"'%h' logged in to '%u'%*", authentication, "web_login", success},
	}) {
		return false
	}
	e.at(unix)
	return true
}

func (e *entry) cpanel(c *clock, m []byte) bool {
	rest, open := cut(m, "[")
	var t stamp
	rest, ok := t.isoTime(rest)
	if ok && !t.zoned && len(rest) > 6 && rest[0] == ' ' {
		rest = t.zone(rest[1:])
	}
	rest, closed := cut(rest, "] ")
	unix, valid := c.unix(&t)
	if !open || !ok || !closed || !valid {
		return false
	}
	if !e.readTemplate(rest, []templated{
		{"info [%w] %h - %u \"%*\" FAILED LOGIN %*", authentication, "web_login", failure},
		{"info [%w] %h - %u \"%*\" DEFERRED LOGIN %*", authentication, "web_login", failure},
		{"info [%w] %h NEW %u:%*", session, "web_session_opened", success},
	}) {
		return false
	}
	e.at(unix)
	return true
}
