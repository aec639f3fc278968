package parse

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// sudoJSON reads {"sudo":{"EVENT":{…}}}, what sudo 1.9.4 and later log with
// log_format=json, written from 1.9.16p2 (lib/eventlog/eventlog.c: format_json,
// eventlog_store_json): an accept, a reject, an alert or an exit. No string can end
// early here: JSON escapes what a user chose.
func (e *entry) sudoJSON(m []byte) bool {
	r := &e.jsonReader
	if !r.read(m) {
		return false
	}
	var v sudoEvent
	for _, p := range r.scanner.pairs {
		rest, ok := cut(p.key, "sudo.")
		kind, key, in := split(rest, ".")
		if !ok || !in || v.kind != nil && string(kind) != string(v.kind) {
			return false
		}
		v.kind = kind
		if slot := v.slot(key); slot != nil && p.kind != '0' {
			*slot = p.value
		}
	}
	switch string(v.kind) {
	case "accept":
		e.did(process, "sudo_command", success)
	case "reject", "alert":
		if len(v.reason) == 0 || !e.sudoAction(v.reason[:min(len(v.reason), maxSudoReason)], false) {
			if string(v.kind) == "reject" {
				e.did(authentication, "sudo_denied", failure)
			} else {
				e.did(process, "sudo_warning", unknown)
			}
			e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.reason)
		}
	case "exit":
		e.did(process, "sudo_command_ended", unknown)
		e.number(eventv1.FieldId_FIELD_ID_PROCESS_EXIT_CODE, v.exit)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_USER_NAME, v.user)
	e.address(v.peer)
	tty, _ := cut(v.tty, "/dev/")
	e.terminal(tty)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_WORKING_DIRECTORY, v.folder)
	e.add(eventv1.FieldId_FIELD_ID_USER_EFFECTIVE_NAME, v.target)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_EXECUTABLE, v.command)
	return true
}

// sudoEvent is what is taken of such an object.
type sudoEvent struct {
	kind, user, target, command, tty, folder, reason, exit, peer []byte
}

func (v *sudoEvent) slot(key []byte) *[]byte {
	switch string(key) {
	case "submituser":
		return &v.user
	case "runuser":
		return &v.target
	case "command":
		return &v.command
	case "ttyname":
		return &v.tty
	case "submitcwd":
		return &v.folder
	case "reason":
		return &v.reason
	case "exit_value":
		return &v.exit
	case "peeraddr":
		return &v.peer
	}
	return nil
}
