package spool

import (
	"strconv"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// The actions of declared events.
const (
	actionRollback  = "spool_rollback"
	actionCorrupted = "spool_corrupted"
	actionLoss      = "event_loss"
	actionAdopted   = "spool_adopted"
)

// declaration is an event of class agent that the spool itself has to make.
type declaration struct {
	action, reason, message string
	// class is the lane it is about, if it is about one.
	class eventv1.Class
	// count and bytes are what is lost, 0 where nothing is or nobody knows.
	count, bytes uint64
}

// declare adds a declaration to what the next flush brings. It never waits for
// room. mu is held.
func (s *Spool) declare(p *pending, d declaration) {
	now := s.o.Clock().UnixNano()
	e := event.Event{Time: now, Observed: now, Ordinal: s.ordinal, Original: []byte(d.message)}
	s.ordinal++
	e.Add(eventv1.FieldId_FIELD_ID_EVENT_ACTION, []byte(d.action))
	e.Add(eventv1.FieldId_FIELD_ID_EVENT_REASON, []byte(d.reason))
	e.Add(eventv1.FieldId_FIELD_ID_MESSAGE, []byte(d.message))
	if name := event.ClassName(d.class); name != "" {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE, []byte(name))
	}
	if d.count > 0 {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, []byte(d.reason))
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_COUNT, strconv.AppendUint(nil, d.count, 10))
	}
	if d.bytes > 0 {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_BYTES, strconv.AppendUint(nil, d.bytes, 10))
	}
	p.touch()
	p.add(eventv1.Class_CLASS_AGENT, &e)
	s.o.Log.Warn("spool declares", "action", d.action, "reason", d.reason,
		"class", event.ClassName(d.class), "events", d.count, "message", d.message)
}

// dropped counts events that are lost. mu is held.
func (s *Spool) dropped(class eventv1.Class, n uint64) {
	s.refusedOf[class] += n
	s.metrics.dropped(class, n)
}

// declareRefused turns what was refused into declarations. mu is held.
func (s *Spool) declareRefused(p *pending) {
	for i := range p.refused {
		r := p.refused[i]
		if r.count == 0 {
			continue
		}
		p.refused[i] = refusal{}
		s.declare(p, declaration{
			action: actionLoss, reason: "spool_full", class: eventv1.Class(i),
			count: uint64(r.count), bytes: uint64(r.bytes),
			message: "the spool was full, and the source cannot be read again",
		})
	}
}
