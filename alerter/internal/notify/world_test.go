package notify

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The embedded server's queues outlive its shutdown for a moment.
		goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server.(*ipQueue[...]).recycle"))
}

// world is a NATS server, a mail server and a configuration that ties them.
type world struct {
	t    testing.TB
	js   jetstream.JetStream
	mail *smtptest.Server
	path string
}

func newWorld(t testing.TB, o smtptest.Options, more string) *world {
	t.Helper()
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(2 * time.Minute) {
		t.Fatal("NATS does not start")
	}
	conn, err := nats.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	for name, filter := range map[string]string{
		subject.AlertsStream: subject.AlertsFilter, subject.OutboxStream: subject.OutboxFilter,
		subject.DeadLetterStream: subject.DeadLetterFilter,
	} {
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{filter}}); err != nil {
			t.Fatal(err)
		}
	}
	o.Username, o.Password = "ops", "secret"
	mail, err := smtptest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mail.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, js: js, mail: mail}
	w.configure(more)
	return w
}

func (w *world) configure(more string) {
	w.t.Helper()
	dir := w.t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, w.mail.CA(), 0o600); err != nil {
		w.t.Fatal(err)
	}
	text := fmt.Sprintf(`
receivers:
  - name: ops
    email: {host: 127.0.0.1, port: %d, username: ops, password: secret, ca_file: %s, from: tocsin@example.com, to: [ops@example.com], timeout: 60s%s}
route: {receiver: ops, group_by: [rule.id], group_wait: 0s, group_interval: 50ms, repeat_interval: 1h}
`, w.mail.Port(), ca, more)
	w.path = filepath.Join(dir, "alerter.yaml")
	if err := os.WriteFile(w.path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// owner owns every partition while its switch is on, but those that lack.
type owner struct {
	mu      sync.Mutex
	on      bool
	lacks   map[uint32]bool
	changes []chan struct{}
}

func (o *owner) Changes(context.Context) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	ch := make(chan struct{}, 1)
	o.changes = append(o.changes, ch)
	return ch
}

func (o *owner) Owns(p uint32) (uint64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return 1, o.on && !o.lacks[p]
}

// set turns all partitions on or off.
func (o *owner) set(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on, o.lacks = on, nil
	for _, ch := range o.changes {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// run starts a manager and returns it with a function that stops it.
func (w *world) run(o *owner, senders map[string]Sender) (*Manager, func()) {
	w.t.Helper()
	cfg, err := config.Load(w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := New(Options{
		Config: cfg, JetStream: w.js, Owner: o, Senders: senders, Log: slog.New(slog.DiscardHandler),
		Jitter: func(time.Duration) time.Duration { return 20 * time.Millisecond },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				w.t.Error(err)
			}
		})
	}
	w.t.Cleanup(stop)
	return m, stop
}

func alertOf(rule string, n int, state alertv1.AlertState) *alertv1.Alert {
	at := uint64(time.Now().UnixNano())
	fingerprint := event.HashID(fmt.Sprint(rule, n))
	return &alertv1.Alert{
		Id: fingerprint + "-1", Fingerprint: fingerprint, State: state, Count: 1,
		Rule:       &alertv1.Rule{Id: rule, Name: "Rule " + rule, Level: alertv1.Level_LEVEL_HIGH},
		Group:      []*alertv1.GroupValue{{Field: "source.ip", Value: fmt.Sprintf("192.0.2.%d", n)}},
		FirstEvent: at, LastEvent: at, Opened: at, Updated: at,
	}
}

func firing(rule string, n int) *alertv1.Alert {
	return alertOf(rule, n, alertv1.AlertState_ALERT_STATE_FIRING)
}

func (w *world) publish(alerts ...*alertv1.Alert) {
	w.t.Helper()
	for _, a := range alerts {
		data, err := proto.Marshal(&alertv1.Alerts{Alerts: []*alertv1.Alert{a}})
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := w.js.Publish(w.t.Context(), subject.Alerts(a.GetRule().GetId(), a.GetFingerprint()), data); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) wait(n int) []smtptest.Mail {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	mails, err := w.mail.Wait(ctx, n)
	if err != nil {
		w.t.Fatal(err)
	}
	return mails
}

// heads reads the last notification of every group.
func (w *world) heads() []*alertv1.Notification {
	w.t.Helper()
	stream, err := w.js.Stream(w.t.Context(), subject.OutboxStream)
	if err != nil {
		w.t.Fatal(err)
	}
	info, err := stream.Info(w.t.Context(), jetstream.WithSubjectFilter(subject.OutboxFilter))
	if err != nil {
		w.t.Fatal(err)
	}
	var list []*alertv1.Notification
	for name := range info.State.Subjects {
		if strings.HasSuffix(name, event.HashID("since")) {
			continue
		}
		message, err := stream.GetLastMsgForSubject(w.t.Context(), name)
		if err != nil {
			w.t.Fatal(err)
		}
		n := new(alertv1.Notification)
		if err := proto.Unmarshal(message.Data, n); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// until polls a condition.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.NewTimer(2 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			w.t.Fatalf("%s: not in time", what)
		}
	}
}

func (w *world) settled(n int, outcome alertv1.Outcome) {
	w.t.Helper()
	w.until(fmt.Sprintf("%d notifications with %s", n, outcome), func() bool {
		found := 0
		for _, head := range w.heads() {
			if head.GetOutcome() == outcome {
				found++
			}
		}
		return found == n
	})
}

func header(m smtptest.Mail, name string) string {
	for line := range strings.Lines(string(m.Data)) {
		if rest, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
