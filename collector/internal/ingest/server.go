// Package ingest is the gRPC end of the stream between an agent and a collector:
// who may speak, how much, and what a batch must be to be taken.
//
// In flow streams of sealed batches; out flow batches that passed every bound,
// lane by lane and in order, and back the acknowledgements of what is stored. An
// agent's identity comes from its certificate alone. Nothing is acknowledged
// here that was not stored before.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
	"google.golang.org/grpc/codes"

	"github.com/tocsin-security/tocsin/proto/event"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
	"github.com/tocsin-security/tocsin/shell/sparse"
)

// MaxMessage bounds one gRPC message before it is read. It leaves room above
// event.MaxSealed, so that a batch over that bound is refused with a reason: what
// gRPC itself refuses has none.
const MaxMessage = 4 * event.MaxSealed

// Fleet knows who calls. Calls come from any goroutine.
type Fleet interface {
	// Identify reads the agent's id from the verified certificate of the
	// connection, and when that certificate ends. Its errors are wire errors.
	Identify(ctx context.Context) (agent string, expires time.Time, err error)
	// Connected notes that the caller opened a stream; the function it returns
	// notes that the stream ended.
	Connected(ctx context.Context, hello *ingestv1.Hello) (ended func(), err error)
}

// Lanes is where an agent's batches go.
type Lanes interface {
	// Heads are what is stored of each lane.
	Heads() []*ingestv1.LaneHead
	// Put returns once the batch is on disk, with what to acknowledge. It waits
	// while it cannot store, until ctx ends. Each lane calls it from one goroutine.
	// Its errors are wire errors and end the stream.
	Put(ctx context.Context, h event.Header, sealed []byte, received time.Time) (*ingestv1.LaneHead, error)
}

// Limits bound what streams may hold in memory. The zero value stands for the
// defaults.
type Limits struct {
	// Streams is how many agents may be connected.
	Streams int
	// LaneBatches is how many batches of one lane may wait to be stored. A lane
	// that has more stops its stream from being read.
	LaneBatches int
	// ClassBytes is what the waiting batches of one class may take, of all agents.
	ClassBytes int64
	// HelloTimeout is how long a new stream may be silent.
	HelloTimeout time.Duration
	// AckTimeout is how long an agent may leave acknowledgements unread: what it
	// sent meanwhile takes up room that is everybody's.
	AckTimeout time.Duration
}

func (l Limits) orDefaults() Limits {
	if l.Streams == 0 {
		l.Streams = 50_000
	}
	if l.LaneBatches == 0 {
		l.LaneBatches = 32
	}
	if l.ClassBytes == 0 {
		l.ClassBytes = 64 << 20
	}
	if l.HelloTimeout == 0 {
		l.HelloTimeout = 10 * time.Second
	}
	if l.AckTimeout == 0 {
		l.AckTimeout = 30 * time.Second
	}
	return l
}

// Options are what a Server works with.
type Options struct {
	Fleet Fleet
	// Open opens an agent's lanes. skew is the agent's clock minus ours, fixed for
	// the stream. Its errors are wire errors.
	Open func(ctx context.Context, agent string, skew time.Duration) (Lanes, error)
	// Heartbeat is how often agents are to say that they live; it is asked for each
	// stream.
	Heartbeat func() time.Duration
	Limits    Limits
	Log       *slog.Logger
	Metrics   prometheus.Registerer
	Now       func() time.Time
}

// Server takes agents' streams. It implements the gRPC service.
type Server struct {
	ingestv1.UnimplementedIngestServiceServer
	o       Options
	metrics *metrics
	budget  [event.ClassCount]*semaphore.Weighted
	// openers hold what unpacking a batch needs: as many as may run at once.
	openers chan *opener
	readers sync.WaitGroup
	// refusals is for what strangers cause.
	refusals *slog.Logger

	mu       sync.Mutex // guards the fields below
	sessions map[string]*session
	draining bool
}

// opener unpacks batches into a buffer of its own.
type opener struct {
	codec  *event.Codec
	buffer []byte
}

// New makes a server.
func New(o Options) (*Server, error) {
	o.Limits = o.Limits.orDefaults()
	m, err := newMetrics(o.Metrics)
	if err != nil {
		return nil, err
	}
	n := runtime.GOMAXPROCS(0)
	s := &Server{
		o: o, metrics: m, openers: make(chan *opener, n), sessions: make(map[string]*session),
		refusals: sparse.Logger(o.Log),
	}
	for range n {
		codec, err := event.NewCodec()
		if err != nil {
			return nil, fmt.Errorf("make codec: %w", err)
		}
		s.openers <- &opener{codec: codec}
	}
	for _, class := range event.Classes() {
		s.budget[class] = semaphore.NewWeighted(o.Limits.ClassBytes)
	}
	return s, nil
}

