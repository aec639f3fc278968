// Package fleet is who belongs: the fleet's certificate authority, the join
// tokens that admit hosts, the registry of agents, and who was seen when.
//
// In flow enrolment requests and signs of life; out flow certificates, registry
// entries and liveness digests. The authority's key is a file of the state
// folder and nowhere else; tokens and agents live in NATS key-value buckets, so
// that any collector that holds the key can serve them.
package fleet

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// authorityLifetime is long: replacing an authority means touching every host.
const authorityLifetime = 20 * 365 * 24 * time.Hour

// CA is the fleet's certificate authority. It never changes once opened, and
// every method may be called from any goroutine.
type CA struct {
	certificate *x509.Certificate
	key         crypto.Signer
	// tokenKey seals join tokens; it follows from the authority's key.
	tokenKey []byte
	fleet    string
	now      func() time.Time
}

// OpenCA reads the authority in a folder, or makes it where the folder holds
// none. The key's file is for its owner alone.
func OpenCA(folder string, now func() time.Time) (*CA, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("create CA folder: %w", err)
	}
	keyFile, certificateFile := filepath.Join(folder, "key.pem"), filepath.Join(folder, "cert.pem")
	if _, err := os.Stat(certificateFile); errors.Is(err, os.ErrNotExist) {
		// Without its certificate a key has signed nothing: a crash came between.
		if err := makeCA(keyFile, certificateFile, now()); err != nil {
			return nil, err
		}
	}
	return ReadCA(folder, now)
}

// ReadCA reads the authority in a folder, which must hold one.
func ReadCA(folder string, now func() time.Time) (*CA, error) {
	certificate, err := readPEM(filepath.Join(folder, "cert.pem"), "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	key, err := readPEM(filepath.Join(folder, "key.pem"), "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	return parseCA(certificate, key, now)
}

func parseCA(certificate, key []byte, now func() time.Time) (*CA, error) {
	c := &CA{now: now}
	var err error
	if c.certificate, err = x509.ParseCertificate(certificate); err != nil {
		return nil, fmt.Errorf("parse CA certificate: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("parse CA key: %w", err)
	}
	signer, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(c.certificate.PublicKey) {
		return nil, errors.New("the CA's key is not that of its certificate")
	}
	if len(c.certificate.URIs) != 1 || c.certificate.URIs[0].Scheme != "spiffe" {
		return nil, errors.New("the CA's certificate names no fleet")
	}
	c.key, c.fleet = signer, c.certificate.URIs[0].Host
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("tocsin join tokens"))
	c.tokenKey = mac.Sum(nil)
	return c, nil
}

func makeCA(keyFile, certificateFile string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make CA key: %w", err)
	}
	fleet := event.NewID()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "Tocsin fleet " + fleet},
		// Well before the first leaf, whose own start is set back for clocks that lag.
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.Add(authorityLifetime),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		URIs:                  []*url.URL{{Scheme: "spiffe", Host: fleet}},
	}
	if template.SerialNumber, err = serial(); err != nil {
		return err
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("sign CA certificate: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode CA key: %w", err)
	}
	if err := writePEM(keyFile, "PRIVATE KEY", encoded, 0o600); err != nil {
		return err
	}
	return writePEM(certificateFile, "CERTIFICATE", certificate, 0o644)
}

// Pin is the SHA-256 of the authority's public key, by which a join token tells
// a host whom to trust.
func (c *CA) Pin() []byte {
	sum := sha256.Sum256(c.certificate.RawSubjectPublicKeyInfo)
	return sum[:]
}

// PEM is the authority's certificate for those who connect.
func (c *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.certificate.Raw})
}

// Pool holds the authority alone.
func (c *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.certificate)
	return pool
}

// issueAgent signs an agent's certificate. The name is for people; the id in the
// SPIFFE URI is who it is.
func (c *CA) issueAgent(public crypto.PublicKey, id, name string, lifetime time.Duration) (*x509.Certificate, error) {
	return c.sign(public, &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		URIs:        []*url.URL{{Scheme: "spiffe", Host: c.fleet, Path: agentPath + id}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, lifetime)
}

// issueServer signs a collector's own certificate for the given hosts.
func (c *CA) issueServer(public crypto.PublicKey, hosts []string, lifetime time.Duration) (*x509.Certificate, error) {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: "Tocsin collector"},
		URIs:        []*url.URL{{Scheme: "spiffe", Host: c.fleet, Path: "/collector"}},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return c.sign(public, template, lifetime)
}

func (c *CA) sign(public crypto.PublicKey, template *x509.Certificate, lifetime time.Duration) (*x509.Certificate, error) {
	now := c.now()
	var err error
	if template.SerialNumber, err = serial(); err != nil {
		return nil, err
	}
	// Set back for hosts whose clocks lag, but not so far that a short-lived
	// certificate would be due for renewal at once.
	template.NotBefore = now.Add(-min(time.Hour, lifetime/6))
	template.NotAfter = now.Add(lifetime)
	if template.NotAfter.After(c.certificate.NotAfter) {
		template.NotAfter = c.certificate.NotAfter
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	der, err := x509.CreateCertificate(rand.Reader, template, c.certificate, public, c.key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("parse own certificate: %w", err)
	}
	return certificate, nil
}

func serial() (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make serial number: %w", err)
	}
	return n.Add(n, big.NewInt(1)), nil
}

func readPEM(file, kind string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("read %s: no PEM block %q", file, kind)
	}
	return block.Bytes, nil
}

func writePEM(file, kind string, der []byte, mode os.FileMode) error {
	return statedir.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
