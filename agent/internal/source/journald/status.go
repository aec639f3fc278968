package journald

import (
	"cmp"
	"sync"
	"time"
)

// Status is what a source has done since it was started.
type Status struct {
	// At is when the last entry that was read was written; zero before the first.
	At time.Time
	// Number is that entry's in its journal.
	Number uint64
	// Lag is how many entries were after it when that was last looked at.
	Lag uint64
	// Entries and Bytes were given out; Truncated of the messages were over the cap.
	Entries, Bytes, Truncated uint64
	// Broken lines were no entries, and skipped.
	Broken uint64
	// Lost entries were deleted before they were read, as far as their number is known.
	Lost uint64
	// Restarts is how often journalctl had to be started again.
	Restarts uint64
	// Error is why the journal cannot be read; empty if it can.
	Error string
}

// statusBoard is what the runner writes for Status to read.
type statusBoard struct {
	mu sync.Mutex // guards what follows
	s  Status
	// partial is why only a part can be read.
	partial string
	last    cursor
	newer   cursor
}

func (b *statusBoard) do(change func(s *Status)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.s)
}

// at notes the last entry read.
func (b *statusBoard) at(c *cursor) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = *c
}

// newest notes the newest entry there is.
func (b *statusBoard) newest(c *cursor) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.newer, b.s.Error = *c, ""
}

func (b *statusBoard) counted(bytes int, truncated bool) {
	b.do(func(s *Status) {
		s.Entries++
		s.Bytes += uint64(bytes)
		if truncated {
			s.Truncated++
		}
	})
}

func (b *statusBoard) broken()           { b.do(func(s *Status) { s.Broken++ }) }
func (b *statusBoard) restarted()        { b.do(func(s *Status) { s.Restarts++ }) }
func (b *statusBoard) lost(n uint64)     { b.do(func(s *Status) { s.Lost += n }) }
func (b *statusBoard) failed(why string) { b.do(func(s *Status) { s.Error = why }) }

// only notes that a part alone can be read, and why.
func (b *statusBoard) only(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.partial = why
}

func (b *statusBoard) snapshot() Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.s
	s.Error = cmp.Or(s.Error, b.partial)
	if b.last != (cursor{}) {
		s.At, s.Number = b.last.time(), b.last.number
	}
	if b.newer.file == b.last.file && b.newer.number > b.last.number {
		s.Lag = b.newer.number - b.last.number
	}
	return s
}
