package parse

// endlessh reads the ssh tarpit Endlessh 1.1, "TIME ACCEPT host=IP port=N fd=N
// n=N/N" and "TIME CLOSE host=IP …", with -s by syslog; endlessh.c. Nobody but a scanner
// connects to it.
func (e *entry) endlessh(c *clock, m []byte) bool {
	if isDigit(m[0]) {
		var t stamp
		rest, ok := t.isoTime(m)
		unix, valid := c.unix(&t)
		if !ok || !valid || len(rest) < 2 {
			return false
		}
		m = rest[1:]
		e.at(unix)
	}
	return e.readTemplate(m, []templated{
		{"ACCEPT host=%h port=%p fd=%d n=%*", network, "tarpit_connection", failure},
		{"CLOSE host=%h port=%p fd=%d time=%*", network, "tarpit_closed", unknown},
	})
}
