// Package fleettest is a fleet for tests: an authority, and a collector that
// enrols, renews, takes batches and acks them, over real gRPC and TLS in the
// test's own process.
package fleettest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/url"
	"testing"
	"time"
)

// Authority is a fleet's CA.
type Authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	Cert *x509.Certificate
}

func newAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fleet"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.Cert = a.sign(template, template, a.key.Public())
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *Authority) sign(template, parent *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	if err != nil {
		a.t.Error(err)
		return nil
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Error(err)
	}
	return cert
}

// Pin is what a join token names the authority by.
func (a *Authority) Pin() []byte {
	sum := sha256.Sum256(a.Cert.RawSubjectPublicKeyInfo)
	return sum[:]
}

// Member makes an agent's certificate.
func (a *Authority) Member(id string, public crypto.PublicKey, from, to time.Time) *x509.Certificate {
	return a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: from, NotAfter: to,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		URIs:        []*url.URL{{Scheme: "spiffe", Host: "fleet.test", Path: "/agent/" + id}},
	}, a.Cert, public)
}

// Server makes a collector's certificate.
func (a *Authority) Server(public crypto.PublicKey, names ...string) *x509.Certificate {
	return a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(3), DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.Cert, public)
}
