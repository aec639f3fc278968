package e2e

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base32"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
)

// TestWhoDoesNotBelongIsRefused tries to enter a fleet by join tokens and
// certificates that do not let anybody in. Whoever comes with the right ones
// afterwards is served, and what was read meanwhile arrives.
func TestWhoDoesNotBelongIsRefused(t *testing.T) {
	t.Parallel()
	f, other := newFleet(t), newFleet(t)
	collector := up(t, f, f.Collector())
	up(t, other, other.Collector())
	g := gate{f: f, other: other, collector: collector, js: jetStream(t, f)}
	t.Run("used token", g.usedToken)
	t.Run("expired token", g.expiredToken)
	t.Run("token of another fleet", g.foreignToken)
	t.Run("wrong CA", g.wrongAuthority)
	t.Run("foreign certificate", g.foreignCertificate)
	t.Run("expired certificate", g.expiredCertificate)
	t.Run("foreign NATS key", g.foreignKey)
	stops(t, g.collector)
}

// gate is a fleet to enter, and another one.
type gate struct {
	f, other  *fleet.Fleet
	collector *fleet.Process
	js        jetstream.JetStream
}

// newcomer is an agent with an empty log and no identity.
func (g *gate) newcomer(t *testing.T, name string) fleet.Service {
	t.Helper()
	path := filepath.Join(g.f.Root(name), authLog)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	appendTo(t, path)
	return g.f.Agent(name)
}

