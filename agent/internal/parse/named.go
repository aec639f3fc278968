package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// named reads BIND's messages about clients, 9.7 to 9.20, by syslog or in a file
// ("02-Jan-2006 15:04:05.000 [CATEGORY: ][LEVEL: ]…"); written from 9.18:
// lib/ns/client.c (ns_client_logv), query.c, xfrout.c, update.c, lib/dns/rrl.c and
// lib/isc/log.c. BIND wrote the address; the names asked for come after it.
func (e *entry) named(c *clock, m []byte) bool {
	var t stamp
	rest, ok := t.dashTime(m)
	if !ok {
		return e.namedText(m)
	}
	unix, valid := c.unix(&t)
	if !valid || len(rest) == 0 || rest[0] != ' ' || !e.namedText(rest[1:]) {
		return false
	}
	e.at(unix)
	return true
}

// dashTime reads "02-Jan-2006 15:04:05.000".
func (t *stamp) dashTime(b []byte) ([]byte, bool) {
	if len(b) < 20 || b[2] != '-' || b[6] != '-' || b[11] != ' ' {
		return b, false
	}
	t.day, t.month, t.year = two(b), monthOf(b[3:]), four(b[7:])
	if t.day < 0 || t.month == 0 || t.year <= 0 {
		return b, false
	}
	return t.clockTime(b[12:])
}

func (e *entry) namedText(m []byte) bool {
	// Categories and levels come first where the administrator asked for them.
	for range 2 {
		if head, rest, ok := split(m[:min(len(m), 32)], ": "); ok && consists(head, inHost) && len(head) < 20 && !has(m, "client ") {
			m = m[len(m[:min(len(m), 32)])-len(rest):]
		}
	}
	rest, ok := cut(m, "client ")
	if !ok {
		return e.namedServer(m)
	}
	if word, after := token(rest); len(word) > 0 && word[0] == '@' {
		rest = after
	}
	client, text := token(rest)
	client, _ = cutEnd(client, ":")
	host, port, ok := split(client, "#")
	port, signed := cutEnd(port, "/key")
	if port, _ = cutEnd(port, ":"); !ok || !isIP(host) {
		return false
	}
	if signed {
		name, after := token(text)
		if text = after; len(name) == 0 || len(name) > 256 {
			return false
		}
	}
	// "(NAME)[: view VIEW]: " stands before the text.
	if has(text, "(") {
		_, after, ok := split(text, "): ")
		if !ok {
			return false
		}
		text = after
	}
	if after, ok := cut(text, "view "); ok {
		if _, after, ok = split(after, ": "); ok {
			text = after
		}
	}
	if !e.namedClient(text) {
		return false
	}
	e.address(host)
	e.port(port)
	return true
}

func (e *entry) namedClient(text []byte) bool {
	text, _ = cut(text, "error: ")
	switch {
	case has(text, "query: "):
		e.did(network, "dns_query", unknown)
	case has(text, "query"), has(text, "cache "), has(text, "recursion "):
		if !contains(text, " denied") {
			if has(text, "query failed (REFUSED)") {
				e.did(network, "dns_query_denied", failure)
				return true
			}
			return false
		}
		e.did(network, "dns_query_denied", failure)
	case has(text, "zone transfer '") && contains(text, "' denied"), has(text, "bad zone transfer request: "):
		e.did(network, "dns_transfer_denied", failure)
	case has(text, "transfer of '") && contains(text, "XFR started"):
		e.did(network, "dns_transfer", unknown)
	case has(text, "update '") && contains(text, "' denied"), has(text, "updating zone '") && contains(text, "update unsuccessful"),
		has(text, "update forwarding '") && contains(text, "' denied"), has(text, "notify request denied"), has(text, "received notify for zone '") && contains(text, "not authoritative"):
		e.did(network, "dns_update_denied", failure)
	case has(text, "updating zone '"):
		e.did(network, "dns_update", success)
	case has(text, "request has invalid signature"), has(text, "bad cookie"), has(text, "message parsing failed"):
		e.did(network, "dns_request_invalid", failure)
	case has(text, "rate limit "), has(text, "would rate limit "), has(text, "no more TCP clients"), has(text, "no more recursive clients"), has(text, "recursive-clients "):
		e.did(network, "dns_rate_limited", failure)
	default:
		return false
	}
	if !has(text, "query: ") {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	}
	return true
}

func (e *entry) namedServer(m []byte) bool {
	if _, asked, ok := split(m, " resolving '"); ok && !has(m, "client ") {
		_, server, ok := splitLast(asked, "': ")
		if !ok {
			_, server, ok = splitLast(asked, "'?): ") // "lame server resolving 'N' (in 'Z'?): "
		}
		host, port, found := split(server, "#")
		if !ok || !found || !isIP(host) {
			return false
		}
		e.did(network, "dns_resolution_failed", failure)
		e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, host)
		if isPort(port) {
			e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, port)
		}
		return true
	}
	if rest, ok := cut(m, "invalid command from "); ok { // bin/named/controlconf.c
		e.did(network, "dns_request_invalid", failure)
		host, port, _ := split(until(rest, " "), "#")
		port, _ = cutEnd(port, ":")
		e.address(host)
		e.port(port)
		return true
	}
	switch {
	case has(m, "rate limit "), has(m, "would rate limit "), has(m, "limit "), has(m, "would limit "):
		if !contains(m, " responses to ") && !contains(m, " response to ") {
			return false
		}
		e.did(network, "dns_rate_limited", failure)
	case has(m, "transfer of '") && contains(m, ": failed while "):
		e.did(network, "dns_transfer", failure)
	case string(m) == "running":
		e.did(process, "service_started", success)
	case has(m, "shutting down"):
		e.did(process, "service_stopped", unknown)
	default:
		return false
	}
	return true
}
