package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// dropbear reads the messages of Dropbear's server, 0.52 to 2025.x, written from
// 2022.83: svr-auth.c, svr-authpasswd.c, svr-authpam.c, svr-authpubkey.c,
// svr-main.c, svr-session.c (svr_dropbear_exit). The names are the client's; the
// address ends the line, or stands in angle brackets before them. The capital that
// begins a message came with 2014.
func (e *entry) dropbear(m []byte) bool {
	if len(m) < 8 {
		return false
	}
	return e.dropbearAuth(m) || e.dropbearExit(m) || e.dropbearOther(m)
}

// foldCut is cut for a message whose first letter may be of either case.
func foldCut(b []byte, prefix string) ([]byte, bool) {
	if len(b) >= len(prefix) && b[0]|0x20 == prefix[0]|0x20 && string(b[1:len(prefix)]) == prefix[1:] {
		return b[len(prefix):], true
	}
	return b, false
}

// dropbearAuth reads "WHAT for 'NAME' … from IP:PORT".
func (e *entry) dropbearAuth(m []byte) bool {
	for _, line := range [...]struct{ text, action, outcome, method string }{
		{"bad password attempt for '", "ssh_login", failure, "password"},
		{"too-long password attempt for '", "ssh_login", failure, "password"},
		{"bad PAM password attempt for '", "ssh_login", failure, "password"},
		{"login attempt for nonexistent user", "ssh_login", failure, ""},
		{"login attempt with wrong user ", "ssh_login", failure, ""},
		{"pubkey auth bad signature for '", "ssh_login", failure, "publickey"},
		{"password auth succeeded for '", "ssh_login", success, "password"},
		{"PAM password auth succeeded for '", "ssh_login", success, "password"},
		{"pubkey auth succeeded for '", "ssh_login", success, "publickey"},
		{"auth succeeded with blank password for '", "ssh_login", success, "none"},
	} {
		rest, ok := foldCut(m, line.text)
		if !ok {
			continue
		}
		action, outcome := line.action, line.outcome
		if before, ok := cutEnd(rest, ", extra auth required"); ok {
			rest, action, outcome = before, "ssh_login_partial", unknown
		}
		name, client, ok := splitLast(rest, " from ")
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		if outcome == success {
			e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, session)
		}
		e.text(eventv1.FieldId_FIELD_ID_EVENT_ACTION, action)
		e.text(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, outcome)
		e.text(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, line.method)
		if !ok {
			return true
		}
		e.hostPort(client)
		if end := lastIndex(name, "' with "); end >= 0 && line.method == "publickey" {
			name = name[:end+1]
		}
		name, _ = cut(name, " '")
		if name, ok = cutEnd(name, "'"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	return false
}

// dropbearExit reads "Exit before auth[ from <IP:PORT>][ (user 'NAME', N fails)]: WHY"
// and "Exit (NAME)[ from <IP:PORT>]: WHY".
func (e *entry) dropbearExit(m []byte) bool {
	rest, ok := foldCut(m, "exit before auth")
	if !ok {
		rest, ok = foldCut(m, "early exit")
		if !ok {
			rest, ok = foldCut(m, "premature exit")
		}
		if !ok {
			rest, ok = foldCut(m, "exit (")
			if !ok {
				return false
			}
			// An account that exists.
			name, rest, _ := split(rest, ")")
			e.sshPeer("ssh_connection_closed", unknown)
			e.dropbearFrom(rest)
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
			return true
		}
	}
	where, name, reason := dropbearUser(rest)
	tried, out := cut(reason, "Max auth tries reached - user '")
	if out {
		e.did(authentication, "ssh_max_attempts", failure)
	} else {
		e.sshPeer("ssh_preauth_close", unknown)
	}
	e.dropbearFrom(where)
	if _, client, ok := splitLast(tried, "' from "); out && ok {
		e.hostPort(client) // up to 2018
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return true
}

// dropbearUser reads "[ from <IP:PORT>:][ (user 'NAME', N fails)]: WHY", where the name is
// that of an account that exists, and the reason may hold a client's words.
func dropbearUser(b []byte) (where, name, reason []byte) {
	where = b
	if has(b, " from <") {
		if where, b, _ = split(b, ">"); has(b, ": (user '") {
			b = b[1:]
		}
	}
	rest, ok := cut(b, " (user '")
	if !ok {
		reason, _ = cut(b, ": ")
		return where, nil, reason
	}
	name, rest, _ = split(rest, "', ")
	_, reason, _ = split(rest, " fails): ")
	return where, name, reason
}

func (e *entry) dropbearFrom(b []byte) {
	if rest, ok := cut(b, " from <"); ok {
		client, _, _ := split(rest, ">")
		e.hostPort(client)
	}
}

func (e *entry) dropbearOther(m []byte) bool {
	if rest, ok := foldCut(m, "child connection from "); ok {
		e.sshPeer("ssh_connection", unknown)
		return e.hostPort(rest)
	}
	rest, user := cut(m, "User '")
	if !user {
		rest, user = cut(m, "user '")
	}
	if user {
		for _, end := range [...]string{"' has invalid shell, rejected", "' has blank password, rejected", "' is not allowed to log in"} {
			if name, ok := cutEnd(rest, end); ok {
				e.did(authentication, "ssh_user_denied", failure)
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
				return true
			}
		}
	}
	if rest, ok := cut(m, "User account '"); ok {
		e.did(authentication, "ssh_user_denied", failure)
		name, _ := cutEnd(rest, "' is locked")
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return true
	}
	if rest, ok := cut(m, "Logins are restricted to the group "); ok {
		e.did(authentication, "ssh_user_denied", failure)
		_, name, _ := splitLast(rest, " but user '")
		if name, ok = cutEnd(name, "' is not a member"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	switch {
	case has(m, "Failed listening on '"):
		e.did(process, "ssh_server_error", failure)
	case has(m, "root login rejected"):
		e.did(authentication, "ssh_user_denied", failure)
		e.text(eventv1.FieldId_FIELD_ID_USER_NAME, "root")
	case has(m, "Not backgrounding"), has(m, "Running in background"):
		e.did(process, "ssh_server_start", unknown)
	default:
		return false
	}
	return true
}
