package alerter_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// patience is how long anything may take that is to happen at all.
const patience = 2 * time.Minute

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ruleText = `title: Too many failures
id: 00000000-0000-4000-8000-000000000001
status: test
level: high
correlation:
  type: event_count
  rules: [failure]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 3}
---
title: A failure
id: 00000000-0000-4000-8000-000000000002
name: failure
status: test
level: informational
logsource: {category: authentication}
detection:
  selection: {event.outcome: failure}
  condition: selection
`

// bench is one NATS with what a collector makes, and the folder of an alerter.
type bench struct {
	t      *testing.T
	server *natstest.Server
	js     jetstream.JetStream
	folder string
	config string
	agent  string
	sent   uint64
}

func newBench(t *testing.T) *bench {
	t.Helper()
	s := natstest.Start(t)
	b := &bench{t: t, server: s, js: s.JetStream(), folder: t.TempDir(), agent: event.HashID("web1")}
	for _, class := range event.Classes() {
		if _, err := b.js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: subject.EventsStream(class), Subjects: []string{subject.EventsFilter(class)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	kv, err := b.js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: subject.AgentsBucket})
	if err != nil {
		t.Fatal(err)
	}
	data, err := proto.Marshal(&fleetv1.Agent{Id: b.agent, Name: "web1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(t.Context(), b.agent, data); err != nil {
		t.Fatal(err)
	}
	b.config = filepath.Join(b.folder, "alerter.yaml")
	b.write("rule.yml", ruleText)
	b.configure("rule.yml")
	return b
}

func (b *bench) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.folder, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) configure(rules string) {
	b.t.Helper()
	b.write("alerter.yaml", fmt.Sprintf(`
nats: {url: %q}
rules: {shipped: false, paths: [%q]}
route: {receiver: daily}
receivers: [{name: daily, report: {folder: %q}}]
http: {listen: ""}
`, b.server.URL(), filepath.Join(b.folder, rules), filepath.Join(b.folder, "reports")))
}

// run starts an alerter; stop stops it in order.
func (b *bench) run(log *slog.Logger) (reload chan<- os.Signal, stop func()) {
	b.t.Helper()
	load := func() (*alerter.Config, error) { return alerter.LoadConfig(b.config) }
	cfg, err := load()
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.t.Context())
	hup := make(chan os.Signal, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := alerter.Run(ctx, cfg, alerter.Options{Load: load, Reload: hup, ListInterval: 20 * time.Millisecond, Log: log}); err != nil {
			b.t.Error(err)
		}
	}()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	b.t.Cleanup(stop)
	return hup, stop
}

