package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// fortinet reads FortiGate's logs in its own key=value form, FortiOS 5 to 7, alone or by
// syslog; by the FortiOS Log Message Reference 7.4: type event (subtypes user, vpn,
// system), traffic and utm.
func (e *entry) fortinet(c *clock, m []byte) bool {
	r := &e.jsonReader
	if !r.readLogfmt(m) {
		return false
	}
	var v fortinetLine
	for _, p := range r.scanner.pairs {
		if slot := v.slot(p.key); slot != nil && *slot == nil && !isNobody(p.value) {
			*slot = p.value
		}
	}
	if v.kind == nil || v.id == nil {
		return false
	}
	if !e.fortinetWhat(&v) {
		return false
	}
	if unix, ok := epochTime(v.time); ok {
		e.at(unix)
	} else {
		e.fortinetClock(c, r)
	}
	e.level(v.level)
	e.address(v.source)
	e.port(v.sourcePort)
	e.ip(eventv1.FieldId_FIELD_ID_DESTINATION_IP, v.destination)
	if isPort(v.destinationPort) {
		e.add(eventv1.FieldId_FIELD_ID_DESTINATION_PORT, v.destinationPort)
	}
	e.user(v.user)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.reason)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, v.id)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, v.message)
	return true
}

type fortinetLine struct {
	kind, subtype, id, time, level, action, status, source, sourcePort, destination, destinationPort, user, reason, message, description []byte
}

func (v *fortinetLine) slot(key []byte) *[]byte {
	switch string(key) {
	case "type":
		return &v.kind
	case "subtype":
		return &v.subtype
	case "logid", "log_id":
		return &v.id
	case "eventtime":
		return &v.time
	case "level", "pri":
		return &v.level
	case "action":
		return &v.action
	case "status":
		return &v.status
	case "srcip", "remip", "src":
		return &v.source
	case "srcport", "src_port":
		return &v.sourcePort
	case "dstip", "dst":
		return &v.destination
	case "dstport", "dst_port":
		return &v.destinationPort
	case "user", "xauthuser":
		return &v.user
	case "reason", "attack":
		return &v.reason
	case "msg":
		return &v.message
	case "logdesc":
		return &v.description
	}
	return nil
}

// fortinetWhat says what happened by type, action and status.
func (e *entry) fortinetWhat(v *fortinetLine) bool {
	switch string(v.kind) {
	case "traffic":
		e.firewall(v.action)
		return true
	case "utm":
		e.did("intrusion_detection", "intrusion_alert", blockedOutcome(v.action))
		return true
	case "event":
	default:
		return false
	}
	switch string(v.action) {
	case "ssl-login-fail", "ssl-web-deny", "negotiate-failed":
		e.did(authentication, "vpn_login", failure)
	case "tunnel-up", "ssl-new-con":
		e.did(session, "vpn_session_opened", success)
	case "tunnel-down", "ssl-exit", "ssl-exit-error":
		e.did(session, "vpn_session_closed", unknown)
	case "login", "auth-logon", "authentication":
		outcome := success
		if string(v.status) != "success" && string(v.status) != "logon" {
			outcome = failure
		}
		e.did(authentication, "app_login", outcome)
	case "logout", "auth-logout":
		e.did(session, "app_logout", unknown)
	default:
		e.did(network, "firewall_event", unknown)
	}
	return true
}

// firewall says what a firewall did with a packet or a session.
func (e *entry) firewall(action []byte) {
	switch blockedOutcome(action) {
	case failure:
		e.did(network, "firewall_denied", failure)
	case success:
		e.did(network, "firewall_allowed", success)
	default:
		e.did(network, "firewall_logged", unknown)
	}
}

// blockedOutcome is whether what was asked for went through.
func blockedOutcome(action []byte) string {
	if hasAny(action, "deny|denied|block|blocked|drop|dropped|reject|rejected|reset|quarantine|quarantined|refused|prevented|reset-both|reset-client|"+
		"reset-server|failure|failed|fail") {
		return failure
	}
	if hasAny(action, "allow|allowed|accept|accepted|pass|passed|passthrough|permit|permitted|close|success|successful|succeeded") {
		return success
	}
	return unknown
}

// fortinetClock reads "date=2025-10-07 time=09:00:00", the device's own time.
func (e *entry) fortinetClock(c *clock, r *jsonReader) {
	var date, hour []byte
	for _, p := range r.scanner.pairs {
		switch string(p.key) {
		case "date":
			date = p.value
		case "time":
			hour = p.value
		}
	}
	if len(date) != 10 || len(hour) < 8 {
		return
	}
	t := stamp{year: four(date), month: two(date[5:]), day: two(date[8:])}
	if _, ok := t.clockTime(hour); !ok || t.year < 0 || t.month < 1 || t.day < 1 {
		return
	}
	if unix, ok := c.unix(&t); ok {
		e.at(unix)
	}
}