// joinToken is one of a fleet whose collector runs.
func joinToken(t *testing.T, f *fleet.Fleet, flags ...string) string {
	t.Helper()
	args := append([]string{"token", "create", "--allow-loopback", "--config", "../deploy/config/collector.yaml"}, flags...)
	token, err := f.Run(t.Context(), f.Collector(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(token)
}

func enrolment(s fleet.Service, token string, flags ...string) []string {
	return append([]string{"enroll", "--config", "../deploy/config/agent.yaml", "--name", s.Name, "--token", token}, flags...)
}

// refused enrols by a token that admits nobody, then runs without an identity,
// and then does both properly.
func (g *gate) refused(t *testing.T, name, token, pattern string) {
	t.Helper()
	s := g.newcomer(t, name)
	if out := fails(t, g.f, s, 1, pattern, enrolment(s, token)...); out != "" {
		t.Errorf("enroll prints %q", out)
	}
	refuses(t, g.f, s, 1, "this host is not enrolled: run tocsin-agent enroll first\n$")
	if err := g.f.Enrol(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	p := up(t, g.f, s)
	line := good(name, "203.0.113.1")
	write(t, g.f, name, authLog, line)
	arrive(t, g.js, line)
	stops(t, p)
}

func (g *gate) usedToken(t *testing.T) {
	token := joinToken(t, g.f, "--uses", "1")
	first := g.newcomer(t, "used-0")
	if _, err := g.f.Run(t.Context(), first, enrolment(first, token)...); err != nil {
		t.Fatal(err)
	}
	g.refused(t, "used-1", token, "the join token has been used by as many hosts as it admits; ask for a new one")
}

func (g *gate) expiredToken(t *testing.T) {
	g.refused(t, "late", joinToken(t, g.f, "--ttl", "1ms"), "the join token has expired; ask for a new one")
}

// foreignToken leads to this fleet's collector, but pins another fleet's CA.
func (g *gate) foreignToken(t *testing.T) {
	address, err := g.f.Address("collector")
	if err != nil {
		t.Fatal(err)
	}
	const prefix = "tocsin1."
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	text := strings.TrimPrefix(joinToken(t, g.other), prefix)
	data, err := encoding.DecodeString(strings.ToUpper(text))
	if err != nil {
		t.Fatal(err)
	}
	var token fleetv1.JoinToken
	if err := proto.Unmarshal(data, &token); err != nil {
		t.Fatal(err)
	}
	token.Collectors = []string{address}
	if data, err = proto.Marshal(&token); err != nil {
		t.Fatal(err)
	}
	g.refused(t, "stray", prefix+encoding.EncodeToString(data),
		"the collector's certificate does not come from the authority that the join token names")
}

// identityOf is the file of an agent's identity, and what it says.
func identityOf(t *testing.T, f *fleet.Fleet, agent string) (path string, id map[string]any) {
	t.Helper()
	path = f.Path(agent, "state", "identity", "identity.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &id); err != nil {
		t.Fatal(err)
	}
	return path, id
}

func storeIdentity(t *testing.T, path string, id map[string]any) {
	t.Helper()
	data, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// keeps runs an agent that is not let in. It says so, is not ready, keeps what it
// reads, and ends well when told to. repair makes it a member; what it had read
// arrives.
func (g *gate) keeps(t *testing.T, s fleet.Service, agentSays, collectorSays string, repair func()) {
	t.Helper()
	agent, collector := listen(t, g.f, s.Name), listen(t, g.f, "collector")
	p := begin(t, g.f, s)
	agent.hears(t, "level=INFO msg=running")
	line := good(s.Name, "203.0.113.1")
	write(t, g.f, s.Name, authLog, line)
	agent.hears(t, `level=WARN msg="no stream to the collector; everything is kept and tried again".*`+agentSays)
	collector.hears(t, "level=WARN.*"+collectorSays)
	unready(t, p, agentSays)
	stops(t, p)
	repair()
	p = up(t, g.f, s)
	after := good(s.Name, "203.0.113.2")
	write(t, g.f, s.Name, authLog, after)
	arrive(t, g.js, line, after)
	stops(t, p)
}

// wrongAuthority is an agent that trusts another fleet's CA alone, and one whose
// own certificate is not of the CA that it trusts.
func (g *gate) wrongAuthority(t *testing.T) {
	s := g.newcomer(t, "doubter")
	path, id := g.abroad(t, s)
	wrong := id["authorities"]
	id["authorities"] = g.authority(t)
	storeIdentity(t, path, id)
	refuses(t, g.f, s, 1, "read identity .*: verify certificate: x509: certificate signed by unknown authority\n$")
	id["authorities"] = wrong
	storeIdentity(t, path, id)
	g.keeps(t, s, "certificate signed by unknown authority", `msg="connection refused".*bad certificate`,
		func() { g.again(t, s) })
}

// abroad is what an identity of the other fleet says, led to this one's
// collector, and where the agent looks for it.
func (g *gate) abroad(t *testing.T, s fleet.Service) (path string, id map[string]any) {
	t.Helper()
	_, id = identityOf(t, g.other, member(t, g.other, s.Name).Name)
	address, err := g.f.Address("collector")
	if err != nil {
		t.Fatal(err)
	}
	id["collectors"] = []string{address}
	return g.f.Path(s.Name, "state", "identity", "identity.json"), id
}

func (g *gate) authority(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(g.f.Path("collector", "state", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// again replaces an agent's identity by one of the fleet.
func (g *gate) again(t *testing.T, s fleet.Service) {
	t.Helper()
	if _, err := g.f.Run(t.Context(), s, enrolment(s, joinToken(t, g.f), "--force")...); err != nil {
		t.Fatal(err)
	}
}

// foreignCertificate is an agent that trusts both fleets and shows a certificate
// of the other.
func (g *gate) foreignCertificate(t *testing.T) {
	s := g.newcomer(t, "foreigner")
	path, id := g.abroad(t, s)
	id["authorities"] = fmt.Sprint(id["authorities"], g.authority(t))
	storeIdentity(t, path, id)
	g.keeps(t, s, "the client certificate is not of this fleet", `msg="stream refused".*not of this fleet`,
		func() { g.again(t, s) })
}

func (g *gate) expiredCertificate(t *testing.T) {
	s := member(t, g.f, "sleeper", authLog)
	path, id := identityOf(t, g.f, s.Name)
	chain, ok := id["certificate_chain"].(string)
	if !ok {
		t.Fatal("no chain")
	}
	id["certificate_chain"] = g.expire(t, chain)
	storeIdentity(t, path, id)
	g.keeps(t, s, "the client certificate expired at|the certificate ended at",
		`msg="stream refused".*the client certificate expired at .*: enrol again`, func() { g.again(t, s) })
}

// expire signs the first certificate of a chain anew, with an end that has passed.
func (g *gate) expire(t *testing.T, chain string) string {
	t.Helper()
	parse := func(data []byte) *x509.Certificate {
		block, _ := pem.Decode(data)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(g.f.Path("collector", "state", "ca", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	leaf, authority := parse([]byte(chain)), parse(read("cert.pem"))
	block, _ := pem.Decode(read("key.pem"))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	leaf.NotBefore, leaf.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, leaf.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	_, rest := pem.Decode([]byte(chain))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) + string(rest)
}

// foreignKey is an alerter that shows NATS the key of another fleet's. It waits
// and says why; one with the right key alerts on what was written meanwhile.
func (g *gate) foreignKey(t *testing.T) {
	s := g.f.Alerter("alerter", map[string]string{"TOCSIN_NATS_NKEY": g.other.Path("collector", "state", "nats", "alerter.nkey")})
	said := listen(t, g.f, s.Name)
	p := begin(t, g.f, s)
	said.hears(t, `msg="waiting for NATS" error="nats: Authorization Violation"`)
	unready(t, p, "waiting for NATS: nats: Authorization Violation")
	host := member(t, g.f, "web", webLog)
	agent := up(t, g.f, host)
	attack := injection("203.0.113.1")
	write(t, g.f, host.Name, webLog, attack)
	arrive(t, g.js, attack)
	unready(t, p, "waiting for NATS: nats: Authorization Violation")
	stops(t, p)
	mail, env := mailbox(t, g.f)
	p = up(t, g.f, g.f.Alerter("alerter", env))
	alerted(t, g.js, attack)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := mail.Wait(ctx, 1); err != nil {
		t.Fatal(err)
	}

	// Later it is NATS that has changed, for a while.
	stops(t, g.collector)
	said = listen(t, g.f, "impostor")
	impostor := up(t, g.f, fleet.Service{Name: "impostor", Command: "collector"})
	said.hears(t, "(?s)(authentication error.*){6}")
	unready(t, p, "not connected to NATS")
	stops(t, impostor)
	g.collector = up(t, g.f, g.f.Collector())
	attack = injection("203.0.113.2")
	write(t, g.f, host.Name, webLog, attack)
	alerted(t, jetStream(t, g.f), attack)
	ready(t, p)
	stops(t, p)
	stops(t, agent)
}

// mailbox is a mail server, and what leads an alerter to it, at once: one that has
// had an alert to tell and nobody who takes its mail is not ready, and never will be.
func mailbox(t *testing.T, f *fleet.Fleet) (*smtptest.Server, map[string]string) {
	t.Helper()
	server, err := smtptest.Start(smtptest.Options{Username: "tocsin", Password: smtpPassword})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	authority := f.Path("mailbox-ca.pem")
	if err := os.WriteFile(authority, server.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return server, map[string]string{
		"TOCSIN_SMTP_PORT": strconv.Itoa(server.Port()), "TOCSIN_SMTP_PASSWORD": smtpPassword, "TOCSIN_SMTP_CA": authority,
		"TOCSIN_GROUP_WAIT": "0s",
	}
}
