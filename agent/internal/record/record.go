// Package record holds the values that the agent's stages pass: a raw record as
// a source read it, the position that covers it, and the event made of it.
//
// The way is source → Raw → parse → Event → spool. A position travels with its
// record and is made durable in the same fsync as the record's event.
package record

import (
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Position is how far one source has been read. A source finds its last one at
// its next start. State is the source's own, opaque to everyone else; nil State
// forgets the key.
type Position struct {
	// Key names what was read, e.g. "file/<identity>"; unique within an agent.
	Key   string
	State []byte
}

// Raw is one record as a source read it. Exactly one of Text and Event says what
// it was; both empty is a position that moved without a record.
type Raw struct {
	// Stream names the sequence the record belongs to: records of one stream are
	// in order and may join into one event; those of two never do.
	Stream string
	// Input is which entry of the source's configuration the record came from,
	// from 0, so that the entry's other settings (a time zone) can be found.
	Input int
	// Parser names the parser that is to read Text, or "auto".
	Parser string
	// Path is the file that Text was read from, "-" for standard input.
	Path string
	// Line is the number of Text's line in Path from 1; 0 where unknown.
	Line int64
	// Offset is where Text begins in Path, in bytes.
	Offset int64
	// Text is the line without its line end. It is valid during the call only.
	Text []byte
	// Truncated says that Text is the beginning of a line over the cap.
	Truncated bool
	// Backfill says that Text existed before the source first saw its file.
	Backfill bool
	// Observed is when it was read.
	Observed time.Time
	// Envelope is what is known about Text apart from it; nil where Text is a
	// whole line that says it itself. It is valid during the call only.
	Envelope *Envelope
	// Event is what a source that needs no parser saw (a changed file, a loss).
	Event *Event
	// Positions cover everything up to and including this record.
	Positions []Position
	// Serial, when not 0, numbers the record within a source whose records become
	// events in another order than they were read in. Such a source gives no
	// Positions: it makes them of the events' Serials, right before the spool.
	Serial uint64
	// Committed, when set, is called once after the fsync that holds the record
	// and its positions. It must not block.
	Committed func()
}

// Event is one parsed event on its way to the spool. The embedded event's
// ordinal is 0: the spool gives it.
type Event struct {
	event.Event
	Class eventv1.Class
	// Positions cover everything up to and including the event's last line.
	Positions []Position
	// Serials are those of the event's records that have one.
	Serials []uint64
	// Committed are called once after the fsync that holds the event.
	Committed []func()
}
