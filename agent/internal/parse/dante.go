package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// dante reads the connections that the SOCKS server Dante logs, by syslog or in a log of
// its own: "info: VERDICT(RULE): PROTOCOL/COMMAND SIGN: [METHOD%USER@]CLIENT.PORT SERVER.PORT[ -> …
// TARGET.PORT][: WHY]", the sign "[" of a beginning, "]" of an end, "-" in between. Written
// from 1.4.2: lib/log.c (iolog, getlogprefix), lib/method.c (build_addrstr_src,
// authinfo), sockd/auth_pam.c, auth_password.c, accesscheck.c, sockd_protocol.c. An address and
// its port have a dot between them. The client chose the target's name, so why is only
// believed where there is no target yet.
func (e *entry) dante(m []byte) bool {
	if rest, ok := e.dantePrefix(m); ok {
		m = rest
	}
	head := m[:min(len(m), 80)]
	pass, blocked := has(m, "info: pass("), has(m, "info: block(")
	_, rule, ok := split(head, "): ")
	if !ok || !pass && !blocked {
		return false
	}
	command, rest := token(rule)
	if !has(command, "tcp/") && !has(command, "udp/") || len(rest) < 3 || rest[1] != ':' || rest[2] != ' ' {
		return false
	}
	sign := rest[0]
	ends, why, reasoned := split(m[len(head)-len(rest)+3:], ": ")
	accept := string(command) == "tcp/accept"
	switch {
	case accept && blocked && reasoned && e.danteLogin(why):
	case blocked && sign != '-':
		e.did(network, "proxy_connection_refused", failure)
	case pass && sign == '[':
		e.did(network, "proxy_connection", unknown)
	case pass && sign == ']':
		e.did(network, "proxy_disconnect", unknown)
	default:
		return false
	}
	e.danteEnds(ends[:min(len(ends), 1024)])
	e.transport(command[:3])
	return true
}

// dantePrefix reads "Oct  7 09:00:00 (1759827600.123456) danted[12]: " of its own log.
func (e *entry) dantePrefix(m []byte) ([]byte, bool) {
	if len(m) < 40 || m[15] != ' ' || m[16] != '(' {
		return m, false
	}
	epoch, rest, ok := split(m[17:min(len(m), 96)], ") ")
	_, _, named := split(rest, "]: ")
	unix, valid := epochTime(epoch)
	if !ok || !named || !valid {
		return m, false
	}
	e.at(unix)
	_, after, _ := split(m[17:], "]: ")
	return after, true
}

// danteLogin sets a login that failed, by the reasons that the methods give.
func (e *entry) danteLogin(why []byte) bool {
	var s slots
	for _, t := range [...]string{
		"%*pam_authenticate() for user \"%u\" failed: %*", "%*could not access user \"%u\"'s records in the system password file: %*",
		"%*system password authentication failed for user \"%u\"", "%*system password authentication failed for user \"%u\" %*",
		"%*no user \"%u\" found in system password file", "%*system password crypt(3) failed for user \"%u\": %*",
		"%*pam_acct_mgmt(): %*", "%*: auth_userokay failed: %*", "%*authentication provided by client for method \"%*\" does not match%*",
		"%*gss_accept_sec_context() failed: %*", "%*client offered no acceptable authentication method%*",
	} {
		if !s.matches(why, t) && !s.matches(why, t[2:]) {
			continue
		}
		e.did(authentication, "proxy_login", failure)
		if !s.ambiguous && !isNobody(s.user) {
			e.user(s.user)
		}
		return true
	}
	return false
}

// danteEnds reads the client, who it is, and the target. A name may hold what looks like
// them: two of its marks, and neither is believed.
func (e *entry) danteEnds(b []byte) {
	source, target, _ := splitLast(b, " -> ")
	for has(source, "[") { // the hosts that a client says it speaks for
		_, rest, ok := split(source, "] ")
		if !ok {
			return
		}
		source = rest
	}
	first, _ := token(source)
	if at := bytes.IndexByte(source, '@'); at >= 0 {
		_, name, ok := split(source[:at], "%")
		if !ok || bytes.IndexByte(source[at+1:], '@') >= 0 || contains(name, " ") {
			return
		}
		if !isNobody(name) && e.out.Get(eventv1.FieldId_FIELD_ID_USER_NAME) == nil {
			e.user(name)
		}
		first, _ = token(source[at+1:])
	}
	host, port := dotted(first)
	last := target[bytes.LastIndexByte(target, ' ')+1:]
	server, serverPort := dotted(last)
	e.peers(host, port, server, serverPort)
}

// dotted splits "ADDRESS.PORT".
func dotted(b []byte) (host, port []byte) {
	host, port, _ = splitLast(b, ".")
	return host, port
}
