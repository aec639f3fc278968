package ingest

import (
	"context"
	"errors"
	"io"
	"iter"
	"math"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

const (
	maxHelloText = 256
	// ackBuffer only smooths: a lane waits when the agent reads no acks.
	ackBuffer = 16
	// ackGrace is how long the last acknowledgements of a broken stream may take.
	ackGrace = time.Second
)

// session is one stream. Its reader takes batches in, a worker for each lane
// stores them, and once it is welcomed one sender alone sends. The handler waits
// for none that waits for the agent: its return is what ends those.
type session struct {
	stream ingestv1.IngestService_StreamServer
	agent  string
	remote string
	skew   time.Duration
	// patience is how long acknowledgements may stay unread.
	patience time.Duration
	// cancel ends the context that everything of the stream runs with; its cause
	// says why the stream ended.
	cancel context.CancelCauseFunc
	// over is closed when no further batch is taken but those taken are stored.
	over   chan struct{}
	queues [event.ClassCount]chan item
	acks   chan *ingestv1.LaneHead
	// done is closed when the handler returns.
	done chan struct{}

	mu     sync.Mutex // guards the fields below
	last   error      // what the stream ends with after over
	closed bool       // over is closed
	seen   time.Time
	lanes  []*fleetv1.LanePosition
}

// item is a batch that passed every bound and waits for its lane.
type item struct {
	header   event.Header
	sealed   []byte
	received time.Time
}

func (s *Server) newSession(stream ingestv1.IngestService_StreamServer, agent string, skew time.Duration) (context.Context, *session) {
	ctx, cancel := context.WithCancelCause(stream.Context())
	return ctx, &session{
		stream: stream, agent: agent, remote: remoteOf(ctx), skew: skew, cancel: cancel, seen: s.o.Now(),
		patience: s.o.Limits.AckTimeout,
		over:     make(chan struct{}), done: make(chan struct{}),
		acks: make(chan *ingestv1.LaneHead, ackBuffer),
	}
}

func remoteOf(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok {
		return p.Addr.String()
	}
	return ""
}

// end ends the stream now; what is not acknowledged stays with the agent. The
// first cause counts.
func (s *session) end(cause error) { s.cancel(cause) }

// finish takes no further batch, and ends the stream with err when those taken
// are stored.
func (s *session) finish(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed, s.last = true, err
		close(s.over)
	}
}

// causeOf is what a stream ends with, given what stopped it.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return status.FromContextError(cause).Err()
	}
	return cause
}

func (s *session) sighting() *fleetv1.Sighting {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &fleetv1.Sighting{
		AgentId: s.agent, Seen: uint64(s.seen.UnixNano()), Skew: int64(s.skew), Lanes: s.lanes,
	}
}

