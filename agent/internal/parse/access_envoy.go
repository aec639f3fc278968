package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// accessEnvoy reads `[TIME] "METHOD PATH PROTOCOL" STATUS FLAGS … RECEIVED SENT MS MS
// "FORWARDED" "AGENT" "ID" "AUTHORITY" "UPSTREAM"`, the default format string of Envoy's
// manual, after which Istio writes `CLUSTER LOCAL LOCAL CLIENT NAME ROUTE`, as logs have it.
// A header is not taken to be escaped: the client's address is read from the end, and a
// second end of a request leaves the status out.
func (e *entry) accessEnvoy(c *clock, b []byte) bool {
	const longest = 16 << 10
	inner, rest, ok := split(b[1:min(len(b), 48)], `] "`)
	if !ok || len(b) > longest || len(inner) < 20 || inner[10] != 'T' {
		return false
	}
	rest = b[len(b[:min(len(b), 48)])-len(rest):]
	unix, timed := c.bracketTime(inner)
	request, after, found := split(rest, `" `)
	if !timed || !found || !isRequestLine(request) {
		return false
	}
	status, after := token(after)
	flags, after := token(after)
	numbers := envoyNumbers(after)
	if len(status) != 3 && string(status) != "0" || !isDigits(status) || !isEnvoyFlags(flags) || numbers == nil {
		return false
	}
	if bytes.Contains(after, []byte(`HTTP/`)) && endsRequestIn(after) {
		e.did(web, "http_request", unknown)
		e.at(unix)
		return true
	}
	outcome := unknown
	if len(status) == 3 {
		outcome = layoutOutcome(status)
	}
	e.did(web, "http_request", outcome)
	e.at(unix)
	e.envoyClient(after)
	e.request(request)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	e.envoyRest(numbers)
	return true
}

func endsRequestIn(b []byte) bool {
	for {
		_, rest, ok := split(b, " HTTP/")
		if !ok {
			return false
		}
		if version := until(rest, `"`); len(version) < 4 && len(version) < len(rest) {
			return true
		}
		b = rest
	}
}

// isEnvoyFlags knows the response flags, "-" or "UF,URX".
func isEnvoyFlags(b []byte) bool {
	if string(b) == "-" {
		return true
	}
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) && c != ',' {
			return false
		}
	}
	return len(b) > 0 && len(b) < 40
}

// envoyNumbers finds the numbers before the first header: Istio has the details of the
// response, of the end of the connection and of a failure in quotes before them.
func envoyNumbers(b []byte) []byte {
	for range 4 {
		word, rest := token(b)
		if isNumber(word) && isNumber(firstWord(rest)) {
			return b
		}
		if text, after, ok := quoted(b); ok && len(text) < 512 {
			rest = trimOne(after)
		}
		b = rest
	}
	return nil
}

// envoyRest reads `RECEIVED SENT MS MS "FORWARDED" "AGENT" "ID" "AUTHORITY" …`.
func (e *entry) envoyRest(b []byte) {
	received, b := token(b)
	sent, b := token(b)
	ms, b := token(b)
	_, b = token(b)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_BYTES, received)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, sent)
	e.duration(ms, 1_000_000)
	forwarded, b, ok := quoted(b)
	if !ok {
		return
	}
	e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, firstAddress(forwarded))
	agent, b, _ := quoted(trimOne(b))
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, agent)
	id, b, _ := quoted(trimOne(b))
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_ID, id)
	authority, _, _ := quoted(trimOne(b))
	e.domain(authority)
}

// envoyClient reads Istio's `"UPSTREAM" CLUSTER LOCAL LOCAL CLIENT NAME ROUTE` from the
// end.
func (e *entry) envoyClient(b []byte) {
	var word [6][]byte // route, name, client, local, local, cluster
	for i := range word {
		at := bytes.LastIndexByte(b, ' ')
		if at < 0 || bytes.IndexByte(b[at:], '"') >= 0 {
			return
		}
		word[i], b = b[at+1:], b[:at]
	}
	ip, port := layoutAddress(word[2])
	local, _ := layoutAddress(word[3])
	if ip == nil || local == nil || len(b) == 0 || b[len(b)-1] != '"' {
		return
	}
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, ip)
	e.port(port)
}
