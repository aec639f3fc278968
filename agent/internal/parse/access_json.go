package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// accessSlot knows the keys of access logs: nginx's variables, Apache's usual
// names, Caddy's, Traefik's, Envoy's, Kong's, and those of load balancers in clouds
// (Google's httpRequest, Azure's properties, Cloudflare's, Amazon's API gateway).
func accessSlot(lower []byte) slot {
	switch string(lower) {
	case "remote_addr", "remote_ip", "client_ip", "clientip", "remoteip", "request.remote_ip", "request.remote_addr", "remote_host", "clientaddr",
		"req.remoteaddress", "visitor_ip", "downstream_remote_address", "httprequest.remoteip", "properties.clientip", "req.ip", "request.ip", "client_addr":
		return slotRemote
	case "request", "request_line":
		return slotRequest
	case "request_method", "method", "requestmethod", "request.method", "verb", "http_method", "req.method", "httpmethod",
		"httprequest.requestmethod", "properties.httpmethod", "clientrequestmethod":
		return slotMethod
	case "request_uri", "uri", "url", "requestpath", "request.uri", "path", "req.url", "http_path", "resourcepath",
		"httprequest.requesturl", "properties.requesturi", "clientrequesturi":
		return slotURI
	case "args", "query_string", "query", "properties.requestquery":
		return slotQuery
	case "status", "status_code", "downstreamstatus", "response_status", "response", "statuscode", "res.statuscode", "http_status", "response_code", "response.status",
		"httprequest.status", "properties.httpstatus", "edgeresponsestatus":
		return slotStatus
	case "body_bytes_sent", "bytes_sent", "size", "bytes", "downstreamcontentsize", "responselength", "httprequest.responsesize", "edgeresponsebytes":
		return slotSize
	case "http_user_agent", "user_agent", "useragent", "agent", "request_user-agent", "request.headers.user-agent", "req.headers.user-agent",
		"httprequest.useragent", "properties.useragent", "clientrequestuseragent":
		return slotAgent
	case "http_referer", "http_referrer", "referer", "referrer", "request_referer", "request.headers.referer", "httprequest.referer", "clientrequestreferer":
		return slotReferrer
	case "remote_user", "clientusername", "user_id":
		return slotUser
	case "server_protocol", "protocol", "request.proto", "requestprotocol", "http_version", "httprequest.protocol":
		return slotProtocol
	case "http_host", "server_name", "host", "vhost", "request.host", "requesthost", "authority", "clientrequesthost", "properties.host":
		return slotHost
	case "request.client_ip", "clienthost":
		return slotClient // of Caddy and Traefik, which know the proxies that they trust
	case "scheme", "http_scheme", "request_scheme", "requestscheme":
		return slotScheme
	case "upstream_addr", "upstream_host", "serviceaddr":
		return slotUpstream
	case "http_x_forwarded_for", "x_forwarded_for", "x-forwarded-for":
		return slotForwarded
	}
	return slotNone
}

// accessJSON reads a line of an access log in JSON: a client, a status and what
// was asked for.
func (e *entry) accessJSON(c *clock, b []byte) bool {
	r := &e.jsonReader
	if !r.read(b) {
		return false
	}
	return e.accessSlots(c, r)
}

func (e *entry) accessSlots(c *clock, r *jsonReader) bool {
	status, remote := r.slots[slotStatus].value, r.slots[slotRemote].value
	if client := lastAddress(r.slots[slotClient].value); len(client) > 0 && !hasPort(remote, client) {
		remote = client
	}
	request, uri := r.slots[slotRequest].value, r.slots[slotURI].value
	if len(status) != 3 && string(status) != "0" || !isNumber(status) || len(remote) == 0 || (len(request) == 0 && len(uri) == 0) {
		return false
	}
	start := e.mark()
	if outcome := statusOutcome(status); len(status) == 3 {
		e.did(web, "http_request", outcome)
	} else {
		e.did(web, "http_request", unknown) // 0 is no answer
	}
	forwarded, _, _ := split(r.slots[slotForwarded].value, ",")
	if first, _, list := split(remote, ", "); list && isIP(first) {
		forwarded = first // GitLab's api_json.log has the header, which a client may begin
	} else if !e.jsonClient(remote) {
		e.undo(start)
		return false
	}
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	if len(uri) > 0 {
		e.jsonTarget(r, uri)
	} else {
		e.request(request)
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, status)
	e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_BODY_BYTES, r.slots[slotSize].value)
	e.plainHeader(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, r.slots[slotReferrer].value)
	e.plainHeader(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, r.slots[slotAgent].value)
	if user := r.slots[slotUser]; user.kind == 's' {
		e.plainHeader(eventv1.FieldId_FIELD_ID_USER_NAME, user.value)
	} else if has(uri, "/users/") {
		e.gitlabUser(r, uri)
	}
	if host := r.slots[slotHost].value; len(host) > 0 {
		e.domain(host)
	}
	e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, forwarded)
	e.accessPlace(r)
	e.accessTook(r)
	return true
}

// jsonClient sets "HOST" or "HOST:PORT".
func (e *entry) jsonClient(b []byte) bool {
	if e.address(b) {
		return true
	}
	host, port, ok := splitLast(b, ":")
	if !ok || !e.address(host) {
		return false
	}
	e.port(port)
	return true
}

// lastAddress is the last of a list of addresses: that alone a proxy that is trusted
// has added.
func lastAddress(b []byte) []byte { return trimLeft(b[bytes.LastIndexByte(b, ',')+1:]) }

// hasPort says whether b is an address with its port.
func hasPort(b, address []byte) bool {
	host, _, ok := splitLast(b, ":")
	if bracketed, open := cut(host, "["); open {
		host, _ = cutEnd(bracketed, "]")
	}
	return ok && bytes.Equal(host, address)
}

func (e *entry) plainHeader(id eventv1.FieldId, b []byte) {
	if string(b) != "-" {
		e.add(id, b)
	}
}

// jsonTarget sets the method, the version and the target, whose query may stand
// in a key of its own.
func (e *entry) jsonTarget(r *jsonReader, uri []byte) {
	if method := e.upper(r.slots[slotMethod].value); isMethod(method) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, method)
	}
	if version, ok := cut(r.slots[slotProtocol].value, "HTTP/"); ok {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_VERSION, version)
	}
	if query := r.slots[slotQuery].value; len(query) > 0 && string(query) != "-" && bytes.IndexByte(uri, '?') < 0 {
		start := len(e.scratch)
		query, _ = cut(query, "?")
		e.scratch = append(append(append(e.scratch, uri...), '?'), query...)
		uri = e.scratch[start:len(e.scratch):len(e.scratch)]
	}
	e.targetParts(uri)
}

// upper is a method in capitals: hapi logs it without.
func (e *entry) upper(b []byte) []byte {
	if len(b) == 0 || len(b) > 16 || b[0] < 'a' {
		return b
	}
	start := len(e.scratch)
	for _, c := range b {
		if isLetter(c) {
			c &^= 0x20
		}
		e.scratch = append(e.scratch, c)
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}
