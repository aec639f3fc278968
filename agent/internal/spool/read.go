package spool

import (
	"fmt"
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
)

// Read returns the first unacked batch of a lane that comes after a sequence
// number, and its head; after 0 is the oldest one. A nil head means that there is
// none now. Sequence numbers are those of the lane's present epoch, which only
// Resume changes. The sealed bytes are the caller's.
func (s *Spool) Read(class eventv1.Class, after uint64) ([]byte, *ingestv1.LaneHead, error) {
	s.mu.Lock()
	if s.err != nil {
		s.mu.Unlock()
		return nil, nil, s.err
	}
	l, err := s.laneOf(class)
	if err != nil {
		s.mu.Unlock()
		return nil, nil, err
	}
	var e *entry
	for _, x := range l.live {
		if x.first > after {
			e = x
			break
		}
	}
	if e == nil {
		s.mu.Unlock()
		return nil, nil, nil
	}
	sealed, h := e.sealed, wireHead(class, &e.head)
	e.uncache()
	s.mu.Unlock()
	if sealed != nil {
		return sealed, h, nil
	}
	sealed, err = s.readEntry(e)
	return sealed, h, err
}

// readEntry reads a sealed batch from its segment. What does not have its hash
// any more stops the spool: the next Open finds out how much is damaged, and
// declares it.
func (s *Spool) readEntry(e *entry) ([]byte, error) {
	s.io.RLock()
	defer s.io.RUnlock()
	s.mu.Lock()
	at, cached := e.at, e.sealed
	s.mu.Unlock()
	if cached != nil {
		return cached, nil
	}
	sealed := make([]byte, at.sealed)
	if _, err := at.segment.file.ReadAt(sealed, at.offset+at.size-int64(at.sealed)); err != nil {
		s.metrics.failed("read")
		return nil, fmt.Errorf("read segment %d: %w", at.segment.number, err)
	}
	if event.Hash(sealed) != e.hash {
		err := fmt.Errorf("%w: batch at %d of segment %d has changed", errStopped, at.offset, at.segment.number)
		s.metrics.failed("read")
		s.stop(err)
		return nil, err
	}
	return sealed, nil
}

// Ready is signalled when batches were added; one signal may stand for many.
func (s *Spool) Ready() <-chan struct{} { return s.ready }

// Lag is what each lane still has to send, for heartbeats.
func (s *Spool) Lag() []*ingestv1.LaneLag {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*ingestv1.LaneLag
	for _, class := range event.Classes() {
		l := &s.state.lanes[class]
		out = append(out, &ingestv1.LaneLag{Class: class, Events: l.events, Oldest: uint64(l.oldest())})
	}
	return out
}

// LaneStats is one lane's part of Stats.
type LaneStats struct {
	Class eventv1.Class
	// Events and Bytes are recorded and not yet acked.
	Events uint64
	Bytes  int64
	// Refused events found no room, or could not be read back, since the spool was
	// opened.
	Refused uint64
	// Oldest is when the oldest of them was observed; zero where there is none.
	Oldest time.Time
}

// Stats is how full a spool is.
type Stats struct {
	// Bytes is the size of the folder, MaxSize its bound.
	Bytes, MaxSize int64
	Segments       int
	// Blocked is how many appends wait for room.
	Blocked int
	// Lanes are in order of priority.
	Lanes []LaneStats
}

// Stats tells how full the spool is.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Stats{
		Bytes: s.state.size(), MaxSize: s.o.MaxSize, Segments: len(s.state.segments), Blocked: s.waiters,
	}
	for _, class := range event.Classes() {
		l := &s.state.lanes[class]
		stats := LaneStats{Class: class, Events: l.events, Bytes: l.bytes, Refused: s.refusedOf[class]}
		if oldest := l.oldest(); oldest != 0 {
			stats.Oldest = time.Unix(0, oldest)
		}
		out.Lanes = append(out.Lanes, stats)
	}
	return out
}

func wireHead(class eventv1.Class, h *head) *ingestv1.LaneHead {
	return &ingestv1.LaneHead{
		Class: class, Epoch: h.epoch[:], FirstSequence: h.first, Count: h.count, Hash: h.hash[:],
	}
}

func parseHead(h *ingestv1.LaneHead) (head, error) {
	var out head
	if len(h.GetEpoch()) != len(out.epoch) || len(h.GetHash()) != len(out.hash) || h.GetFirstSequence() == 0 || h.GetCount() == 0 {
		return out, fmt.Errorf("malformed head of lane %s", event.ClassName(h.GetClass()))
	}
	out.first, out.count = h.GetFirstSequence(), h.GetCount()
	copy(out.epoch[:], h.GetEpoch())
	copy(out.hash[:], h.GetHash())
	return out, nil
}
