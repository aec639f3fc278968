package parse

// vaultwarden reads the logins at Vaultwarden, "[2006-01-02 15:04:05.000][TARGET][LEVEL]
// TEXT. IP: IP[. Username: NAME]." The address comes before the name. Checked in its
// repository, one commit of each file: src/api/identity.rs (005fafa),
// src/api/core/two_factor/authenticator.rs (000c606), the macros of src/error.rs (0365b7c);
// of src/api/admin.rs only post_admin_login. "Invalid refresh token" and "Invalid TOTP Code"
// are as logs have it; the other second factors were not looked at.
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
	case isVaultFailure(text):
	case has(text, "User ") && contains(text, " logged in successfully"):
		outcome = success
	case has(text, "Login failure (") || string(text) == "Recovery code is incorrect. Try again.":
		e.did(authentication, "web_login", failure) // without a word of where from
		e.at(unix)
		return true
	default:
		return false
	}
	head, rest, ok := split(text, " IP: ")
	if outcome == success {
		if head, rest, ok = splitLast(text, " logged in successfully. IP: "); !ok {
			head, rest, ok = splitLast(text, " logged in successfully via API key. IP: ")
		}
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

// isVaultFailure knows what the text of a login that failed begins with, where an address
// follows it.
func isVaultFailure(text []byte) bool {
	for _, why := range [...]string{
		"Username or password is incorrect", "Username or access code is incorrect", "Auth request not found", "Invalid admin token",
		"Invalid TOTP code", "Invalid TOTP Code", "This user has been disabled", "Please verify your email before trying again",
		"Invalid refresh token", "Incorrect client_secret", "Malformed client_id", "Invalid client_id",
	} {
		if has(text, why) {
			return true
		}
	}
	return false
}
