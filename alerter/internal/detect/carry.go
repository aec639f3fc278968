package detect

import (
	"slices"
	"unicode/utf8"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Bounds of what a finding carries of an event, in bytes. A group's values are
// cut like all others, so that they stay equal to them.
const (
	maxOriginal = 4 << 10
	maxTrace    = 4 << 10
	maxValue    = 1 << 10
	// maxRepeated bounds what a finding carries of fields with several values, the
	// first value of each aside: whoever writes the log chooses how many.
	maxRepeated = 8 << 10
)

// shown are the fields that an alert's reader is shown: who, whence, what and
// where, whatever the rule.
func shown() []string {
	return []string{
		"host.name", "source.ip", "source.port", "source.address", "user.name", "user.effective.name", "user.target.name", "group.name",
		"event.action", "event.outcome", "event.reason", "log.file.path", "log.line", "log.level", "log.logger",
		"process.name", "process.executable", "process.command_line", "service.name", "tocsin.auth.method", "tocsin.repeated",
		"file.path", "file.hash.sha256", "file.mode", "file.uid", "file.gid", "file.size", "file.target_path",
		"tocsin.file.previous.path", "tocsin.file.previous.hash.sha256", "tocsin.file.previous.mode", "tocsin.file.previous.uid",
		"tocsin.file.previous.gid", "tocsin.file.previous.size", "tocsin.file.previous.target_path",
		"url.original", "url.domain", "http.request.method", "http.response.status_code", "http.request.referrer", "user_agent.original",
		"tocsin.web.attack.class", "tocsin.web.attack.parameter", "tocsin.web.attack.score",
		"error.type", "error.message", "error.stack_trace", "tocsin.error.fingerprint",
		"tocsin.loss.reason", "tocsin.loss.source", "tocsin.loss.count", "tocsin.loss.bytes",
	}
}

// finding copies what of an event its readers need: the fields that are always
// shown, and extra ones.
func (d *Detector) finding(e *finding.Event, extra []string) *alertv1.Finding {
	f := &alertv1.Finding{
		EventId:      e.EventID(),
		Agent:        e.Agent,
		Class:        e.Class,
		Time:         uint64(e.Corrected),
		OriginalTime: uint64(e.Time),
		Ordinal:      e.Ordinal,
		Received:     uint64(e.Received),
		Backfill:     string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_BACKFILL)) == "true",
		Original:     slices.Clone(clip(e.Original, maxOriginal)),
	}
	carried := fields{}
	visit := func(id eventv1.FieldId, key, value []byte) {
		most := maxValue
		if id == eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE {
			most = maxTrace
		}
		carried.add(id, key, clip(value, most))
	}
	for range 2 { // measure, then copy
		repeated := 0
		clear(d.once)
		clear(d.onceExtra)
		if e.Host != "" {
			visit(eventv1.FieldId_FIELD_ID_HOST_NAME, nil, []byte(e.Host))
		}
		for i := range e.Fields {
			field := &e.Fields[i]
			once := d.shownOnce(field, extra)
			if once == nil {
				continue
			}
			if *once {
				if repeated += len(field.Key) + min(len(field.Value), maxValue) + fieldCost; repeated > maxRepeated {
					continue
				}
			}
			*once = true
			visit(field.ID, field.Key, field.Value)
		}
		carried.allocate()
	}
	f.Fields = carried.list
	return f
}

// fieldCost is what a field takes beside its value, about.
const fieldCost = 16

// shownOnce is where it is noted that a finding has a value of a field; nil for
// one that it does not carry.
func (d *Detector) shownOnce(field *event.Field, extra []string) *bool {
	if d.shown[field.ID] {
		for int(field.ID) >= len(d.once) {
			d.once = append(d.once, false)
		}
		return &d.once[field.ID]
	}
	i := slices.Index(extra, field.Name())
	if i < 0 {
		return nil
	}
	for i >= len(d.onceExtra) {
		d.onceExtra = append(d.onceExtra, false)
	}
	return &d.onceExtra[i]
}

// fields copies fields into two pieces of memory instead of two for each: it is
// told of all of them twice, and makes room in between.
type fields struct {
	n, size int
	room    []eventv1.Field
	bytes   []byte
	list    []*eventv1.Field
}

func (f *fields) add(id eventv1.FieldId, key, value []byte) {
	if f.list == nil {
		f.n++
		f.size += len(value)
		return
	}
	at := len(f.bytes)
	f.bytes = append(f.bytes, value...)
	field := &f.room[len(f.list)]
	field.Id, field.Key, field.Value = id, string(key), f.bytes[at:len(f.bytes):len(f.bytes)]
	f.list = append(f.list, field)
}

func (f *fields) allocate() {
	if f.list == nil && f.n > 0 {
		f.room, f.bytes, f.list = make([]eventv1.Field, f.n), make([]byte, 0, f.size), make([]*eventv1.Field, 0, f.n)
	}
}

// clip cuts a text without cutting a character.
func clip(text []byte, most int) []byte {
	if len(text) <= most {
		return text
	}
	for i := most; i > most-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			return text[:i]
		}
	}
	return text[:most]
}

// lookup is the first value of a field. The host is there whatever its name.
func lookup(e *finding.Event, name string) ([]byte, bool) {
	switch name {
	case "host.name":
		return []byte(e.Host), true
	case "agent.id":
		return []byte(e.Agent), e.Agent != ""
	}
	id, registered := event.FieldByName(name)
	for i := range e.Fields {
		f := &e.Fields[i]
		if registered && f.ID == id || !registered && f.ID == 0 && string(f.Key) == name {
			return f.Value, true
		}
	}
	return nil, false
}
