package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// suricata reads Suricata's eve.json as logs have it: not held against
// its source. What a client sent is in strings of its own.
func (e *entry) suricata(c *clock, m []byte) bool {
	return e.jsonReader.read(m) && e.suricataJSON(c)
}

// suricataJSON reads {"timestamp":…,"event_type":…,"src_ip":…,"dest_ip":…,"proto":…,…}.
func (e *entry) suricataJSON(c *clock) bool {
	r := &e.jsonReader
	var v suricataEvent
	for _, p := range r.scanner.pairs {
		if slot := v.slot(p.key); slot != nil && *slot == nil && len(p.value) > 0 && p.kind != '0' {
			*slot = p.value
		}
	}
	if v.kind == nil || v.source == nil || v.destination == nil {
		return false
	}
	switch string(v.kind) {
	case "alert":
		outcome := unknown
		if string(v.action) == "blocked" {
			outcome = failure
		}
		e.did("intrusion_detection", "intrusion_alert", outcome)
	case "http":
		if len(v.status) == 3 && isNumber(v.status) {
			e.did(web, "http_request", statusOutcome(v.status))
		} else {
			e.did(web, "http_request", unknown)
		}
	case "dns":
		e.did(network, "dns_query", unknown)
	case "drop":
		e.did(network, "firewall_denied", failure)
	default:
		e.did(network, "network_traffic", unknown)
	}
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	e.address(v.source)
	e.port(v.sourcePort)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, v.destination)
	if isPort(v.destinationPort) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, v.destinationPort)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.signature)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, v.id)
	if isMethod(v.method) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v.method)
	}
	if len(v.url) > 0 {
		e.targetParts(v.url)
	}
	if len(v.status) == 3 {
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, v.status)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, v.agent)
	if len(v.host) > 0 {
		e.domain(v.host)
	}
	return true
}

type suricataEvent struct {
	kind, source, sourcePort, destination, destinationPort, action, signature, id, method, url, status, agent, host []byte
}

func (v *suricataEvent) slot(key []byte) *[]byte {
	switch string(key) {
	case "event_type":
		return &v.kind
	case "src_ip":
		return &v.source
	case "src_port":
		return &v.sourcePort
	case "dest_ip":
		return &v.destination
	case "dest_port":
		return &v.destinationPort
	case "alert.action":
		return &v.action
	case "alert.signature":
		return &v.signature
	case "alert.signature_id":
		return &v.id
	case "http.http_method":
		return &v.method
	case "http.url":
		return &v.url
	case "http.status":
		return &v.status
	case "http.http_user_agent":
		return &v.agent
	case "http.hostname":
		return &v.host
	}
	return nil
}