// fail stores failed logins of an address, as a collector would.
func (b *bench) fail(address string, n int) {
	b.t.Helper()
	h := event.Header{Agent: b.agent, Class: eventv1.Class_CLASS_AUTH, Epoch: [16]byte{1}, FirstSequence: b.sent + 1, Count: uint32(n)}
	batch := event.AppendHeader(nil, &h)
	for i := range n {
		e := event.Event{Time: time.Now().UnixNano(), Ordinal: b.sent + uint64(i), Original: []byte("failed")}
		e.Add(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, []byte("authentication"))
		e.Add(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, []byte("failure"))
		e.Add(eventv1.FieldId_FIELD_ID_SOURCE_IP, []byte(address))
		batch = event.AppendEvent(batch, &e)
	}
	b.sent += uint64(n)
	codec, err := event.NewCodec()
	if err != nil {
		b.t.Fatal(err)
	}
	sealed := codec.Seal(nil, batch)
	stored := subject.Header{
		Epoch: h.Epoch, FirstSequence: h.FirstSequence, Count: h.Count, Hash: event.Hash(sealed), Received: time.Now().UnixNano(),
	}
	m := nats.NewMsg(subject.Events(h.Class, b.agent))
	m.Data, m.Header = sealed, stored.Format(b.agent, h.Class)
	if _, err := b.js.PublishMsg(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

// alerts reads the last state of every alert.
func (b *bench) alerts() map[string]*alertv1.Alert {
	b.t.Helper()
	list := make(map[string]*alertv1.Alert)
	stream, err := b.js.Stream(b.t.Context(), subject.AlertsStream)
	if err != nil {
		return list
	}
	for seq := stream.CachedInfo().State.FirstSeq; seq > 0 && seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(b.t.Context(), seq)
		if err != nil {
			b.t.Fatal(err)
		}
		var state alertv1.Alerts
		if err := proto.Unmarshal(m.Data, &state); err != nil {
			b.t.Fatal(err)
		}
		for _, a := range state.GetAlerts() {
			list[a.GetGroup()[0].GetValue()] = a
		}
	}
	return list
}

func TestEventsBecomeAlertsAcrossRestartsAndAlerters(t *testing.T) {
	b := newBench(t)
	quiet := slog.New(slog.DiscardHandler)
	_, stop := b.run(quiet)
	b.fail("192.0.2.1", 3)
	b.fail("192.0.2.2", 2)
	natstest.Eventually(t, patience, "the alert is written", func() bool { return b.alerts()["192.0.2.1"] != nil })
	if a := b.alerts()["192.0.2.2"]; a != nil {
		t.Fatalf("two failures made %v", a)
	}
	stop()
	// What one alerter has seen, another goes on with.
	b.fail("192.0.2.2", 1)
	b.fail("192.0.2.1", 1)
	_, _ = b.run(quiet)
	_, _ = b.run(quiet)
	natstest.Eventually(t, patience, "both alerts count all", func() bool {
		list := b.alerts()
		return list["192.0.2.1"].GetCount() == 4 && list["192.0.2.2"].GetCount() == 3
	})
	a := b.alerts()["192.0.2.1"]
	if a.GetRule().GetId() != "00000000-0000-4000-8000-000000000001" || a.GetGroup()[0].GetField() != "source.ip" {
		t.Errorf("alert: %v", a)
	}
}

func TestReloadTakesAllOrNothing(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(lockedWriter{&mu, &text}, nil))
	logged := func(what string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Contains(text.String(), what)
		}
	}
	reload, _ := b.run(log)
	b.fail("192.0.2.1", 3)
	natstest.Eventually(t, patience, "the alert is written", func() bool { return b.alerts()["192.0.2.1"] != nil })
	b.write("rule.yml", strings.Replace(ruleText, "detection:", "detektion:", 1))
	reload <- syscall.SIGHUP
	natstest.Eventually(t, patience, "the bad rule is refused", logged("the old ones stay"))
	b.fail("192.0.2.3", 3)
	natstest.Eventually(t, patience, "the old rule still counts", func() bool { return b.alerts()["192.0.2.3"] != nil })
	b.write("rule.yml", strings.Replace(ruleText, "gte: 3", "gte: 2", 1))
	reload <- syscall.SIGHUP
	natstest.Eventually(t, patience, "the new rule is taken", logged("rules changed"))
	b.fail("192.0.2.4", 2)
	natstest.Eventually(t, patience, "the new rule counts", func() bool { return b.alerts()["192.0.2.4"] != nil })
}

