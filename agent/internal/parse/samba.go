package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// samba reads what Samba logs of authentications, shares and directory changes, in
// files with a header line before each message, by syslog, and in the JSON of the
// classes …_json_audit. Written from 4.22.11: auth/auth_log.c, lib/audit_logging,
// source3/auth/auth.c and auth_generic.c, source4/auth/ntlm/auth.c,
// source3/smbd/smb2_service.c and smb2_process.c, source3/modules/vfs_full_audit.c,
// source4/dsdb/samdb/ldb_modules/audit_log.c and group_audit.c, lib/util/debug.c.
//
// In auth_log.c a backslash in a name is doubled and a control character escaped
// (lib/util/util_str_escape.c), a bracket is not. So `]\[` is the program's wherever
// it stands, and other separators only where they stand once.
func (e *entry) samba(c *clock, m []byte) bool {
	if rest, ok := e.sambaHeader(c, m); ok {
		m = rest
	}
	m = trimLeft(m)
	if len(m) < 10 {
		return false
	}
	switch m[0] {
	case '{':
		return e.jsonReader.read(m) && e.sambaJSON(c)
	case 'A':
		return e.sambaAuth(c, m)
	case 'S':
		return e.sambaAuthZ(m)
	case 'D', 'P', 'G':
		return e.sambaDirectory(m)
	}
	return e.sambaCheck(m) || e.sambaShare(m) || e.sambaAudit(m)
}

// isSambaHead knows how the messages begin that say themselves whose they are.
func isSambaHead(b []byte) bool {
	for _, words := range [...]string{
		"Auth: [", "Successful AuthZ: [", "check_ntlm_password:  ", "auth_check_password_recv: ", "Password Change [", "Group Change [", "DSDB Change [",
	} {
		if has(b, words) {
			return true
		}
	}
	return false
}

// sambaHeader reads "[2025/10/07 09:00:00.123456,  2, …] " of "debug prefix timestamp".
func (e *entry) sambaHeader(c *clock, m []byte) ([]byte, bool) {
	if len(m) < 30 || m[0] != '[' || m[5] != '/' {
		return m, false
	}
	end := bytes.IndexByte(m[:min(len(m), 256)], ']')
	var t stamp
	rest, ok := t.isoTime(m[1:])
	unix, valid := c.unix(&t)
	if end < 0 || !ok || !valid || len(rest) == 0 || rest[0] != ',' {
		return m, false
	}
	e.at(unix)
	return m[end+1:], true
}

// sambaUser reads `HEAD SERVICE,KIND] user [DOMAIN]\[` and gives what follows.
func sambaUser(m []byte, head string) (domain, rest []byte, ok bool) {
	rest, ok = cut(m, head)
	_, rest, user := split(rest, "] user [")
	domain, rest, named := split(rest, `]\[`)
	return domain, rest, ok && user && named
}

// sambaAuth reads `Auth: [SERVICE,KIND] user [DOMAIN]\[NAME] at [TIME] with [PASSWORD]
// status [STATUS] workstation [NAME] remote host [ADDRESS] mapped to [DOMAIN]\[NAME].
// local host [ADDRESS]`, or with "became [DOMAIN]\[NAME] [SID]." (4.7 and later).
func (e *entry) sambaAuth(c *clock, m []byte) bool {
	domain, rest, ok := sambaUser(m, "Auth: [")
	if !ok {
		return false
	}
	middle, _, _ := split(rest, `]\[`) // a line that was cut has no second one
	status, after, clean := splitOnly(middle, "] status [")
	host := after
	if clean {
		middle, host = status, after
		status, host, clean = splitOnly(host, "] workstation [")
	}
	if !clean || len(status) > 64 {
		e.did(authentication, "smb_login", unknown) // a name imitates the line
		return true
	}
	outcome := failure
	if string(status) == "NT_STATUS_OK" {
		outcome = success
	}
	e.did(authentication, "smb_login", outcome)
	if _, remote, ok := splitOnly(host, "] remote host ["); ok {
		e.sambaAddress(until(remote, "]"))
	}
	if name, when, ok := splitOnly(middle, "] at ["); ok {
		e.sambaTime(c, until(when, "]"))
		e.sambaUser(domain, name)
	}
	if outcome == failure {
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, status)
	}
	return true
}

