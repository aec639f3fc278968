package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// auditKernel reads the records that the kernel writes about one call of a process:
// SYSCALL, and what tells more of it.
func (e *entry) auditKernel(kind, b []byte) bool {
	switch string(kind) {
	case "SYSCALL":
		e.auditSyscall(b)
	case "EXECVE":
		e.did(process, "audit_exec", unknown)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_COMMAND_LINE, e.auditArguments(b))
		for _, key := range [...]string{" a0=", " a1=", " a2=", " a3=", " a4=", " a5=", " a6=", " a7=", " a8=", " a9="} {
			e.auditData(key[1:3], e.auditValue(valueOf(b, key)))
		}
	case "PROCTITLE":
		e.did(process, "audit_detail", unknown)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_TITLE, e.auditValue(valueOf(b, "proctitle=")))
	case "CWD":
		e.did(process, "audit_detail", unknown)
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_WORKING_DIRECTORY, e.auditValue(valueOf(b, "cwd=")))
	case "PATH":
		e.did("file", "audit_detail", unknown)
		e.add(eventv1.FieldId_FIELD_ID_FILE_PATH, e.auditValue(valueOf(b, " name=")))
		e.auditData("nametype", auditWord(valueOf(b, " nametype=")))
	case "SOCKADDR", "BPRM_FCAPS", "CAPSET", "MMAP", "OBJ_PID", "FD_PAIR", "IPC", "IPC_SET_PERM", "MQ_OPEN", "MQ_SENDRECV", "MQ_NOTIFY", "MQ_GETSETATTR",
		"SOCKETCALL", "KERNEL_OTHER", "OPENAT2", "EOE", "AVC_PATH", "URINGOP":
		e.did(process, "audit_detail", unknown)
	case "AVC", "APPARMOR_DENIED", "APPARMOR_ALLOWED", "APPARMOR_AUDIT", "APPARMOR_STATUS":
		e.auditAccess(b)
	case "SECCOMP":
		outcome := unknown
		if signal := auditWord(valueOf(b, " sig=")); isNumber(signal) && string(signal) != "0" {
			outcome = failure // it was killed
		}
		e.did(process, "audit_access", outcome)
		e.auditProcess(b)
	default:
		return false
	}
	return true
}

// auditSyscall reads `… success=yes|no … ppid=N pid=N … comm="NAME" exe="PATH" …` of the
// kernel (kernel/auditsc.c, audit_log_exit).
func (e *entry) auditSyscall(b []byte) {
	outcome := unknown
	switch string(firstWord(valueOf(b, " success="))) {
	case "yes":
		outcome = success
	case "no":
		outcome = failure
	}
	e.did(process, "audit_syscall", outcome)
	b, more, _ := splitLast(b, "\x1d")
	e.auditProcess(b)
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, auditName(more, "UID=\""))
	for _, key := range [...]string{" a0=", " a1=", " a2=", " a3=", " euid="} {
		e.auditData(key[1:len(key)-1], auditWord(valueOf(b, key))) // numbers, the arguments in hexadecimal
	}
	e.auditData("key", e.auditValue(valueOf(b, " key=")))
	if _, name, ok := split(more, "SYSCALL="); ok {
		e.auditData("syscall", auditWord(name))
	}
}

// auditData adds what rules for the audit's records ask by the records' own names, under
// the name that Auditbeat gives it: auditd.data.NAME.
func (e *entry) auditData(name string, value []byte) {
	if len(value) == 0 {
		return
	}
	start := len(e.scratch)
	e.scratch = append(append(e.scratch, "auditd.data."...), name...)
	e.addKey(e.scratch[start:len(e.scratch):len(e.scratch)], value)
}

// auditProcess sets the process that a record of the kernel is about.
func (e *entry) auditProcess(b []byte) {
	if pid := auditWord(valueOf(b, " pid=")); isNumber(pid) {
		e.set(eventv1.FieldId_FIELD_ID_PROCESS_PID, pid)
	}
	if pid := auditWord(valueOf(b, " ppid=")); isNumber(pid) {
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PARENT_PID, pid)
	}
	if name := e.auditValue(valueOf(b, " comm=")); len(name) > 0 {
		e.set(eventv1.FieldId_FIELD_ID_PROCESS_NAME, name)
	}
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_EXECUTABLE, e.auditValue(valueOf(b, " exe=")))
}

// auditAccess reads SELinux's "avc:  denied|granted  { WHAT } for  …" and AppArmor's
// `apparmor="DENIED" operation="O" …`.
func (e *entry) auditAccess(b []byte) {
	if e.kernelAppArmor(b) {
		e.auditProcess(b)
		return
	}
	outcome := unknown
	head := b[:min(len(b), 200)]
	switch {
	case contains(head, "avc:  denied  {"), contains(head, "avc: denied {"):
		outcome = failure
	case contains(head, "avc:  granted  {"), contains(head, "avc: granted {"):
		outcome = success
	}
	e.did(process, "audit_access", outcome)
	if _, what, ok := split(head, "{ "); ok && outcome != unknown {
		if what, _, ok = split(what, " }"); ok {
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, what)
		}
	}
	e.auditProcess(b)
}

// auditArguments joins the words of `argc=N a0="WORD" a1=HEX …`; the kernel cuts a long
// one into a1[0]=, a1[1]=.
func (e *entry) auditArguments(b []byte) []byte {
	_, rest, ok := split(b, "argc=")
	if !ok || len(rest) > e.room {
		return nil
	}
	start := len(e.scratch)
	_, rest = token(rest)
	for len(rest) > 0 {
		key, value, ok := split(rest[:min(len(rest), 64)], "=")
		if !ok || len(key) < 2 || key[0] != 'a' || !isDigit(key[1]) {
			break
		}
		value = rest[len(rest[:min(len(rest), 64)])-len(value):]
		end := 0
		if len(value) > 0 && value[0] == '"' {
			end = 1 + len(until(value[1:], "\""))
		}
		end = min(len(value), end)
		end += len(until(value[end:], " "))
		if word := value[:end]; !contains(key, "_len") {
			if part := contains(key, "[") && !contains(key, "[0]"); len(e.scratch) > start && !part {
				e.scratch = append(e.scratch, ' ')
			}
			e.auditWordTo(word)
		}
		rest = trimLeft(value[end:])
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}

// auditWordTo appends one word of a command.
func (e *entry) auditWordTo(word []byte) {
	at := len(e.scratch)
	if text := e.auditValue(word); len(e.scratch) == at {
		e.scratch = append(e.scratch, text...)
	}
}
