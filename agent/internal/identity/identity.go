// Package identity is who an agent is: its key, its certificate, the authorities
// it trusts, and how it comes by them.
//
// A join token goes in and, after one exchange with a collector, a stored
// identity comes out; from then on the package serves TLS credentials from it
// and renews it before it ends. The private key is made here and never leaves
// the state folder.
package identity

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"path"
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
)

// ErrNone says that the folder holds no identity: the host has not been enrolled.
var ErrNone = errors.New("this host is not enrolled")

// Identity is one agent's membership. It never changes: renewal makes a new one.
type Identity struct {
	// AgentID is the 26 characters that the collector chose.
	AgentID string
	// Name is what people call the host.
	Name string
	// Collectors are host:port, as the collector last named them.
	Collectors []string

	key         crypto.Signer
	chain       []*x509.Certificate
	authorities []*x509.Certificate
}

// grant is what a collector answered, of enrolment and renewal alike.
type grant struct {
	chain       [][]byte
	authorities [][]byte
	collectors  []string
}

// newIdentity checks a grant and makes an identity of it: the certificate must
// be for our key, name an agent, and lead to one of the authorities.
func newIdentity(name string, key crypto.Signer, g grant) (*Identity, error) {
	chain, err := parseCertificates(g.chain)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	authorities, err := parseCertificates(g.authorities)
	if err != nil {
		return nil, fmt.Errorf("read authorities: %w", err)
	}
	id := &Identity{Name: name, Collectors: g.collectors, key: key, chain: chain, authorities: authorities}
	if id.AgentID, err = agentID(chain[0]); err != nil {
		return nil, err
	}
	return id, id.verify()
}

func parseCertificates(ders [][]byte) ([]*x509.Certificate, error) {
	if len(ders) == 0 {
		return nil, errors.New("there is none")
	}
	certificates := make([]*x509.Certificate, 0, len(ders))
	for _, der := range ders {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}

// agentID reads the id from the certificate's SPIFFE URI, whose path ends in it.
func agentID(leaf *x509.Certificate) (string, error) {
	for _, uri := range leaf.URIs {
		if id := path.Base(uri.Path); uri.Scheme == "spiffe" && event.ValidID(id) {
			return id, nil
		}
	}
	return "", errors.New("the certificate names no agent")
}

// verify checks everything but the time: an identity that ended is still one,
// and saying so is the caller's.
func (i *Identity) verify() error {
	public, ok := i.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(i.chain[0].PublicKey) {
		return errors.New("the certificate is for another key")
	}
	_, err := i.chain[0].Verify(x509.VerifyOptions{
		Roots:         pool(i.authorities),
		Intermediates: pool(i.chain[1:]),
		CurrentTime:   i.chain[0].NotBefore,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return fmt.Errorf("verify certificate: %w", err)
	}
	return nil
}

// Expires is when the certificate ends.
func (i *Identity) Expires() time.Time { return i.chain[0].NotAfter }

// RenewAt is when it is time to ask for the next one: at two thirds of its life.
func (i *Identity) RenewAt() time.Time {
	life := i.chain[0].NotAfter.Sub(i.chain[0].NotBefore)
	return i.chain[0].NotBefore.Add(life / 3 * 2)
}

// certificate is what collectors are shown.
func (i *Identity) certificate() *tls.Certificate {
	certificate := &tls.Certificate{PrivateKey: i.key, Leaf: i.chain[0]}
	for _, c := range i.chain {
		certificate.Certificate = append(certificate.Certificate, c.Raw)
	}
	return certificate
}

func pool(certificates []*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range certificates {
		p.AddCert(c)
	}
	return p
}

// newKey makes the key that an identity stands on.
func newKey() (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return key, nil
}

// request is a PKCS #10 request for a certificate of the key. It names nobody:
// a collector takes only the public key from it.
func request(key crypto.Signer) ([]byte, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, fmt.Errorf("make certificate request: %w", err)
	}
	return der, nil
}
