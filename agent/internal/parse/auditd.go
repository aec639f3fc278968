package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// auditd reads the records of Linux's audit, "type=T msg=audit(SECONDS.MMM:SERIAL): …",
// from audit.log or by syslog, as the kernel prints them where no daemon runs
// ("audit: type=NUMBER audit(…): …") and as journald passes them on ("T …");
// written from audit 3.0.9: lib/audit_logging.c
// (audit_log_acct_message, audit_log_user_message), lib/msg_typetab.h, lib/libaudit.h,
// src/auditd.c, auparse/test/*.log for the records of the kernel, whose source was not at hand; what
// journald writes is as logs have it. Values a user chose are quoted or in hexadecimal.
func (e *entry) auditd(m []byte) bool {
	m, _ = cut(m, "audit: ")
	if rest, ok := cut(m, "node="); ok {
		_, m = token(rest)
	}
	kind, ok := cut(m, "type=")
	if !ok {
		return e.auditJournal(m)
	}
	kind, rest := token(kind)
	if kind = auditType(kind); kind == nil {
		return false
	}
	rest, found := cut(rest, "msg=audit(")
	if !found {
		rest, found = cut(rest, "audit(") // as dispatched to syslog
	}
	when, _, closed := split(rest[:min(len(rest), 64)], "):")
	rest = rest[min(len(when)+len("):"), len(rest)):]
	when, _, _ = split(when, ":")
	unix, valid := epochTime(when)
	if !found || !closed || !valid {
		return false
	}
	e.at(unix)
	e.auditRecord(kind, rest)
	return true
}

// auditJournal reads what journald writes of a record: its type, its text. The kernel's
// own daemon says other things in words.
func (e *entry) auditJournal(m []byte) bool {
	kind, rest := token(m)
	if number, ok := cut(kind, "AUDIT"); ok {
		kind = number
	}
	if kind = auditType(kind); kind == nil || !contains(rest[:min(len(rest), 400)], "=") || e.out.Get(eventv1.FieldId_FIELD_ID_PROCESS_NAME) == nil {
		return false
	}
	e.auditRecord(kind, rest)
	return true
}

// auditType gives the name of a type, also of one that is a number.
func auditType(b []byte) []byte {
	if isDigits(b) && len(b) == 4 {
		if name := auditNumber(atoi(b)); name != "" {
			return []byte(name)
		}
		return b
	}
	if rest, ok := cut(b, "UNKNOWN["); ok {
		number, _ := digits(rest)
		return number
	}
	for _, c := range b {
		if (c < 'A' || c > 'Z') && !isDigit(c) && c != '_' {
			return nil
		}
	}
	if len(b) < 3 || len(b) > 40 || isDigit(b[0]) {
		return nil
	}
	return b
}

// auditNumber names the types of lib/libaudit.h and linux/audit.h that programs and the
// kernel send.
func auditNumber(n int64) string {
	names := [...]string{
		"USER_AUTH", "USER_ACCT", "USER_MGMT", "CRED_ACQ", "CRED_DISP", "USER_START", "USER_END", "USER_AVC", "USER_CHAUTHTOK", "USER_ERR",
		"CRED_REFR", "USYS_CONFIG", "USER_LOGIN", "USER_LOGOUT", "ADD_USER", "DEL_USER", "ADD_GROUP", "DEL_GROUP", "DAC_CHECK", "CHGRP_ID",
		"TEST", "TRUSTED_APP", "USER_SELINUX_ERR", "USER_CMD", "USER_TTY", "CHUSER_ID", "GRP_AUTH", "SYSTEM_BOOT", "SYSTEM_SHUTDOWN",
		"SYSTEM_RUNLEVEL", "SERVICE_START", "SERVICE_STOP", "GRP_MGMT", "GRP_CHAUTHTOK", "MAC_CHECK", "ACCT_LOCK", "ACCT_UNLOCK", "USER_DEVICE",
		"SOFTWARE_UPDATE",
	}
	if at := n - 1100; at >= 0 && at < int64(len(names)) {
		return names[at]
	}
	switch n {
	case 1006:
		return "LOGIN"
	case 1300:
		return "SYSCALL"
	case 1302:
		return "PATH"
	case 1305:
		return "CONFIG_CHANGE"
	case 1306:
		return "SOCKADDR"
	case 1307:
		return "CWD"
	case 1309:
		return "EXECVE"
	case 1325:
		return "NETFILTER_CFG"
	case 1326:
		return "SECCOMP"
	case 1327:
		return "PROCTITLE"
	case 1330:
		return "KERN_MODULE"
	case 1334:
		return "BPF"
	case 1400:
		return "AVC"
	case 1403:
		return "MAC_POLICY_LOAD"
	case 1404:
		return "MAC_STATUS"
	case 1700:
		return "ANOM_PROMISCUOUS"
	case 1701:
		return "ANOM_ABEND"
	}
	return ""
}

