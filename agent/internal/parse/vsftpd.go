package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// vsftpd reads vsftpd's own log, in a file ("Mon Jan  2 15:04:05 2006 [pid N] …")
// or by syslog, and what its PAM modules say without their name; written from
// 3.0.3: logging.c (vsf_log_do_log_vsftpd_format), twoprocess.c, standalone.c.
func (e *entry) vsftpd(c *clock, m []byte) bool {
	var t stamp
	if rest, ok := t.ctime(m); ok {
		unix, valid := c.unix(&t)
		if valid && e.xferlog(rest) {
			e.at(unix)
			return true
		}
		pid, text := digits(trimPid(rest))
		text, ok = cut(text, "] ")
		if !valid || !ok || len(pid) == 0 || !e.vsftpdEntry(text) {
			return false
		}
		e.at(unix)
		if e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_PID) == nil {
			e.number(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
		}
		return true
	}
	if has(m, "[pid ") {
		_, m, _ = split(m, "] ")
	}
	return e.vsftpdEntry(m) || e.pamBody(m)
}

func trimPid(b []byte) []byte {
	rest, ok := cut(trimLeft(b), "[pid ")
	if !ok {
		return nil
	}
	return rest
}

// vsftpdEntry reads "[USER] OK|FAIL WHAT: Client "IP"[, "TEXT"]…". The user is who
// asked to be, and may imitate all that follows it, as may the text of what was
// transferred: an address counts where one alone stands.
func (e *entry) vsftpdEntry(m []byte) bool {
	head, rest, ok := split(m, `: Client "`)
	if !ok {
		return false
	}
	sure := true
	for {
		_, after, more := split(rest, `: Client "`)
		if !more {
			break
		}
		// Of a refused login nothing follows the address, so the last one is the
		// server's.
		if ip, found := cutEnd(after, `"`); found && isIP(ip) {
			head, rest = m[:len(m)-len(after)-len(`: Client "`)], after
			continue
		}
		sure = false
		break
	}
	ip, _, ok := split(rest, `"`)
	if !ok || !isIP(ip) {
		return false
	}
	head, what, user := vsftpdWhat(head)
	switch string(what) {
	case "FAIL LOGIN":
		e.did(authentication, "ftp_login", failure)
	case "OK LOGIN":
		e.text(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, authentication)
		e.did(session, "ftp_login", success)
	case "CONNECT":
		e.did(network, "ftp_connection", unknown)
	default:
		if string(what) == "FTP response" && has(rest[len(ip):], `", "530 Permission denied."`) {
			e.did(authentication, "ftp_login_denied", failure)
			break
		}
		if !has(what, "OK ") && !has(what, "FAIL ") {
			return false // a command or another answer
		}
		e.did(network, "ftp_transfer", vsftpdOutcome(what))
	}
	if sure {
		e.address(ip)
		if user {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, head)
		}
	}
	return true
}

func vsftpdOutcome(what []byte) string {
	if has(what, "OK ") {
		return success
	}
	return failure
}

// vsftpdWhat splits "[USER] WHAT" and "WHAT".
func vsftpdWhat(head []byte) (name, what []byte, user bool) {
	rest, ok := cut(head, "[")
	if !ok {
		return nil, head, false
	}
	name, what, ok = splitLast(rest, "] ")
	return name, what, ok
}

// xferlog reads what wu-ftpd's log has of a transfer, also in vsftpd and ProFTPD:
// " SECONDS HOST SIZE PATH TYPE _ i|o|d ACCESS USER ftp 0|1 ID c|i", as in vsftpd 3.0.5:
// logging.c (vsf_log_do_log_wuftpd_format). Blanks of the path are written as underscores.
func (e *entry) xferlog(b []byte) bool {
	var words [13][]byte
	rest, ok := cut(b, " ")
	for i := range words {
		if words[i], rest = token(rest); len(words[i]) == 0 {
			return false
		}
	}
	seconds, host, size, path, way, mode, name, done := words[0], words[1], words[2], words[3], words[6], words[7], words[8], words[12]
	if !ok || len(rest) > 0 || !isDigits(seconds) || !isDigits(size) || len(words[4]) != 1 || len(way) != 1 || len(mode) != 1 || len(done) != 1 {
		return false
	}
	outcome := failure
	if done[0] == 'c' {
		outcome = success
	}
	e.did(network, "ftp_transfer", outcome)
	e.address(host)
	e.add(eventv1.FieldId_FIELD_ID_FILE_PATH, path)
	if mode[0] != 'a' { // of an anonymous client it is the password
		e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
	}
	return true
}
