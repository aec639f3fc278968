// Package event holds what an agent, a collector and an alerter must agree on
// about events, byte for byte: the value itself, its encoding, the sealed batch,
// the bounds, the ids and the JSON that people see.
//
// In flow parsed log lines (agent) or stored batches (collector, alerter); out
// flow bytes or events. Nothing here does I/O. The walker reads a batch without
// allocating; Validate is the same walk with every bound checked, and is what a
// collector trusts.
package event

import eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"

// Bounds of what may travel. Sizes are bytes.
const (
	// DefaultMaxLine caps a raw record unless configured otherwise.
	DefaultMaxLine = 256 << 10
	// MaxLine is the largest configurable cap of a raw record.
	MaxLine = 512 << 10
	// MaxEvent bounds one encoded event.
	MaxEvent = 700 << 10
	// TargetBatch is the encoded size at which a batch is full.
	TargetBatch = 256 << 10
	// MaxBatchEvents is the number of events at which a batch is full.
	MaxBatchEvents = 500
	// MaxBatch bounds a batch before compression: a full one less a byte, one
	// event of the largest size, and its header.
	MaxBatch = 1 << 20
	// MaxMessage bounds a stored message: NATS's default max_payload is 1 MiB.
	MaxMessage = 1_000_000
	// MaxHeaders is what a message's headers may take of MaxMessage.
	MaxHeaders = 4096
	// MaxSealed bounds a sealed batch.
	MaxSealed = MaxMessage - MaxHeaders
	// MaxFields bounds the fields of one event.
	MaxFields = 512
	// MaxKey bounds the name of an unregistered field.
	MaxKey = 256
	// EpochSize is the length of an epoch.
	EpochSize = 16
	// HashSize is the length of a sealed batch's hash, SHA-256.
	HashSize = 32
)

// Event is one event, as tocsin.event.v1.Event has it. Its byte slices may alias
// the buffer it was read from: whoever keeps an event longer than that buffer
// copies it.
type Event struct {
	// Time is when it happened by the log's clock, in nanoseconds since the Unix epoch.
	Time int64
	// Observed is when the agent read it, in nanoseconds since the Unix epoch.
	Observed int64
	// Ordinal orders the events of one host across classes.
	Ordinal uint64
	// Original is the raw text without its final newline.
	Original []byte
	// Fields are in the order in which the parser gave them. A list has one
	// entry for each of its elements.
	Fields []Field
}

// Field is one named value. ID is FIELD_ID_UNSPECIFIED where Key names it.
type Field struct {
	ID    eventv1.FieldId
	Key   []byte
	Value []byte
}

// Name is the field's dotted name.
func (f *Field) Name() string {
	if f.ID == eventv1.FieldId_FIELD_ID_UNSPECIFIED {
		return string(f.Key)
	}
	return SpecOf(f.ID).Name
}

// Get is the first value of the registered field, or nil where the event has none.
func (e *Event) Get(id eventv1.FieldId) []byte {
	for i := range e.Fields {
		if e.Fields[i].ID == id {
			return e.Fields[i].Value
		}
	}
	return nil
}

// Add appends one registered field.
func (e *Event) Add(id eventv1.FieldId, value []byte) {
	e.Fields = append(e.Fields, Field{ID: id, Value: value})
}

// Header is a batch without its events.
type Header struct {
	Agent         string
	Class         eventv1.Class
	Epoch         [EpochSize]byte
	FirstSequence uint64
	Count         uint32
	// Previous is the hash of the lane's previous sealed batch; the zero value
	// for the first of an epoch.
	Previous [HashSize]byte
}
