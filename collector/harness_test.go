package collector

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	chance "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/collector/internal/bus"
	"github.com/tocsin-security/tocsin/collector/internal/config"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long anything may take that is to happen at all.
const patience = 2 * time.Minute

// bounded is a context that ends with the test, or when it takes too long.
func bounded(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("did not come: %s", what)
		case <-tick.C:
		}
	}
}

// freeAddress finds a port below those that the kernel gives to outgoing
// connections (32768 to 60999 on Linux): whoever tries to reach a server that is
// down could otherwise be given its very port.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+chance.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	t.Fatal("100 ports were taken")
	return ""
}

// process is a collector that runs in the test.
type process struct {
	cfg  *config.Config
	stop func()
}

func testConfig(t testing.TB) *config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.StateDir = t.TempDir()
	cfg.Listen = freeAddress(t)
	cfg.Advertise = []string{cfg.Listen}
	cfg.NATS.Embedded.Listen = "127.0.0.1:0"
	cfg.HTTP.Listen = ""
	cfg.NATS.MaxBytes = 0
	return cfg
}

// start runs a collector until the test ends or stop is called.
func start(t testing.TB, cfg *config.Config) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	log := slog.New(slog.DiscardHandler)
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	go func() { done <- Run(ctx, cfg, func() (*Config, error) { return cfg, nil }, log) }()
	p := &process{cfg: cfg, stop: sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("collector: %v", err)
		}
	})}
	t.Cleanup(p.stop)
	eventually(t, "collector listens", func() bool {
		conn, err := net.Dial("tcp", cfg.Listen)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return p
}

// outside is a NATS server that collectors share and that the test can stop.
type outside struct {
	folder  string
	address string
	server  *bus.Server
}

func startNATS(t testing.TB) *outside {
	t.Helper()
	o := &outside{folder: t.TempDir(), address: freeAddress(t)}
	o.start(t)
	t.Cleanup(o.stop)
	return o
}

func (o *outside) start(t testing.TB) {
	t.Helper()
	var err error
	o.server, err = bus.StartServer(bus.ServerOptions{
		Folder: o.folder, Listen: o.address, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *outside) stop() {
	if o.server != nil {
		o.server.Close()
		o.server = nil
	}
}

func (o *outside) use(cfg *config.Config) {
	cfg.NATS.URL = "nats://" + o.address
	cfg.NATS.NKeyFile = filepath.Join(o.folder, "collector.nkey")
}

// shareAuthority gives a second collector the authority of the first.
func shareAuthority(t testing.TB, from, to *config.Config) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(to.StateDir, "ca"), os.DirFS(filepath.Join(from.StateDir, "ca"))); err != nil {
		t.Fatal(err)
	}
}

func joinToken(t testing.TB, cfg *config.Config, uses int, ttl time.Duration) *fleetv1.JoinToken {
	t.Helper()
	text, err := CreateToken(bounded(t), cfg, TokenOptions{TTL: ttl, Uses: uses, AllowLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	encoded := strings.ToUpper(strings.TrimPrefix(text, "tocsin1."))
	data, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	token := &fleetv1.JoinToken{}
	if err := proto.Unmarshal(data, token); err != nil {
		t.Fatal(err)
	}
	return token
}

func newKey(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func csr(t testing.TB, key ed25519.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// connect opens a gRPC connection with whatever certificate, trusting anybody:
// whether agents check collectors is tested with agents.
func connect(t testing.TB, address string, certificates ...tls.Certificate) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // see above
		Certificates:       certificates,
	})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// member is an agent's identity, enrolled for real.
type member struct {
	id          string
	certificate tls.Certificate
	codec       *event.Codec
}

func enrol(t testing.TB, cfg *config.Config, name string) *member {
	t.Helper()
	token := joinToken(t, cfg, 1, time.Hour)
	key := newKey(t)
	response, err := fleetv1.NewEnrolmentServiceClient(connect(t, cfg.Listen)).Enrol(bounded(t), &fleetv1.EnrolRequest{
		TokenId: token.GetId(), Secret: token.GetSecret(), CertificateRequest: csr(t, key), Name: name,
	})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return &member{
		id: response.GetAgentId(), codec: codec,
		certificate: tls.Certificate{Certificate: response.GetCertificateChain(), PrivateKey: key},
	}
}

// link is one open stream of a member.
type link struct {
	stream  ingestv1.IngestService_StreamClient
	welcome *ingestv1.Welcome
	cancel  context.CancelFunc
}

func (m *member) open(ctx context.Context, t testing.TB, address string) (*link, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	t.Cleanup(cancel)
	stream, err := ingestv1.NewIngestServiceClient(connect(t, address, m.certificate)).Stream(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	hello := &ingestv1.Hello{Version: "1.2.3", HostName: "claims", Platform: "linux/amd64", Clock: uint64(time.Now().UnixNano())}
	// A send that fails only says EOF; the receive tells why.
	_ = stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Hello{Hello: hello}})
	first, err := stream.Recv()
	if err != nil {
		cancel()
		return nil, err
	}
	if first.GetWelcome() == nil {
		t.Error("the first message is no welcome")
	}
	return &link{stream: stream, welcome: first.GetWelcome(), cancel: cancel}, nil
}

func (m *member) mustOpen(t testing.TB, address string) *link {
	t.Helper()
	var l *link
	eventually(t, "stream opens", func() bool {
		var err error
		l, err = m.open(t.Context(), t, address)
		return err == nil
	})
	return l
}

func (l *link) send(sealed []byte) {
	_ = l.stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Batch{Batch: &ingestv1.SealedBatch{Sealed: sealed}}})
}

