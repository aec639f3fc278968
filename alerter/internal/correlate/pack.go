package correlate

import (
	"slices"

	"google.golang.org/protobuf/proto"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// pack keeps the findings of signals that no alert counts yet as their encoding,
// and of what is too much for the memory only the essence.
func (e *Engine) pack(list []*held) {
	for _, h := range list {
		if h.finding == nil {
			continue
		}
		packed, err := packedOf(h.finding)
		if err != nil {
			continue // it stays as it is
		}
		if e.packed+int64(len(packed)) > e.o.MaxBytes {
			if short, err := packedOf(essence(h.finding)); err == nil {
				packed = short
				e.stats.Stripped++
			}
		}
		e.packed += int64(len(packed))
		h.packed, h.finding = packed, nil
	}
}

// packedOf is the encoding of a finding without what its signal knows anyway. The
// finding may be that of other signals too, of this goroutine's.
func packedOf(f *alertv1.Finding) ([]byte, error) {
	id, agent := f.GetEventId(), f.GetAgent()
	f.EventId, f.Agent = "", ""
	packed, err := proto.Marshal(f)
	f.EventId, f.Agent = id, agent
	return packed, err
}

// unpack brings back what pack put away.
func (e *Engine) unpack(h *held) {
	if h.packed == nil {
		return
	}
	e.packed -= int64(len(h.packed))
	h.finding = &alertv1.Finding{}
	if err := proto.Unmarshal(h.packed, h.finding); err != nil {
		// It was encoded by pack; what names the event is known in any case.
		h.finding = &alertv1.Finding{Time: uint64(h.time), Ordinal: h.ordinal}
	}
	h.finding.EventId, h.finding.Agent = h.id, h.agent
	h.packed = nil
}

// forget takes signals out of the sums.
func (e *Engine) forget(list []*held) {
	e.stats.Held -= len(list)
	for _, h := range list {
		e.packed -= int64(len(h.packed))
	}
}

// essence is a finding without its text: what names the event, and a few short
// values.
func essence(f *alertv1.Finding) *alertv1.Finding {
	const maxFields, maxLength = 8, 64
	short := &alertv1.Finding{
		EventId: f.GetEventId(), Agent: f.GetAgent(), Class: f.GetClass(), Time: f.GetTime(), OriginalTime: f.GetOriginalTime(),
		Ordinal: f.GetOrdinal(), Received: f.GetReceived(), Backfill: f.GetBackfill(),
	}
	short.Fields = slices.DeleteFunc(slices.Clone(f.GetFields()), func(field *eventv1.Field) bool {
		return len(field.GetKey())+len(field.GetValue()) > maxLength
	})
	short.Fields = short.Fields[:min(len(short.Fields), maxFields)]
	return short
}
