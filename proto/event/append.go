package event

import (
	"encoding/binary"
	"slices"

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

// Tags as they stand on the wire, all of one byte: number and type.
const (
	tagEvents     = byte(batchEvents<<3) | byte(protowire.BytesType)
	tagTime       = byte(eventTime<<3) | byte(protowire.Fixed64Type)
	tagObserved   = byte(eventObserved<<3) | byte(protowire.Fixed64Type)
	tagOriginal   = byte(eventOriginal<<3) | byte(protowire.BytesType)
	tagFields     = byte(eventFields<<3) | byte(protowire.BytesType)
	tagFieldID    = byte(fieldID<<3) | byte(protowire.VarintType)
	tagFieldValue = byte(fieldValue<<3) | byte(protowire.BytesType)
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
	// Most events take two bytes for their length. Which do not is known once they
	// are written, and is put right then.
	dst = append(dst, tagEvents, 0, 0)
	start := len(dst)
	if e.Time != 0 {
		dst = binary.LittleEndian.AppendUint64(append(dst, tagTime), uint64(e.Time))
	}
	if e.Observed != 0 {
		dst = binary.LittleEndian.AppendUint64(append(dst, tagObserved), uint64(e.Observed))
	}
	dst = appendVarint(dst, eventOrdinal, e.Ordinal)
	if len(e.Original) > 0 {
		dst = appendUvarint(append(dst, tagOriginal), uint64(len(e.Original)))
		dst = append(dst, e.Original...)
	}
	for i := range e.Fields {
		dst = appendEventField(dst, &e.Fields[i])
	}
	size := len(dst) - start
	if size>>7 > 0 && size>>14 == 0 {
		dst[start-2], dst[start-1] = byte(size)|0x80, byte(size>>7)
		return dst
	}
	var length [10]byte
	return slices.Replace(dst, start-2, start, protowire.AppendVarint(length[:0], uint64(size))...)
}

// appendEventField appends one element of Event.fields.
func appendEventField(dst []byte, f *Field) []byte {
	size, id, length := fieldSize(f), uint64(f.ID), len(f.Value)
	if size < 0x80 && id-1 < 1<<14-1 && length > 0 { // nearly all
		if id < 0x80 {
			dst = append(dst, tagFields, byte(size), tagFieldID, byte(id), tagFieldValue, byte(length))
		} else {
			dst = append(dst, tagFields, byte(size), tagFieldID, byte(id)|0x80, byte(id>>7), tagFieldValue, byte(length))
		}
		return append(dst, f.Value...)
	}
	dst = appendUvarint(append(dst, tagFields), uint64(size))
	dst = appendVarint(dst, fieldID, id)
	if f.ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED && len(f.Key) > 0 {
		dst = appendBytes(dst, fieldKey, f.Key)
	}
	if length > 0 {
		dst = appendBytes(dst, fieldValue, f.Value)
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
	if id, length := uint64(f.ID), uint(len(f.Value)); id-1 < 0x80-1 && length-1 < 0x80-1 {
		return 2 + 2 + int(length)
	}
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

// appendUvarint is protowire.AppendVarint with a shorter way for small values.
func appendUvarint(dst []byte, v uint64) []byte {
	if v < 0x80 {
		return append(dst, byte(v))
	}
	return protowire.AppendVarint(dst, v)
}

func appendBytes(dst []byte, number protowire.Number, v []byte) []byte {
	dst = protowire.AppendTag(dst, number, protowire.BytesType)
	return protowire.AppendBytes(dst, v)
}
