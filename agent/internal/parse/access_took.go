package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// isKey says whether a value stood under a key.
func (p jsonPair) isKey(key string) bool { return string(p.key) == key }

// accessPlace sets the scheme, and the server behind that answered.
func (e *entry) accessPlace(r *jsonReader) {
	if scheme := r.slots[slotScheme].value; string(scheme) == "http" || string(scheme) == "https" {
		e.text(eventv1.FieldId_FIELD_ID_NETWORK_PROTOCOL, "http")
		if e.out.Get(eventv1.FieldId_FIELD_ID_URL_SCHEME) == nil {
			e.add(eventv1.FieldId_FIELD_ID_URL_SCHEME, scheme)
		}
	}
	if ip, port := layoutAddress(r.slots[slotUpstream].value); ip != nil {
		e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, ip)
		e.number(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, port)
	}
}

// accessTook sets how long a request took, where its key or who wrote the line tells the
// unit: nginx's $request_time has a point, Traefik counts nanoseconds, Caddy seconds,
// Envoy and pino-http milliseconds.
func (e *entry) accessTook(r *jsonReader) {
	status := r.slots[slotStatus]
	for i := range r.scanner.pairs {
		p := &r.scanner.pairs[i]
		if len(p.key) < 7 || len(p.value) == 0 || !isDigit(p.value[0]) {
			continue
		}
		unit := unitOf(p.key)
		switch {
		case unit != 0:
		case p.isKey("request_time") && bytes.IndexByte(p.value, '.') > 0:
			unit = 1_000_000_000
		case p.isKey("Duration") && status.isKey("DownstreamStatus"):
			unit = 1
		case p.isKey("duration") && r.slots[slotURI].isKey("request.uri"):
			unit = 1_000_000_000
		case p.isKey("duration") && status.isKey("response_code"), p.isKey("responseTime") && status.isKey("res.statusCode"):
			unit = 1_000_000
		case p.isKey("httpRequest.latency") && p.value[len(p.value)-1] == 's':
			e.duration(p.value[:len(p.value)-1], 1_000_000_000)
			return
		default:
			continue
		}
		e.duration(p.value, unit)
		return
	}
}

// unitOf knows a key that says its unit.
func unitOf(key []byte) int64 {
	unit := int64(0)
	for _, u := range [...]struct {
		suffix string
		unit   int64
	}{{"_ms", 1_000_000}, {"Ms", 1_000_000}, {"_us", 1000}, {"_ns", 1}, {"_s", 1_000_000_000}} {
		if short, ok := cutEnd(key, u.suffix); ok {
			key, unit = short, u.unit
			break
		}
	}
	switch string(key) {
	case "duration", "elapsed", "latency", "took", "response_time", "responseTime", "request_time", "requestTime", "elapsed_time", "elapsedTime":
		return unit
	}
	return 0
}
