package agent

import (
	"cmp"
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
	// restingWait is how often is looked for idle streams while nothing is put.
	restingWait = time.Minute
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
	zone func(path string) *time.Location
	// patterns are those that users wrote; set before the first Put.
	patterns *Patterns
	count    *stageCounters

	// resting says that nothing was put of late; who puts then ends it by woken.
	resting atomic.Bool
	woken   chan struct{}

	mu      sync.Mutex // guards all below; taken before a stream's own
	streams map[string]*stream
	// last is the stream of the record before: most come one after another.
	last     *stream
	lastName string
	// tallies count the records of each path.
	tallies map[string]*tally
}

func newPipeline(to sink, zone func(path string) *time.Location, count *stageCounters) *pipeline {
	return &pipeline{sink: to, zone: zone, count: count, woken: make(chan struct{}, 1), streams: make(map[string]*stream), tallies: make(map[string]*tally)}
}

// tally counts the records of one path: those that were put, and those of them that
// were not taken.
type tally struct{ read, refused atomic.Uint64 }

// stream is one sequence of records on its way.
type stream struct {
	tally *tally

	mu     sync.Mutex // guards all below
	parser *parse.Stream
	// name is the parser's.
	name string
	// pushes counts; quiet is since when, and seen how many there were then. What
	// looks after idle streams sets them, so that a record costs no look at the clock.
	pushes, seen uint64
	quiet        time.Time
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
		s.tally.read.Add(1)
	}
	s.pushes++
	if len(r.Text) > 0 && s.name != r.Parser {
		if err := p.choose(ctx, s, r); err != nil {
			return err
		}
	}
	if s.failed == nil {
		s.parser.Push(r, p.emit(ctx, s))
	}
	if p.resting.Load() && p.resting.CompareAndSwap(true, false) {
		select {
		case p.woken <- struct{}{}:
		default: // it is about to be
		}
	}
	if s.failed != nil && isRecord(r) {
		s.tally.refused.Add(1)
	}
	return s.failed
}

// choose gives a stream the parser that its text asks for. A stream begins with
// what its first record names, and that may be a position, which names none. The
// stream's lock is held.
func (p *pipeline) choose(ctx context.Context, s *stream, r *record.Raw) error {
	parser, err := p.newParser(r)
	if err != nil {
		return err
	}
	if s.failed == nil {
		s.parser.Flush(p.emit(ctx, s))
	}
	s.parser, s.name = parser, r.Parser
	return nil
}

func (p *pipeline) newParser(r *record.Raw) (*parse.Stream, error) {
	parser, err := parse.New(cmp.Or(r.Parser, "auto"), parse.Options{Location: p.zone(r.Path), Patterns: p.patterns})
	if err != nil {
		return nil, fmt.Errorf("open stream %s: %w", r.Stream, err)
	}
	return parser, nil
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
	if p.last != nil && p.lastName == r.Stream {
		return p.last, nil
	}
	s, ok := p.streams[r.Stream]
	if !ok {
		parser, err := p.newParser(r)
		if err != nil {
			return nil, err
		}
		t, ok := p.tallies[r.Path]
		if !ok {
			t = new(tally)
			p.tallies[r.Path] = t
		}
		s = &stream{tally: t, parser: parser, name: r.Parser, quiet: time.Now()}
		p.streams[r.Stream] = s
	}
	p.last, p.lastName = s, r.Stream
	return s, nil
}

// counts is how many records of a path were put, and how many of them were not taken.
func (p *pipeline) counts(path string) (read, refused uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.tallies[path]; ok {
		return t.read.Load(), t.refused.Load()
	}
	return 0, 0
}

// run lets go what waited too long for its next line, until ctx ends. What it
// appends it appends with the other context, which outlives ctx: an append that
// is cut short ends its stream.
func (p *pipeline) run(ctx, appending context.Context) error {
	timer := time.NewTimer(joinWait / 4)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.woken:
			timer.Reset(joinWait / 4)
		case now := <-timer.C:
			p.resting.Store(true) // before looking: what is put from here on wakes
			busy, err := p.release(appending, now)
			switch {
			case err != nil:
				return err
			case busy:
				p.resting.Store(false)
				timer.Reset(joinWait / 4)
			default:
				timer.Reset(restingWait)
			}
		}
	}
}

// release flushes what is pending for long, and forgets streams that are idle. It
// tells whether anything was put since it was last called, or is pending.
func (p *pipeline) release(ctx context.Context, now time.Time) (busy bool, err error) {
	p.mu.Lock()
	p.last = nil // it may be forgotten
	var due []*stream
	for name, s := range p.streams {
		if !s.mu.TryLock() {
			busy = true
			continue // it is being pushed to
		}
		if s.pushes != s.seen {
			s.seen, s.quiet, busy = s.pushes, now, true
		}
		idle := now.Sub(s.quiet)
		pending := s.parser.Pending()
		busy = busy || pending
		switch {
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
		if err := p.flush(ctx, s, false); err != nil {
			return busy, err
		}
	}
	return busy, nil
}

// flush lets go what a stream holds, unless it goes on after all; whatever it
// holds if it is the end.
func (p *pipeline) flush(ctx context.Context, s *stream, end bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil && s.parser.Pending() && (end || s.pushes == s.seen) {
		s.parser.Flush(p.emit(ctx, s))
	}
	return s.failed
}

// drain lets go everything and forgets all streams. It is called when nothing
// puts records any more.
func (p *pipeline) drain(ctx context.Context) error {
	p.mu.Lock()
	streams := p.streams
	p.streams, p.last = make(map[string]*stream), nil
	p.mu.Unlock()
	var first error
	for _, s := range streams {
		if err := p.flush(ctx, s, true); err != nil && first == nil {
			first = err
		}
	}
	if first != nil {
		return fmt.Errorf("flush parsers: %w", first)
	}
	return nil
}
