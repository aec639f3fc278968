package fleet

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// agentPath stands before the id in an agent's SPIFFE URI.
const agentPath = "/agent/"

// Identity is what a verified client certificate says.
type Identity struct {
	// AgentID is 26 base32 characters.
	AgentID string
	// Name is what the host was called at enrolment.
	Name string
	// Expires is when the certificate ends.
	Expires time.Time
}

// Identify reads who calls from the client certificate of the connection, after
// it has checked that this fleet's authority signed it and that it has not ended.
// It trusts nothing else. Its errors are wire errors that say what is wrong.
func (c *CA) Identify(ctx context.Context) (Identity, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return Identity{}, refuse("the connection has no peer")
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return Identity{}, refuse("a client certificate is needed: enrol first")
	}
	leaf := info.State.PeerCertificates[0]
	if err := c.verify(leaf); err != nil {
		return Identity{}, err
	}
	return c.identityOf(leaf)
}

// verify checks a certificate. The authority signs leaves itself, so there is
// nothing between them. A connection may outlive the certificate that opened it,
// which is why the time is that of the call.
func (c *CA) verify(leaf *x509.Certificate) error {
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots:       c.Pool(),
		CurrentTime: c.now(),
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		return refuse("the client certificate is not of this fleet")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && c.now().After(leaf.NotAfter):
		return refuse("the client certificate expired at %s: enrol again", leaf.NotAfter.UTC().Format(time.RFC3339))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return refuse("the client certificate begins at %s: check the clocks", leaf.NotBefore.UTC().Format(time.RFC3339))
	default:
		return refuse("the client certificate is not valid: %v", err)
	}
}

func (c *CA) identityOf(leaf *x509.Certificate) (Identity, error) {
	if len(leaf.URIs) != 1 {
		return Identity{}, refuse("the client certificate names %d URIs, not one agent", len(leaf.URIs))
	}
	uri := leaf.URIs[0]
	id, isAgent := strings.CutPrefix(uri.Path, agentPath)
	switch {
	case uri.Scheme != "spiffe" || uri.Host != c.fleet:
		return Identity{}, refuse("the client certificate is not of this fleet")
	case !isAgent || !event.ValidID(id) || uri.User != nil || uri.RawQuery != "" || uri.Fragment != "":
		return Identity{}, refuse("the client certificate is not an agent's")
	}
	return Identity{AgentID: id, Name: leaf.Subject.CommonName, Expires: leaf.NotAfter}, nil
}

func refuse(format string, args ...any) error {
	return wireerr.New(codes.Unauthenticated, wireerr.Identity, fmt.Sprintf(format, args...))
}
