package event

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// ErrMalformed is what every error of the walker and of Validate wraps: the same
// bytes will never be a batch.
var ErrMalformed = errors.New("malformed batch")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Walker reads an encoded Batch, uncompressed, without allocating beyond the
// agent's id. Its zero value is ready; it may be reused. What it accepts,
// proto.Unmarshal accepts with the same content; it is stricter in that the
// header comes before the events and their number is the count.
type Walker struct {
	rest   []byte
	header Header
	read   uint32
}

// Open reads a batch's header and stands before its first event.
func (w *Walker) Open(batch []byte) (Header, error) {
	*w = Walker{rest: batch, header: Header{Agent: w.header.Agent}}
	agent := []byte(nil)
	for len(w.rest) > 0 {
		number, kind, n, err := consumeTag(w.rest)
		if err != nil {
			return Header{}, err
		}
		if number == batchEvents && kind == protowire.BytesType {
			break
		}
		size := protowire.ConsumeFieldValue(number, kind, w.rest[n:])
		if size < 0 {
			return Header{}, malformed("field %d: %v", number, protowire.ParseError(size))
		}
		value := w.rest[n : n+size]
		w.rest = w.rest[n+size:]
		if agent, err = w.header.set(number, kind, value, agent); err != nil {
			return Header{}, err
		}
	}
	if string(agent) != w.header.Agent { // a walker of one lane keeps its string
		w.header.Agent = string(agent)
	}
	return w.header, nil
}

// consumeTag reads a tag. It refuses groups, which no version of the format has,
// and numbers that no message can have.
func consumeTag(b []byte) (protowire.Number, protowire.Type, int, error) {
	// All tags that we write are one byte long.
	if len(b) > 0 && b[0] < 0x80 && plainTag(b[0]) {
		return protowire.Number(b[0] >> 3), protowire.Type(b[0] & 7), 1, nil
	}
	number, kind, n := protowire.ConsumeTag(b)
	switch {
	case n < 0:
		return 0, 0, 0, malformed("tag: %v", protowire.ParseError(n))
	case number > protowire.MaxValidNumber:
		return 0, 0, 0, malformed("field number %d", number)
	case kind == protowire.StartGroupType || kind == protowire.EndGroupType:
		return 0, 0, 0, malformed("field %d is a group", number)
	}
	return number, kind, n, nil
}

// plainTag tells whether a tag of one byte has a number and one of the types
// that fields of ours have.
func plainTag(b byte) bool {
	const types = 1<<protowire.VarintType | 1<<protowire.Fixed64Type | 1<<protowire.BytesType
	return b >= 1<<3 && types&(1<<(b&7)) != 0
}

// consumeBytes is protowire.ConsumeBytes with a shorter way for short values.
func consumeBytes(b []byte) ([]byte, int) {
	if len(b) > 0 && b[0] < 0x80 && int(b[0]) < len(b) {
		n := 1 + int(b[0])
		return b[1:n:n], n
	}
	return protowire.ConsumeBytes(b)
}

// set takes one field of the header in. agent is the agent so far, as bytes.
func (h *Header) set(number protowire.Number, kind protowire.Type, value, agent []byte) ([]byte, error) {
	switch {
	case number == batchAgent && kind == protowire.BytesType:
		agent, _ = protowire.ConsumeBytes(value)
		if !utf8.Valid(agent) {
			return nil, malformed("agent: invalid UTF-8")
		}
	case number == batchClass && kind == protowire.VarintType:
		v, _ := protowire.ConsumeVarint(value)
		h.Class = eventv1.Class(v)
	case number == batchEpoch && kind == protowire.BytesType:
		v, _ := protowire.ConsumeBytes(value)
		if len(v) != EpochSize {
			return nil, malformed("epoch of %d bytes", len(v))
		}
		h.Epoch = [EpochSize]byte(v)
	case number == batchFirst && kind == protowire.VarintType:
		h.FirstSequence, _ = protowire.ConsumeVarint(value)
	case number == batchCount && kind == protowire.VarintType:
		v, _ := protowire.ConsumeVarint(value)
		h.Count = uint32(v)
	case number == batchPrevious && kind == protowire.BytesType:
		v, _ := protowire.ConsumeBytes(value)
		if len(v) != HashSize {
			return nil, malformed("previous hash of %d bytes", len(v))
		}
		h.Previous = [HashSize]byte(v)
	}
	return agent, nil
}