// Stream serves one agent until either side ends it.
func (s *Server) Stream(stream ingestv1.IngestService_StreamServer) error {
	agent, expires, err := s.o.Fleet.Identify(stream.Context())
	if err != nil {
		s.refusals.Warn("stream refused", "remote", remoteOf(stream.Context()), "error", err)
	} else {
		err = s.serve(stream, agent, expires)
	}
	s.metrics.ended(err)
	return err
}

func (s *Server) serve(stream ingestv1.IngestService_StreamServer, agent string, expires time.Time) error {
	hello, err := s.hello(stream)
	if err != nil {
		return err
	}
	skew := skewOf(hello, s.o.Now())
	ctx, session := s.newSession(stream, agent, skew)
	if err := s.admit(ctx, session); err != nil {
		return err
	}
	defer s.leave(session)
	lanes, err := s.o.Open(ctx, agent, skew)
	if err != nil {
		return causeOf(ctx, err)
	}
	ended, err := s.o.Fleet.Connected(stream.Context(), hello)
	if err != nil {
		s.o.Log.Warn("note that agent connected", "agent", agent, "error", err)
	} else {
		defer ended()
	}
	welcome := &ingestv1.Welcome{Heads: lanes.Heads(), HeartbeatSeconds: uint32(max(1, s.o.Heartbeat()/time.Second))}
	if err := stream.Send(&ingestv1.StreamResponse{
		Message: &ingestv1.StreamResponse_Welcome{Welcome: welcome},
	}); err != nil {
		return err
	}
	s.o.Log.Info("stream opened", "agent", agent, "host", hello.GetHostName(), "version", hello.GetVersion(), "skew", skew)
	err = s.run(ctx, session, lanes, expires)
	s.o.Log.Info("stream ended", "agent", agent, "reason", wireerr.ReasonOf(err), "error", err)
	return err
}

// clockAgreement is by how much two clocks may differ and still count as one: a
// hello that was on its way that long looks the same, and events would be moved
// for nothing, by another amount on every stream.
const clockAgreement = 2 * time.Second

// skewOf is the agent's clock minus ours; checkHello checked its bound.
func skewOf(hello *ingestv1.Hello, now time.Time) time.Duration {
	skew := time.Duration(int64(hello.GetClock()) - now.UnixNano())
	if skew.Abs() < clockAgreement {
		return 0
	}
	return skew
}

// admit makes a session the agent's only one. The one before ends, and has
// ended, or had its time to, before this one reads heads.
func (s *Server) admit(ctx context.Context, fresh *session) error {
	s.mu.Lock()
	old := s.sessions[fresh.agent]
	switch {
	case s.draining:
		s.mu.Unlock()
		return errStopping()
	case old == nil && len(s.sessions) >= s.o.Limits.Streams:
		s.mu.Unlock()
		return wireerr.New(codes.ResourceExhausted, wireerr.Backpressure, "this collector has all the agents it can serve")
	}
	s.sessions[fresh.agent] = fresh
	s.mu.Unlock()
	s.metrics.streams.Inc()
	if old == nil {
		return nil
	}
	s.o.Log.Warn("stream superseded", "agent", fresh.agent, "old", old.remote, "new", fresh.remote)
	old.end(wireerr.New(codes.Aborted, wireerr.Superseded,
		"another stream with this agent's identity took over: a copy of this host, or a second agent?"))
	timer := time.NewTimer(supersedeWait)
	defer timer.Stop()
	select {
	case <-old.done:
	case <-timer.C: // its publishes are fenced: they can only make us connect again
	case <-ctx.Done():
	}
	return nil
}

func (s *Server) leave(old *session) {
	old.end(nil)
	close(old.done)
	s.metrics.streams.Dec()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[old.agent] == old {
		delete(s.sessions, old.agent)
	}
}

// supersedeWait is a little more than one attempt to publish may take.
const supersedeWait = 6 * time.Second

// Drain takes no further streams, lets those that are open store what they have
// taken and say so, and ends them; what is not done when ctx ends stays with the
// agents. It returns when every stream has ended.
func (s *Server) Drain(ctx context.Context) {
	s.mu.Lock()
	s.draining = true
	open := make([]*session, 0, len(s.sessions))
	for _, session := range s.sessions {
		open = append(open, session)
	}
	s.mu.Unlock()
	for _, session := range open {
		session.finish(errStopping())
	}
	for _, session := range open {
		select {
		case <-session.done:
		case <-ctx.Done():
			session.end(errStopping())
		}
	}
}

// Wait returns when nothing of any stream runs any more. The gRPC server has
// stopped before.
func (s *Server) Wait() { s.readers.Wait() }

// Sightings are the agents that have a stream here.
func (s *Server) Sightings() []*fleetv1.Sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	sightings := make([]*fleetv1.Sighting, 0, len(s.sessions))
	for _, session := range s.sessions {
		sightings = append(sightings, session.sighting())
	}
	return sightings
}

func errStopping() error {
	return wireerr.New(codes.Unavailable, wireerr.Unavailable, "this collector stops")
}
