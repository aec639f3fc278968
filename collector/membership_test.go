package collector

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/collector/internal/bus"
	"github.com/tocsin-security/tocsin/collector/internal/config"
	"github.com/tocsin-security/tocsin/proto/event"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/proto/wireerr"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func TestOnlyMembersOfThisFleetMaySpeak(t *testing.T) {
	p := start(t, testConfig(t))
	foreign := start(t, testConfig(t))
	short := testConfig(t)
	short.Certificates.Lifetime = 1 // a nanosecond
	expired := start(t, short)

	t.Run("no certificate", func(t *testing.T) {
		m := &member{}
		_, err := m.open(bounded(t), t, p.cfg.Listen)
		wantReason(t, err, wireerr.Identity)
	})
	t.Run("another fleet's certificate", func(t *testing.T) {
		_, err := enrol(t, foreign.cfg, "host").open(bounded(t), t, p.cfg.Listen)
		wantReason(t, err, wireerr.Identity)
		if !strings.Contains(err.Error(), "not of this fleet") {
			t.Error(err)
		}
	})
	t.Run("expired certificate", func(t *testing.T) {
		_, err := enrol(t, expired.cfg, "host").open(bounded(t), t, expired.cfg.Listen)
		wantReason(t, err, wireerr.Identity)
		if !strings.Contains(err.Error(), "expired at") {
			t.Error(err)
		}
	})
	t.Run("a collector's certificate", func(t *testing.T) {
		// Another host of the fleet that speaks as a server must not be an agent.
		conn, err := tls.Dial("tcp", p.cfg.Listen, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // looks only
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if got := conn.ConnectionState().PeerCertificates; len(got) != 2 || !got[1].IsCA {
			t.Errorf("the server shows %d certificates, not its own and the authority's", len(got))
		}
	})
}

