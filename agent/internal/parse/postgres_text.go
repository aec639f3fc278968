package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// postgresText reads a message and gives the user that it names.
func (e *entry) postgresText(level, text []byte) (user []byte, ok bool) {
	switch string(level) {
	case "LOG":
		return e.postgresLog(text)
	case "FATAL":
		if user, ok = e.postgresFatal(text); ok {
			return user, true
		}
	case "ERROR", "PANIC":
	default:
		if !isPostgresMore(level) {
			return nil, false
		}
		e.did(database, "db_message", unknown)
		return nil, true
	}
	e.did(database, "db_error", failure)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	return nil, true
}

func (e *entry) postgresFatal(text []byte) (user []byte, ok bool) {
	if head, rest, ok := split(text, "authentication failed for user \""); ok && len(head) < 40 {
		user, _, _ = splitLast(rest, "\"")
		e.did(authentication, "db_login", failure)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, user)
		e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, trimRight(head))
		return user, true
	}
	if has(text, "no pg_hba.conf entry for ") || has(text, "pg_hba.conf rejects ") {
		return e.postgresRule(text), true
	}
	if rest, ok := cut(text, "role \""); ok {
		for _, end := range [...]string{"\" does not exist", "\" is not permitted to log in"} {
			if name, ok := cutEnd(rest, end); ok {
				e.did(authentication, "db_login", failure)
				e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
				return name, true
			}
		}
	}
	switch {
	case has(text, "certificate validation ("), has(text, "connection requires a valid client certificate"), has(text, "LDAP "), has(text, "empty password returned"):
		e.did(authentication, "db_login", failure)
	case has(text, "canceling authentication due to timeout"):
		e.did(authentication, "db_login_timeout", failure)
	case has(text, "sorry, too many clients already"), has(text, "too many connections for "), has(text, "remaining connection slots are reserved"),
		has(text, "database \"") && contains(text, "\" does not exist"), has(text, "permission denied for database "),
		has(text, "database \"") && contains(text, " is not currently accepting connections"), has(text, "must be superuser to connect"),
		has(text, "must be superuser or replication role to start walsender"), has(text, "the database system is "), has(text, "cannot connect to invalid database "):
		e.did(network, "db_connection_refused", failure)
	case has(text, "unsupported frontend protocol"), has(text, "invalid length of startup packet"), has(text, "invalid startup packet layout"),
		has(text, "no PostgreSQL user name specified in startup packet"), has(text, "expected password response"):
		e.did(network, "db_protocol_error", failure)
	case has(text, "terminating connection due to "), has(text, "terminating connection because of "), has(text, "connection to client lost"):
		e.did(network, "db_disconnect", unknown)
	default:
		return nil, false
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	return nil, true
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// postgresRule reads "… for [replication connection from ]host "H", user "U"[, database
// "D"], SSL off": the host comes first.
func (e *entry) postgresRule(text []byte) []byte {
	e.did(authentication, "db_login", failure)
	_, rest, ok := split(text, "host \"")
	host, rest, found := split(rest, "\", user \"")
	if !ok || !found {
		return nil
	}
	e.address(host)
	name, _, ok := splitOnly(rest, "\", database \"")
	if !ok {
		if name, _, ok = splitOnly(rest, "\", "); !ok {
			return nil
		}
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return name
}

func (e *entry) postgresLog(text []byte) (user []byte, ok bool) {
	if rest, ok := cut(text, "connection received: host="); ok {
		e.did(network, "db_connection", unknown)
		host, rest := token(rest)
		e.address(host)
		if port, ok := cut(rest, "port="); ok {
			e.port(port)
		}
		return nil, true
	}
	if rest, ok := cut(text, "connection authorized: user="); ok {
		e.did(authentication, "db_login", success)
		name, _, ok := splitOnly(rest, " database=")
		if ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return name, true
	}
	if rest, ok := cut(text, "replication connection authorized: user="); ok {
		e.did(authentication, "db_login", success)
		name, _ := token(rest)
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		return name, true
	}
	if has(text, "disconnection: session time: ") {
		e.did(network, "db_disconnect", unknown)
		if _, rest, ok := splitLast(text, " host="); ok {
			host, port := token(rest)
			e.address(host)
			if port, ok := cut(port, "port="); ok {
				e.port(port)
			}
		}
		return nil, true
	}
	if rest, ok := cut(text, "connection authenticated: "); ok {
		return e.postgresIdentity(rest), true
	}
	return nil, e.postgresServer(text)
}

// postgresIdentity reads `identity="NAME" method=M (FILE:LINE)`, since 17 with user= for
// a trusted one. The name is the client's; the method ends the line.
func (e *entry) postgresIdentity(b []byte) []byte {
	e.did(authentication, "db_authentication", success)
	rest, ok := cut(b, "identity=\"")
	if !ok {
		rest, ok = cut(b, "user=\"")
	}
	name, method, found := splitOnly(rest, "\" method=")
	if !ok || !found {
		return nil
	}
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_AUTH_METHOD, firstWord(method))
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	return name
}

// postgresServer reads what names no client.
func (e *entry) postgresServer(text []byte) bool {
	switch {
	case has(text, "statement: "), has(text, "duration: "), has(text, "execute "), has(text, "AUDIT: "), has(text, "fastpath function call: "):
		e.did(database, "db_statement", unknown)
	case has(text, "invalid length of startup packet"), has(text, "incomplete startup packet"), has(text, "invalid startup packet layout"),
		has(text, "could not accept SSL connection"), has(text, "unexpected EOF on client connection"):
		e.did(network, "db_protocol_error", unknown)
	case has(text, "could not receive data from client: "), has(text, "could not send data to client: "):
		e.did(network, "db_disconnect", unknown)
	case has(text, "provided user name ("), has(text, "no match in usermap \""), has(text, "pam_authenticate failed: "), has(text, "pam_acct_mgmt failed: "),
		has(text, "LDAP login failed for user \""), has(text, "LDAP user \""), has(text, "could not perform initial LDAP bind for "),
		has(text, "could not connect to Ident server at address \""):
		e.did(authentication, "db_authentication", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	case has(text, "database system is ready to accept "):
		e.did(process, "service_started", success)
	case has(text, "database system is shut down"):
		e.did(process, "service_stopped", unknown)
	default:
		return false
	}
	return true
}
