package parse

import (
	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// readEntry reads a journal's message. It becomes what the same message becomes in
// a line of a syslog file, with the envelope that the journal has, as far as the
// sender is to be believed.
func (s *Stream) readEntry(v *record.Envelope, text []byte) {
	e, c := &s.entry, &s.clock
	e.addEntry(v)
	message := envelope{app: v.App, message: text}
	e.message(text)
	start := e.mark()
	if v.Stdout && programParser(v.App) == syslog && !e.byProgram(c, v.App, text) && e.output(c, text) {
		e.at(v.Time)
		return
	}
	e.undo(start)
	e.program(c, &message, auto)
	if e.parser != access {
		// What else says a time says it without a zone.
		e.at(v.Time)
	}
	if doubt := e.doubt(v); doubt != "" {
		e.undo(start)
		e.parser, e.out.Class = syslog, eventv1.Class_CLASS_SYSTEM
		e.text(eventv1.FieldId_FIELD_ID_TOCSIN_JOURNAL_DOUBT, doubt)
	}
}

// output reads a line of a service's standard output that has an application's
// shape. Whose it is the journal knows: no line is taken for syslog.
func (e *entry) output(c *clock, text []byte) bool {
	if len(text) < 2 {
		return false
	}
	start := e.mark()
	if text[0] == '{' {
		if !e.json(c, text) {
			e.undo(start)
			return false
		}
		e.parser = jsonLine
	} else {
		by, ok := e.logger(c, text)
		if !ok {
			return false
		}
		e.parser = by
	}
	e.out.Class = e.parser.class()
	return true
}

// addEntry sets the fields of an entry's envelope.
func (e *entry) addEntry(v *record.Envelope) {
	e.at(v.Time)
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_HOSTNAME, v.Host)
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_APPNAME, v.App)
	e.add(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_PROCID, v.ProcID)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_NAME, v.App)
	switch {
	case isNumber(v.PID):
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, v.PID)
	case isNumber(v.ProcID):
		e.add(eventv1.FieldId_FIELD_ID_PROCESS_PID, v.ProcID)
	}
	facility, severity := v.Facility >= 0 && v.Facility < 24, v.Severity >= 0 && v.Severity < 8
	if facility && severity {
		e.integer(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_PRIORITY, int64(v.Facility*8+v.Severity))
	}
	if facility {
		e.text(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_FACILITY_NAME, facilityName(v.Facility))
	}
	if severity {
		e.text(eventv1.FieldId_FIELD_ID_LOG_SYSLOG_SEVERITY_NAME, severityName(v.Severity))
	}
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_SYSTEMD_UNIT, v.Unit)
	e.add(eventv1.FieldId_FIELD_ID_TOCSIN_JOURNAL_UID, v.UID)
	e.add(eventv1.FieldId_FIELD_ID_PROCESS_EXECUTABLE, v.Exe)
}
