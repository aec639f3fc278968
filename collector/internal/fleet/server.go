package fleet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"time"
)

// ServerCertificate is a collector's own certificate. It lives in memory alone:
// every start makes a new key.
type ServerCertificate struct {
	ca       *CA
	lifetime time.Duration
	log      *slog.Logger
	hosts    atomic.Pointer[[]string]
	current  atomic.Pointer[tls.Certificate]
}

// NewServerCertificate makes a certificate for the hosts of the given addresses
// (host:port) and for loopback.
func NewServerCertificate(ca *CA, addresses []string, lifetime time.Duration, log *slog.Logger) (*ServerCertificate, error) {
	s := &ServerCertificate{ca: ca, lifetime: lifetime, log: log}
	return s, s.For(addresses)
}

// For replaces the certificate by one for other addresses. On an error the
// certificate stays what it was.
func (s *ServerCertificate) For(addresses []string) error {
	hosts := hostsOf(addresses)
	before := s.hosts.Swap(&hosts)
	if err := s.renew(); err != nil {
		s.hosts.Store(before)
		return err
	}
	return nil
}

func hostsOf(addresses []string) []string {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		ip := net.ParseIP(host)
		if host == "" || (ip != nil && ip.IsUnspecified()) || slices.Contains(hosts, host) {
			continue
		}
		hosts = append(hosts, host)
	}
	return hosts
}

func (s *ServerCertificate) renew() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make server key: %w", err)
	}
	leaf, err := s.ca.issueServer(key.Public(), *s.hosts.Load(), s.lifetime)
	if err != nil {
		return err
	}
	s.current.Store(&tls.Certificate{
		// The authority comes along: a host that enrols knows only its pin.
		Certificate: [][]byte{leaf.Raw, s.ca.certificate.Raw},
		PrivateKey:  key,
		Leaf:        leaf,
	})
	return nil
}

// Run renews the certificate whenever two thirds of its life are over, until ctx
// ends. Connections made before keep the one they began with.
func (s *ServerCertificate) Run(ctx context.Context) error {
	for {
		leaf := s.current.Load().Leaf
		due := leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 3 * 2)
		timer := time.NewTimer(max(due.Sub(s.ca.now()), time.Second))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := s.renew(); err != nil {
			s.log.Error("renew server certificate", "error", err)
			continue
		}
		s.log.Info("server certificate renewed", "expires", s.current.Load().Leaf.NotAfter)
	}
}

// AgentTLS is for the port that agents connect to. It asks for a client
// certificate and has its holder show that it has the key; whether it is a valid
// one of this fleet says CA.Identify, in words: a TLS alert could not say what is
// wrong, and a host that enrols has no certificate yet.
func (s *ServerCertificate) AgentTLS() *tls.Config {
	c := s.PlainTLS()
	c.ClientAuth = tls.RequestClientCert
	// Nothing of a connection outlives it, least of all a certificate.
	c.SessionTicketsDisabled = true
	return c
}

// PlainTLS asks clients for no certificate: they have other credentials.
func (s *ServerCertificate) PlainTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.current.Load(), nil
		},
	}
}
