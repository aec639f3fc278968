package fleet

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"log/slog"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
	"google.golang.org/grpc/codes"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/proto/wireerr"
	"github.com/tocsin-security/tocsin/shell/sparse"
)

// Enrolment is open to hosts that are no members yet, so its rate is bounded;
// so is the size of what it parses.
const (
	enrolPerSecond = 200
	enrolBurst     = 400
	maxRequest     = 16 << 10
	maxName        = 253
)

// EnrolmentOptions are what Enrolment works with.
type EnrolmentOptions struct {
	CA       *CA
	Buckets  Buckets
	Registry *Registry
	// Lifetime is that of the certificates it hands out.
	Lifetime time.Duration
	// Collectors gives host:port, as agents reach collectors; it is asked for each call.
	Collectors func() []string
	Log        *slog.Logger
	Metrics    prometheus.Registerer
	Now        func() time.Time
}

// Enrolment admits hosts to the fleet and renews their certificates. It
// implements the gRPC service.
type Enrolment struct {
	fleetv1.UnimplementedEnrolmentServiceServer
	o       EnrolmentOptions
	limiter *rate.Limiter
	renewal *rate.Limiter
	gate    *gate
	calls   *prometheus.CounterVec
	// refusals is for what strangers cause.
	refusals *slog.Logger
}

// NewEnrolment makes the service.
func NewEnrolment(o EnrolmentOptions) (*Enrolment, error) {
	e := &Enrolment{
		o:       o,
		limiter: rate.NewLimiter(enrolPerSecond, enrolBurst),
		renewal: rate.NewLimiter(enrolPerSecond, enrolBurst),
		gate:    newGate(), refusals: sparse.Logger(o.Log),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tocsin_fleet_certificates_total",
			Help: "Requests for certificates, by kind and result.",
		}, []string{"kind", "result"}),
	}
	if err := o.Metrics.Register(e.calls); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return e, nil
}

// Enrol exchanges a join token and a certificate request for a certificate.
func (e *Enrolment) Enrol(ctx context.Context, request *fleetv1.EnrolRequest) (*fleetv1.EnrolResponse, error) {
	response, err := e.enrol(ctx, request)
	e.count("enrol", err)
	if err != nil {
		e.refusals.Warn("enrolment refused", "name", clip(request.GetName()), "reason", wireerr.ReasonOf(err), "error", err)
		return nil, err
	}
	e.o.Log.Info("host enrolled", "agent", response.GetAgentId(), "name", request.GetName())
	return response, nil
}

func (e *Enrolment) enrol(ctx context.Context, request *fleetv1.EnrolRequest) (*fleetv1.EnrolResponse, error) {
	if !e.limiter.Allow() {
		return nil, wireerr.New(codes.ResourceExhausted, wireerr.Backpressure, "too many hosts enrol at once")
	}
	if err := checkName(request.GetName()); err != nil {
		return nil, err
	}
	public, keyHash, err := publicKey(request.GetCertificateRequest())
	if err != nil {
		return nil, err
	}
	tokens, err := e.o.Buckets.Bucket(subject.TokensBucket)
	if err != nil {
		return nil, unavailable("reach tokens", err)
	}
	id, err := e.o.CA.useToken(ctx, tokens, request.GetTokenId(), request.GetSecret(), keyHash)
	if err != nil {
		return nil, err
	}
	leaf, err := e.o.CA.issueAgent(public, id, request.GetName(), e.o.Lifetime)
	if err != nil {
		return nil, unavailable("issue certificate", err)
	}
	// Should this fail, the host asks again with the same key, and costs no further use.
	if err := e.o.Registry.enrolled(ctx, id, request.GetName(), leaf.NotAfter); err != nil {
		return nil, unavailable("register agent", err)
	}
	return &fleetv1.EnrolResponse{
		AgentId:          id,
		CertificateChain: [][]byte{leaf.Raw},
		Authorities:      [][]byte{e.o.CA.certificate.Raw},
		Collectors:       e.o.Collectors(),
	}, nil
}

// Renew exchanges a valid certificate and a request for a new certificate of the
// same agent.
func (e *Enrolment) Renew(ctx context.Context, request *fleetv1.RenewRequest) (*fleetv1.RenewResponse, error) {
	response, err := e.renew(ctx, request)
	e.count("renew", err)
	return response, err
}

func (e *Enrolment) renew(ctx context.Context, request *fleetv1.RenewRequest) (*fleetv1.RenewResponse, error) {
	id, err := e.o.CA.Identify(ctx)
	if err != nil {
		return nil, err
	}
	if !e.renewal.Allow() {
		return nil, wireerr.New(codes.ResourceExhausted, wireerr.Backpressure, "too many certificates are renewed at once")
	}
	public, _, err := publicKey(request.GetCertificateRequest())
	if err != nil {
		return nil, err
	}
	leaf, err := e.o.CA.issueAgent(public, id.AgentID, id.Name, e.o.Lifetime)
	if err != nil {
		return nil, unavailable("issue certificate", err)
	}
	if err := e.o.Registry.renewed(ctx, id.AgentID, leaf.NotAfter); err != nil {
		return nil, unavailable("register certificate", err)
	}
	e.o.Log.Info("certificate renewed", "agent", id.AgentID, "expires", leaf.NotAfter)
	return &fleetv1.RenewResponse{
		CertificateChain: [][]byte{leaf.Raw},
		Authorities:      [][]byte{e.o.CA.certificate.Raw},
		Collectors:       e.o.Collectors(),
	}, nil
}

func (e *Enrolment) count(kind string, err error) {
	result := "ok"
	if err != nil {
		result = string(wireerr.ReasonOf(err))
	}
	e.calls.WithLabelValues(kind, result).Inc()
}

// publicKey reads the public key of a PKCS #10 request and its hash. The
// request's signature shows that the sender holds the private key.
func publicKey(der []byte) (crypto.PublicKey, []byte, error) {
	if len(der) > maxRequest {
		return nil, nil, invalid("the certificate request has %d bytes, the bound is %d", len(der), maxRequest)
	}
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, nil, invalid("parse certificate request: %v", err)
	}
	if err := request.CheckSignature(); err != nil {
		return nil, nil, invalid("check certificate request: %v", err)
	}
	switch key := request.PublicKey.(type) {
	case ed25519.PublicKey, *ecdsa.PublicKey:
	case *rsa.PublicKey:
		if key.Size() < 256 || key.Size() > 1024 {
			return nil, nil, invalid("an RSA key of %d bits", key.Size()*8)
		}
	default:
		return nil, nil, invalid("a key of an unknown kind")
	}
	sum := sha256.Sum256(request.RawSubjectPublicKeyInfo)
	return request.PublicKey, sum[:], nil
}

// checkName takes names that people can read in a mail and a terminal.
func checkName(name string) error {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return invalid("a host's name has 1 to %d bytes of UTF-8", maxName)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return invalid("a host's name holds printable characters only")
		}
	}
	return nil
}

func invalid(format string, args ...any) error {
	return wireerr.New(codes.InvalidArgument, wireerr.RequestInvalid, fmt.Sprintf(format, args...))
}

// clip bounds what a stranger may write into the log.
func clip(s string) string {
	if len(s) > maxName {
		return s[:maxName]
	}
	return s
}
