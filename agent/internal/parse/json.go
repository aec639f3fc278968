package parse

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// slot is what a JSON key means, whatever the program calls it.
type slot uint8

const (
	slotNone slot = iota
	slotTime
	slotLevel
	slotLogger
	slotMessage
	slotTrace
	slotErrorType
	slotErrorMessage
	slotRemote
	slotRequest
	slotMethod
	slotURI
	slotQuery
	slotStatus
	slotSize
	slotAgent
	slotReferrer
	slotUser
	slotProtocol
	slotHost
	slotForwarded
	slotClient
	slotScheme
	slotUpstream
	slotAction
	slotCount
)

// longestKey is the length of the longest key that slotOf knows, rounded up.
const longestKey = 40

// slotOf knows the keys that loggers and web servers use, in any case.
func slotOf(key []byte) slot {
	if len(key) > longestKey {
		return slotNone
	}
	var lower [longestKey]byte
	for i, c := range key {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	switch string(lower[:len(key)]) {
	case "@timestamp", "timestamp", "time", "ts", "asctime", "datetime", "date", "time_iso8601", "time_local", "msec", "startutc", "eventtime", "@t", "start_time",
		"edgestarttimestamp", "requesttime":
		return slotTime
	case "level", "levelname", "severity", "log.level", "loglevel", "lvl", "log_level", "@l":
		return slotLevel
	case "logger", "name", "logger_name", "log.logger", "loggername":
		return slotLogger
	case "message", "msg", "event", "@message", "@m", "@mt":
		return slotMessage
	case "exc_info", "exception", "traceback", "exc_text", "stack_trace", "stacktrace", "stack", "error.stack_trace", "error.stack", "exc",
		"err.stack", "exception.stacktrace", "exception.stack_trace", "exception.stack", "thrown.extendedstacktrace", "@x", "error.stacktrace",
		"errorverbose", "throwable", "err.stack_trace", "context.exception.trace", "trace":
		return slotTrace
	case "error.type", "exception.type", "exc_type", "error_type", "exception_class", "exception.class", "error.kind",
		"err.type", "err.name", "error.name", "exception.name", "thrown.name", "context.exception.class", "error.class", "exception.classname":
		return slotErrorType
	case "error.message", "exception.message", "exc_message", "error_message", "error", "err",
		"err.message", "thrown.message", "context.exception.message", "exception.exception_message":
		return slotErrorMessage
	case "action", "event_type", "eventtype", "event_name", "eventname", "type", "operation", "activity", "activity_type", "audit_event", "auditevent",
		"event_id", "eventid", "authentication_failed", "msgid", "payload.action", "event.name", "event.type",
		"sender", "metric_name":
		return slotAction
	}
	return accessSlot(lower[:len(key)])
}

// jsonReader holds one JSON line by what its keys mean.
type jsonReader struct {
	scanner jsonScanner
	slots   [slotCount]jsonPair
	ecs     bool // the object claims the Elastic Common Schema
	claims  bool // a key of it does
}

// read scans a line and sorts its keys; the first of a meaning stands.
func (r *jsonReader) read(b []byte) bool {
	r.slots, r.claims = [slotCount]jsonPair{}, false
	if len(b) < 2 || b[0] != '{' || !r.scanner.scan(b) {
		return false
	}
	for i := range r.scanner.pairs {
		p := &r.scanner.pairs[i]
		r.claims = r.claims || isECSKey(p.key)
		p.slot = slotOf(p.key)
		if p.slot != slotNone && p.kind != '0' && len(p.value) > 0 && r.slots[p.slot].kind == 0 {
			r.slots[p.slot] = *p
		}
	}
	return true
}

// jsonTime reads a time as loggers write it: ISO, an access log's, or a number
// whose size tells its unit.
func (c *clock) jsonTime(p jsonPair) (int64, bool) {
	if p.kind == 'n' || (p.kind == 's' && len(p.value) >= 10 && isEpoch(p.value)) {
		return epochTime(p.value)
	}
	if p.kind != 's' {
		return 0, false
	}
	var t stamp
	rest, ok := t.isoTime(p.value)
	if !ok {
		t = stamp{}
		rest, ok = t.accessTime(p.value)
	}
	if !ok || len(rest) > 0 {
		return 0, false
	}
	return c.unix(&t)
}

func isEpoch(b []byte) bool {
	whole, rest := digits(b)
	if len(whole) < 10 {
		return false
	}
	if fraction, ok := cut(rest, "."); ok {
		_, rest = digits(fraction)
	}
	return len(rest) == 0
}

// epochTime reads seconds, milliseconds, microseconds or nanoseconds since 1970,
// with a fraction of them.
func epochTime(b []byte) (int64, bool) {
	if !isEpoch(b) {
		return 0, false
	}
	whole, rest := digits(b)
	if !isNumber(whole) && len(whole) != 19 {
		return 0, false
	}
	unit := int64(time.Second)
	for n := atoi(whole); n > 99_999_999_999 && unit > 1; unit /= 1000 {
		n /= 1000
	}
	n := atoi(whole)
	if n < 0 || n > 9_200_000_000_000_000_000/unit {
		return 0, false
	}
	unix := n * unit
	if fraction, ok := cut(rest, "."); ok {
		for _, digit := range fraction {
			unit /= 10
			unix += int64(digit-'0') * unit
		}
	}
	return unix, true
}

// json reads any other JSON object.
func (e *entry) json(c *clock, b []byte) bool {
	r := &e.jsonReader
	if !r.read(b) {
		return false
	}
	e.jsonSlots(c, r)
	return true
}

func (e *entry) jsonSlots(c *clock, r *jsonReader) {
	if unix, ok := c.jsonTime(r.slots[slotTime]); ok {
		e.at(unix)
	}
	if level := r.slots[slotLevel]; level.kind == 'n' {
		e.text(eventv1.FieldId_FIELD_ID_LOG_LEVEL, numericLevel(level.value))
	} else {
		e.add(eventv1.FieldId_FIELD_ID_LOG_LEVEL, level.value)
	}
	e.add(eventv1.FieldId_FIELD_ID_LOG_LOGGER, r.slots[slotLogger].value)
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, r.slots[slotMessage].value)
	if r.ecs = r.claims; r.ecs {
		e.jsonError(r)
		e.ecsEvent(r)
	} else if !e.jsonLogin(r) {
		e.jsonError(r)
	}
	for i := range r.scanner.pairs {
		e.jsonField(r, &r.scanner.pairs[i])
	}
}

