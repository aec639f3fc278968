package fleet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/proto/event"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openCA(t *testing.T, folder string, now func() time.Time) *CA {
	t.Helper()
	ca, err := OpenCA(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func key(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheAuthorityIsMadeOnce(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "ca")
	first := openCA(t, folder, time.Now)
	second := openCA(t, folder, time.Now)
	if string(first.Pin()) != string(second.Pin()) || first.fleet != second.fleet {
		t.Error("the second start made another authority")
	}
	info, err := os.Stat(filepath.Join(folder, "key.pem"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info.Mode(), err)
	}
}

func TestAnAuthorityThatIsHalfThere(t *testing.T) {
	t.Run("key alone: a crash before it signed anything", func(t *testing.T) {
		folder := t.TempDir()
		openCA(t, folder, time.Now)
		if err := os.Remove(filepath.Join(folder, "cert.pem")); err != nil {
			t.Fatal(err)
		}
		openCA(t, folder, time.Now)
	})
	t.Run("certificate alone: never replaced in silence", func(t *testing.T) {
		folder := t.TempDir()
		openCA(t, folder, time.Now)
		if err := os.Remove(filepath.Join(folder, "key.pem")); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCA(folder, time.Now); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%v", err)
		}
	})
	t.Run("another's key", func(t *testing.T) {
		folder, other := t.TempDir(), t.TempDir()
		openCA(t, folder, time.Now)
		openCA(t, other, time.Now)
		if err := os.Rename(filepath.Join(other, "key.pem"), filepath.Join(folder, "key.pem")); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCA(folder, time.Now); err == nil {
			t.Error("opened")
		}
	})
}

