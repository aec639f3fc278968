package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"google.golang.org/grpc/credentials"
)

// ErrPin says that a collector's certificate does not come from the authority
// that the join token names: it is another fleet's, or somebody in between.
var ErrPin = errors.New("the collector's certificate does not come from the authority that the join token names")

// Holder is the identity that an agent runs with. Renewal replaces it while
// connections are being made; every method may be called from any goroutine.
type Holder struct {
	dir     string
	current atomic.Pointer[Identity]
}

// Hold loads the identity in a folder; ErrNone where there is none.
func Hold(dir string) (*Holder, error) {
	id, err := Load(dir)
	if err != nil {
		return nil, err
	}
	h := &Holder{dir: dir}
	h.current.Store(id)
	return h, nil
}

// Current is the identity as of now.
func (h *Holder) Current() *Identity { return h.current.Load() }

// replace stores an identity and then uses it for every later connection.
func (h *Holder) replace(id *Identity) error {
	if err := id.save(h.dir); err != nil {
		return err
	}
	h.current.Store(id)
	return nil
}

// TLS is the configuration of the next connection to a collector: its authorities
// are those of now. Each handshake shows the certificate of its moment.
func (h *Holder) TLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		RootCAs:    pool(h.Current().authorities),
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return h.Current().certificate(), nil
		},
	}
}

// dialer makes a TLS configuration for each handshake, which knows the host that
// is dialled.
type dialer struct {
	config func(host string) *tls.Config
}

// ClientHandshake implements credentials.TransportCredentials.
func (d *dialer) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = authority
	}
	return credentials.NewTLS(d.config(host)).ClientHandshake(ctx, authority, conn)
}

// ServerHandshake implements credentials.TransportCredentials; an agent serves nobody.
func (d *dialer) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("an agent's credentials are for clients")
}

// Info implements credentials.TransportCredentials.
func (d *dialer) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls"}
}

// Clone implements credentials.TransportCredentials.
func (d *dialer) Clone() credentials.TransportCredentials { return &dialer{config: d.config} }

// OverrideServerName implements credentials.TransportCredentials; the name is
// always that of the collector dialled.
func (d *dialer) OverrideServerName(string) error {
	return errors.New("the server's name cannot be overridden")
}

// pinned are the credentials of a host that is no member yet: it trusts what
// leads to an authority whose public key has the token's hash, and nothing else.
// Refused is told why a handshake was refused.
func pinned(pin []byte, refused func(error)) credentials.TransportCredentials {
	return &dialer{config: func(host string) *tls.Config {
		return &tls.Config{
			MinVersion: tls.VersionTLS13,
			// The authority is not known yet, only its hash: the standard check
			// has nothing to work with, and VerifyConnection is the whole check.
			InsecureSkipVerify: true, //nolint:gosec // VerifyConnection checks chain, pin, name and usage.
			VerifyConnection: func(state tls.ConnectionState) error {
				err := verifyPinned(state.PeerCertificates, pin, host)
				if err != nil {
					refused(err)
				}
				return err
			},
		}
	}}
}

// verifyPinned checks that the chain a collector presented leads to the pinned
// authority, which it must hold, and is for the host that was dialled.
func verifyPinned(chain []*x509.Certificate, pin []byte, host string) error {
	authority := authorityOf(chain, pin)
	if authority == nil {
		return ErrPin
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		DNSName:       host,
		Roots:         pool([]*x509.Certificate{authority}),
		Intermediates: pool(chain[1:]),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return ErrPin
	}
	if err != nil {
		return fmt.Errorf("verify the collector's certificate: %w", err)
	}
	return nil
}

// authorityOf is the certificate among several whose public key has the hash.
func authorityOf(certificates []*x509.Certificate, pin []byte) *x509.Certificate {
	for _, c := range certificates {
		sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		if c.IsCA && bytes.Equal(sum[:], pin) {
			return c
		}
	}
	return nil
}
