package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// accessWho reads who asked, which stands before the time:
//
//	HOST[:PORT] IDENT USER        most
//	VHOST[:PORT] HOST IDENT USER  vhost_combined; also without IDENT and USER
//	HOST VHOST USER               lighttpd
//	HOST - [HOST, …] - USER       ingress-nginx up to 0.24
//	HOST, … IDENT USER            X-Forwarded-For instead of the client
//
// A virtual host may be what the client asked for, and an address as well: of two
// addresses side by side none is believed.
func (e *entry) accessWho(b []byte) bool {
	if host, ok := cutEnd(b, " - -"); ok && isIPv4(host) { // nearly all
		e.add(eventv1.FieldId_FIELD_ID_SOURCE_IP, host)
		return true
	}
	first, rest := token(trimRight(b))
	rest = trimLeft(rest)
	second, after := token(rest)
	after = trimLeft(after)
	if ip, port := layoutAddress(first); ip != nil {
		return e.whoAddress(ip, port, rest)
	}
	if head, _, list := split(first, ","); list && isIP(head) {
		e.whoForwarded(head, first, rest)
		return true
	}
	third, user := token(after)
	ip, port := layoutAddress(second)
	switch {
	case ip != nil && (len(after) == 0 || len(user) > 0 || string(after) == "-"):
		e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, ip)
		e.port(port)
		e.vhost(first)
		e.whoUser(trimLeft(user))
	case len(user) > 0 && isHost(second) && string(third) == "-" && e.address(second):
		e.vhost(first)
		e.whoUser(trimLeft(user))
	case len(rest) == 0, !e.address(first) && string(first) != "-" && !has(first, "unix:"):
		return false
	default:
		e.whoUser(after)
	}
	return true
}

// whoAddress reads what follows a client's address.
func (e *entry) whoAddress(ip, port, rest []byte) bool {
	second, user := token(rest)
	user = trimLeft(user)
	other, _ := layoutAddress(second)
	if other != nil && len(user) > 0 {
		_, user = token(user)
		user = trimLeft(user)
		switch {
		case isServerPort(port) && bytes.IndexByte(second, ':') < 0:
			e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, other)
			e.ipHost(ip, port)
			e.whoUser(user)
			return true
		case !bytes.Equal(other, ip):
			e.whoUser(user)
			return true
		}
	}
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, ip)
	e.port(port)
	if string(second) == "-" {
		if list, ok := cut(user, "["); ok {
			if inner, after, ok := split(list, "] - "); ok && (len(inner) == 0 || string(inner) == "-" || isIP(firstAddress(inner))) {
				user = after
			}
		}
	} else if bytes.IndexByte(second, '.') > 0 && isHost(second) && len(user) > 0 {
		e.domain(second)
	}
	e.whoUser(user)
	return true
}

// isServerPort knows a port that a client does not have: Debian's Apache begins a line with
// the server's address and port where it has no name.
func isServerPort(port []byte) bool {
	return len(port) > 0 && (atoi(port) < 1024 || string(port) == "8080" || string(port) == "8443")
}

// ipHost sets a virtual host that is an address.
func (e *entry) ipHost(ip, port []byte) {
	e.add(eventv1.FieldId_FIELD_ID_URL_DOMAIN, ip)
	e.add(eventv1.FieldId_FIELD_ID_URL_PORT, port)
}

// vhost sets "HOST[:PORT]" of the server's.
func (e *entry) vhost(b []byte) {
	name, port, ok := splitLast(b, ":")
	if !ok || !isPort(port) {
		name, port = b, nil
	}
	if isIP(name) || isHost(name) {
		e.add(eventv1.FieldId_FIELD_ID_URL_DOMAIN, name)
	}
	e.add(eventv1.FieldId_FIELD_ID_URL_PORT, port)
}

// whoForwarded reads the rest of a list of addresses that the client may have begun.
func (e *entry) whoForwarded(first, word, rest []byte) {
	e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, first)
	for len(word) > 0 && word[len(word)-1] == ',' {
		word, rest = token(rest)
	}
	_, user := token(trimLeft(rest))
	e.whoUser(trimLeft(user))
}

// whoUser sets the name that somebody gave.
func (e *entry) whoUser(b []byte) {
	if string(b) != "-" && string(b) != `""` && string(b) != "- -" {
		e.logged(eventv1.FieldId_FIELD_ID_USER_NAME, b)
	}
}

// accessRest reads what follows the status: `BYTES "REFERRER" "AGENT" more`.
func (e *entry) accessRest(b []byte) {
	if size, rest := token(b); len(size) > 0 && (isNumber(size) || string(size) == "-") {
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, size)
		b = rest
	}
	if len(b) == 0 {
		return
	}
	if b[0] != '"' {
		b = toQuote(b)
	}
	referrer, rest, ok := e.quoted(b)
	if !ok {
		return
	}
	e.header(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, referrer)
	agent, rest, ok := e.quoted(trimLeft(rest))
	if !ok {
		return
	}
	e.header(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, agent)
	e.accessTail(trimLeft(rest))
}

// toQuote passes the numbers and words that stand before the first quote.
func toQuote(b []byte) []byte {
	const longest = 128
	i := bytes.IndexByte(b[:min(len(b), longest)], '"')
	if i < 1 || b[i-1] != ' ' {
		return nil
	}
	return b[i:]
}

// accessTail reads what follows the agent, as far as it says itself what it is: a
// string in quotes is X-Forwarded-For where its first element is an address; Traefik
// ends with `"ROUTER" "URL" NNms`, ingress-nginx goes on with `LENGTH SECONDS [UPSTREAM] [`.
func (e *entry) accessTail(b []byte) {
	if len(b) == 0 {
		return
	}
	b, _ = cut(b, "X-Forwarded-For=")
	if forwarded, _, ok := e.quoted(b); ok {
		first, _, _ := split(forwarded, ",")
		e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, first)
		return
	}
	if !isDigit(b[0]) {
		return
	}
	if head, ok := cutEnd(b, "ms"); ok && len(b) > 8 {
		if _, ms, ok := splitLast(head, `" `); ok && isNumber(ms) {
			e.duration(ms, 1_000_000)
		}
		return
	}
	length, rest := token(b)
	seconds, rest := token(rest)
	if has(rest, "[") && contains(rest[:min(len(rest), 256)], "] [") && isNumber(length) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_BYTES, length)
		e.duration(seconds, 1_000_000_000)
	}
}

// duration sets how long it took, from a decimal number of a unit of so many
// nanoseconds.
func (e *entry) duration(b []byte, unit int64) {
	if n, ok := nanoseconds(b, unit); ok {
		e.integer(eventv1.FieldId_FIELD_ID_EVENT_DURATION, n)
	}
}

func nanoseconds(b []byte, unit int64) (int64, bool) {
	whole, fraction, _ := split(b, ".")
	const longest = 1 << 62
	if len(whole) > 18 || !isDigits(whole) || atoi(whole) > longest/unit || len(fraction) > 12 || len(fraction) > 0 && !isDigits(fraction) {
		return 0, false
	}
	n := atoi(whole) * unit
	for _, digit := range fraction {
		unit /= 10
		n += int64(digit-'0') * unit
	}
	return n, true
}
