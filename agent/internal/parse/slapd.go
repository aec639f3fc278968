package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// slapd reads OpenLDAP's statistics (loglevel stats), 2.3 to 2.6, written from 2.5.13:
// servers/slapd/connection.c, daemon.c, bind.c, passwd.c, result.c. Each line is
// "conn=N fd=N WHAT" or "conn=N op=N WHAT"; only the one of the connection names the
// address, only the one of the request the name, only the result how it ended.
func (e *entry) slapd(m []byte) bool {
	if rest, ok := cut(m, "fd="); ok {
		_, rest, _ = split(rest, " ")
		if rest, ok = cut(rest, "DENIED from "); ok {
			e.did(network, "ldap_connection_refused", failure)
			_, client, _ := splitLast(rest, " (")
			if client, ok = cutEnd(client, ")"); ok {
				e.hostPort(client)
			}
			return true
		}
		return false
	}
	rest, ok := cut(m, "conn=")
	if !ok {
		return e.slapdServer(m)
	}
	_, rest = token(rest)
	_, rest = token(rest)
	if client, ok := cut(rest, "ACCEPT from "); ok {
		e.did(network, "ldap_connection", unknown)
		if client, ok = cut(client, "IP="); ok {
			e.hostPort(firstWord(client))
		}
		return true
	}
	if rest, ok := cut(rest, "BIND "); ok {
		return e.slapdBind(rest)
	}
	if rest, ok := cut(rest, "DISCONNECT tag="); ok {
		e.did(network, "ldap_disconnect", unknown)
		if _, reason, ok := split(rest, " text="); ok {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		}
		return true
	}
	if has(rest, "TLS established ") {
		e.did(network, "ldap_tls_established", success)
		return true
	}
	return e.slapdRest(rest)
}

// slapdBind reads `dn="DN" method=N`, `authcid="NAME" authzid="NAME"` of SASL, and
// `anonymous …` of a connection that asked for nothing. Quotes in a DN are not escaped,
// so it ends at the last one.
func (e *entry) slapdBind(b []byte) bool {
	if has(b, "anonymous ") {
		e.did(network, "ldap_request", unknown)
		e.text(eventv1.FieldId_FIELD_ID_EVENT_REASON, "BIND")
		return true
	}
	if rest, ok := cut(b, `authcid="`); ok {
		e.did(authentication, "ldap_bind_accepted", success)
		if name, _, ok := splitOnly(rest, `" authzid="`); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	rest, ok := cut(b, `dn="`)
	if !ok {
		return false
	}
	name, after, ok := splitLast(rest, `" `)
	if !ok {
		return false
	}
	if has(after, "mech=") {
		e.did(authentication, "ldap_bind_accepted", success)
	} else {
		e.did(authentication, "ldap_bind_request", unknown)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, loginOf(name))
	return true
}

// loginOf is the login name in a DN that begins with one ("uid", RFC 4519), the whole
// DN otherwise.
func loginOf(dn []byte) []byte {
	if rest, ok := cutFold(dn, "uid="); ok {
		if name := until(rest, ",+\\"); len(name) > 0 && (len(name) == len(rest) || rest[len(name)] == ',') {
			return name
		}
	}
	return dn
}

func (e *entry) slapdRest(rest []byte) bool {
	if result, ok := cut(rest, "RESULT tag=97 err="); ok {
		code, _ := digits(result)
		switch string(code) {
		case "":
			return false
		case "0":
			e.did(authentication, "ldap_bind", success)
		case "14":
			e.did(authentication, "ldap_bind_request", unknown) // SASL goes on
		default:
			e.did(authentication, "ldap_bind", failure)
		}
		e.add(eventv1.FieldId_FIELD_ID_ERROR_CODE, code)
		if _, reason, ok := split(result, " text="); ok {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		}
		return true
	}
	if id, ok := cut(rest, `PASSMOD id="`); ok {
		e.did(iam, "password_change_requested", unknown)
		for _, end := range [...]string{`" old new`, `" old`, `" new`, `"`} {
			if name, ok := cutEnd(id, end); ok {
				e.add(eventv1.FieldId_FIELD_ID_USER_TARGET_NAME, name)
				break
			}
		}
		return true
	}
	if e.slapdOperation(rest) {
		return true
	}
	if string(rest) == "UNBIND" {
		e.did(network, "ldap_unbind", unknown)
		return true
	}
	if string(rest) == "closed" || has(rest, "closed (") {
		e.did(network, "ldap_disconnect", unknown)
		return true
	}
	return false
}

// slapdOperation reads what a client asked for besides a bind, and how that ended:
// "RESULT tag=N err=N" of every operation, "SEARCH RESULT" of a search.
func (e *entry) slapdOperation(rest []byte) bool {
	result, ok := cut(rest, "SEARCH RESULT tag=")
	if !ok {
		result, ok = cut(rest, "RESULT tag=")
	}
	if !ok {
		result, ok = cut(rest, "RESULT oid=") // of an extended operation
	}
	if ok {
		_, result, ok = split(result, " err=")
		code, _ := digits(result)
		if !ok || len(code) == 0 {
			return false
		}
		e.did(network, "ldap_result", ldapOutcome(code))
		e.add(eventv1.FieldId_FIELD_ID_ERROR_CODE, code)
		return true
	}
	switch word, _ := token(rest); string(word) {
	case "SRCH", "ADD", "MOD", "DEL", "MODRDN", "CMP", "EXT", "ABANDON", "STARTTLS", "WHOAMI":
		e.did(network, "ldap_request", unknown)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, word)
		return true
	}
	return false
}

// ldapOutcome is what a result code of RFC 4511 says: compareFalse, compareTrue,
// referral and saslBindInProgress are no failures.
func ldapOutcome(code []byte) string {
	switch string(code) {
	case "0", "5", "6", "10":
		return success
	case "14":
		return unknown
	}
	return failure
}

func (e *entry) slapdServer(m []byte) bool {
	switch {
	case has(m, "slapd starting"):
		e.did(process, "service_started", success)
	case has(m, "slapd stopped"):
		e.did(process, "service_stopped", unknown)
	default:
		return false
	}
	return true
}
