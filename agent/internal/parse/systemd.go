package parse

import (
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// systemd reads the manager's messages about units, 215 to 257, as in 252:
// src/core/unit.c (unit_log_failure, unit_log_process_exit), src/core/job.c
// (job_emit_done_message), src/core/service.c. One failure logs several lines;
// unit_failed is the one to count.
func (e *entry) systemd(m []byte) bool {
	if unit, rest, ok := split(m[:min(len(m), 400)], ": "); ok && isUnit(unit) {
		return e.systemdUnit(unit, rest)
	}
	for _, line := range [...]struct{ text, action, outcome string }{
		{"Failed to start ", "unit_start_failed", failure},
		{"Dependency failed for ", "unit_start_failed", failure},
		{"Timed out starting ", "unit_start_failed", failure},
		{"Started ", "unit_started", success},
		{"Finished ", "unit_started", success},
		{"Stopped ", "unit_stopped", unknown},
		{"Starting ", "unit_starting", unknown},
		{"Stopping ", "unit_stopping", unknown},
		{"Reached target ", "unit_started", success},
		{"Created slice ", "unit_started", success},
		{"Removed slice ", "unit_stopped", unknown},
		{"Listening on ", "unit_started", success},
		{"Closed ", "unit_stopped", unknown},
		{"Mounting ", "unit_starting", unknown},
		{"Mounted ", "unit_started", success},
		{"Unmounting ", "unit_stopping", unknown},
		{"Unmounted ", "unit_stopped", unknown},
		{"Activated swap ", "unit_started", success},
		{"Deactivated swap ", "unit_stopped", unknown},
	} {
		if rest, ok := cut(m, line.text); ok {
			e.did(process, line.action, line.outcome)
			// Since 246 the unit's name may stand before its description.
			name, _, _ := split(rest, " - ")
			if isUnit(name) {
				e.add(eventv1.FieldId_FIELD_ID_SERVICE_NAME, name)
			}
			return true
		}
	}
	return false
}

func isUnit(b []byte) bool {
	_, kind, ok := splitLast(b, ".")
	if !ok || len(b) > 256 {
		return false
	}
	switch string(kind) {
	case "service", "socket", "mount", "timer", "scope", "slice", "target", "path", "swap", "automount", "device":
	default:
		return false
	}
	for _, c := range b {
		if c == ' ' || c == '"' {
			return false
		}
	}
	return true
}

func (e *entry) systemdUnit(unit, text []byte) bool {
	switch {
	case has(text, "Failed with result '"):
		e.did(process, "unit_failed", failure)
		reason, _, _ := split(text[len("Failed with result '"):], "'")
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, reason)
	case has(text, "Unit entered failed state"): // up to 233
		e.did(process, "unit_failed", failure)
	case has(text, "Main process exited, code="), has(text, "main process exited, code="), has(text, "Control process exited, code="):
		outcome := failure
		if contains(text, "status=0/SUCCESS") {
			outcome = success
		}
		e.did(process, "unit_process_exited", outcome)
		_, status, _ := split(text, "status=")
		number, _ := digits(status)
		e.number(eventv1.FieldId_FIELD_ID_PROCESS_EXIT_CODE, number)
	case has(text, "A process of this unit has been killed by the OOM killer"):
		e.did(process, "unit_oom_kill", failure)
	case has(text, "Start request repeated too quickly"), has(text, "start request repeated too quickly"):
		e.did(process, "unit_start_failed", failure)
		e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, text)
	case has(text, "Scheduled restart job"):
		e.did(process, "unit_restarted", unknown)
	case has(text, "Deactivated successfully"), has(text, "Succeeded."):
		e.did(process, "unit_stopped", unknown)
	default:
		return false
	}
	e.add(eventv1.FieldId_FIELD_ID_SERVICE_NAME, unit)
	return true
}