// Next reads the next event into e, whose Fields it reuses; the event's slices
// alias the batch. It returns false after the last one.
func (w *Walker) Next(e *Event) (bool, error) {
	for len(w.rest) > 0 {
		number, kind, n, err := consumeTag(w.rest)
		if err != nil {
			return false, err
		}
		if number == batchEvents && kind == protowire.BytesType {
			value, m := protowire.ConsumeBytes(w.rest[n:])
			if m < 0 {
				return false, malformed("event %d: %v", w.read, protowire.ParseError(m))
			}
			w.rest = w.rest[n+m:]
			if w.read == w.header.Count {
				return false, malformed("more events than the count of %d", w.header.Count)
			}
			if err := readEvent(e, value); err != nil {
				return false, fmt.Errorf("event %d: %w", w.read, err)
			}
			w.read++
			return true, nil
		}
		if number >= batchAgent && number <= batchPrevious {
			return false, malformed("header field %d after the events", number)
		}
		size := protowire.ConsumeFieldValue(number, kind, w.rest[n:])
		if size < 0 {
			return false, malformed("field %d: %v", number, protowire.ParseError(size))
		}
		w.rest = w.rest[n+size:]
	}
	if w.read != w.header.Count {
		return false, malformed("%d events, but the count is %d", w.read, w.header.Count)
	}
	return false, nil
}

func readEvent(e *Event, b []byte) error {
	*e = Event{Fields: e.Fields[:0]}
	for len(b) > 0 {
		number, kind, n, err := consumeTag(b)
		if err != nil {
			return err
		}
		b = b[n:]
		var size int
		switch {
		case number == eventTime && kind == protowire.Fixed64Type:
			var v uint64
			v, size = protowire.ConsumeFixed64(b)
			e.Time = int64(v)
		case number == eventObserved && kind == protowire.Fixed64Type:
			var v uint64
			v, size = protowire.ConsumeFixed64(b)
			e.Observed = int64(v)
		case number == eventOrdinal && kind == protowire.VarintType:
			e.Ordinal, size = protowire.ConsumeVarint(b)
		case number == eventOriginal && kind == protowire.BytesType:
			e.Original, size = consumeBytes(b)
		case number == eventFields && kind == protowire.BytesType:
			var v []byte
			if v, size = consumeBytes(b); size >= 0 {
				if err := appendField(e, v); err != nil {
					return err
				}
			}
		default:
			size = protowire.ConsumeFieldValue(number, kind, b)
		}
		if size < 0 {
			return malformed("field %d: %v", number, protowire.ParseError(size))
		}
		b = b[size:]
	}
	return nil
}

func appendField(e *Event, b []byte) error {
	e.Fields = append(e.Fields, Field{})
	f := &e.Fields[len(e.Fields)-1]
	for len(b) > 0 {
		number, kind, n, err := consumeTag(b)
		if err != nil {
			return err
		}
		b = b[n:]
		var size int
		switch {
		case number == fieldID && kind == protowire.VarintType:
			var v uint64
			v, size = protowire.ConsumeVarint(b)
			f.ID = eventv1.FieldId(v)
		case number == fieldKey && kind == protowire.BytesType:
			f.Key, size = consumeBytes(b)
			if size >= 0 && !utf8.Valid(f.Key) {
				return malformed("key: invalid UTF-8")
			}
		case number == fieldValue && kind == protowire.BytesType:
			f.Value, size = consumeBytes(b)
		default:
			size = protowire.ConsumeFieldValue(number, kind, b)
		}
		if size < 0 {
			return malformed("field %d: %v", number, protowire.ParseError(size))
		}
		b = b[size:]
	}
	return nil
}
