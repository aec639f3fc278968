package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sshSession reads lines about sessions of users that are logged in.
func (e *entry) sshSession(m []byte) bool {
	if rest, ok := cut(m, "Starting session: "); ok {
		e.did(session, "ssh_session_opened", success)
		head, _, ok := splitLast(rest, " id ")
		if !ok {
			head = rest
		}
		if i := index(head, " for "); i >= 0 {
			e.sshTail(head[i+5:])
		}
		return true
	}
	if rest, ok := cut(m, "Close session: "); ok {
		e.did(session, "ssh_session_closed", unknown)
		head, _, ok := splitLast(rest, " id ")
		if rest, isUser := cut(head, "user "); ok && isUser {
			e.sshTail(rest)
		}
		return true
	}
	if rest, ok := cut(m, "session opened for local user "); ok {
		e.did(session, "ssh_session_opened", success)
		e.sshTail(rest)
		return true
	}
	if rest, ok := cut(m, "session closed for local user "); ok {
		e.did(session, "ssh_session_closed", unknown)
		e.sshTail(rest)
		return true
	}
	if rest, ok := cut(m, "subsystem request for "); ok {
		outcome := unknown
		if found, ok := cutEnd(rest, " failed, subsystem not found"); ok {
			rest, outcome = found, failure
		}
		e.did(session, "ssh_subsystem", outcome)
		if _, name, ok := splitLast(rest, " by user "); ok { // the client's words stand before it
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	return false
}

// sshServer reads what the daemon says about itself.
func (e *entry) sshServer(m []byte) bool {
	switch {
	case has(m, "Server listening on "):
		e.did(process, "ssh_server_start", unknown)
	case has(m, "Received signal ") || has(m, "Exiting on signal ") || has(m, "Received SIGHUP"):
		e.did(process, "ssh_server_stop", unknown)
	case has(m, "Bind to port ") || has(m, "Cannot bind any address") || has(m, "Could not load host ") ||
		has(m, "Unable to load host key") || has(m, "listen on [") || has(m, "RESTART FAILED: ") || has(m, "sshd: no hostkeys available"):
		e.did(process, "ssh_server_error", failure)
	default:
		return false
	}
	return true
}