// auditRecord sets what a record of a type says.
func (e *entry) auditRecord(kind, rest []byte) {
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, kind)
	if e.auditKernel(kind, rest) {
		return
	}
	outcome := auditOutcome(rest)
	category, action := auditKind(kind)
	if action == "audit_login_refused" || action == "audit_anomaly" {
		outcome = failure
	}
	e.did(category, action, outcome)
	e.auditFields(category, rest)
}

// auditKind is what the type of a program's record means.
func auditKind(kind []byte) (category, action string) {
	switch string(kind) {
	case "USER_AUTH", "GRP_AUTH":
		return authentication, "audit_authentication"
	case "USER_LOGIN":
		return authentication, "audit_login"
	case "USER_ACCT", "CRED_ACQ", "CRED_REFR", "CRED_DISP", "USER_ERR":
		return authentication, "audit_account"
	case "USER_START":
		return session, "audit_session_opened"
	case "USER_END", "USER_LOGOUT":
		return session, "audit_session_closed"
	case "LOGIN", "USER_ROLE_CHANGE", "CRYPTO_LOGIN", "CRYPTO_LOGOUT":
		return session, "audit_session"
	case "ADD_USER", "DEL_USER", "ADD_GROUP", "DEL_GROUP", "USER_MGMT", "GRP_MGMT", "ACCT_LOCK", "ACCT_UNLOCK", "ROLE_ASSIGN", "ROLE_REMOVE", "ROLE_MODIFY",
		"USER_CHAUTHTOK", "GRP_CHAUTHTOK", "CHUSER_ID", "CHGRP_ID", "RESP_ACCT_UNLOCK_TIMED":
		return iam, "audit_account_changed"
	case "ANOM_LOGIN_FAILURES", "ANOM_LOGIN_TIME", "ANOM_LOGIN_SESSIONS", "ANOM_LOGIN_ACCT", "ANOM_LOGIN_LOCATION", "RESP_ACCT_LOCK", "RESP_ACCT_LOCK_TIMED",
		"RESP_ACCT_REMOTE":
		return authentication, "audit_login_refused"
	case "USER_CMD":
		return process, "audit_command"
	case "DAEMON_START", "DAEMON_RESUME":
		return process, "service_started"
	case "DAEMON_END", "DAEMON_ABORT":
		return process, "service_stopped"
	case "SERVICE_START":
		return process, "audit_service_started"
	case "SERVICE_STOP":
		return process, "audit_service_stopped"
	case "CONFIG_CHANGE", "DAEMON_CONFIG", "DAEMON_RECONFIG", "USYS_CONFIG", "NETFILTER_CFG", "KERN_MODULE", "BPF", "FEATURE_CHANGE":
		return process, "audit_configuration"
	case "USER_AVC", "USER_SELINUX_ERR", "SELINUX_ERR":
		return process, "audit_access"
	}
	switch {
	case has(kind, "MAC_"), has(kind, "USER_MAC_"), has(kind, "TIME_"):
		return process, "audit_configuration"
	case has(kind, "ANOM_"), has(kind, "RESP_"):
		return process, "audit_anomaly"
	case has(kind, "CRYPTO_"):
		return network, "audit_crypto"
	default:
		return process, "audit_event"
	}
}

// auditOutcome reads the "res=" that ends what a program has to say.
func auditOutcome(b []byte) string {
	_, result, ok := splitLast(b, " res=")
	if !ok {
		return unknown
	}
	switch {
	case has(result, "success"), has(result, "yes"), string(until(result, " '\x1d)")) == "1":
		return success
	case has(result, "failed"), has(result, "no"), string(until(result, " '\x1d)")) == "0":
		return failure
	}
	return unknown
}
