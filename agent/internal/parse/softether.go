package parse

// softether reads the failed logins at SoftEther VPN 4's server, in a security log of a
// hub ("2025-10-07 09:00:00.123 TEXT") or by its own syslog ("… (TIME) <SECURITY_LOG>: TEXT");
// as logs have it, not held against its source.
func (e *entry) softether(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.isoTime(m)
	unix, valid := c.unix(&t)
	if !ok || !valid {
		return false
	}
	rest = trimLeft(rest)
	if _, after, ok := split(rest[:min(len(rest), 256)], "_LOG>: "); ok {
		rest = m[len(m)-len(rest)+len(rest[:min(len(rest), 256)])-len(after):]
	}
	if !e.readTemplate(rest, []templated{
		{"Connection \"%w\": User authentication failed. The user name that has been provided was \"%u\", from %h.", authentication, "vpn_login", failure},
		{"Connection \"%w\": User authentication failed. The user name that has been provided was \"%u\".", authentication, "vpn_login", failure},
		{"Connection \"%w\": Successfully authenticated as user \"%u\".", authentication, "vpn_login", success},
	}) {
		return false
	}
	e.at(unix)
	return true
}
