package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// auditd reads the records of Linux's audit that programs send (logins, accounts,
// configuration) and of its daemon, "type=T msg=audit(SECONDS.MMM:SERIAL): …", from
// audit.log or by syslog; written from audit 3.0.9: lib/audit_logging.c
// (audit_log_acct_message, audit_log_user_message), lib/msg_typetab.h, src/auditd.c,
// and the kernel's kernel/audit.c. Values a user chose are quoted or in hexadecimal.
func (e *entry) auditd(m []byte) bool {
	if rest, ok := cut(m, "node="); ok {
		_, m = token(rest)
	}
	kind, ok := cut(m, "type=")
	kind, rest := token(kind)
	rest, found := cut(rest, "msg=audit(")
	if !found {
		rest, found = cut(rest, "audit(") // as dispatched to syslog
	}
	when, rest, closed := split(rest[:min(len(rest), 4096)], "): ")
	when, _, _ = split(when, ":")
	unix, valid := epochTime(when)
	if !ok || !found || !closed || !valid || !isAuditType(kind) {
		return false
	}
	e.at(unix)
	start := e.mark()
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, kind)
	outcome := auditOutcome(rest)
	switch string(kind) {
	case "USER_AUTH":
		e.did(authentication, "audit_authentication", outcome)
	case "USER_LOGIN":
		e.did(authentication, "audit_login", outcome)
	case "USER_ACCT", "CRED_ACQ", "USER_ERR", "USER_CHAUTHTOK":
		e.did(authentication, "audit_account", outcome)
	case "USER_START":
		e.did(session, "audit_session_opened", outcome)
	case "USER_END", "USER_LOGOUT":
		e.did(session, "audit_session_closed", outcome)
	case "ADD_USER", "DEL_USER", "ADD_GROUP", "DEL_GROUP", "USER_MGMT", "GRP_MGMT", "ACCT_LOCK", "ACCT_UNLOCK", "ROLE_ASSIGN", "ROLE_REMOVE":
		e.did(iam, "audit_account_changed", outcome)
	case "ANOM_LOGIN_FAILURES", "ANOM_LOGIN_TIME", "ANOM_LOGIN_SESSIONS", "ANOM_LOGIN_ACCT", "ANOM_LOGIN_LOCATION", "RESP_ACCT_LOCK", "RESP_ACCT_LOCK_TIMED":
		e.did(authentication, "audit_login_refused", failure)
	case "USER_CMD":
		e.did(process, "audit_command", outcome)
	case "DAEMON_START", "DAEMON_RESUME":
		e.did(process, "service_started", outcome)
	case "DAEMON_END", "DAEMON_ABORT":
		e.did(process, "service_stopped", outcome)
	case "CONFIG_CHANGE", "DAEMON_CONFIG", "MAC_STATUS", "MAC_CONFIG_CHANGE", "MAC_POLICY_LOAD":
		e.did(process, "audit_configuration", outcome)
	case "SYSCALL":
		return e.auditSyscall(rest)
	default:
		if !has(kind, "ANOM_") && !has(kind, "RESP_") {
			e.undo(start)
			return false
		}
		e.did(process, "audit_anomaly", failure)
	}
	e.auditFields(rest)
	return true
}

func isAuditType(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && !isDigit(c) && c != '_' {
			return false
		}
	}
	return len(b) > 2 && len(b) < 40
}

// auditOutcome reads the "res=" that ends what a program has to say.
func auditOutcome(b []byte) string {
	_, result, ok := splitLast(b, " res=")
	if !ok {
		return unknown
	}
	switch {
	case has(result, "success"), has(result, "yes"), string(until(result, " '\x1d")) == "1":
		return success
	case has(result, "failed"), has(result, "no"), string(until(result, " '\x1d")) == "0":
		return failure
	}
	return unknown
}

// auditFields reads `… pid=N … msg='op=O acct="NAME" exe="PATH" hostname=H addr=IP
// terminal=T res=R'`.
func (e *entry) auditFields(b []byte) {
	if number, _ := digits(valueOf(b, "pid=")); isNumber(number) && e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_PID) == nil {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, number)
	}
	_, text, ok := split(b, " msg='")
	if !ok {
		return
	}
	if name := valueOf(text, " acct="); len(name) > 0 {
		if inside, _, ok := quoted(name); ok {
			name = inside
		} else {
			name = e.auditHex(firstWord(name))
		}
		if string(name) != "(unknown)" && string(name) != "(unknown user)" && string(name) != "?" {
			e.add(eventv1.FieldId_FIELD_ID_USER_NAME, name)
		}
	}
	if exe, _, ok := quoted(valueOf(text, " exe=")); ok {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_EXECUTABLE, exe)
	}
	if ip := firstWord(valueOf(text, " addr=")); isIP(ip) {
		e.address(ip)
	} else if host := firstWord(valueOf(text, " hostname=")); isIP(host) {
		e.address(host) // a name is often this host's own
	}
	if tty := firstWord(valueOf(text, " terminal=")); string(tty) != "?" && string(tty) != "ssh" {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TTY_NAME, tty)
	}
}

// auditSyscall reads `… success=yes|no … ppid=N pid=N … comm="NAME" exe="PATH" …` of the
// kernel (kernel/auditsc.c, audit_log_exit).
func (e *entry) auditSyscall(b []byte) bool {
	outcome := unknown
	switch string(firstWord(valueOf(b, " success="))) {
	case "yes":
		outcome = success
	case "no":
		outcome = failure
	}
	e.did(process, "audit_syscall", outcome)
	if pid := firstWord(valueOf(b, " pid=")); isNumber(pid) {
		e.set(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	}
	if pid := firstWord(valueOf(b, " ppid=")); isNumber(pid) {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PARENT_PID, pid)
	}
	if name, _, ok := quoted(valueOf(b, " comm=")); ok {
		e.set(eventv1.FieldId_FIELD_ID_PROCESS_NAME, name)
	}
	if exe, _, ok := quoted(valueOf(b, " exe=")); ok {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_EXECUTABLE, exe)
	}
	return true
}

// valueOf gives what follows a key that stands once in b; in what a program says, a
// second one may be a user's text.
func valueOf(b []byte, key string) []byte {
	_, rest, ok := split(b, key)
	if !ok || contains(rest, key) && key[0] == ' ' {
		return nil
	}
	return rest
}

// auditHex undoes the hexadecimal in which names with blanks or quotes are written.
func (e *entry) auditHex(b []byte) []byte {
	if len(b) == 0 || len(b)%2 != 0 || len(b) > 512 {
		return b
	}
	start := len(e.scratch)
	for i := 0; i < len(b); i += 2 {
		high, low := hex(b[i]), hex(b[i+1])
		if high < 0 || low < 0 {
			return b
		}
		e.scratch = append(e.scratch, byte(high<<4|low))
	}
	return bytes.TrimRight(e.scratch[start:len(e.scratch):len(e.scratch)], "\x00")
}
