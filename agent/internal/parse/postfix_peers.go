package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// postfixProxied reads "[QUEUEID: ]proxy-accept: COMMAND: REPLY; from=<…> …" of a
// filter before the queue. The client is in the lines around it.
func (e *entry) postfixProxied(accepted bool, b []byte) bool {
	_, reply, ok := split(b, ": ")
	if !ok {
		return false
	}
	if accepted {
		e.did(network, "mail_accepted", success)
	} else {
		e.did(network, "mail_rejected", failure)
	}
	reply, _, _ = split(reply, "; from=<")
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reply)
	return true
}

func (e *entry) postfixTLS(m []byte) bool {
	if rest, ok := cut(m, "SSL_accept error from "); ok {
		return e.postfixDid("mail_tls_failed", unknown, nil, rest)
	}
	if rest, ok := cut(m, "TLS handshake failed for service="); ok {
		_, rest, ok = split(rest, " peer=")
		return ok && e.postfixDid("mail_tls_failed", unknown, nil, rest)
	}
	trust, rest, ok := split(m, " TLS connection ")
	if !ok {
		return false
	}
	switch string(trust) {
	case "Anonymous", "Untrusted", "Trusted", "Verified":
	default:
		return false
	}
	client, ok := cut(rest, "established from ")
	if !ok {
		client, ok = cut(rest, "reused from ")
	}
	return ok && e.postfixDid("mail_tls_established", success, nil, client)
}

// postfixListed reads dnsblog's "addr IP listed by domain D as A". A list may be one
// of the good, so that this alone says nothing.
func (e *entry) postfixListed(m []byte) bool {
	rest, ok := cut(m, "addr ")
	if !ok {
		return false
	}
	ip, list, ok := split(rest, " listed by domain ")
	if !ok || !isIP(ip) {
		return false
	}
	e.did(network, "mail_client_listed", unknown)
	e.address(ip)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, list)
	return true
}
