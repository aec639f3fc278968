package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// suricata reads Suricata's eve.json and fast.log, and the same by syslog. Written from
// 6.0.1, 7.0.10 and 8.0.7: src/output-json.c and output-json-….c, alert-fastlog.c,
// alert-syslog.c, rust/src/smb/log.rs, rfb/logger.rs, and 8.0.7's
// doc/userguide/output/eve/eve-json-format.rst. What a client sent is in strings of its own.
func (e *entry) suricata(c *clock, m []byte) bool {
	if len(m) > 0 && m[0] == '{' {
		return e.jsonReader.read(m) && e.suricataJSON(c)
	}
	return e.alertLine(c, m, true)
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
	e.suricataWhat(&v)
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	e.address(v.source)
	e.port(v.sourcePort)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, v.destination)
	if isPort(v.destinationPort) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, v.destinationPort)
	}
	e.ip(eventv1.FieldId_FIELD_ID_NETWORK_FORWARDED_IP, until(v.forwarded, ", "))
	e.transport(v.transport)
	if string(v.protocol) != "failed" {
		e.add(eventv1.FieldId_FIELD_ID_NETWORK_PROTOCOL, v.protocol)
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.reason)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, v.id)
	e.suricataRequest(&v)
	return true
}

// suricataWhat says what happened. An alert that is allowed says only that its own rule did
// not block: another may have, so its outcome is not known.
func (e *entry) suricataWhat(v *suricataEvent) {
	switch string(v.kind) {
	case "alert":
		outcome := unknown
		if string(v.action) == "blocked" || string(v.verdict) == "drop" {
			outcome = failure
		}
		e.did("intrusion_detection", "intrusion_alert", outcome)
	case "http", "http2":
		if len(v.status) == 3 && isNumber(v.status) {
			e.did(web, "http_request", statusOutcome(v.status))
		} else {
			e.did(web, "http_request", unknown)
		}
	case "dns", "mdns":
		e.did(network, "dns_query", unknown)
	case "drop":
		e.did(network, "firewall_denied", failure)
	case "anomaly":
		e.did(network, "network_anomaly", unknown)
	case "fileinfo":
		e.did(network, "network_file", unknown)
		if len(v.hash) == 64 {
			e.add(eventv1.FieldId_FIELD_ID_FILE_HASH_SHA256, v.hash)
		}
		e.number(eventv1.FieldId_FIELD_ID_FILE_SIZE, v.size)
		e.add(eventv1.FieldId_FIELD_ID_FILE_NAME, v.file)
	case "smb":
		if outcome := v.smbLogin(); outcome != "" {
			e.did(authentication, "network_login", outcome)
			e.user(v.user)
			v.reason = v.smbStatus
			return
		}
		e.did(network, "network_traffic", unknown)
	case "rfb":
		switch string(v.security) {
		case "OK":
			e.did(authentication, "network_login", success)
		case "FAIL", "TOOMANY", "TOO_MANY":
			e.did(authentication, "network_login", failure)
		default:
			e.did(network, "network_traffic", unknown)
		}
	default:
		e.did(network, "network_traffic", unknown)
	}
}

// smbLogin is how a session's setup ended, "" of anything else.
func (v *suricataEvent) smbLogin() string {
	if string(v.smbCommand) != "SMB2_COMMAND_SESSION_SETUP" && string(v.smbCommand) != "SMB1_COMMAND_SESSION_SETUP_ANDX" {
		return ""
	}
	switch string(v.smbStatus) {
	case "", "STATUS_MORE_PROCESSING_REQUIRED":
		return ""
	case "STATUS_SUCCESS":
		return success
	}
	return failure
}

func (e *entry) suricataRequest(v *suricataEvent) {
	if isMethod(v.method) {
		e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, v.method)
	}
	if len(v.url) > 0 {
		e.targetParts(v.url)
	}
	if len(v.status) == 3 {
		e.number(eventv1.FieldId_FIELD_ID_HTTP_RESPONSE_STATUS_CODE, v.status)
	}
	e.add(eventv1.FieldId_FIELD_ID_HTTP_REQUEST_REFERRER, v.referrer)
	e.add(eventv1.FieldId_FIELD_ID_USER_AGENT_ORIGINAL, v.agent)
	if len(v.host) > 0 && e.out.Get(eventv1.FieldId_FIELD_ID_URL_DOMAIN) == nil {
		e.domain(v.host)
	}
}

type suricataEvent struct {
	kind, source, sourcePort, destination, destinationPort, transport, protocol, forwarded, action, verdict, reason, id []byte
	method, url, status, referrer, agent, host                                                                          []byte
	file, size, hash, security, smbCommand, smbStatus, user                                                             []byte
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
	case "proto":
		return &v.transport
	case "app_proto":
		return &v.protocol
	case "xff", "alert.xff", "http.xff":
		return &v.forwarded
	case "alert.action":
		return &v.action
	case "verdict.action":
		return &v.verdict
	case "alert.signature", "drop.reason", "anomaly.event":
		return &v.reason
	case "alert.signature_id":
		return &v.id
	}
	return v.deeper(key)
}

func (v *suricataEvent) deeper(key []byte) *[]byte {
	switch string(key) {
	case "http.http_method":
		return &v.method
	case "http.url":
		return &v.url
	case "http.status":
		return &v.status
	case "http.http_refer":
		return &v.referrer
	case "http.http_user_agent":
		return &v.agent
	case "http.hostname":
		return &v.host
	case "fileinfo.filename":
		return &v.file
	case "fileinfo.size":
		return &v.size
	case "fileinfo.sha256":
		return &v.hash
	case "rfb.authentication.security_result", "rfb.authentication.security-result": // of 6.0 a failure
		return &v.security
	case "smb.command":
		return &v.smbCommand
	case "smb.status":
		return &v.smbStatus
	case "smb.ntlmssp.user":
		return &v.user
	}
	return nil
}
