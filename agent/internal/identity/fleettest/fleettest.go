package fleettest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base32"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// Tokens that a Fleet refuses; every other id admits one host.
const (
	ExpiredToken = "expired"
	UsedToken    = "used"
	UnknownToken = "unknown"
)

// Behaviour is how a Fleet answers. A test changes it by Fleet.Set.
type Behaviour struct {
	// AgentID is the id that every host gets.
	AgentID string
	// Refuse, when set, is the answer to every enrolment and renewal.
	Refuse error
	// Lost is how many replies to enrolments are still to be lost.
	Lost int
	// From and To are the validity of the certificates that enrolment gives.
	From, To time.Time

	// Uses counts the uses of tokens, Renewals the certificates renewed.
	Uses, Renewals int

	usedBy map[string]string
	// CutEvery, when set, is after how many batches a stream is cut, the last one
	// of them stored and not acked.
	CutEvery int
}

// Fleet is a collector of one fleet.
type Fleet struct {
	fleetv1.UnimplementedEnrolmentServiceServer
	*Authority
	// Address is host:port.
	Address string

	mu        sync.Mutex // guards all below
	behaviour Behaviour
	ingested  ingested
}

// New starts a fleet whose collector has a certificate for the names given,
// "localhost" if none are. It stops when the test ends.
func New(t testing.TB, names ...string) *Fleet {
	t.Helper()
	f := &Fleet{
		Authority: newAuthority(t),
		behaviour: Behaviour{
			AgentID: event.NewID(), From: time.Now().Add(-time.Minute), To: time.Now().Add(time.Hour),
			usedBy: make(map[string]string),
		},
	}
	if len(names) == 0 {
		names = []string{"localhost"}
	}
	key := newKey(t)
	leaf := f.Server(key.Public(), names...)
	clients := x509.NewCertPool()
	clients.AddCert(f.Cert)
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, f.Cert.Raw}, PrivateKey: key}},
		ClientAuth:   tls.VerifyClientCertIfGiven, ClientCAs: clients,
	})))
	fleetv1.RegisterEnrolmentServiceServer(server, f)
	ingestv1.RegisterIngestServiceServer(server, &ingest{fleet: f})
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	f.Address = "localhost:" + port
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // its error is that it was stopped
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return f
}

// Set changes how the fleet behaves.
func (f *Fleet) Set(change func(*Behaviour)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.behaviour)
}

// Get is how the fleet behaves, and what it counted.
func (f *Fleet) Get() Behaviour {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.behaviour
}

// Token is a join token's text, changed as the test likes.
func (f *Fleet) Token(changes ...func(*fleetv1.JoinToken)) string {
	token := &fleetv1.JoinToken{
		Collectors: []string{f.Address}, AuthorityPin: f.Pin(), Id: "token", Secret: make([]byte, 16),
	}
	for _, change := range changes {
		change(token)
	}
	data, err := proto.Marshal(token)
	if err != nil {
		f.t.Fatal(err)
	}
	return "tocsin1." + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(data))
}

// Enrol implements the service.
func (f *Fleet) Enrol(_ context.Context, r *fleetv1.EnrolRequest) (*fleetv1.EnrolResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := &f.behaviour
	if b.Refuse != nil {
		return nil, b.Refuse
	}
	csr, err := x509.ParseCertificateRequest(r.GetCertificateRequest())
	if err != nil || csr.CheckSignature() != nil {
		return nil, wireerr.New(codes.InvalidArgument, wireerr.RequestInvalid, "not a certificate request")
	}
	if err := b.use(r.GetTokenId(), string(csr.RawSubjectPublicKeyInfo)); err != nil {
		return nil, err
	}
	if b.Lost > 0 {
		b.Lost--
		return nil, wireerr.New(codes.Unavailable, wireerr.Unavailable, "the reply was lost")
	}
	return &fleetv1.EnrolResponse{
		AgentId: b.AgentID, CertificateChain: [][]byte{f.Member(b.AgentID, csr.PublicKey, b.From, b.To).Raw},
		Authorities: [][]byte{f.Cert.Raw}, Collectors: []string{f.Address},
	}, nil
}

// use binds a token to a key.
func (b *Behaviour) use(token, key string) error {
	switch used := b.usedBy[token]; {
	case token == ExpiredToken:
		return wireerr.New(codes.PermissionDenied, wireerr.TokenExpired, "the token expired yesterday")
	case token == UnknownToken:
		return wireerr.New(codes.PermissionDenied, wireerr.TokenUnknown, "no such token")
	case token == UsedToken, used != "" && used != key:
		return wireerr.New(codes.PermissionDenied, wireerr.TokenUsed, "the token has no use left")
	case used == "":
		b.usedBy[token] = key
		b.Uses++
	}
	return nil
}

// Renew implements the service.
func (f *Fleet) Renew(ctx context.Context, r *fleetv1.RenewRequest) (*fleetv1.RenewResponse, error) {
	if err := member(ctx); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	b := &f.behaviour
	if b.Refuse != nil {
		return nil, b.Refuse
	}
	csr, err := x509.ParseCertificateRequest(r.GetCertificateRequest())
	if err != nil {
		return nil, wireerr.New(codes.InvalidArgument, wireerr.RequestInvalid, "not a certificate request")
	}
	b.Renewals++
	leaf := f.Member(b.AgentID, csr.PublicKey, time.Now().Add(-time.Minute), time.Now().Add(time.Hour))
	return &fleetv1.RenewResponse{CertificateChain: [][]byte{leaf.Raw}, Authorities: [][]byte{f.Cert.Raw}}, nil
}

// member refuses a caller that showed no certificate.
func member(ctx context.Context) error {
	p, ok := peer.FromContext(ctx)
	if ok {
		if info, ok := p.AuthInfo.(credentials.TLSInfo); ok && len(info.State.PeerCertificates) > 0 {
			return nil
		}
	}
	return wireerr.New(codes.Unauthenticated, wireerr.Identity, "no client certificate")
}
