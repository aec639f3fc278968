package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// modsecurityJSON reads an object of an audit log: version 3's and Coraza's, where all is
// below "transaction", version 2's, where only the ends of the connection are; and a line
// of Caddy's whose message is Coraza's.
func (e *entry) modsecurityJSON(c *clock) bool {
	r := &e.jsonReader
	if message := r.slots[slotMessage].value; has(message, "[client \"") {
		if !e.modsecurityText(message) {
			return false
		}
		e.modsecurityURI(message)
		if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
			e.at(unix)
		}
		e.level(r.slots[slotLevel].value)
		e.set(eventv1.FieldId_FIELD_ID_MESSAGE, message)
		return true
	}
	if len(r.scanner.pairs) < 6 || !has(r.scanner.pairs[0].key, "transaction.") {
		return false
	}
	var v wafEvent
	for _, p := range r.scanner.pairs {
		if slot := v.slot(p.key); slot != nil && *slot == nil && p.kind != '0' {
			*slot = p.value
		}
	}
	if v.client == nil || v.uri == nil && v.line == nil {
		return false
	}
	switch status := len(v.status) == 3 && isNumber(v.status); {
	case string(v.stopped) == "true":
		e.did(web, "waf_denied", failure)
	case status:
		e.did(web, "waf_audit", statusOutcome(v.status))
	default:
		e.did(web, "waf_audit", unknown)
	}
	if unix, ok := c.wafTime(v.when); ok {
		e.at(unix)
	}
	e.peers(v.client, v.port, v.server, v.serverPort)
	if v.uri == nil {
		e.request(v.line)
	} else {
		if isMethod(v.method) {
			e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v.method)
		}
		e.targetParts(v.uri)
	}
	if len(v.status) == 3 {
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, v.status)
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, v.agent)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, wafValue(v.message, `[id "`))
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, wafValue(v.message, `[msg "`))
	return true
}

type wafEvent struct {
	client, port, server, serverPort, when, method, uri, line, status, agent, stopped, message []byte
}

func (v *wafEvent) slot(key []byte) *[]byte {
	switch string(key) {
	case "transaction.client_ip", "transaction.remote_address":
		return &v.client
	case "transaction.client_port", "transaction.remote_port":
		return &v.port
	case "transaction.host_ip", "transaction.local_address":
		return &v.server
	case "transaction.host_port", "transaction.local_port":
		return &v.serverPort
	case "transaction.time_stamp", "transaction.timestamp", "transaction.time":
		return &v.when
	case "transaction.request.method":
		return &v.method
	case "transaction.request.uri":
		return &v.uri
	case "request.request_line":
		return &v.line
	case "transaction.response.http_code", "transaction.response.status", "response.status":
		return &v.status
	case "transaction.request.headers.User-Agent", "transaction.request.headers.user-agent", "request.headers.User-Agent", "request.headers.user-agent":
		return &v.agent
	case "transaction.is_interrupted", "audit_data.action.intercepted":
		return &v.stopped
	case "audit_data.messages":
		return &v.message
	}
	return nil
}
