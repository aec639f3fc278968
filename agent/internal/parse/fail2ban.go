package parse

// fail2ban reads what Fail2ban itself decides, in a log of its own ("2025-10-07
// 09:00:00,123 fail2ban.actions [12]: NOTICE [JAIL] Ban IP") or by syslog; as in 1.1.0:
// fail2ban/server/actions.py, filter.py, observer.py.
func (e *entry) fail2ban(c *clock, m []byte) bool {
	if len(m) < 12 {
		return false
	}
	if isDigit(m[0]) {
		var t stamp
		rest, ok := t.isoTime(m)
		rest, named := cut(trimLeft(rest), "fail2ban.")
		_, rest, colon := split(rest[:min(len(rest), 64)], ": ")
		unix, valid := c.unix(&t)
		if !ok || !named || !colon || !valid {
			return false
		}
		m = m[index(m, ": ")+2:]
		_ = rest
		e.at(unix)
	}
	level, rest := token(m)
	if !isLevelWord(level) {
		return false
	}
	if !e.readTemplate(trimLeft(rest), []templated{
		{"[%w] Ban %h", network, "client_banned", failure},
		{"[%w] Restore Ban %h", network, "client_banned", failure},
		{"[%w] Unban %h", network, "client_unbanned", unknown},
		{"[%w] %h already banned", network, "client_banned", failure},
		{"[%w] Found %h - %*", network, "client_suspected", unknown},
		{"[%w] Found %h", network, "client_suspected", unknown},
		{"[%w] Ignore %h%*", network, "client_suspected", unknown},
		{"[%w] Increase Ban %h (%*", network, "client_banned", failure},
	}) {
		return false
	}
	e.level(level)
	return true
}
