package uplink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
)

const (
	// windowBatches and windowBytes bound what one lane has unacked on a stream.
	windowBatches = 8
	windowBytes   = 4 << 20
	// keepaliveTime is above the 30 s that collectors allow.
	keepaliveTime    = 40 * time.Second
	keepaliveTimeout = 20 * time.Second
	// defaultHeartbeat and maxHeartbeat are for a collector that says 0 or too much.
	defaultHeartbeat = 15 * time.Second
	maxHeartbeat     = 5 * time.Minute
)

var (
	errWelcome = errors.New("collector did not welcome the stream")
	errStalled = errors.New("collector acks nothing")
	errClosed  = errors.New("collector closed the stream")
)

type stream = grpc.BidiStreamingClient[ingestv1.StreamRequest, ingestv1.StreamResponse]

// session is one stream.
type session struct {
	u      *Uplink
	stream stream
	// opened is signalled when an ack made room in a window.
	opened chan struct{}

	mu    sync.Mutex // guards what follows
	lanes [event.ClassCount]window
	acked bool
	// progress is when the last ack came, or when sending began after all was acked.
	progress time.Time
}

// window is what one lane has unacked on this stream.
type window struct {
	// sent is the first sequence of the batch sent last.
	sent    uint64
	batches []inflight
	bytes   int
}

type inflight struct {
	first uint64
	count uint32
	size  int
}

// session runs one stream to its end. worked tells whether it was of any use.
func (u *Uplink) session(ctx context.Context, address string) (worked bool, err error) {
	u.trying(address)
	conn, err := grpc.NewClient(address,
		grpc.WithTransportCredentials(credentials.NewTLS(u.o.TLS())), grpc.WithDisableRetry(),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}))
	if err != nil {
		return false, fmt.Errorf("dial collector: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &session{u: u, opened: make(chan struct{}, 1)}
	timer := time.AfterFunc(u.o.pace.welcome, cancel)
	welcome, err := s.open(ctx, conn)
	if !timer.Stop() {
		err = errWelcome
	}
	if err != nil {
		return false, err
	}
	if err := u.o.Spool.Resume(welcome.GetHeads()); err != nil {
		return false, fmt.Errorf("resume: %w", err)
	}
	u.connected(address)
	begun := time.Now()
	err = s.run(ctx, cancel, heartbeatOf(welcome))
	return s.acked || time.Since(begun) >= u.o.pace.steady, err
}

func heartbeatOf(w *ingestv1.Welcome) time.Duration {
	d := time.Duration(w.GetHeartbeatSeconds()) * time.Second
	if d == 0 {
		return defaultHeartbeat
	}
	return min(d, maxHeartbeat)
}

// open says hello and waits for the welcome.
func (s *session) open(ctx context.Context, conn *grpc.ClientConn) (*ingestv1.Welcome, error) {
	var err error
	if s.stream, err = ingestv1.NewIngestServiceClient(conn).Stream(ctx); err != nil {
		return nil, fmt.Errorf("open stream: %w", err)
	}
	hello := &ingestv1.Hello{
		Version: s.u.o.Version, HostName: s.u.o.HostName,
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Clock: uint64(s.u.o.Clock().UnixNano()),
	}
	err = s.stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Hello{Hello: hello}})
	if err != nil && !errors.Is(err, io.EOF) { // EOF: Recv knows why
		return nil, fmt.Errorf("send hello: %w", err)
	}
	response, err := s.stream.Recv()
	if err != nil {
		return nil, fmt.Errorf("receive welcome: %w", err)
	}
	if response.GetWelcome() == nil {
		return nil, errWelcome
	}
	return response.GetWelcome(), nil
}

// run sends and receives until one of both fails.
func (s *session) run(ctx context.Context, cancel context.CancelFunc, heartbeat time.Duration) error {
	received := make(chan error, 1)
	go func() {
		received <- s.receive()
		close(received)
	}()
	err := s.send(ctx, heartbeat, received)
	if errors.Is(err, io.EOF) { // the stream has ended: receive knows why
		if why := <-received; why != nil {
			err = why
		}
	}
	cancel()
	for range received { // until the goroutine is gone
	}
	return err
}