func TestWhoACertificateStandsFor(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	ca, foreign := openCA(t, t.TempDir(), clock), openCA(t, t.TempDir(), clock)
	id := event.NewID()
	sign := func(ca *CA, uris ...string) *x509.Certificate {
		template := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
		for _, text := range uris {
			uri, err := url.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			template.URIs = append(template.URIs, uri)
		}
		leaf, err := ca.sign(key(t).Public(), template, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	server, err := ca.issueServer(key(t).Public(), []string{"localhost"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	good := "spiffe://" + ca.fleet + "/agent/" + id
	tests := map[string]struct {
		leaf  *x509.Certificate
		after time.Duration
		want  string
	}{
		"an agent":              {leaf: sign(ca, good)},
		"another authority's":   {leaf: sign(foreign, good), want: "not of this fleet"},
		"expired":               {leaf: sign(ca, good), after: time.Hour + 1, want: "expired at"},
		"not yet":               {leaf: sign(ca, good), after: -time.Hour, want: "check the clocks"},
		"a collector's":         {leaf: server, want: "not valid"},
		"another fleet's name":  {leaf: sign(ca, "spiffe://other/agent/"+id), want: "not of this fleet"},
		"two agents":            {leaf: sign(ca, good, good), want: "2 URIs"},
		"nobody":                {leaf: sign(ca), want: "0 URIs"},
		"no id":                 {leaf: sign(ca, "spiffe://"+ca.fleet+"/agent/x"), want: "not an agent's"},
		"an id and more":        {leaf: sign(ca, good+"/x"), want: "not an agent's"},
		"an id with a question": {leaf: sign(ca, good+"?x"), want: "not an agent's"},
		"another path":          {leaf: sign(ca, "spiffe://"+ca.fleet+"/"+id), want: "not an agent's"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			now = tt.leaf.NotBefore.Add(time.Minute)
			if tt.after != 0 {
				now = tt.leaf.NotBefore.Add(tt.after)
			}
			if tt.want == "expired at" {
				now = tt.leaf.NotAfter.Add(time.Second)
			}
			err := ca.verify(tt.leaf)
			var got Identity
			if err == nil {
				got, err = ca.identityOf(tt.leaf)
			}
			if tt.want == "" {
				if err != nil || got.AgentID != id {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if wireerr.ReasonOf(err) != wireerr.Identity || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestTheServerCertificateIsRenewedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := openCA(t, t.TempDir(), time.Now)
		s, err := NewServerCertificate(ca, []string{"collector.example.com:7443", ":7443", "192.0.2.1:1"}, 30*24*time.Hour, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		first := s.current.Load().Leaf
		for _, host := range []string{"collector.example.com", "192.0.2.1", "127.0.0.1", "localhost"} {
			if err := first.VerifyHostname(host); err != nil {
				t.Error(err)
			}
		}
		done := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { done <- s.Run(ctx) }()
		for range 60 {
			<-time.After(24 * time.Hour) // the test's own clock
			synctest.Wait()
			if left := time.Until(s.current.Load().Leaf.NotAfter); left < 9*24*time.Hour {
				t.Fatalf("only %v left", left)
			}
		}
		if s.current.Load().Leaf.SerialNumber.Cmp(first.SerialNumber) == 0 {
			t.Error("never renewed")
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWhomATokenAdmits(t *testing.T) {
	now := time.Unix(1000, 0)
	secret := []byte("0123456789abcdef")
	clock := now
	ca := openCA(t, t.TempDir(), func() time.Time { return clock })
	record := func() *fleetv1.Token {
		r := &fleetv1.Token{Id: "t", Uses: 1, Expires: uint64(now.Add(time.Minute).UnixNano())}
		r.SecretHash = ca.seal(r, secret)
		return r
	}
	forged := record()
	sum := sha256.Sum256(secret)
	forged.SecretHash = sum[:]
	prolonged := record()
	prolonged.Expires += uint64(time.Hour)
	widened := record()
	widened.Uses = 100
	renamed := record()
	renamed.Id = "u"
	used := record()
	used.Used = []*fleetv1.TokenUse{{PublicKeyHash: []byte("k1"), AgentId: "a1"}}
	tests := map[string]struct {
		record *fleetv1.Token
		now    time.Time
		secret []byte
		key    string
		bound  bool
		want   wireerr.Reason
	}{
		"first use":                        {record: record(), now: now, secret: secret, key: "k1"},
		"the same key again":               {record: used, now: now, secret: secret, key: "k1", bound: true},
		"another key":                      {record: used, now: now, secret: secret, key: "k2", want: wireerr.TokenUsed},
		"expired":                          {record: record(), now: now.Add(time.Minute), secret: secret, key: "k1", want: wireerr.TokenExpired},
		"expired, bound":                   {record: used, now: now.Add(time.Hour), secret: secret, key: "k1", want: wireerr.TokenExpired},
		"wrong secret":                     {record: record(), now: now, secret: []byte("x"), key: "k1", want: wireerr.TokenUnknown},
		"no secret":                        {record: record(), now: now, key: "k1", want: wireerr.TokenUnknown},
		"made without the authority's key": {record: forged, now: now, secret: secret, key: "k1", want: wireerr.TokenUnknown},
		"made to last longer":              {record: prolonged, now: now, secret: secret, key: "k1", want: wireerr.TokenUnknown},
		"made to admit more":               {record: widened, now: now, secret: secret, key: "k1", want: wireerr.TokenUnknown},
		"under another id":                 {record: renamed, now: now, secret: secret, key: "k1", want: wireerr.TokenUnknown},
		"wrong, though bound":              {record: used, now: now, secret: []byte("x"), key: "k1", want: wireerr.TokenUnknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			clock = tt.now
			agent, bound, err := ca.admit(tt.record, tt.secret, []byte(tt.key))
			if tt.want != "" {
				if wireerr.ReasonOf(err) != tt.want {
					t.Errorf("%v, want %s", err, tt.want)
				}
				return
			}
			if err != nil || agent == "" || bound != tt.bound {
				t.Errorf("%q, %t, %v", agent, bound, err)
			}
		})
	}
}