// ack waits for the next acknowledgement.
func (l *link) ack(t testing.TB) *ingestv1.LaneHead {
	t.Helper()
	m, err := l.stream.Recv()
	if err != nil {
		t.Fatalf("wait for ack: %v", err)
	}
	return m.GetAck().GetHead()
}

// end waits for the stream's error; acknowledgements on the way are dropped.
func (l *link) end() error {
	for {
		if _, err := l.stream.Recv(); err != nil {
			return err
		}
	}
}

// lane seals a member's batches the way a spool does.
type lane struct {
	m        *member
	class    eventv1.Class
	epoch    [event.EpochSize]byte
	next     uint64
	previous [event.HashSize]byte
}

func (m *member) lane(class eventv1.Class) *lane {
	l := &lane{m: m, class: class, next: 1}
	_, _ = rand.Read(l.epoch[:])
	return l
}

// seal makes the lane's next batch of the given lines.
func (l *lane) seal(lines ...string) []byte {
	h := event.Header{
		Agent: l.m.id, Class: l.class, Epoch: l.epoch,
		FirstSequence: l.next, Count: uint32(len(lines)), Previous: l.previous,
	}
	batch := event.AppendHeader(nil, &h)
	for i, line := range lines {
		e := event.Event{Time: 1, Observed: 2, Ordinal: l.next + uint64(i), Original: []byte(line)}
		e.Add(eventv1.FieldId_FIELD_ID_EVENT_ACTION, []byte("tested"))
		batch = event.AppendEvent(batch, &e)
	}
	sealed := l.m.codec.Seal(nil, batch)
	l.next += uint64(len(lines))
	l.previous = event.Hash(sealed)
	return sealed
}

func lines(from, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("line %d", from+i)
	}
	return out
}

// stored reads what is stored of a class: the original lines, in order.
func stored(t testing.TB, cfg *config.Config, class eventv1.Class) []string {
	t.Helper()
	var out strings.Builder
	err := Events(bounded(t), cfg, EventsOptions{Classes: []eventv1.Class{class}, Since: -1}, &out)
	if err != nil {
		t.Fatal(err)
	}
	var originals []string
	for _, text := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
		if text == "" {
			continue
		}
		e, _, err := event.ParseJSON([]byte(text))
		if err != nil {
			t.Fatal(errors.Join(err, errors.New(text)))
		}
		originals = append(originals, string(e.Original))
	}
	return originals
}
