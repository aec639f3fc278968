package parse

// voice reads two servers that write logs of their own:
//
//   - Murmur 1.5: "<W>2025-10-07 09:00:00.123 1 => <4:NAME(-1)> Rejected connection
//     from IP:PORT: WHY"; as in 1.5.735: src/murmur/Messages.cpp, Server.cpp
//   - ZNC 1.9.1, its module adminlog: "[2025-10-07 09:00:00] [NAME] failed to login
//     from IP"; modules/adminlog.cpp
func (e *entry) voice(c *clock, m []byte) bool {
	rest, ok := cut(m, "<W>")
	if !ok {
		rest, ok = cut(m, "[")
	}
	var t stamp
	rest, timed := t.isoTime(rest)
	unix, valid := c.unix(&t)
	if !ok || !timed || !valid {
		return false
	}
	if m[0] == '[' {
		rest, ok = cut(rest, "] ")
		if !ok || !e.readTemplate(rest, []templated{
			{"[%u] failed to login from %h", authentication, "app_login", failure},
			{"[%u] connected to ZNC from %h", authentication, "app_login", success},
			{"[%u] disconnected from ZNC from %h", session, "app_logout", unknown},
		}) {
			return false
		}
	} else if !e.readTemplate(trimLeft(rest), []templated{
		{"%d => <%d:%u(-1)> Rejected connection from %h: Invalid server password", authentication, "app_login", failure},
		{"%d => <%d:%u(-1)> Rejected connection from %h: Wrong certificate or password for existing user", authentication, "app_login", failure},
		{"%d => <%d:%u(-1)> Rejected connection from %h: %*", network, "app_connection_refused", failure},
		{"%d => <%d:%u(%d)> Authenticated", authentication, "app_login", success},
	}) {
		return false
	}
	e.at(unix)
	return true
}
