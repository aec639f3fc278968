package event

import (
	"strings"
	"unicode/utf8"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Validate walks a whole uncompressed batch, checks every bound and returns its
// header. agent is the id from the certificate of whoever sent it. Its errors
// wrap ErrMalformed and say what is wrong, for the sender's log.
func Validate(batch []byte, agent string) (Header, error) {
	if len(batch) > MaxBatch {
		return Header{}, malformed("%d bytes, the bound is %d", len(batch), MaxBatch)
	}
	var w Walker
	h, err := w.Open(batch)
	if err != nil {
		return Header{}, err
	}
	if err := checkHeader(&h, agent); err != nil {
		return Header{}, err
	}
	var e Event
	for index := 0; ; index++ {
		more, err := w.Next(&e)
		if err != nil {
			return Header{}, err
		}
		if !more {
			return h, nil
		}
		if err := checkEvent(&e); err != nil {
			return Header{}, malformed("event %d: %s", index, err)
		}
	}
}

func checkHeader(h *Header, agent string) error {
	switch {
	case h.Agent != agent:
		return malformed("claims agent %.40q, the certificate says %q", h.Agent, agent)
	case ClassName(h.Class) == "":
		return malformed("unknown class %d", h.Class)
	case h.Epoch == [EpochSize]byte{}:
		return malformed("no epoch")
	case h.FirstSequence == 0:
		return malformed("no first sequence")
	case h.Count == 0 || h.Count > MaxBatchEvents:
		return malformed("%d events, the bounds are 1 and %d", h.Count, MaxBatchEvents)
	case h.FirstSequence+uint64(h.Count) < h.FirstSequence:
		return malformed("sequence overflows")
	case (h.FirstSequence == 1) != (h.Previous == [HashSize]byte{}):
		return malformed("previous hash does not fit first sequence %d", h.FirstSequence)
	}
	return nil
}

// Check tells whether one event keeps every bound that Validate has for it, so
// that who seals batches can keep a bad one out. Its error wraps ErrMalformed.
func Check(e *Event) error {
	for i := range e.Fields {
		if e.Fields[i].ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED && !utf8.Valid(e.Fields[i].Key) {
			return malformed("key: invalid UTF-8")
		}
	}
	if err := checkEvent(e); err != nil {
		return malformed("%s", err)
	}
	return nil
}

// plainError is a reason that Validate wraps with its place.
type plainError string

func (e plainError) Error() string { return string(e) }

func checkEvent(e *Event) error {
	if len(e.Original) > MaxLine {
		return plainError("original over the bound")
	}
	if len(e.Fields) > MaxFields {
		return plainError("too many fields")
	}
	// bound is at least the size, and takes less to find.
	bound := fixedRoom + len(e.Original)
	for i := range e.Fields {
		f := &e.Fields[i]
		bound += fieldRoom + len(f.Value)
		if f.ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED {
			if err := checkKey(string(f.Key)); err != nil {
				return err
			}
			bound += len(f.Key)
			continue
		}
		if registry.isReserved(f.ID) {
			return plainError("field " + SpecOf(f.ID).Name + " is not an agent's to say")
		}
	}
	if bound > MaxEvent && Size(e) > MaxEvent {
		return plainError("encoded size over the bound")
	}
	return nil
}

const (
	// fixedRoom is what an event takes at most besides its text and fields: two
	// times, the ordinal, and the text's tag and length.
	fixedRoom = 9 + 9 + 11 + 11
	// fieldRoom is what a field takes at most besides key and value: three tags and
	// lengths, and its id.
	fieldRoom = 11 + 11 + 11 + 11
)

// checkKey refuses a name outside the registry that is empty, over its bound, or
// stands for something that only the certificate, the registry or an alerter says.
func checkKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return plainError("length of a key out of bounds")
	}
	if key == "@timestamp" || strings.HasPrefix(key, "agent.") || strings.HasPrefix(key, "host.") ||
		strings.HasPrefix(key, "tocsin.") || key == "agent" || key == "host" || key == "tocsin" {
		return plainError("key " + key + " is not an agent's to say")
	}
	if id, ok := FieldByName(key); ok && registry.isReserved(id) {
		return plainError("key " + key + " is not an agent's to say")
	}
	return nil
}
