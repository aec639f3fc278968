package fleet

import (
	"context"
	"crypto/x509"
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

// Identify reads who calls from the certificate that the TLS handshake verified.
// It trusts nothing else. Its errors are wire errors.
func (c *CA) Identify(ctx context.Context) (Identity, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return Identity{}, refuse("the connection has no peer")
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 || len(info.State.VerifiedChains[0]) == 0 {
		return Identity{}, refuse("a client certificate of this fleet is needed: enrol first")
	}
	return c.identityOf(info.State.VerifiedChains[0][0])
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
	case c.now().After(leaf.NotAfter):
		// A connection may outlive the certificate that opened it.
		return Identity{}, refuse("the client certificate expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	return Identity{AgentID: id, Name: leaf.Subject.CommonName, Expires: leaf.NotAfter}, nil
}

func refuse(format string, args ...any) error {
	return wireerr.New(codes.Unauthenticated, wireerr.Identity, fmt.Sprintf(format, args...))
}
