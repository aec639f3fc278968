// Package spool keeps what an agent read on disk until a collector has it.
//
// In flow events with the positions that cover them, from parse; out flow sealed
// batches, lane by lane, to the uplink, and positions to the sources at their
// next start. An event and its position are one atom: both are in the log after
// a crash, or neither is. What is reported as committed has been fsynced.
//
// FORMAT.md specifies the log. Append and the reading side may be used by many
// goroutines; one calls Run. Two processes must not open one folder: the caller
// holds the lock of the state folder around it.
//
// Locks are taken in this order: logMu, io, mu.
package spool

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const (
	// MinSize is the least that Options.MaxSize may be.
	MinSize = 8 << 20
	// sealAfter is how long an event waits at most for others of its batch.
	sealAfter = 200 * time.Millisecond
	// ackAfter is how long an ack waits at most to be written down. Losing one
	// costs nothing: the collector says it again at the next connect.
	ackAfter = time.Second
	// retryAfter is the pause after a write that failed.
	retryAfter = time.Second
	// maxPending bounds the encoded events in memory; as much again may be on its way
	// to the disk.
	maxPending = 3 << 19
	// maxSpare bounds the buffers kept for events to come. They have room for more
	// than is in them, so it is above maxPending: what does not fit is made anew.
	maxSpare = 4 << 20
	// maxCache bounds the sealed batches kept in memory for their first reading.
	maxCache = 2 << 20
)

var (
	// ErrRefused is what Offer returns for an event that found no room. It has been
	// counted and will be declared; offering it again would count it twice.
	ErrRefused = errors.New("spool is full")
	// ErrClosed is returned by every use after Close.
	ErrClosed = errors.New("spool is closed")
	// errStopped: after a failed fsync nothing is known until the next Open.
	errStopped = errors.New("spool stopped")
)

// Options configure a spool. Agent and MaxSize are required.
type Options struct {
	// Agent is the agent's id, from its certificate.
	Agent string
	// MaxSize bounds the folder's size in bytes; at least MinSize.
	MaxSize int64
	// Log gets what an operator should know; nil discards it.
	Log *slog.Logger
	// Clock is the time of declared events; nil is time.Now.
	Clock func() time.Time
	// Registerer gets the spool's metrics; nil registers none.
	Registerer prometheus.Registerer

	// segmentSize is where a new segment begins; 0 derives it from MaxSize.
	segmentSize int64
}

// Spool is an open spool.
type Spool struct {
	o       Options
	disk    disk
	codec   *event.Codec
	metrics *metrics
	// segmentSize is where a new segment begins.
	segmentSize int64

	// logMu is held by whoever writes to the log: one flush at a time.
	logMu sync.Mutex
	// buf and sealed are a flush's scratch space. logMu guards them and order.
	buf, sealed []byte
	order       writeOrder

	// io keeps a segment's file open while a batch is read from it.
	io sync.RWMutex

	// mu guards everything below.
	mu      sync.Mutex
	state   *state
	pending *pending
	// inflight was taken from pending for a flush that has not succeeded yet.
	inflight *pending
	// ordinal is the next event's; state.ordinal is the committed one.
	ordinal uint64
	// credit is how much may be appended before admits has to look again.
	credit int64
	// refusedOf counts what was refused or lost, by class.
	refusedOf [event.ClassCount]uint64
	// waiters are the appends that wait for the budget, starved those that wait for
	// the next flush.
	waiters, starved int
	// acked: an ack came in since the last flush.
	acked   bool
	ackedAt time.Time
	// space is closed and replaced when room may have become free.
	space chan struct{}
	err   error

	kick  chan struct{}
	ready chan struct{}
}

// Open opens the spool in a folder of its own, makes it where it does not exist,
// and recovers it. Whatever is wrong with its content is declared as an event of
// class agent; an error means that the disk fails or that a newer version wrote it.
func Open(dir string, o Options) (*Spool, error) {
	d, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	return open(d, o)
}

func open(d disk, o Options) (*Spool, error) {
	if !event.ValidID(o.Agent) {
		return nil, fmt.Errorf("open spool: invalid agent id %q", o.Agent)
	}
	if o.MaxSize < MinSize {
		return nil, fmt.Errorf("open spool: size of %d bytes is below %d", o.MaxSize, int64(MinSize))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	codec, err := event.NewCodec()
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	s := &Spool{
		o: o, disk: d, codec: codec,
		segmentSize: o.segmentSize,
		pending:     newPending(),
		space:       make(chan struct{}),
		kick:        make(chan struct{}, 1),
		ready:       make(chan struct{}, 1),
	}
	if s.segmentSize == 0 {
		s.segmentSize = min(max(o.MaxSize/16, 256<<10), 16<<20)
	}
	if s.metrics, err = newMetrics(s, o.Registerer); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	if err := s.recover(); err != nil {
		s.metrics.unregister()
		return nil, errors.Join(fmt.Errorf("open spool: %w", err), s.closeFiles())
	}
	return s, nil
}

// Positions is how far each source was read, by key: everything up to there is
// in the spool or acked, and nothing after it is.
func (s *Spool) Positions() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.state.positions)
}

// Close flushes what is pending and closes the files. Run must have returned.
func (s *Spool) Close() error {
	s.mu.Lock()
	err := s.err
	s.mu.Unlock()
	if errors.Is(err, ErrClosed) {
		return nil
	}
	if err == nil {
		err = s.flush()
	} else {
		err = nil // Run has returned it
	}
	s.stop(ErrClosed)
	s.logMu.Lock()
	defer s.logMu.Unlock()
	err = errors.Join(err, s.order.finish(s))
	s.metrics.unregister()
	return errors.Join(err, s.closeFiles())
}

func (s *Spool) closeFiles() error {
	s.io.Lock()
	defer s.io.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == nil {
		return nil
	}
	var errs []error
	for _, seg := range s.state.segments {
		errs = append(errs, seg.file.Close())
	}
	return errors.Join(errs...)
}

// stop makes every further use fail with err and wakes who waits.
func (s *Spool) stop(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil || errors.Is(err, ErrClosed) {
		s.err = err
	}
	s.wake()
	notify(s.kick)
}

// wake lets blocked appends look again. mu is held.
func (s *Spool) wake() {
	close(s.space)
	s.space = make(chan struct{})
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func newEpoch() (e epoch) {
	_, _ = rand.Read(e[:]) // never fails (crypto/rand)
	return e
}

// laneOf is the lane of a class. mu is held.
func (s *Spool) laneOf(class eventv1.Class) (*lane, error) {
	l, ok := s.state.lane(class)
	if !ok {
		return nil, fmt.Errorf("unknown class %d", class)
	}
	return l, nil
}
