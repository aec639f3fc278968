package event

import (
	"google.golang.org/protobuf/encoding/protowire"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Field numbers of tocsin.event.v1, which the encoder and the walker write out
// by hand. TestNumbers compares them with the generated descriptors.
const (
	batchAgent    protowire.Number = 1
	batchClass    protowire.Number = 2
	batchEpoch    protowire.Number = 3
	batchFirst    protowire.Number = 4
	batchCount    protowire.Number = 5
	batchPrevious protowire.Number = 6
	batchEvents   protowire.Number = 15

	eventTime     protowire.Number = 1
	eventObserved protowire.Number = 2
	eventOrdinal  protowire.Number = 3
	eventOriginal protowire.Number = 4
	eventFields   protowire.Number = 5

	fieldID    protowire.Number = 1
	fieldKey   protowire.Number = 2
	fieldValue protowire.Number = 3
)

// AppendHeader appends the part of a Batch that comes before its events.
func AppendHeader(dst []byte, h *Header) []byte {
	dst = protowire.AppendTag(dst, batchAgent, protowire.BytesType)
	dst = protowire.AppendString(dst, h.Agent)
	dst = appendVarint(dst, batchClass, uint64(h.Class))
	dst = appendBytes(dst, batchEpoch, h.Epoch[:])
	dst = appendVarint(dst, batchFirst, h.FirstSequence)
	dst = appendVarint(dst, batchCount, uint64(h.Count))
	if h.Previous != [HashSize]byte{} {
		dst = appendBytes(dst, batchPrevious, h.Previous[:])
	}
	return dst
}

// AppendEvent appends one element of Batch.events: tag, length and event.
func AppendEvent(dst []byte, e *Event) []byte {
	dst = protowire.AppendTag(dst, batchEvents, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(Size(e)))
	if e.Time != 0 {
		dst = protowire.AppendTag(dst, eventTime, protowire.Fixed64Type)
		dst = protowire.AppendFixed64(dst, uint64(e.Time))
	}
	if e.Observed != 0 {
		dst = protowire.AppendTag(dst, eventObserved, protowire.Fixed64Type)
		dst = protowire.AppendFixed64(dst, uint64(e.Observed))
	}
	dst = appendVarint(dst, eventOrdinal, e.Ordinal)
	if len(e.Original) > 0 {
		dst = appendBytes(dst, eventOriginal, e.Original)
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		dst = protowire.AppendTag(dst, eventFields, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(fieldSize(f)))
		dst = appendVarint(dst, fieldID, uint64(f.ID))
		if f.ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED && len(f.Key) > 0 {
			dst = appendBytes(dst, fieldKey, f.Key)
		}
		if len(f.Value) > 0 {
			dst = appendBytes(dst, fieldValue, f.Value)
		}
	}
	return dst
}

// Size is the encoded size of an event without its tag and length in the
// batch; MaxEvent bounds it.
func Size(e *Event) int {
	n := varintSize(e.Ordinal)
	if e.Time != 0 {
		n += 1 + 8
	}
	if e.Observed != 0 {
		n += 1 + 8
	}
	if len(e.Original) > 0 {
		n += 1 + protowire.SizeBytes(len(e.Original))
	}
	for i := range e.Fields {
		n += 1 + protowire.SizeBytes(fieldSize(&e.Fields[i]))
	}
	return n
}

func fieldSize(f *Field) int {
	n := varintSize(uint64(f.ID))
	if f.ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED && len(f.Key) > 0 {
		n += 1 + protowire.SizeBytes(len(f.Key))
	}
	if len(f.Value) > 0 {
		n += 1 + protowire.SizeBytes(len(f.Value))
	}
	return n
}

func varintSize(v uint64) int {
	if v == 0 {
		return 0
	}
	return 1 + protowire.SizeVarint(v)
}

func appendVarint(dst []byte, number protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	dst = protowire.AppendTag(dst, number, protowire.VarintType)
	return protowire.AppendVarint(dst, v)
}

func appendBytes(dst []byte, number protowire.Number, v []byte) []byte {
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	return protowire.AppendBytes(dst, v)
}
