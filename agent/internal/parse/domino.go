package parse

// domino reads the failed logins in the console log of HCL (IBM) Domino,
// "07-10-2025 09:00:00   SMTP Server[ [THREAD]][:] TEXT", in the orders of a date that a
// server's locale writes. Its source is not public: it is as logs
// have it.
func (e *entry) domino(c *clock, m []byte) bool {
	if len(m) < 40 {
		return false
	}
	var t stamp
	rest, ok := t.isoTime(m)
	if !ok {
		// Day and month change places with the locale: then the time is left out.
		if rest = m[10:]; !has(rest, " ") || m[2] != '-' && m[2] != '/' && m[2] != '.' {
			return false
		}
		var of stamp
		if rest, ok = of.clockTime(rest[1:]); !ok {
			return false
		}
	}
	rest = trimLeft(rest)
	thread, _, _ := split(rest[:min(len(rest), 80)], "] ")
	if at := index(thread, " ["); at > 0 && contains(rest, "] ") {
		rest = rest[len(thread)+2:]
	} else if _, after, ok := split(rest[:min(len(rest), 40)], " Server: "); ok {
		rest = rest[len(rest[:min(len(rest), 40)])-len(after):]
	} else {
		return false
	}
	if !e.readTemplate(rest, []templated{
		{"Authentication failed for user %u ; connecting host %h", authentication, "mail_login", failure},
		{"authentication failure using internet password", authentication, "mail_login", failure},
	}) {
		return false
	}
	if unix, ok := c.unix(&t); ok && t.year > 0 {
		e.at(unix)
	}
	return true
}
