package parse

// freeswitch reads FreeSWITCH's log, "[UUID ]2025-10-07 09:00:00.123456[
// 97.60%] [LEVEL] FILE:LINE TEXT"; of mod_sofia, as
// logs have it, not held against its source.
func (e *entry) freeswitch(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	if !ok {
		return false
	}
	rest = trimLeft(rest)
	if load, after := token(rest); len(load) > 1 && load[len(load)-1] == '%' {
		rest = after
	}
	level, rest, closed := split(rest[:min(len(rest), 80)], "] ")
	level, open := cut(level, "[")
	file, _ := token(rest)
	if !closed || !open || !contains(file, ".c:") && !contains(file, ".cpp:") {
		return false
	}
	text := m[index(m, ".c"):]
	if _, text = token(text); len(text) == 0 {
		return false
	}
	start := e.mark()
	if !e.freeswitchText(text) {
		e.undo(start)
		return false
	}
	if unix, ok := c.unix(&t); ok {
		e.at(unix)
	}
	e.level(level)
	return true
}

func (e *entry) freeswitchText(text []byte) bool {
	return e.readTemplate(text, []templated{
		{"SIP auth failure (%w) on sofia profile '%w' for [%u@%*] from ip %h", authentication, "sip_login", failure},
		{"SIP auth failure (%w) on sofia profile '%w' for [%u] from ip %h", authentication, "sip_login", failure},
		{"SIP auth challenge (%w) on sofia profile '%w' for [%u@%*] from ip %h", authentication, "sip_login_incomplete", unknown},
		{"Can't find user [%u@%*] from %h", authentication, "sip_login", failure},
		{"IP %h Rejected by register acl \"%*\"", network, "sip_rejected", failure},
		{"IP %h Rejected by register acl", network, "sip_rejected", failure},
		{"IP %h Rejected by acl \"%*\"", network, "sip_rejected", failure},
		{"IP %h Rejected by user acl%*", network, "sip_rejected", failure},
	})
}
