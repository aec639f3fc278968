package collector

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/collector/internal/fleet"
)

func TestReload(t *testing.T) {
	cfg := testConfig(t)
	ca, err := fleet.OpenCA(cfg.StateDir+"/ca", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	s := &service{cfg: cfg, log: log}
	s.live.Store(cfg)
	if s.certificate, err = fleet.NewServerCertificate(ca, addressesOf(cfg), time.Hour, log); err != nil {
		t.Fatal(err)
	}
	serves := func(host string) bool {
		c, err := s.certificate.PlainTLS().GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(c.Certificate[0])
		return err == nil && leaf.VerifyHostname(host) == nil
	}
	if err := s.reload(func() (*Config, error) { return nil, errors.New("bad file") }); err == nil || s.live.Load() != cfg {
		t.Errorf("a bad file: %v", err)
	}
	moved := *cfg
	moved.Advertise = []string{"moved.example.com:7443"}
	if err := s.reload(func() (*Config, error) { return &moved, nil }); err != nil {
		t.Fatal(err)
	}
	if !serves("moved.example.com") || s.live.Load() != &moved {
		t.Error("the new address is not taken over")
	}
}
