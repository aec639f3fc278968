package parse

// vaultwarden reads Vaultwarden's failed logins, "[2006-01-02 15:04:05.000][TARGET][LEVEL]
// TEXT. IP: IP[. Username: NAME]."; as in 1.30: src/api/identity.rs,
// src/api/admin.rs, src/api/core/two_factor. The address comes before the name.
func (e *entry) vaultwarden(c *clock, m []byte) bool {
	rest, _ := cut(m, "[")
	var t stamp
	rest, ok := t.isoTime(rest)
	unix, valid := c.unix(&t)
	if rest, _ = cut(rest, "]["); !ok || !valid || !has(rest, "vaultwarden::") && !has(rest, "bitwarden_rs::") && !has(rest, "error][") {
		return false
	}
	_, text, ok := split(rest[:min(len(rest), 200)], "] ")
	if !ok {
		return false
	}
	text = rest[len(rest[:min(len(rest), 200)])-len(text):]
	outcome := failure
	switch {
	case has(text, "Username or password is incorrect"), has(text, "Invalid admin token"), has(text, "Invalid TOTP code"),
		has(text, "Invalid TOTP Code"), has(text, "This user has been disabled"), has(text, "Invalid refresh token"), has(text, "Incorrect client_secret"):
	case has(text, "User ") && contains(text, " logged in successfully. IP: "):
		outcome = success
	default:
		return false
	}
	head, rest, ok := split(text, " IP: ")
	if outcome == success {
		head, rest, ok = splitLast(text, " logged in successfully. IP: ")
	}
	if !ok {
		return false
	}
	host := until(rest, " ")
	host, _ = cutEnd(host, ".")
	name, _ := cut(head, "User ")
	if outcome == failure {
		_, name, _ = split(rest, " Username: ")
		name, _ = cutEnd(name, ".")
	}
	e.webLogin(outcome, host, name)
	e.at(unix)
	return true
}
