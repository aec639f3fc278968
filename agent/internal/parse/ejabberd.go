package parse

// ejabberd reads the logins in ejabberd's log: "TIME [LEVEL] <PID>@MODULE:FUNCTION:LINE
// TEXT"; as in 24.12: src/ejabberd_c2s.erl. Of the older wording ("Failed authentication for", "Failed
// legacy authentication"), whose address ends the line, it is as logs have it.
func (e *entry) ejabberd(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	unix, valid := c.unix(&t)
	rest, open := cut(trimLeft(trimZone(rest)), "[")
	level, rest, closed := split(rest[:min(len(rest), 160)], "] ")
	if !ok || !valid || !open || !closed || !has(rest, "<") || !contains(rest, "@ejabberd_") && !contains(rest, "@mod_") {
		return false
	}
	_, text, _ := split(m[index(m, "@"):], " ")
	if !e.readTemplate(text, []templated{
		{"(%*) Failed authentication for %u from IP %h", authentication, "app_login", failure},
		{"(%*) Failed authentication for %u from %h", authentication, "app_login", failure},
		{"(%*) Failed c2s %w authentication for %u from %h: %*", authentication, "app_login", failure},
		{"(%*) Failed legacy authentication for %u from IP %h%*", authentication, "app_login", failure},
		{"(%*) Accepted authentication for %u by %w from %h", authentication, "app_login", success},
		{"(%*) Accepted c2s %w authentication for %u by %w backend from %h", authentication, "app_login", success},
	}) {
		return false
	}
	e.at(unix)
	e.level(level)
	return true
}

// trimZone drops a zone that follows a time.
func trimZone(b []byte) []byte {
	if len(b) > 6 && (b[0] == '+' || b[0] == '-') && b[3] == ':' {
		return b[6:]
	}
	return b
}
