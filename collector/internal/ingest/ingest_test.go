package ingest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names is a fleet that believes what callers say.
type names struct{}

func (names) Identify(ctx context.Context) (string, time.Time, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	return md.Get("agent")[0], time.Now().Add(time.Hour), nil
}

func (names) Connected(context.Context, *ingestv1.Hello) (func(), error) { return func() {}, nil }

// gate stores a batch whenever the test lets it, and tells of each it is given.
type gate struct {
	given chan event.Header
	open  chan struct{}
}

func (*gate) Heads() []*ingestv1.LaneHead { return nil }

func (g *gate) Put(ctx context.Context, h event.Header, _ []byte, _ time.Time) (*ingestv1.LaneHead, error) {
	select {
	case g.given <- h:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-g.open:
		return &ingestv1.LaneHead{Class: h.Class, FirstSequence: h.FirstSequence}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type harness struct {
	*Server
	gate *gate
	// lanes are used in the place of gate, if set.
	lanes Lanes
	conn  *grpc.ClientConn
	skew  chan time.Duration
}

func newHarness(t *testing.T, limits Limits) *harness {
	t.Helper()
	h := &harness{
		gate: &gate{given: make(chan event.Header, 100), open: make(chan struct{}, 100)},
		skew: make(chan time.Duration, 10),
	}
	var err error
	h.Server, err = New(Options{
		Fleet: names{}, Limits: limits, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: time.Now,
		Heartbeat: func() time.Duration { return 15 * time.Second },
		Open: func(_ context.Context, _ string, skew time.Duration) (Lanes, error) {
			h.skew <- skew
			if h.lanes != nil {
				return h.lanes, nil
			}
			return h.gate, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(MaxMessage), grpc.WaitForHandlers(true))
	ingestv1.RegisterIngestServiceServer(server, h.Server)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	h.conn, err = grpc.NewClient("passthrough:///collector",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := h.conn.Close()
		server.Stop()
		h.Wait()
		if err := errors.Join(err, <-done); err != nil {
			t.Error(err)
		}
		// Whatever waited when streams ended was given back.
		for _, class := range event.Classes() {
			if !h.budget[class].TryAcquire(h.o.Limits.ClassBytes) {
				t.Errorf("class %v still holds memory", class)
			}
		}
	})
	return h
}

type client struct {
	ingestv1.IngestService_StreamClient
	agent string
	codec *event.Codec
	next  [event.ClassCount]uint64
}

func (h *harness) dial(t *testing.T, agent string) *client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	stream, err := ingestv1.NewIngestServiceClient(h.conn).Stream(metadata.AppendToOutgoingContext(ctx, "agent", agent))
	if err != nil {
		t.Fatal(err)
	}
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return &client{IngestService_StreamClient: stream, agent: agent, codec: codec}
}

func (c *client) hello(clock time.Time) error {
	// A send that fails only says EOF; the receive tells why.
	_ = c.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Hello{Hello: &ingestv1.Hello{Clock: uint64(clock.UnixNano())}}})
	_, err := c.Recv()
	return err
}

func (c *client) batch(class eventv1.Class) {
	c.next[class]++
	header := event.Header{Agent: c.agent, Class: class, Epoch: [16]byte{1}, FirstSequence: c.next[class], Count: 1}
	if header.FirstSequence > 1 {
		header.Previous[0] = 1
	}
	b := event.AppendEvent(event.AppendHeader(nil, &header), &event.Event{Time: 1})
	_ = c.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Batch{Batch: &ingestv1.SealedBatch{Sealed: c.codec.Seal(nil, b)}}})
}

func wantReason(t *testing.T, err error, want wireerr.Reason) {
	t.Helper()
	if got := wireerr.ReasonOf(err); got != want {
		t.Fatalf("ended with %q (%v), want %q", got, err, want)
	}
}

func TestOneBatchOfALaneIsUnderWayAtATime(t *testing.T) {
	h := newHarness(t, Limits{})
	c := h.dial(t, event.NewID())
	if err := c.hello(time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.batch(eventv1.Class_CLASS_AUTH)
	}
	c.batch(eventv1.Class_CLASS_WEB)
	seen := map[eventv1.Class]uint64{}
	for range 2 { // both lanes, before anything is stored
		given := <-h.gate.given
		seen[given.Class] = given.FirstSequence
	}
	if seen[eventv1.Class_CLASS_AUTH] != 1 || seen[eventv1.Class_CLASS_WEB] != 1 {
		t.Errorf("under way: %v", seen)
	}
	select {
	case given := <-h.gate.given:
		t.Errorf("%+v while its lane's first is not stored", given)
	default:
	}
	for range 4 {
		h.gate.open <- struct{}{}
	}
	last := map[eventv1.Class]uint64{}
	for range 4 {
		m, err := c.Recv()
		if err != nil {
			t.Fatal(err)
		}
		head := m.GetAck().GetHead()
		if head.GetFirstSequence() != last[head.GetClass()]+1 {
			t.Errorf("ack %v after %d", head, last[head.GetClass()])
		}
		last[head.GetClass()] = head.GetFirstSequence()
	}
}