// numericLevel names the levels of bunyan and pino.
func numericLevel(b []byte) string {
	switch string(b) {
	case "10":
		return "trace"
	case "20":
		return "debug"
	case "30":
		return "info"
	case "40":
		return "warn"
	case "50":
		return "error"
	case "60":
		return "fatal"
	}
	return ""
}

func (e *entry) jsonError(r *jsonReader) {
	trace, kind := r.slots[slotTrace], r.slots[slotErrorType].value
	var message []byte
	if p := r.slots[slotErrorMessage]; p.kind == 's' {
		message = p.value
	}
	if trace.kind == 's' {
		lang := stackIn(trace.value)
		if lang == noLanguage && bytes.IndexByte(trace.value, '\n') >= 0 {
			e.add(eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE, trace.value)
		}
		if lang != noLanguage {
			first, _ := nextLine(trace.value)
			f := faultOf(lang, trace.value, chomp(first))
			f.trace = trace.value
			if len(message) > 0 && (len(kind) > 0 || len(f.message) == 0) {
				f.message = message
			}
			if len(kind) > 0 {
				f.kind = kind
			}
			e.exception(lang, &f)
			return
		}
	}
	e.add(eventv1.FieldId_FIELD_ID_ERROR_TYPE, kind)
	e.add(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE, message)
}

// jsonField keeps a key that has no meaning of its own: a name of the registry
// that an application may claim as itself, any other as json.<key>.
func (e *entry) jsonField(r *jsonReader, p *jsonPair) {
	if p.kind == '0' || len(p.value) == 0 || len(p.key) == 0 || len(p.key) > event.MaxKey-8 || !utf8.Valid(p.key) {
		return
	}
	switch s := p.slot; s {
	case slotTime, slotLevel, slotLogger, slotMessage, slotTrace, slotErrorType, slotErrorMessage:
		if &r.slots[s].key[0] == &p.key[0] {
			return
		}
	default:
	}
	if r.ecs && isWhat(p.key) {
		return // ecsEvent has taken it
	}
	if id, ok := event.FieldByName(string(p.key)); ok && claimable(id) && e.claimed(id, p.value) {
		return
	}
	start := len(e.scratch)
	e.scratch = append(append(e.scratch, "json."...), p.key...)
	e.addKey(e.scratch[start:len(e.scratch):len(e.scratch)], p.value)
}

// claimable says whether an application may set a registered field: not who the
// agent or the host is, not what Tocsin itself says, and not what happened in
// the words of another class.
func claimable(id eventv1.FieldId) bool {
	spec := event.SpecOf(id)
	name := spec.Name
	for _, prefix := range [...]string{"event.", "tocsin.", "log.file.", "log.line", "log.offset", "log.syslog.", "agent.", "host."} {
		if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
			return false
		}
	}
	return !spec.Attested && !spec.Derived
}

// claimed sets a registered field where the value is of its type.
func (e *entry) claimed(id eventv1.FieldId, value []byte) bool {
	spec := event.SpecOf(id)
	if !spec.List && e.out.Get(id) != nil {
		return false
	}
	switch spec.Type {
	case eventv1.FieldType_FIELD_TYPE_IP:
		return e.ip(id, value)
	case eventv1.FieldType_FIELD_TYPE_LONG:
		if !isNumber(value) {
			return false
		}
	case eventv1.FieldType_FIELD_TYPE_BOOLEAN:
		if string(value) != "true" && string(value) != "false" {
			return false
		}
	default:
	}
	e.add(id, value)
	return true
}
