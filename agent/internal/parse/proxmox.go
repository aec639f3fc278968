package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// proxmox reads the logins at Proxmox VE's and Backup Server's API, as in
// pve-access-control 8 (PVE/API2/AccessControl.pm, PVE/RPCEnvironment.pm) and
// proxmox-backup 3 (src/server/rest.rs): "authentication failure; rhost=IP user=NAME
// msg=WHY". The address comes before the name.
func (e *entry) proxmox(c *clock, m []byte) bool {
	if len(m) > 0 && isDigit(m[0]) {
		return e.proxmoxFirewall(c, m)
	}
	// "<USER> " comes first where the daemon knows who it works for.
	if rest, ok := cut(m, "<"); ok {
		if _, rest, ok = split(rest, "> "); ok {
			m = rest
		}
	}
	if rest, ok := cut(m, "authentication failure; rhost="); ok {
		host, rest := token(rest)
		name, reason, found := splitOnly(rest, " msg=")
		name, ok = cut(name, "user=")
		if !ok || !found {
			name = nil
		}
		e.webLogin(failure, host, name)
		if found {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
		}
		return true
	}
	if rest, ok := cut(m, "successful auth for user '"); ok {
		e.did(authentication, "web_login", success)
		if name, ok := cutEnd(rest, "'"); ok {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
		return true
	}
	return false
}

// proxmoxFirewall reads the log of pve-firewall, "VMID LEVEL CHAIN 02/Jan/2006:15:04:05
// -0700 TEXT: IN=…", in which the rest is as the kernel logs a packet; as in
// pve-firewall 5: src/pvefw-logger.c (log_packet).
func (e *entry) proxmoxFirewall(c *clock, m []byte) bool {
	id, rest := token(m)
	level, rest := token(rest)
	_, rest = token(rest)
	var t stamp
	rest, ok := t.accessTime(rest)
	unix, valid := c.unix(&t)
	if !isDigits(id) || !isDigits(level) || !ok || !valid || !e.kernelPacket(trimLeft(rest)) {
		return false
	}
	e.at(unix)
	return true
}

// proxmoxFile reads "TIME: authentication failure; …" of Proxmox Backup Server's
// /var/log/proxmox-backup/api/auth.log.
func (e *entry) proxmoxFile(c *clock, b []byte) bool {
	var t stamp
	rest, ok := t.isoTime(b)
	rest, colon := cut(rest, ": ")
	unix, valid := c.unix(&t)
	if !ok || !colon || !valid || !e.ownOne(proxmox, c, rest) {
		return false
	}
	e.at(unix)
	return true
}