func (s *session) receive() error {
	for {
		response, err := s.stream.Recv()
		if errors.Is(err, io.EOF) {
			return errClosed
		}
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		head := response.GetAck().GetHead()
		if head == nil {
			return errors.New("receive: neither ack nor welcome")
		}
		if err := s.u.o.Spool.Ack(head); err != nil {
			return err
		}
		s.ack(head)
	}
}

// ack opens the lane's window up to a head.
func (s *session) ack(head *ingestv1.LaneHead) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &s.lanes[head.GetClass()] // the spool knows the class
	events := uint64(0)
	for len(w.batches) > 0 && w.batches[0].first <= head.GetFirstSequence() {
		events += uint64(w.batches[0].count)
		w.bytes -= w.batches[0].size
		w.batches = w.batches[1:]
	}
	s.acked = true
	s.progress = time.Now()
	s.u.acked(head.GetClass(), events)
	select {
	case s.opened <- struct{}{}:
	default:
	}
}

// send serves the lanes by priority, and heartbeats, until the stream ends.
func (s *session) send(ctx context.Context, heartbeat time.Duration, received <-chan error) error {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	closed := make(chan struct{})
	close(closed)
	for {
		sent, err := s.sendNext()
		if err != nil {
			return err
		}
		more := closed
		if !sent { // else only look whether something else is due
			more = nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-received:
			return err
		case <-ticker.C:
			if err := s.heartbeat(); err != nil {
				return err
			}
		case <-s.u.o.Spool.Ready():
		case <-s.opened:
		case <-more:
		}
	}
}

// sendNext sends one batch of the most urgent lane that has one and room for it.
func (s *session) sendNext() (bool, error) {
	for _, class := range event.Classes() {
		after, room := s.room(class)
		if !room {
			continue
		}
		sealed, head, err := s.u.o.Spool.Read(class, after)
		if err != nil {
			return false, fmt.Errorf("read spool: %w", err)
		}
		if head == nil {
			continue
		}
		s.took(class, head, len(sealed))
		batch := &ingestv1.SealedBatch{Sealed: sealed}
		if err := s.stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Batch{Batch: batch}}); err != nil {
			return false, fmt.Errorf("send batch: %w", err)
		}
		s.u.sent(class, len(sealed))
		return true, nil
	}
	return false, nil
}

func (s *session) room(class eventv1.Class) (after uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &s.lanes[class]
	return w.sent, len(w.batches) == 0 || len(w.batches) < windowBatches && w.bytes < windowBytes
}

// took notes a batch as in flight, before it is: its ack may come at once.
func (s *session) took(class eventv1.Class, head *ingestv1.LaneHead, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	idle := true
	for i := range s.lanes {
		idle = idle && len(s.lanes[i].batches) == 0
	}
	if idle {
		s.progress = time.Now()
	}
	w := &s.lanes[class]
	w.sent = head.GetFirstSequence()
	w.batches = append(w.batches, inflight{first: w.sent, count: head.GetCount(), size: size})
	w.bytes += size
}

// heartbeat tells how far behind the agent is, and gives up on a collector that
// takes batches and acks none.
func (s *session) heartbeat() error {
	if s.stalled() {
		return errStalled
	}
	beat := &ingestv1.Heartbeat{Clock: uint64(s.u.o.Clock().UnixNano()), Lanes: s.u.o.Spool.Lag()}
	if err := s.stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Heartbeat{Heartbeat: beat}}); err != nil {
		return fmt.Errorf("send heartbeat: %w", err)
	}
	return nil
}

func (s *session) stalled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.lanes {
		if len(s.lanes[i].batches) > 0 {
			return time.Since(s.progress) > s.u.o.pace.ack
		}
	}
	return false
}
