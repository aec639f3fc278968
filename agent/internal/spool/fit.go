package spool

import (
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	// fitOriginal and fitFields are what an event that is too large keeps of its
	// raw text and of its fields, in bytes; together they stay below event.MaxEvent.
	fitOriginal = 256 << 10
	fitFields   = 384 << 10
	fitValue    = 8 << 10
)

// fit is the event itself if it keeps the bounds of package event, else what of
// it does: a batch that breaks one would be refused by every collector for ever.
func fit(e *event.Event) event.Event {
	if event.Check(e) == nil {
		return *e
	}
	out := event.Event{Time: e.Time, Observed: e.Observed, Original: e.Original[:min(len(e.Original), fitOriginal)]}
	room := fitFields
	for _, f := range e.Fields {
		if len(out.Fields) == event.MaxFields-1 {
			break
		}
		f.Value = f.Value[:min(len(f.Value), fitValue)]
		one := event.Event{Fields: []event.Field{f}}
		size := event.Size(&one)
		if size > room || event.Check(&one) != nil {
			continue
		}
		room -= size
		out.Fields = append(out.Fields, f)
	}
	if out.Get(eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED) == nil {
		out.Add(eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED, []byte("true"))
	}
	return out
}