// sambaUser sets a name and its domain; what is absent is "(null)".
func (e *entry) sambaUser(domain, name []byte) {
	if !isNobody(name) {
		e.user(name)
	}
	if !isNobody(domain) {
		e.add(eventv1.FieldId_FIELD_ID_USER_DOMAIN, domain)
	}
}

// sambaTime reads "Tue, 07 Oct 2025 09:00:00.023984 UTC". Of zones known by a name,
// only UTC's is believed: any other is the host's own.
func (e *entry) sambaTime(c *clock, b []byte) {
	if len(b) < 25 || b[3] != ',' || b[7] != ' ' || b[11] != ' ' || b[16] != ' ' {
		return
	}
	t := stamp{day: two(b[5:]), month: monthOf(b[8:]), year: four(b[12:])}
	rest, ok := t.clockTime(b[17:])
	if !ok || t.day < 1 || t.month == 0 || t.year <= 0 {
		return
	}
	t.zoned = string(rest) == " UTC" || string(rest) == " GMT"
	if unix, ok := c.unix(&t); ok {
		e.at(unix)
	}
}

// sambaAddress reads "ipv4:ADDRESS:PORT" and "ipv6:ADDRESS:PORT".
func (e *entry) sambaAddress(b []byte) {
	rest, ok := cut(b, "ipv4:")
	if !ok {
		if rest, ok = cut(b, "ipv6:"); !ok {
			return // "unix:" and "NULL"
		}
	}
	if host, port, ok := splitLast(rest, ":"); ok && isIP(host) {
		e.address(host)
		e.port(port)
	}
}

// sambaAuthZ reads `Successful AuthZ: [SERVICE,KIND] user [DOMAIN]\[NAME] [SID] at [TIME]
// Remote host [ADDRESS] local host [ADDRESS]`.
func (e *entry) sambaAuthZ(m []byte) bool {
	domain, rest, ok := sambaUser(m, "Successful AuthZ: [")
	if !ok {
		return false
	}
	e.did(session, "smb_session_opened", success)
	if _, remote, ok := splitOnly(rest, "] Remote host ["); ok {
		e.sambaAddress(until(remote, "]"))
	}
	if name, _, ok := splitOnly(rest, "] [S-1-"); ok {
		e.sambaUser(domain, name)
	}
	return true
}

// sambaCheck reads what the password check says itself, at level 2 before 4.7's audit
// and beside it: it has no address.
func (e *entry) sambaCheck(m []byte) bool {
	rest, ok := cut(m, "check_ntlm_password:  ")
	if !ok {
		if rest, ok = cut(m, "auth_check_password_recv: "); !ok {
			return false
		}
		head, _, failed := splitLast(rest, "] FAILED with error ")
		if !failed {
			head, ok = cutEnd(rest, "] succeeded")
		}
		_, who, found := split(head[:min(len(head), longestTemplated)], " authentication for user [")
		if !ok || !found {
			return false
		}
		e.did(authentication, "smb_authentication", failedOr(failed))
		if domain, name, ok := splitOnly(who, `\`); ok {
			e.sambaUser(domain, name)
		}
		return true
	}
	head, _, failed := splitLast(rest, "] FAILED with error ")
	if !failed {
		if head, ok = cutEnd(rest, "] succeeded"); !ok {
			return false
		}
	}
	who, pam := cut(head, "PAM Account for user [")
	if !pam {
		who, _ = cut(head, "guest ")
		if who, ok = cutAny(who, "authentication for user"); !ok || !has(who, " [") {
			return false
		}
		who = who[2:]
	}
	e.did(authentication, "smb_authentication", failedOr(failed))
	arrows := 2 // of a success: the name, what it is mapped to, and the host's
	switch {
	case pam:
		arrows = 0
	case failed:
		arrows = 1
	}
	name, _, _ := split(who, "] -> [")
	if bytes.Count(who, []byte("] -> [")) != arrows {
		return true // a name imitates the line
	}
	if !isNobody(name) {
		e.user(name)
	}
	return true
}

func failedOr(failed bool) string {
	if failed {
		return failure
	}
	return success
}
