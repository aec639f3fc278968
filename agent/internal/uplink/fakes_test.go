package uplink

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeSpool keeps batches of one event in memory.
type fakeSpool struct {
	mu      sync.Mutex
	lanes   [event.ClassCount][][]byte // all that was ever appended
	acked   [event.ClassCount]int
	resumed int
	ready   chan struct{}
}

func newFakeSpool() *fakeSpool { return &fakeSpool{ready: make(chan struct{}, 1)} }

func (s *fakeSpool) put(class eventv1.Class, n int) {
	s.mu.Lock()
	for range n {
		sealed := make([]byte, 64)
		_, _ = rand.Read(sealed)
		sealed[0] = byte(class)
		s.lanes[class] = append(s.lanes[class], sealed)
	}
	s.mu.Unlock()
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

func headOf(class eventv1.Class, sequence int, sealed []byte) *ingestv1.LaneHead {
	hash := event.Hash(sealed)
	return &ingestv1.LaneHead{
		Class: class, Epoch: bytes.Repeat([]byte{7}, event.EpochSize), FirstSequence: uint64(sequence), Count: 1, Hash: hash[:],
	}
}

func (s *fakeSpool) Read(class eventv1.Class, after uint64) ([]byte, *ingestv1.LaneHead, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := max(int(after), s.acked[class])
	if at >= len(s.lanes[class]) {
		return nil, nil, nil
	}
	sealed := s.lanes[class][at]
	return sealed, headOf(class, at+1, sealed), nil
}

func (s *fakeSpool) Ready() <-chan struct{} { return s.ready }

func (s *fakeSpool) Lag() []*ingestv1.LaneLag {
	return []*ingestv1.LaneLag{{Class: eventv1.Class_CLASS_AUTH, Events: uint64(s.left()), Oldest: 1}}
}

func (s *fakeSpool) Ack(h *ingestv1.LaneHead) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drop(h)
}

func (s *fakeSpool) drop(h *ingestv1.LaneHead) error {
	class, n := h.GetClass(), int(h.GetFirstSequence())
	if n > len(s.lanes[class]) || !bytes.Equal(headOf(class, n, s.lanes[class][n-1]).GetHash(), h.GetHash()) {
		return fmt.Errorf("head %d is not this spool's", n)
	}
	s.acked[class] = max(s.acked[class], n)
	return nil
}

func (s *fakeSpool) Resume(heads []*ingestv1.LaneHead) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resumed++
	for _, h := range heads {
		if err := s.drop(h); err != nil {
			return err
		}
	}
	return nil
}

func (s *fakeSpool) left() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.lanes {
		n += len(s.lanes[i]) - s.acked[i]
	}
	return n
}

// fakeCollector is an ingest service that stores in memory.
type fakeCollector struct {
	ingestv1.UnimplementedIngestServiceServer
	t testing.TB

	mu     sync.Mutex
	lanes  [event.ClassCount][][]byte
	order  []eventv1.Class // of all batches that were stored
	beats  []*ingestv1.Heartbeat
	hellos int
	// fuel is how many more things happen before the stream dies; -1 is for ever.
	fuel int
	// mute: batches are stored and not acked. stale: heads are not told.
	mute, stale bool
	refuse      error
	beat        uint32
	changed     chan struct{}
}

func newFakeCollector(t testing.TB) *fakeCollector {
	return &fakeCollector{t: t, fuel: -1, changed: make(chan struct{}, 1)}
}

// set changes the collector's behaviour.
func (c *fakeCollector) set(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// burn uses fuel; without any the stream dies here.
func (c *fakeCollector) burn() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
	if c.refuse != nil {
		return c.refuse
	}
	if c.fuel < 0 {
		return nil
	}
	if c.fuel == 0 {
		c.fuel = -1 // the next stream lives
		return wireerr.New(codes.Unavailable, wireerr.Unavailable, "out of fuel")
	}
	c.fuel--
	return nil
}

func (c *fakeCollector) Stream(s grpc.BidiStreamingServer[ingestv1.StreamRequest, ingestv1.StreamResponse]) error {
	first, err := s.Recv()
	if err != nil {
		return err
	}
	if first.GetHello().GetVersion() != "test" {
		c.t.Errorf("first message %v, want hello", first)
	}
	c.set(func() { c.hellos++ })
	if err := c.burn(); err != nil {
		return err
	}
	if err := s.Send(&ingestv1.StreamResponse{Message: &ingestv1.StreamResponse_Welcome{Welcome: c.welcome()}}); err != nil {
		return err
	}
	for {
		if err := c.burn(); err != nil { // before anything of it is read
			return err
		}
		request, err := s.Recv()
		if err != nil {
			return err
		}
		if beat := request.GetHeartbeat(); beat != nil {
			c.set(func() { c.beats = append(c.beats, beat) })
			continue
		}
		if err := c.burn(); err != nil { // read, not stored
			return err
		}
		head := c.store(request.GetBatch().GetSealed())
		if err := c.burn(); err != nil { // stored, not acked
			return err
		}
		if c.silent() {
			continue
		}
		if err := s.Send(&ingestv1.StreamResponse{Message: &ingestv1.StreamResponse_Ack{Ack: &ingestv1.Ack{Head: head}}}); err != nil {
			return err
		}
	}
}

func (c *fakeCollector) silent() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mute
}

func (c *fakeCollector) welcome() *ingestv1.Welcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &ingestv1.Welcome{HeartbeatSeconds: c.beat}
	for i := range c.lanes {
		if n := len(c.lanes[i]); n > 0 && !c.stale {
			w.Heads = append(w.Heads, headOf(eventv1.Class(i), n, c.lanes[i][n-1]))
		}
	}
	return w
}

// store keeps a batch unless it is its lane's head. Its first byte is its class.
func (c *fakeCollector) store(sealed []byte) *ingestv1.LaneHead {
	class := eventv1.Class(sealed[0])
	c.mu.Lock()
	defer c.mu.Unlock()
	lane := c.lanes[class]
	if n := len(lane); n == 0 || !bytes.Equal(lane[n-1], sealed) {
		c.lanes[class] = append(lane, slices.Clone(sealed))
		c.order = append(c.order, class)
	}
	n := len(c.lanes[class])
	return headOf(class, n, sealed)
}

// authority signs certificates for one test.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fleet"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{t: t, key: key, cert: cert, pool: pool}
}

func (a *authority) issue() *tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// client is the agent's side; asked counts how often its certificate was wanted.
func (a *authority) client(asked func()) func() *tls.Config {
	cert := a.issue()
	config := &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: a.pool,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked()
			return cert, nil
		},
	}
	return func() *tls.Config { return config }
}

// serve runs a collector on loopback until the test ends.
func (a *authority) serve(c *fakeCollector) (address string) {
	a.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		a.t.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(&tls.Config{
			MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*a.issue()},
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool,
		})),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 30 * time.Second}))
	ingestv1.RegisterIngestServiceServer(server, c)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	a.t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			a.t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// run runs an uplink until the returned function is called.
func run(t testing.TB, o Options) (*Uplink, func()) {
	t.Helper()
	o.Version, o.HostName = "test", "host"
	if o.pace == (pace{}) {
		o.pace = pace{
			first: time.Millisecond, most: 10 * time.Millisecond, slow: 50 * time.Millisecond,
			welcome: 10 * time.Second, ack: 10 * time.Second, steady: time.Minute,
		}
	}
	u, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- u.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	t.Cleanup(stop)
	return u, stop
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}
