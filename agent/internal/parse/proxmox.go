package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// proxmox reads the logins at Proxmox VE's and Backup Server's API, written from
// pve-access-control 8 (PVE/API2/AccessControl.pm, PVE/RPCEnvironment.pm) and
// proxmox-backup 3 (src/server/rest.rs): "authentication failure; rhost=IP user=NAME
// msg=WHY". The address comes before the name.
func (e *entry) proxmox(m []byte) bool {
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
