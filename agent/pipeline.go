package agent

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/parse"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// Times of the parsers' stage.
const (
	// joinWait is how long a record waits for a line that may belong to it.
	joinWait = time.Second
	// idleStream is how long a stream without records keeps its state.
	idleStream = time.Hour
)

// sink takes the events of all streams, in the order of each. It is called from
// several goroutines, and may block: then what feeds it waits.
type sink interface {
	Append(ctx context.Context, e *record.Event) error
}

// pipeline leads records through one parse stream for each of their sequences
// into a sink. Its methods may be called from any goroutine; records of one
// stream come from one.
type pipeline struct {
	sink sink
	// zone is the zone of the times in a file that name none.
	zone  func(path string) *time.Location
	count *stageCounters

	mu      sync.Mutex // guards all below; taken before a stream's own
	streams map[string]*stream
	// reads count the records of each path.
	reads map[string]*atomic.Uint64
}

func newPipeline(to sink, zone func(path string) *time.Location, count *stageCounters) *pipeline {
	return &pipeline{sink: to, zone: zone, count: count, streams: make(map[string]*stream), reads: make(map[string]*atomic.Uint64)}
}

// stream is one sequence of records on its way.
type stream struct {
	read *atomic.Uint64

	mu     sync.Mutex // guards all below
	parser *parse.Stream
	pushed time.Time
	// failed is set once an event could not be appended. The positions of every
	// later one cover it too, so none may follow.
	failed error
	// gone is set once the stream was forgotten.
	gone bool
}

// Put takes one record; it blocks while the sink has no room.
func (p *pipeline) Put(ctx context.Context, r *record.Raw) error {
	s, err := p.lock(r)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	if isRecord(r) {
		p.count.received.Inc()
		s.read.Add(1)
	}
	s.pushed = time.Now()
	if s.failed == nil {
		s.parser.Push(r, p.emit(ctx, s))
	}
	return s.failed
}

// isRecord tells a record from a position that moved without one.
func isRecord(r *record.Raw) bool { return len(r.Text) > 0 || r.Event != nil }

// emit is called with the stream's lock held.
func (p *pipeline) emit(ctx context.Context, s *stream) func(*record.Event) {
	return func(e *record.Event) {
		if s.failed != nil {
			return
		}
		if s.failed = p.sink.Append(ctx, e); s.failed != nil {
			p.count.errors.Inc()
			return
		}
		if e.Class != eventv1.Class_CLASS_UNSPECIFIED {
			p.count.sent.Inc()
		}
	}
}

// lock is the record's stream, locked.
func (p *pipeline) lock(r *record.Raw) (*stream, error) {
	for {
		s, err := p.stream(r)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		if !s.gone {
			return s, nil
		}
		s.mu.Unlock()
	}
}

func (p *pipeline) stream(r *record.Raw) (*stream, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s, ok := p.streams[r.Stream]; ok {
		return s, nil
	}
	name := r.Parser
	if name == "" {
		name = "auto"
	}
	parser, err := parse.New(name, parse.Options{Location: p.zone(r.Path)})
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", r.Stream, err)
	}
	read, ok := p.reads[r.Path]
	if !ok {
		read = new(atomic.Uint64)
		p.reads[r.Path] = read
	}
	s := &stream{read: read, parser: parser, pushed: time.Now()}
	p.streams[r.Stream] = s
	return s, nil
}

// read is how many records of a path were put.
func (p *pipeline) read(path string) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if read, ok := p.reads[path]; ok {
		return read.Load()
	}
	return 0
}

// run lets go what waited too long for its next line, until ctx ends. What it
// appends it appends with the other context, which outlives ctx: an append that
// is cut short ends its stream.
func (p *pipeline) run(ctx, appending context.Context) error {
	ticker := time.NewTicker(joinWait / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if err := p.release(appending, now); err != nil {
				return err
			}
		}
	}
}

// release flushes what is pending for long, and forgets streams that are idle.
func (p *pipeline) release(ctx context.Context, now time.Time) error {
	p.mu.Lock()
	var due []*stream
	for name, s := range p.streams {
		if !s.mu.TryLock() {
			continue // it is being pushed to
		}
		idle := now.Sub(s.pushed)
		switch pending := s.parser.Pending(); {
		case pending && idle >= joinWait:
			due = append(due, s)
		case !pending && idle >= idleStream && s.failed == nil:
			s.gone = true
			delete(p.streams, name)
		}
		s.mu.Unlock()
	}
	p.mu.Unlock()
	for _, s := range due {
		if err := p.flush(ctx, s, now.Add(-joinWait)); err != nil {
			return err
		}
	}
	return nil
}

// flush lets go what a stream holds since before a moment.
func (p *pipeline) flush(ctx context.Context, s *stream, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil && s.parser.Pending() && !s.pushed.After(before) {
		s.parser.Flush(p.emit(ctx, s))
	}
	return s.failed
}

// drain lets go everything and forgets all streams. It is called when nothing
// puts records any more.
func (p *pipeline) drain(ctx context.Context) error {
	p.mu.Lock()
	streams := p.streams
	p.streams = make(map[string]*stream)
	p.mu.Unlock()
	var first error
	for _, s := range streams {
		if err := p.flush(ctx, s, time.Now()); err != nil && first == nil {
			first = err
		}
	}
	if first != nil {
		return fmt.Errorf("flush parsers: %w", first)
	}
	return nil
}
