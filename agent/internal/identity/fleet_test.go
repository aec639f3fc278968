package identity

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"math/big"
	"net"
	"net/url"
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
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// authority is a fleet's CA.
type authority struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, key: newTestKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fleet"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert = a.sign(template, template, a.key.Public())
	return a
}

func newTestKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(template, parent *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert
}

func (a *authority) pin() []byte {
	sum := sha256.Sum256(a.cert.RawSubjectPublicKeyInfo)
	return sum[:]
}

// member makes an agent's certificate.
func (a *authority) member(id string, public crypto.PublicKey, from, to time.Time) *x509.Certificate {
	return a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: to,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		URIs:        []*url.URL{{Scheme: "spiffe", Host: "fleet.test", Path: "/agent/" + id}},
	}, a.cert, public)
}

// server makes a collector's certificate.
func (a *authority) server(public crypto.PublicKey, names ...string) *x509.Certificate {
	return a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(3), DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.cert, public)
}

// fleet is a collector's enrolment service over real gRPC and TLS.
type fleet struct {
	fleetv1.UnimplementedEnrolmentServiceServer
	*authority
	address string

	mu       sync.Mutex // guards all below
	id       string
	secret   []byte
	usedBy   []byte // the public key that used the token
	uses     int
	refuse   error
	lost     int // how many replies are still to be lost
	from, to time.Time
	renewals int
}

func newFleet(t *testing.T, names ...string) *fleet {
	t.Helper()
	f := &fleet{
		authority: newAuthority(t), id: event.NewID(), secret: make([]byte, secretSize),
		from: time.Now().Add(-time.Minute), to: time.Now().Add(time.Hour),
	}
	if len(names) == 0 {
		names = []string{"localhost"}
	}
	key := newTestKey(t)
	leaf := f.server(key.Public(), names...)
	server := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw, f.cert.Raw}, PrivateKey: key}},
		ClientAuth:   tls.VerifyClientCertIfGiven, ClientCAs: pool([]*x509.Certificate{f.cert}),
	})))
	fleetv1.RegisterEnrolmentServiceServer(server, f)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	f.address = "localhost:" + port
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return f
}

func (f *fleet) token(change ...func(*fleetv1.JoinToken)) string {
	token := &fleetv1.JoinToken{Collectors: []string{f.address}, AuthorityPin: f.pin(), Id: "token", Secret: f.secret}
	for _, c := range change {
		c(token)
	}
	return tokenText(f.t, token)
}

func tokenText(t *testing.T, token *fleetv1.JoinToken) string {
	t.Helper()
	data, err := proto.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	return tokenPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(data))
}

func (f *fleet) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// Enrol implements the service.
func (f *fleet) Enrol(_ context.Context, r *fleetv1.EnrolRequest) (*fleetv1.EnrolResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse != nil {
		return nil, f.refuse
	}
	csr, err := x509.ParseCertificateRequest(r.GetCertificateRequest())
	if err != nil || csr.CheckSignature() != nil {
		return nil, wireerr.New(codes.InvalidArgument, wireerr.RequestInvalid, "not a certificate request")
	}
	if f.usedBy != nil && string(f.usedBy) != string(csr.RawSubjectPublicKeyInfo) {
		return nil, wireerr.New(codes.PermissionDenied, wireerr.TokenUsed, "the token has no use left")
	}
	if f.usedBy == nil {
		f.usedBy = csr.RawSubjectPublicKeyInfo
		f.uses++
	}
	if f.lost > 0 {
		f.lost--
		return nil, wireerr.New(codes.Unavailable, wireerr.Unavailable, "the reply was lost")
	}
	return &fleetv1.EnrolResponse{
		AgentId: f.id, CertificateChain: [][]byte{f.member(f.id, csr.PublicKey, f.from, f.to).Raw},
		Authorities: [][]byte{f.cert.Raw}, Collectors: []string{f.address},
	}, nil
}

// Renew implements the service.
func (f *fleet) Renew(ctx context.Context, r *fleetv1.RenewRequest) (*fleetv1.RenewResponse, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, _ := peer.FromContext(ctx)
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return nil, wireerr.New(codes.Unauthenticated, wireerr.Identity, "no client certificate")
	}
	if f.refuse != nil {
		return nil, f.refuse
	}
	csr, err := x509.ParseCertificateRequest(r.GetCertificateRequest())
	if err != nil {
		return nil, wireerr.New(codes.InvalidArgument, wireerr.RequestInvalid, "not a certificate request")
	}
	f.renewals++
	return &fleetv1.RenewResponse{
		CertificateChain: [][]byte{f.member(f.id, csr.PublicKey, time.Now().Add(-time.Minute), time.Now().Add(time.Hour)).Raw},
		Authorities:      [][]byte{f.cert.Raw},
	}, nil
}