// A rule that changed is not run before all have it: signals of the one would be nothing
// to whoever counts by the other.
func TestChangedRulesWaitForAllAlerters(t *testing.T) {
	b := newBench(t)
	var mu sync.Mutex
	var first, second bytes.Buffer
	logged := func(text *bytes.Buffer, what string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Contains(text.String(), what)
		}
	}
	reload, stop := b.run(slog.New(slog.NewTextHandler(lockedWriter{&mu, &first}, nil)))
	reloadOther, _ := b.run(slog.New(slog.NewTextHandler(lockedWriter{&mu, &second}, nil)))
	b.fail("192.0.2.1", 3)
	natstest.Eventually(t, patience, "the alert is written", func() bool { return b.alerts()["192.0.2.1"] != nil })
	b.write("rule.yml", strings.Replace(ruleText, "gte: 3", "gte: 2", 1))
	reload <- syscall.SIGHUP
	natstest.Eventually(t, patience, "the new rule waits", logged(&first, "new rules wait"))
	b.fail("192.0.2.2", 3)
	natstest.Eventually(t, patience, "the old rule still counts", func() bool { return b.alerts()["192.0.2.2"] != nil })
	b.fail("192.0.2.3", 2)
	reloadOther <- syscall.SIGHUP
	natstest.Eventually(t, patience, "the first changes", logged(&first, "rules changed"))
	natstest.Eventually(t, patience, "the other changes", logged(&second, "rules changed"))
	b.fail("192.0.2.4", 2)
	natstest.Eventually(t, patience, "the new rule counts", func() bool { return b.alerts()["192.0.2.4"] != nil })
	if a := b.alerts()["192.0.2.3"]; a != nil {
		t.Errorf("what was found by the old rule made an alert of the new one: %v", a)
	}

	// One that comes with other rules stands by while there is one with the active ones.
	b.write("rule.yml", strings.Replace(ruleText, "gte: 3", "gte: 4", 1))
	var third bytes.Buffer
	_, _ = b.run(slog.New(slog.NewTextHandler(lockedWriter{&mu, &third}, nil)))
	natstest.Eventually(t, patience, "the third stands by", logged(&third, "standing by"))
	b.fail("192.0.2.5", 2)
	natstest.Eventually(t, patience, "the others go on", func() bool { return b.alerts()["192.0.2.5"] != nil })
	stop()
	reloadOther <- syscall.SIGHUP
	natstest.Eventually(t, patience, "the third works with the last that is left", logged(&third, "all alerters run these rules"))
	b.fail("192.0.2.6", 4)
	natstest.Eventually(t, patience, "the newest rule counts", func() bool { return b.alerts()["192.0.2.6"] != nil })
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func TestNATSMayComeLater(t *testing.T) {
	b := newBench(t)
	b.server.Stop()
	address := freeAddress(t)
	b.write("alerter.yaml", strings.Replace(mustRead(t, b.config), `listen: ""`, `listen: "`+address+`"`, 1))
	_, _ = b.run(slog.New(slog.DiscardHandler))
	natstest.Eventually(t, patience, "readiness says that NATS is away", func() bool {
		return strings.Contains(readiness(t, address), "waiting for NATS")
	})
	b.server.Restart()
	natstest.Eventually(t, patience, "the alerter is ready", func() bool { return strings.TrimSpace(readiness(t, address)) == "ready" })
}

func TestRulesAreCounted(t *testing.T) {
	b := newBench(t)
	address := freeAddress(t)
	b.write("alerter.yaml", strings.Replace(mustRead(t, b.config), `listen: ""`, `listen: "`+address+`"`, 1))
	_, _ = b.run(slog.New(slog.DiscardHandler))
	b.fail("192.0.2.1", 4)
	for _, want := range []string{
		`tocsin_rule_events_total{rule="00000000-0000-4000-8000-000000000002",title="A failure"} 4`,
		`tocsin_rule_matches_total{rule="00000000-0000-4000-8000-000000000002",title="A failure"} 4`,
		`tocsin_rule_alerts_total{rule="00000000-0000-4000-8000-000000000001",title="Too many failures"} 1`,
	} {
		natstest.Eventually(t, patience, want, func() bool { return strings.Contains(page(t, address, "/metrics"), want+"\n") })
	}
}

// freeAddress finds a port below those that the kernel gives to outgoing
// connections, so that none of those can take it first.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	t.Fatal("100 ports were taken")
	return ""
}

func readiness(t *testing.T, address string) string {
	t.Helper()
	return page(t, address, "/readyz")
}

// page is what an alerter's endpoint says; "" where it does not answer.
func page(t *testing.T, address, path string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }() // only read
	var text bytes.Buffer
	_, _ = text.ReadFrom(resp.Body) // a short answer is no answer
	return text.String()
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
