package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Access logs of load balancers and of stores in a cloud, whose fields stand in a fixed
// order: Amazon S3's server access log and CloudFront's standard log as their manuals list
// the fields, those of Elastic Load Balancing (classic and application) as logs have them.

// accessCloud reads a line that begins with a letter, a digit or a bracket.
func (e *entry) accessCloud(c *clock, b []byte) bool {
	switch {
	case b[0] == '[' && b[5] == '-':
		return e.accessEnvoy(c, b)
	case b[0] == '[':
		return isDigit(b[1]) && e.accessSSL(c, b)
	case len(b) < 80:
		return false
	case has(b, "http "), has(b, "https "), has(b, "h2 "), has(b, "grpcs "), has(b, "ws "), has(b, "wss "):
		_, rest := token(b)
		return e.accessELB(c, rest)
	case b[64] == ' ':
		return e.accessS3(c, b)
	}
	return false
}

// accessYear reads a line that begins with a year: of CloudFront, or of a classic load
// balancer.
func (e *entry) accessYear(c *clock, b []byte) bool {
	start := e.mark()
	ok := false
	switch {
	case b[10] == '\t':
		ok = e.accessCloudFront(c, b)
	case len(b) > 80 && b[10] == 'T' && b[26] == 'Z' && bytes.IndexByte(b[27:min(len(b), 160)], ':') > 0:
		ok = e.accessELB(c, b)
	}
	if !ok {
		e.undo(start)
	}
	return ok
}

// accessELB reads `TIME NAME CLIENT:PORT TARGET:PORT T T T STATUS STATUS RECEIVED SENT
// "REQUEST" "AGENT" …`. A target that was not reached is a dash, and its times are -1.
func (e *entry) accessELB(c *clock, b []byte) bool {
	var word [11][]byte
	rest := b
	for i := range word {
		word[i], rest = token(rest)
	}
	var t stamp
	after, ok := t.isoTime(word[0])
	unix, valid := c.unix(&t)
	ip, port := layoutAddress(word[2])
	target, targetPort := layoutAddress(word[3])
	status := word[7]
	if !ok || !valid || len(after) > 0 || ip == nil || port == nil || target == nil && string(word[3]) != "-" {
		return false
	}
	request, rest, ok := quoted(rest)
	if !ok || !isStatus(status) && string(status) != "-" {
		return false
	}
	e.did(web, "http_request", layoutOutcome(trimDash(status)))
	e.at(unix)
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, ip)
	e.port(port)
	if target != nil {
		e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, target)
		e.number(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, targetPort)
	}
	e.request(request)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, trimDash(status))
	e.number(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_BYTES, word[9])
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BYTES, word[10])
	agent, _, _ := quoted(trimLeft(rest))
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, agent)
	total := int64(0)
	for _, part := range word[4:7] {
		n, ok := nanoseconds(part, 1_000_000_000)
		if !ok {
			return true
		}
		total += n
	}
	e.integer(eventv1.FieldId_FIELD_ID_EVENT_DURATION, total)
	return true
}

// trimDash makes of a dash nothing.
func trimDash(b []byte) []byte {
	if string(b) == "-" {
		return nil
	}
	return b
}

// accessS3 reads `OWNER BUCKET [TIME] IP REQUESTER ID OPERATION KEY "REQUEST" STATUS
// ERROR SENT SIZE TOTAL TURNAROUND "REFERRER" "AGENT" VERSION …`. A requester is an
// account or its role, whose name has no spaces.
func (e *entry) accessS3(c *clock, b []byte) bool {
	for _, c := range b[:64] {
		if hex(c) < 0 {
			return false
		}
	}
	_, rest := token(b[65:])
	inner, rest, ok := split(rest, "] ")
	inner, bracket := cut(inner, "[")
	unix, timed := c.bracketTime(inner)
	if !ok || !bracket || !timed {
		return false
	}
	var word [5][]byte // address, requester, id, operation, key
	for i := range word {
		word[i], rest = token(rest)
	}
	request, rest, ok := quoted(rest)
	if !ok {
		if word[4], rest = token(rest); string(word[4]) != "-" { // what S3 did by itself
			return false
		}
		rest = append([]byte(" "), rest...)
	}
	status, rest := token(trimOne(rest))
	if !isStatus(status) && string(status) != "-" || !isIP(word[0]) && string(word[0]) != "-" {
		return false
	}
	e.did(web, "http_request", layoutOutcome(trimDash(status)))
	e.at(unix)
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, word[0])
	if string(word[1]) != "Anonymous" {
		e.plainHeader(eventv1.FieldId_FIELD_ID_USER_NAME, word[1])
	}
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_ID, word[2])
	e.request(request)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, trimDash(status))
	var tail [5][]byte // error, sent, size, total, turnaround
	for i := range tail {
		tail[i], rest = token(rest)
	}
	e.plainHeader(eventv1.FieldId_FIELD_ID_ERROR_CODE, tail[0])
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, tail[1])
	e.duration(tail[3], 1_000_000)
	referrer, rest, _ := quoted(rest)
	agent, _, _ := quoted(trimOne(rest))
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, referrer)
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, agent)
	return true
}

// accessCloudFront reads the fields of the standard log, which tabs part: date, time,
// edge, bytes sent, client, method, distribution, path, status, referrer, agent, query,
// cookie, result, id, host, scheme, bytes received, seconds. Text is percent-encoded.
func (e *entry) accessCloudFront(c *clock, b []byte) bool {
	var f [19][]byte
	rest := b
	for i := range f {
		tab := bytes.IndexByte(rest, '\t')
		if tab < 0 {
			if i < len(f)-1 {
				return false
			}
			tab = len(rest)
		}
		f[i], rest = rest[:tab], rest[min(tab+1, len(rest)):]
	}
	t := stamp{year: four(f[0]), zoned: true}
	if len(f[0]) != 10 || f[0][7] != '-' {
		return false
	}
	t.month, t.day = two(f[0][5:]), two(f[0][8:])
	after, ok := t.clockTime(f[1])
	unix, valid := c.unix(&t)
	if !ok || !valid || len(after) > 0 || !isIP(f[4]) || !isMethod(f[5]) || !isStatus(f[8]) {
		return false
	}
	e.did(web, "http_request", layoutOutcome(f[8]))
	e.at(unix)
	e.ip(eventv1.FieldId_FIELD_ID_SOURCE_IP, f[4])
	e.method(f[5])
	target := f[7]
	if len(trimDash(f[11])) > 0 {
		start := len(e.scratch)
		e.scratch = append(append(append(e.scratch, f[7]...), '?'), f[11]...)
		target = e.scratch[start:len(e.scratch):len(e.scratch)]
	}
	e.targetParts(target)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, f[8])
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BYTES, f[3])
	e.number(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_BYTES, f[17])
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, e.percent(f[9]))
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, e.percent(f[10]))
	e.plainHeader(eventv1.FieldId_FIELD_ID_URL_SCHEME, f[16])
	e.domain(f[15])
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_ID, f[14])
	e.duration(f[18], 1_000_000_000)
	return true
}

// percent undoes percent encoding.
func (e *entry) percent(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 || len(b) > e.room {
		return b
	}
	start := len(e.scratch)
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && hex(b[i+1]) >= 0 && hex(b[i+2]) >= 0 {
			e.scratch = append(e.scratch, byte(hex(b[i+1])<<4|hex(b[i+2])))
			i += 2
			continue
		}
		e.scratch = append(e.scratch, b[i])
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}