func (s *session) see(now time.Time, beat *ingestv1.Heartbeat) {
	var lanes []*fleetv1.LanePosition
	for _, lag := range beat.GetLanes() {
		if event.ClassName(lag.GetClass()) != "" && len(lanes) < event.ClassCount {
			lanes = append(lanes, &fleetv1.LanePosition{Class: lag.GetClass(), Lag: lag.GetEvents(), Oldest: lag.GetOldest()})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = now
	if beat != nil {
		s.lanes = lanes
	}
}

// hello reads the first message of a stream, which has little time to come.
func (s *Server) hello(stream ingestv1.IngestService_StreamServer) (*ingestv1.Hello, error) {
	type first struct {
		message *ingestv1.StreamRequest
		err     error
	}
	got := make(chan first, 1)
	s.readers.Go(func() {
		m, err := stream.Recv()
		got <- first{m, err}
	})
	timer := time.NewTimer(s.o.Limits.HelloTimeout)
	defer timer.Stop()
	select {
	case f := <-got:
		if f.err != nil {
			return nil, f.err
		}
		return checkHello(f.message.GetHello())
	case <-timer.C:
		return nil, invalid("no hello")
	case <-stream.Context().Done():
		return nil, status.FromContextError(stream.Context().Err()).Err()
	}
}

func checkHello(hello *ingestv1.Hello) (*ingestv1.Hello, error) {
	switch {
	case hello == nil:
		return nil, invalid("a stream begins with hello")
	case hello.GetClock() == 0 || hello.GetClock() > math.MaxInt64:
		return nil, invalid("hello says no time")
	case len(hello.GetVersion()) > maxHelloText || len(hello.GetHostName()) > maxHelloText || len(hello.GetPlatform()) > maxHelloText:
		return nil, invalid("hello holds too much text")
	}
	return hello, nil
}

// run serves a welcomed stream to its end.
func (s *Server) run(ctx context.Context, session *session, lanes Lanes, expires time.Time) error {
	var workers sync.WaitGroup
	for _, class := range event.Classes() {
		session.queues[class] = make(chan item, s.o.Limits.LaneBatches)
		workers.Go(func() { s.work(ctx, session, class, lanes) })
	}
	idle := make(chan struct{})
	s.readers.Go(func() {
		workers.Wait()
		close(idle)
		s.abandon(session)
	})
	s.readers.Go(func() {
		s.read(ctx, session)
		<-idle
		s.abandon(session) // what came in behind the workers' backs
	})
	sent := make(chan struct{})
	s.readers.Go(func() {
		defer close(sent)
		session.sendAcks(idle)
	})
	end := time.NewTimer(expires.Sub(s.o.Now()))
	defer end.Stop()
	for {
		select {
		case <-end.C:
			session.finish(wireerr.New(codes.Unavailable, wireerr.Unavailable, "the stream's certificate has ended: connect again"))
		case <-ctx.Done():
			<-idle
			select {
			case <-sent:
			case <-time.After(ackGrace): // the sender waits for an agent that does not read
			}
			return causeOf(ctx, ctx.Err())
		case <-sent:
			session.mu.Lock()
			defer session.mu.Unlock()
			return causeOf(ctx, session.last)
		}
	}
}

// sendAcks sends acknowledgements until the lanes are idle, and then those that
// they left.
func (s *session) sendAcks(idle <-chan struct{}) {
	for {
		select {
		case head := <-s.acks:
			if err := s.send(head); err != nil {
				s.end(err)
				return
			}
			continue
		case <-idle:
		}
		select {
		case head := <-s.acks:
			if err := s.send(head); err != nil {
				s.end(err)
				return
			}
		default:
			return
		}
	}
}

func (s *session) send(head *ingestv1.LaneHead) error {
	return s.stream.Send(&ingestv1.StreamResponse{
		Message: &ingestv1.StreamResponse_Ack{Ack: &ingestv1.Ack{Head: head}},
	})
}

// read takes messages in until the stream is over. After a batch that is refused
// nothing is read any more.
func (s *Server) read(ctx context.Context, session *session) {
	for ctx.Err() == nil {
		message, err := session.stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			session.finish(nil)
			return
		case err != nil:
			session.end(err)
			return
		}
		if err := s.take(ctx, session, message); err != nil {
			session.end(err)
			return
		}
	}
}

func (s *Server) take(ctx context.Context, session *session, message *ingestv1.StreamRequest) error {
	now := s.o.Now()
	switch m := message.GetMessage().(type) {
	case *ingestv1.StreamRequest_Batch:
		session.see(now, nil)
		return s.takeBatch(ctx, session, m.Batch.GetSealed(), now)
	case *ingestv1.StreamRequest_Heartbeat:
		session.see(now, m.Heartbeat)
		return nil
	default:
		return invalid("neither a batch nor a heartbeat")
	}
}

// takeBatch checks a batch and hands it to its lane. It waits while the lane, or
// all lanes of the class together, have as much as they may hold: gRPC's flow
// control then holds the agent back.
func (s *Server) takeBatch(ctx context.Context, session *session, sealed []byte, now time.Time) error {
	header, err := s.check(ctx, session.agent, sealed)
	if err != nil {
		return s.refused(ctx, session, err)
	}
	s.metrics.received(header.Class, header.Count, len(sealed))
	budget := s.budget[header.Class]
	if err := budget.Acquire(ctx, int64(len(sealed))); err != nil {
		return err
	}
	select {
	case session.queues[header.Class] <- item{header: header, sealed: sealed, received: now}:
		return nil
	case <-session.over:
	case <-ctx.Done():
	}
	budget.Release(int64(len(sealed)))
	return nil
}

func (s *Server) check(ctx context.Context, agent string, sealed []byte) (event.Header, error) {
	var o *opener
	select {
	case o = <-s.openers:
	case <-ctx.Done():
		return event.Header{}, ctx.Err()
	}
	defer func() { s.openers <- o }()
	batch, err := o.codec.Open(o.buffer[:0], sealed)
	if err != nil {
		return event.Header{}, err
	}
	o.buffer = batch
	return event.Validate(batch, agent)
}

func (s *Server) refused(ctx context.Context, session *session, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.metrics.refused.Inc()
	s.o.Log.Warn("batch refused", "agent", session.agent, "error", err)
	return wireerr.New(codes.InvalidArgument, wireerr.BatchRefused, err.Error())
}

// work stores a lane's batches one after another until the stream is over.
func (s *Server) work(ctx context.Context, session *session, class eventv1.Class, lanes Lanes) {
	queue := session.queues[class]
	for {
		var next item
		select {
		case <-ctx.Done():
			return
		case next = <-queue:
		case <-session.over:
			select {
			case next = <-queue:
			default:
				return
			}
		}
		err := s.settle(ctx, session, &next, lanes)
		s.budget[class].Release(int64(len(next.sealed)))
		if err != nil {
			session.end(err)
			return
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// abandon gives back what a stream's lanes still held when it ended.
func (s *Server) abandon(session *session) {
	for _, class := range event.Classes() {
		for left := range drain(session.queues[class]) {
			s.budget[class].Release(int64(len(left.sealed)))
		}
	}
}

// drain takes what a queue holds, without waiting for more.
func drain(queue chan item) iter.Seq[item] {
	return func(yield func(item) bool) {
		for {
			select {
			case left := <-queue:
				if !yield(left) {
					return
				}
			default:
				return
			}
		}
	}
}

// acknowledge queues an ack for the sender. An agent that takes none for too
// long loses its stream.
func (s *session) acknowledge(ctx context.Context, head *ingestv1.LaneHead) {
	select {
	case s.acks <- head:
		return
	default:
	}
	timer := time.NewTimer(s.patience)
	defer timer.Stop()
	select {
	case s.acks <- head:
	case <-timer.C:
		s.end(wireerr.New(codes.Aborted, wireerr.Unavailable, "acknowledgements are not read"))
	case <-ctx.Done():
	}
}

func invalid(message string) error {
	return wireerr.New(codes.InvalidArgument, wireerr.RequestInvalid, message)
}
