package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// TestBadBatchesAreRefused speaks to the collector with an agent's certificate
// and sends what no agent would. Each batch ends its stream with the reason, on
// the collector's stderr too, and nothing of it is stored; the agent's next good
// one is.
func TestBadBatchesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	p := up(t, f, f.Collector())
	js := jetStream(t, f)
	forger := newForger(t, f, member(t, f, "forger").Name)
	_, victim := identityOf(t, f, member(t, f, "victim").Name)
	noise := func(n int) []byte {
		b := make([]byte, n)
		if _, err := rand.Read(b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	one := func(original []byte) func(*event.Header) []byte {
		return func(h *event.Header) []byte { return forger.seal(h, original) }
	}
	for name, test := range map[string]struct {
		sealed func(*event.Header) []byte
		says   string // beside the reason, in the answer and on stderr
	}{
		"another agent's": {func(h *event.Header) []byte {
			h.Agent, _ = victim["agent_id"].(string)
			return forger.seal(h, []byte("x"))
		}, "claims agent"},
		"a line over the bound":     {one(make([]byte, event.MaxLine+1)), "original over the bound"},
		"501 events":                {func(h *event.Header) []byte { return forger.seal(h, make([][]byte, 501)...) }, "501 events"},
		"fewer events than it says": {func(h *event.Header) []byte { h.Count = 3; return forger.sealAs(h, []byte("x")) }, "1 events, but the count is 3"},
		"sealed over the bound": {func(h *event.Header) []byte {
			return forger.seal(h, noise(event.MaxLine), noise(event.MaxLine-10_000))
		}, "sealed bytes, the bound is"},
		"a bomb": {func(h *event.Header) []byte {
			return forger.seal(h, make([]byte, event.MaxLine), make([]byte, event.MaxLine), make([]byte, event.MaxLine))
		}, "the bound is 1048576"},
		"no batch": {func(*event.Header) []byte { return []byte("GET / HTTP/1.1") }, "zstd header"},
		"a host that is not its own": {func(h *event.Header) []byte {
			e := event.Event{Time: 1, Ordinal: 1, Original: []byte("x")}
			e.Add(eventv1.FieldId_FIELD_ID_HOST_NAME, []byte("victim"))
			h.Count = 1
			return forger.codec.Seal(nil, event.AppendEvent(event.AppendHeader(nil, h), &e))
		}, "not an agent's to say"},
	} {
		t.Run(name, func(t *testing.T) {
			said := listen(t, f, "collector")
			h := forger.header()
			err := forger.send(t, test.sealed(&h))
			if wireerr.ReasonOf(err) != wireerr.BatchRefused {
				t.Fatalf("%v, want %s", err, wireerr.BatchRefused)
			}
			said.hears(t, `level=WARN msg="batch refused" agent=`+forger.agent+".*"+test.says)
			forger.goodBatch(t, js)
		})
	}
	t.Run("a message over gRPC's bound", func(t *testing.T) {
		if err := forger.send(t, noise(5<<20)); status.Code(err) != codes.ResourceExhausted {
			t.Fatal(err)
		}
		forger.goodBatch(t, js)
	})
	l, err := readLedger(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.compare(forger.lines); err != nil {
		t.Error(err)
	}
	stops(t, p)
}

// forger is a client with an agent's identity.
type forger struct {
	agent   string
	address string
	tls     *tls.Config
	codec   *event.Codec
	next    event.Header // of the lane's next good batch
	lines   []string     // those of good batches
}

func newForger(t *testing.T, f *fleet.Fleet, name string) *forger {
	t.Helper()
	_, id := identityOf(t, f, name)
	text := func(key string) []byte {
		s, ok := id[key].(string)
		if !ok {
			t.Fatalf("identity without %s", key)
		}
		return []byte(s)
	}
	certificate, err := tls.X509KeyPair(text("certificate_chain"), text("private_key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text("authorities"))
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	g := &forger{agent: string(text("agent_id")), codec: codec,
		tls: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, Certificates: []tls.Certificate{certificate}}}
	if g.address, err = f.Address("collector"); err != nil {
		t.Fatal(err)
	}
	g.next = event.Header{Agent: g.agent, Class: eventv1.Class_CLASS_AUTH, FirstSequence: 1}
	copy(g.next.Epoch[:], "a forger's epoch")
	return g
}

// header is that of the lane's next batch, so that only what a test changes is wrong.
func (g *forger) header() event.Header { return g.next }

// seal makes a batch of lines; sealAs leaves the header's count as it is.
func (g *forger) seal(h *event.Header, lines ...[]byte) []byte {
	h.Count = uint32(len(lines))
	return g.sealAs(h, lines...)
}

func (g *forger) sealAs(h *event.Header, lines ...[]byte) []byte {
	batch := event.AppendHeader(nil, h)
	for i, line := range lines {
		e := event.Event{Time: 1, Observed: 1, Ordinal: h.FirstSequence + uint64(i), Original: line}
		batch = event.AppendEvent(batch, &e)
	}
	return g.codec.Seal(nil, batch)
}

// send opens a stream, sends a sealed batch and returns how the stream ended, or
// nil when it was acknowledged.
func (g *forger) send(t *testing.T, sealed []byte) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := grpc.NewClient(g.address, grpc.WithTransportCredentials(credentials.NewTLS(g.tls)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	stream, err := ingestv1.NewIngestServiceClient(conn).Stream(ctx)
	if err != nil {
		t.Fatal(err)
	}
	hello := &ingestv1.Hello{Version: "forged", HostName: "forger", Clock: uint64(time.Now().UnixNano())}
	if err := stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Hello{Hello: hello}}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatalf("welcome: %v", err)
	}
	batch := &ingestv1.SealedBatch{Sealed: sealed}
	// An error of Send is told by Recv.
	_ = stream.Send(&ingestv1.StreamRequest{Message: &ingestv1.StreamRequest_Batch{Batch: batch}})
	_, err = stream.Recv()
	return err
}

// goodBatch sends the lane's next batch, which is acknowledged and stored.
func (g *forger) goodBatch(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	line := bytes.ReplaceAll([]byte(t.Name()), []byte("/"), []byte(" "))
	sealed := g.seal(&g.next, line)
	if err := g.send(t, sealed); err != nil {
		t.Fatal(err)
	}
	g.next.FirstSequence++
	g.next.Previous = event.Hash(sealed)
	g.lines = append(g.lines, string(line))
	arrive(t, js, string(line))
}
