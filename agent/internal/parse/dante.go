package parse

// dante reads the SOCKS server Dante by syslog: "info: RULE(N): COMMAND/VERB
// [: CLIENT.PORT SERVER.PORT[: WHY]"; as in 1.4.2: sockd/auth_pam.c, sockd/auth_password.c. An
// address and its port have a dot between them.
func (e *entry) dante(m []byte) bool {
	if !has(m, "info: block(") && !has(m, "info: pass(") {
		return false
	}
	_, rest, ok := split(m[:min(len(m), 80)], ": tcp/accept ")
	if !ok {
		return false
	}
	rest = m[len(m[:min(len(m), 80)])-len(rest):]
	_, rest, ok = split(rest, ": ")
	client, why := token(rest)
	host, port, dotted := splitLast(client, ".")
	if !ok || !dotted || !isPort(port) || !isIP(host) {
		return false
	}
	var s slots
	switch {
	case s.matches(why, "%*: pam_authenticate() for user \"%u\" failed: %*"), s.matches(why, "%*: could not access user \"%u\"'s records in the system password file: %*"),
		s.matches(why, "%*: system password authentication failed for user \"%u\"%*"):
		e.did(authentication, "proxy_login", failure)
	case has(m, "info: block("):
		e.did(network, "proxy_connection_refused", failure)
	default:
		e.did(network, "proxy_connection", unknown)
	}
	e.address(host)
	e.port(port)
	e.user(s.user)
	return true
}