func TestJoinTokens(t *testing.T) {
	p := start(t, testConfig(t))
	service := fleetv1.NewEnrolmentServiceClient(connect(t, p.cfg.Listen))
	ask := func(token *fleetv1.JoinToken, request []byte) (*fleetv1.EnrolResponse, error) {
		return service.Enrol(bounded(t), &fleetv1.EnrolRequest{
			TokenId: token.GetId(), Secret: token.GetSecret(), CertificateRequest: request, Name: "host",
		})
	}
	t.Run("the same key gets the same id, and costs no further use", func(t *testing.T) {
		token := joinToken(t, p.cfg, 2, time.Hour)
		key := newKey(t)
		first, err := ask(token, csr(t, key))
		if err != nil {
			t.Fatal(err)
		}
		again, err := ask(token, csr(t, key))
		if err != nil || again.GetAgentId() != first.GetAgentId() {
			t.Fatalf("%v, %v and then %v", err, first.GetAgentId(), again.GetAgentId())
		}
		other, err := ask(token, csr(t, newKey(t)))
		if err != nil || other.GetAgentId() == first.GetAgentId() {
			t.Fatal("another key", err)
		}
		_, err = ask(token, csr(t, newKey(t)))
		wantReason(t, err, wireerr.TokenUsed)
		if _, err = ask(token, csr(t, key)); err != nil {
			t.Error("a used-up token for a key that used it", err)
		}
	})
	t.Run("expired", func(t *testing.T) {
		_, err := ask(joinToken(t, p.cfg, 1, time.Nanosecond), csr(t, newKey(t)))
		wantReason(t, err, wireerr.TokenExpired)
	})
	t.Run("unknown", func(t *testing.T) {
		_, err := ask(&fleetv1.JoinToken{Id: event.NewID(), Secret: make([]byte, 16)}, csr(t, newKey(t)))
		wantReason(t, err, wireerr.TokenUnknown)
		_, err = ask(&fleetv1.JoinToken{Id: "a.>", Secret: make([]byte, 16)}, csr(t, newKey(t)))
		wantReason(t, err, wireerr.TokenUnknown)
	})
	t.Run("wrong secret", func(t *testing.T) {
		token := joinToken(t, p.cfg, 1, time.Hour)
		token.Secret[0]++
		_, err := ask(token, csr(t, newKey(t)))
		wantReason(t, err, wireerr.TokenUnknown)
	})
	t.Run("no request", func(t *testing.T) {
		_, err := ask(joinToken(t, p.cfg, 1, time.Hour), []byte("none"))
		wantReason(t, err, wireerr.RequestInvalid)
	})
	t.Run("what expired long ago is removed", func(t *testing.T) {
		c, err := dial(p.cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer c.conn.Close()
		tokens, err := c.bucket(bounded(t), subject.TokensBucket)
		if err != nil {
			t.Fatal(err)
		}
		for id, expired := range map[string]time.Duration{"old": 30 * 24 * time.Hour, "recent": time.Hour} {
			data, err := proto.Marshal(&fleetv1.Token{Id: id, Expires: uint64(time.Now().Add(-expired).UnixNano())})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tokens.Create(bounded(t), id, data); err != nil {
				t.Fatal(err)
			}
		}
		joinToken(t, p.cfg, 1, time.Hour)
		if _, err := tokens.Get(bounded(t), "old"); !errors.Is(err, jetstream.ErrKeyNotFound) {
			t.Errorf("the old one: %v", err)
		}
		if _, err := tokens.Get(bounded(t), "recent"); err != nil {
			t.Errorf("the recent one: %v", err)
		}
	})
	t.Run("many at once use it no more often than it may", func(t *testing.T) {
		token := joinToken(t, p.cfg, 3, time.Hour)
		results := make(chan error, 12)
		for range cap(results) {
			request := csr(t, newKey(t))
			go func() {
				_, err := ask(token, request)
				results <- err
			}()
		}
		admitted := 0
		for range cap(results) {
			if err := <-results; err == nil {
				admitted++
			} else {
				wantReason(t, err, wireerr.TokenUsed)
			}
		}
		if admitted != 3 {
			t.Errorf("%d hosts by a token of 3", admitted)
		}
	})
}

func TestAFloodOfEnrolmentsIsHeldBack(t *testing.T) {
	p := start(t, testConfig(t))
	enrol(t, p.cfg, "host") // all is prepared by then
	service := fleetv1.NewEnrolmentServiceClient(connect(t, p.cfg.Listen))
	for range 5000 {
		_, err := service.Enrol(bounded(t), &fleetv1.EnrolRequest{TokenId: event.NewID(), Name: "host"})
		if wireerr.ReasonOf(err) == wireerr.Backpressure {
			return
		}
		wantReason(t, err, wireerr.RequestInvalid)
	}
	t.Error("a stranger asks as often as it likes")
}

func TestRenewal(t *testing.T) {
	p := start(t, testConfig(t))
	m := enrol(t, p.cfg, "host")
	key := newKey(t)
	request := &fleetv1.RenewRequest{CertificateRequest: csr(t, key)}
	response, err := fleetv1.NewEnrolmentServiceClient(connect(t, p.cfg.Listen, m.certificate)).Renew(bounded(t), request)
	if err != nil {
		t.Fatal(err)
	}
	renewed := &member{id: m.id, codec: m.codec, certificate: tls.Certificate{
		Certificate: response.GetCertificateChain(), PrivateKey: key,
	}}
	l := renewed.mustOpen(t, p.cfg.Listen)
	l.send(renewed.lane(auth).seal("the same agent"))
	l.ack(t)
	_, err = fleetv1.NewEnrolmentServiceClient(connect(t, p.cfg.Listen)).Renew(bounded(t), request)
	wantReason(t, err, wireerr.Identity)
}

func TestACertificateThatEndsEndsItsStream(t *testing.T) {
	// A busy machine may let a short one end before anything was sent.
	for lifetime := 2 * time.Second; ; lifetime *= 2 {
		cfg := testConfig(t)
		cfg.Certificates.Lifetime = settings.Duration(lifetime)
		p := start(t, cfg)
		m := enrol(t, p.cfg, "host")
		l, err := m.open(bounded(t), t, p.cfg.Listen)
		if err == nil {
			l.send(m.lane(auth).seal("in time"))
			_, err = l.stream.Recv()
		}
		if err != nil && lifetime < time.Minute {
			t.Logf("within %v: %v", lifetime, err)
			p.stop()
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		wantReason(t, l.end(), wireerr.Unavailable)
		_, err = m.open(bounded(t), t, p.cfg.Listen)
		wantReason(t, err, wireerr.Identity)
		return
	}
}

func TestTokensLeadSomewhere(t *testing.T) {
	for _, address := range []string{"127.0.0.1:7443", "[::1]:7443", "localhost:7443", "0.0.0.0:7443", "[::]:7443"} {
		cfg := config.Default()
		cfg.Advertise = []string{"collector.example.com:7443", address}
		_, err := CreateToken(bounded(t), cfg, TokenOptions{TTL: time.Hour, Uses: 1})
		if err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNATSOffLoopbackSpeaksTLSByTheFleetsAuthority(t *testing.T) {
	cfg := testConfig(t)
	cfg.NATS.Embedded.Listen = "0.0.0.0:0"
	p := start(t, cfg)
	m := enrol(t, cfg, "host") // makes a token by way of that port
	l := m.mustOpen(t, p.cfg.Listen)
	l.send(m.lane(auth).seal("line"))
	l.ack(t)
	if got := stored(t, cfg, auth); len(got) != 1 {
		t.Errorf("stored %q", got)
	}
	endpoint, err := bus.LocalEndpoint(cfg.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(endpoint.URL, "tls://127.0.0.1:") {
		t.Errorf("listens at %s", endpoint.URL)
	}
	endpoint.CAFile = "" // as one who trusts only public authorities
	if conn, err := bus.Dial(endpoint); err == nil {
		conn.Close()
		t.Error("connected without the fleet's authority")
	}
}