func TestALaneThatHasEnoughHoldsItsStreamBack(t *testing.T) {
	h := newHarness(t, Limits{LaneBatches: 2})
	c := h.dial(t, event.NewID())
	if err := c.hello(time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		c.batch(eventv1.Class_CLASS_AUTH)
	}
	for i := range uint64(10) {
		if given := <-h.gate.given; given.FirstSequence != i+1 {
			t.Fatalf("given %d, want %d", given.FirstSequence, i+1)
		}
		h.gate.open <- struct{}{}
		if _, err := c.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 { // ends with batches waiting: their memory is given back
		c.batch(eventv1.Class_CLASS_AUTH)
	}
	<-h.gate.given
}

// bulky stores at once and acknowledges at length.
type bulky struct{}

func (bulky) Heads() []*ingestv1.LaneHead { return nil }

func (bulky) Put(_ context.Context, h event.Header, _ []byte, _ time.Time) (*ingestv1.LaneHead, error) {
	return &ingestv1.LaneHead{Class: h.Class, FirstSequence: h.FirstSequence, Hash: make([]byte, 16<<10)}, nil
}

func TestAnAgentThatReadsNoAcknowledgementsHoldsNoMemory(t *testing.T) {
	h := newHarness(t, Limits{AckTimeout: 50 * time.Millisecond})
	h.lanes = bulky{}
	c := h.dial(t, event.NewID())
	if err := c.hello(time.Now()); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		c.batch(eventv1.Class_CLASS_AUTH)
	}
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(h.Sightings()) > 0 {
		select {
		case <-deadline:
			t.Fatal("the stream stays")
		case <-tick.C:
		}
	}
	for {
		_, err := c.Recv()
		if err != nil {
			wantReason(t, err, wireerr.Unavailable)
			break
		}
	}
	if !h.budget[eventv1.Class_CLASS_AUTH].TryAcquire(h.o.Limits.ClassBytes) {
		t.Fatal("its batches still take up room")
	}
	h.budget[eventv1.Class_CLASS_AUTH].Release(h.o.Limits.ClassBytes)
}

func TestLimits(t *testing.T) {
	h := newHarness(t, Limits{Streams: 1})
	first := h.dial(t, event.NewID())
	if err := first.hello(time.Now()); err != nil {
		t.Fatal(err)
	}
	wantReason(t, h.dial(t, event.NewID()).hello(time.Now()), wireerr.Backpressure)
	again := h.dial(t, first.agent) // takes its own place
	if err := again.hello(time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err := first.Recv()
	wantReason(t, err, wireerr.Superseded)
	h.Drain(t.Context())
	_, err = again.Recv()
	wantReason(t, err, wireerr.Unavailable)
	wantReason(t, h.dial(t, event.NewID()).hello(time.Now()), wireerr.Unavailable)
}

func TestWhoSaysNothingIsNotWaitedFor(t *testing.T) {
	h := newHarness(t, Limits{HelloTimeout: time.Millisecond})
	_, err := h.dial(t, event.NewID()).Recv()
	wantReason(t, err, wireerr.RequestInvalid)
}

func TestSkewIsOnlyWhatADelayCannotExplain(t *testing.T) {
	h := newHarness(t, Limits{})
	const delay = 10 * time.Second // of a busy machine
	for _, tt := range []struct{ off, least, most time.Duration }{
		{time.Hour, time.Hour - delay, time.Hour},
		{-time.Hour, -time.Hour - delay, -time.Hour},
	} {
		if err := h.dial(t, event.NewID()).hello(time.Now().Add(tt.off)); err != nil {
			t.Fatal(err)
		}
		if skew := <-h.skew; skew < tt.least || skew > tt.most {
			t.Errorf("clock off by %v: skew %v", tt.off, skew)
		}
	}
	now := time.Unix(1000, 0)
	for off, want := range map[time.Duration]time.Duration{
		0: 0, time.Second: 0, -1999 * time.Millisecond: 0,
		2 * time.Second: 2 * time.Second, -3 * time.Second: -3 * time.Second,
	} {
		if got := skewOf(&ingestv1.Hello{Clock: uint64(now.Add(off).UnixNano())}, now); got != want {
			t.Errorf("clock off by %v: skew %v, want %v", off, got, want)
		}
	}
	wantReason(t, h.dial(t, event.NewID()).hello(time.Unix(0, 0)), wireerr.RequestInvalid)
}
