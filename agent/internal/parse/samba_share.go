package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// sambaShare reads smbd's lines about a share: a machine's name, of letters, digits and
// few marks, comes before the address (get_remote_machine_name), a share's and a
// user's, which the host knows, come after.
func (e *entry) sambaShare(m []byte) bool {
	if rest, ok := cut(m, "Connection denied from "); ok {
		e.did(network, "smb_connection_refused", failure)
		host, _, _ := split(rest, " to ")
		if !isIP(host) {
			e.sambaAddress(host)
		} else {
			e.address(host)
		}
		return true
	}
	head := m[:min(len(m), 256)]
	if _, rest, ok := split(head, "Denied connection from "); ok && contains(rest, ") to \\\\") {
		_, host, _ := split(rest, " (")
		e.did(network, "smb_connection_refused", failure)
		e.address(until(host, ")"))
		return true
	}
	before, rest, ok := split(head, " (ipv")
	end := index(rest, ") ")
	if !ok || end < 0 {
		return false
	}
	host := m[len(before)+2 : len(before)+5+end]
	text := m[len(before)+5+end+2:]
	text, _ = cut(text, "signed ")
	if rest, ok := cut(text, "closed connection to service "); ok {
		e.did(session, "smb_share_closed", unknown)
		e.sambaAddress(host)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, rest)
		return true
	}
	if rest, ok = cut(text, "connect to service "); !ok {
		return false
	}
	service, rest, ok := splitLast(rest, " initially as user ")
	if !ok {
		return false
	}
	e.did(session, "smb_share_opened", success)
	e.sambaAddress(host)
	name, _, _ := split(rest, " (uid=")
	e.user(name)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, service)
	return true
}

// sambaAudit reads vfs_full_audit with its default prefix, "USER|ADDRESS|OPERATION|ok|…"
// and "…|fail (WHY)|…". With another prefix only an address is taken, if there is one.
func (e *entry) sambaAudit(m []byte) bool {
	const deepest = 8
	var before [deepest][]byte
	rest, n := m[:min(len(m), 1024)], 0
	for ; n < deepest; n++ {
		part, after, ok := split(rest, "|")
		if !ok {
			return false
		}
		if n >= 1 && (string(part) == "ok" || has(part, "fail (")) {
			return e.sambaOperation(before[:n], part, m[len(m[:min(len(m), 1024)])-len(after):])
		}
		before[n], rest = part, after
	}
	return false
}

func (e *entry) sambaOperation(before [][]byte, result, text []byte) bool {
	operation := before[len(before)-1]
	if len(operation) == 0 || !consists(operation, inName) {
		return false
	}
	prefix, host := before[:len(before)-1], []byte(nil)
	for _, part := range prefix {
		if isIP(part) {
			if host != nil {
				return false
			}
			host = part
		}
	}
	outcome := success
	if string(result) != "ok" {
		outcome = failure
	}
	switch string(operation) {
	case "connect":
		e.did(session, "smb_share_opened", outcome)
	case "disconnect":
		e.did(session, "smb_share_closed", unknown)
	default:
		e.did("file", "smb_file_operation", outcome)
	}
	e.address(host)
	if len(prefix) == 2 && host != nil && isIP(prefix[1]) {
		e.user(prefix[0])
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, operation)
	switch string(operation) {
	case "openat", "open": // "r|PATH"
		_, text, _ = split(text, "|")
		fallthrough
	case "mkdirat", "mkdir", "unlinkat", "unlink", "rmdir":
		if has(text, "/") {
			e.add(eventv1.FieldId_FIELD_ID_FILE_PATH, text)
		}
	}
	return true
}

// sambaDirectory reads the changes of a domain controller's directory: `Password Change
// [Reset] at [TIME] status [Success] remote host [ADDRESS] SID [SID] DN [DN]`, the same of
// "DSDB Change" and "Group Change". Nothing before the DN is a stranger's.
func (e *entry) sambaDirectory(m []byte) bool {
	kind, _, ok := split(m[:min(len(m), 32)], " [")
	if !ok {
		return false
	}
	rest := m[len(kind)+2:]
	action, rest, ok := split(rest, "] at [")
	_, rest, timed := split(rest, "] status [")
	status, rest, stated := split(rest, "] ")
	if !ok || !timed || !stated {
		return false
	}
	outcome := failure
	if string(status) == "Success" {
		outcome = success
	}
	if !e.sambaChange(kind, action, outcome) {
		return false
	}
	_, host, ok := split(rest[:min(len(rest), 256)], "emote host [")
	if ok {
		e.sambaAddress(until(host, "]"))
	}
	if outcome == failure {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, status)
	}
	return true
}

// sambaChange sets what changed in a directory, in the words of the text and of the JSON.
func (e *entry) sambaChange(kind, action []byte, outcome string) bool {
	switch string(kind) {
	case "Password Change", "passwordChange":
		e.did(iam, "password_changed", outcome)
	case "DSDB Change", "dsdbChange":
		e.did(iam, "directory_changed", outcome)
	case "Group Change", "groupChange":
		switch string(action) {
		case "Added":
			e.did(iam, "group_member_added", outcome)
		case "Removed":
			e.did(iam, "group_member_removed", outcome)
		default:
			e.did(iam, "user_modified", outcome) // PrimaryGroup
		}
	default:
		return false
	}
	return true
}

// sambaJSON reads {"timestamp":…,"type":"Authentication","Authentication":{…}} and the
// other types, in which a client's text is in strings of its own.
func (e *entry) sambaJSON(c *clock) bool {
	r := &e.jsonReader
	if len(r.scanner.pairs) < 4 || string(r.scanner.pairs[1].key) != "type" {
		return false
	}
	kind := r.scanner.pairs[1].value
	var v sambaEvent
	for _, p := range r.scanner.pairs {
		prefix, key, ok := split(p.key, ".")
		if !ok || string(prefix) != string(kind) || p.kind == '0' {
			continue
		}
		if slot := v.slot(key); slot != nil && *slot == nil {
			*slot = p.value
		}
	}
	outcome := failure
	switch string(v.status) {
	case "NT_STATUS_OK", "Success":
		outcome = success
	case "":
		outcome = unknown
	}
	switch string(kind) {
	case "Authentication":
		if v.status == nil || v.remote == nil && v.service == nil {
			return false
		}
		e.did(authentication, "smb_login", outcome)
	case "Authorization":
		e.did(session, "smb_session_opened", success) // only successes are logged
	case "KDC Authorization":
		e.did(authentication, "smb_ticket", outcome)
	default:
		if v.status == nil || !e.sambaChange(kind, v.action, outcome) {
			return false
		}
	}
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	e.sambaAddress(v.remote)
	e.sambaUser(v.domain, v.account)
	if v.code != nil && string(v.code) != "0" {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, v.code)
	}
	if outcome == failure {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.status)
	}
	return true
}

type sambaEvent struct {
	status, remote, service, account, domain, action, code []byte
}

func (v *sambaEvent) slot(key []byte) *[]byte {
	switch string(key) {
	case "status":
		return &v.status
	case "remoteAddress":
		return &v.remote
	case "serviceDescription":
		return &v.service
	case "clientAccount", "account":
		return &v.account
	case "clientDomain", "domain":
		return &v.domain
	case "action":
		return &v.action
	case "eventId":
		return &v.code
	}
	return nil
}
