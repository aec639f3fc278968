package parse

// monit reads what Monit 5's http interface says of clients, by syslog or in a log of
// its own ("[CEST Oct  7 09:00:00] error    : TEXT"); as logs have it,
// not held against its source. Its clock names a zone that only its host knows.
func (e *entry) monit(c *clock, m []byte) bool {
	if inner, ok := cut(m, "["); ok {
		zone, rest := token(inner)
		if len(zone) == 0 || len(zone) > 6 {
			return false
		}
		var t stamp
		rest, ok = t.bsdTime(rest)
		if !ok {
			return false
		}
		if rest, ok = cut(rest, "] "); !ok {
			return false
		}
		_, text, ok := split(rest[:min(len(rest), 24)], ": ")
		if !ok {
			return false
		}
		m = rest[len(rest[:min(len(rest), 24)])-len(text):]
		if unix, ok := c.unix(&t); ok {
			e.at(unix)
		}
	}
	m, _ = cut(m, "Warning: ")
	return e.readTemplate(m, []templated{
		{"HttpRequest: access denied -- client %h: unknown user ''", authentication, "web_login_incomplete", unknown},
		{"HttpRequest: access denied -- client %h: unknown user '%u'", authentication, "web_login", failure},
		{"HttpRequest: access denied -- client %h: wrong password for user '%u'", authentication, "web_login", failure},
		{"HttpRequest: access denied -- client %h: missing or invalid Authorization header", authentication, "web_login_incomplete", unknown},
		{"HttpRequest: access denied -- client %h: %*", network, "http_access_denied", failure},
		{"Client '%h' supplied unknown user '%u' accessing monit httpd", authentication, "web_login", failure},
		{"Client '%h' supplied wrong password for user '%u' accessing monit httpd", authentication, "web_login", failure},
		{"Denied connection from non-authorized client %h", network, "http_access_denied", failure},
	})
}
