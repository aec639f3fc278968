package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// dovecotAuth reads "[conn …: auth-worker<N>: ]DB(NAME,IP[,master][,<SESSION>]): TEXT".
// The name is the client's, and with verbose_passwords so is the end of the text:
// an identifier counts only where no other stands.
func (e *entry) dovecotAuth(m []byte) bool {
	if rest, ok := cut(m, "conn unix:"); ok {
		if _, after, ok := split(rest, ": "); ok {
			m = after
		}
		if head, after, ok := split(m, ": "); ok && isDovecotAuth(head) {
			m = after
		}
	}
	database, rest, ok := split(m, "(")
	if !ok || len(database) == 0 || len(database) > 40 || !consists(database, inHost) {
		return false
	}
	// Dovecot cuts names at 64 bytes: no identifier is longer than this.
	window := rest[:min(len(rest), 512)]
	who, text, found := rest, []byte(nil), 0
	for at := 0; found < 2; {
		i := index(window[at:], "): ")
		if i < 0 {
			break
		}
		if at += i; dovecotIP(rest[:at]) != nil {
			if found++; found == 1 {
				who, text = rest[:at], rest[at+3:]
			}
		}
		at += 3
	}
	if found == 0 {
		if who, text, ok = splitOnly(rest, "): "); !ok {
			return false
		}
	}
	switch {
	case has(text, "Request timed out waiting for client to continue authentication"):
		e.did(authentication, "mail_login_incomplete", unknown)
	case isDovecotFailure(text):
		e.did(authentication, "mail_authentication", failure)
	default:
		return false
	}
	if reason, _, _ := split(text, " (given password: "); found < 2 {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		e.dovecotWho(who)
	}
	return true
}

// dovecotIP finds the address at the end of an identifier.
func dovecotIP(b []byte) []byte {
	if _, id, ok := splitLast(b[max(0, len(b)-160):], ",<"); ok && bytes.IndexByte(id, ',') < 0 && len(id) > 0 && id[len(id)-1] == '>' {
		b = b[:len(b)-len(id)-2]
	}
	b, _ = cutEnd(b, ",master")
	if _, ip, ok := splitLast(b[max(0, len(b)-64):], ","); ok && isIP(ip) {
		return ip
	}
	return nil
}

// dovecotWho sets the two parts of an identifier.
func (e *entry) dovecotWho(who []byte) {
	ip := dovecotIP(who)
	e.address(ip)
	name := who
	if ip != nil {
		name = who[:lastIndex(who, string(ip))-1]
	} else {
		name, _, _ = split(name, ",<")
	}
	if string(name) != "?" {
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
}

// isDovecotFailure knows why a password or a mechanism's response is not accepted;
// what is wrong with the server's own data is no failure of a client's.
func isDovecotFailure(text []byte) bool {
	if has(text, "invalid credentials length") || has(text, "Invalid password") && contains(text, " in passdb: ") {
		return false
	}
	for _, start := range [...]string{
		"unknown user", "Unknown user", "User unknown", "user unknown", "Password mismatch", "password mismatch", "pam_authenticate() failed",
		"pam_acct_mgmt() failed", "User found from deny passdb", "Authentication failure due to policy server refusal",
		"invalid password", "Invalid password", "invalid credentials", "Invalid credentials", "No password returned", "Login failed",
		"Attempted login with password having illegal chars", "Attempted master login", "User not authorized to log in as",
		"allow_nets check failed", "allow_real_nets check failed", "Username character disallowed", "Invalid username", "username not known",
		"user not found", "Password expired", "password expired", "account expired", "User is disabled", "user disabled", "Empty username",
		"Authentication failed", "Login attempt with empty password", "nopassword set but password is non-empty",
		"nopassword given and password is not empty", "Username+password combination too long", "Cached NULL password access",
		"no initial response", "malformed data", "invalid challenge", "invalid input", "invalid init response", "invalid response",
		"invalid OTP data", "user is locked", "user not authenticated", "oauth2 failed", "Missing username", "Missing token", "Username or token missing",
		"Invalid continued data", "Invalid gs2-header", "Client requested and used channel-binding", "Cross-realm authentication not supported",
		"GSSAPI mechanism not Kerberos5", "OID not kerberos principal name", "authn_name has NULs", "authz_name has NULs", "no authz_name",
	} {
		if has(text, start) {
			return true
		}
	}
	_, _, gssapi := split(text[:min(len(text), 100)], ": ")
	return gssapi && has(text, "While ") || contains(text, "user not found from userdb")
}
