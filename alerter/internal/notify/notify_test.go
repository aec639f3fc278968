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
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
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
	if !ns.ReadyForConnections(10 * time.Second) {
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
    email: {host: 127.0.0.1, port: %d, username: ops, password: secret, ca_file: %s, from: tocsin@example.com, to: [ops@example.com], timeout: 5s%s}
route: {receiver: ops, group_by: [rule.id], group_wait: 0s, group_interval: 50ms, repeat_interval: 1h}
`, w.mail.Port(), ca, more)
	w.path = filepath.Join(dir, "alerter.yaml")
	if err := os.WriteFile(w.path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// owner owns every partition while its switch is on.
type owner struct {
	mu sync.Mutex
	on bool
}

func (o *owner) Owns(uint32) (uint64, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return 1, o.on
}

func (o *owner) set(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.on = on
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
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
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
	deadline := time.NewTimer(20 * time.Second)
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

func TestTellsEachAlertOnceAcrossRestarts(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	o := &owner{on: true}
	_, stop := w.run(o, nil)
	w.settled(0, alertv1.Outcome_OUTCOME_SENT)
	w.publish(firing("a", 1), firing("b", 1))
	w.wait(2)
	w.settled(2, alertv1.Outcome_OUTCOME_SENT)
	stop()
	ended := alertOf("a", 1, alertv1.AlertState_ALERT_STATE_RESOLVED)
	w.publish(ended, firing("c", 1)) // while nobody runs
	_, stop = w.run(o, nil)
	w.wait(3)
	w.settled(3, alertv1.Outcome_OUTCOME_SENT)
	w.publish(firing("b", 1)) // a later revision of what was told
	w.publish(firing("d", 1))
	w.wait(4)
	w.settled(4, alertv1.Outcome_OUTCOME_SENT)
	stop()
	mails := w.mail.Mails()
	if len(mails) != 4 {
		t.Fatalf("%d mails", len(mails))
	}
	for i, want := range []string{"a|b", "a|b", "c", "d"} {
		if rule := header(mails[i], "X-Tocsin-Rule"); !strings.Contains(want, rule) {
			t.Errorf("mail %d is about %q, want %s", i, rule, want)
		}
	}
}

func TestNewAlertOfAGroupIsAFollowUp(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	w.run(&owner{on: true}, nil)
	w.publish(firing("a", 1))
	w.wait(1)
	w.settled(1, alertv1.Outcome_OUTCOME_SENT)
	w.publish(firing("a", 2))
	mails := w.wait(2)
	if header(mails[1], "References") != header(mails[0], "Message-ID") {
		t.Errorf("references %q, first id %q", header(mails[1], "References"), header(mails[0], "Message-ID"))
	}
	if header(mails[1], "X-Tocsin-Alerts") != "2" {
		t.Error("the follow-up does not tell what goes on")
	}
}

// crashing sends a mail and then, like a process that dies, never says so.
type crashing struct {
	Sender
	sent, broken chan struct{}
}

func (c crashing) Send(ctx context.Context, m *email.Mail) error {
	if err := c.Sender.Send(ctx, m); err != nil {
		return err
	}
	close(c.sent)
	<-ctx.Done()
	close(c.broken)
	return ctx.Err()
}

func TestCrashBetweenIntentAndOutcomeRepeatsTheSameMail(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	cfg, err := config.Load(w.path)
	if err != nil {
		t.Fatal(err)
	}
	client, err := email.NewClient(cfg.Receivers[0].Email)
	if err != nil {
		t.Fatal(err)
	}
	first := &owner{on: true}
	c := crashing{client, make(chan struct{}), make(chan struct{})}
	_, stop := w.run(first, map[string]Sender{"ops": c})
	w.publish(firing("a", 1))
	<-c.sent
	first.set(false) // its leases run out, which breaks the conversation off
	<-c.broken
	_, stop2 := w.run(&owner{on: true}, nil)
	w.wait(2)
	w.settled(1, alertv1.Outcome_OUTCOME_SENT)
	stop()
	stop2()
	mails := w.mail.Mails()
	if len(mails) != 2 || string(mails[0].Data) != string(mails[1].Data) {
		t.Errorf("%d mails; the repeated one is to be the same", len(mails))
	}
}

func TestTwoOwnersAtOnceWriteOneIntent(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	w.run(&owner{on: true}, nil)
	w.run(&owner{on: true}, nil)
	for i := range 5 {
		w.publish(firing(fmt.Sprint("rule", i), 1))
	}
	w.settled(5, alertv1.Outcome_OUTCOME_SENT)
	ids := make(map[string]bool)
	for _, m := range w.wait(5) {
		ids[header(m, "Message-ID")] = true
	}
	if len(ids) != 5 {
		t.Errorf("%d different mails, want 5", len(ids))
	}
	for _, head := range w.heads() {
		if head.GetFlush() != 1 {
			t.Errorf("flush %d", head.GetFlush())
		}
	}
}

func TestReceiverDownKeepsEverythingAndSaysSo(t *testing.T) {
	for _, fault := range []smtptest.Fault{
		smtptest.RefuseAuth, smtptest.StripTLS, smtptest.CutData, smtptest.DeferMail, smtptest.DeferRcpt, smtptest.DeferData,
	} {
		t.Run(string(fault), func(t *testing.T) {
			w := newWorld(t, smtptest.Options{Fault: fault}, "")
			m, stop := w.run(&owner{on: true}, nil)
			w.publish(firing("a", 1))
			if fault != smtptest.DeferRcpt && fault != smtptest.DeferData {
				w.until("readiness says why", func() bool { return m.Ready() != nil && strings.Contains(m.Ready().Error(), "receiver ops") })
			}
			w.publish(firing("b", 1), firing("a", 2))
			w.settled(2, alertv1.Outcome_OUTCOME_PENDING)
			w.mail.SetFault(smtptest.NoFault)
			w.settled(2, alertv1.Outcome_OUTCOME_SENT)
			w.until("readiness", func() bool { return m.Ready() == nil })
			told := func() (all string) {
				for _, mail := range w.mail.Mails() {
					all += string(mail.Data)
				}
				return all
			}
			w.until("every alert is told", func() bool {
				all := told()
				return strings.Contains(all, "192.0.2.2") && strings.Count(all, "X-Tocsin-Rule: b") == 1
			})
			stop()
			if w.mail.ClearCredentials() != 0 {
				t.Error("a password was sent in the clear")
			}
		})
	}
}

func TestRefusedMailIsADeadLetterAndOthersGoOn(t *testing.T) {
	for _, fault := range []smtptest.Fault{smtptest.RefuseRcpt, smtptest.RefuseData} {
		t.Run(string(fault), func(t *testing.T) {
			w := newWorld(t, smtptest.Options{Fault: fault}, "")
			m, _ := w.run(&owner{on: true}, nil)
			w.publish(firing("a", 1))
			w.settled(1, alertv1.Outcome_OUTCOME_REFUSED)
			w.mail.SetFault(smtptest.NoFault)
			w.publish(firing("b", 1))
			w.wait(1)
			w.settled(1, alertv1.Outcome_OUTCOME_SENT)
			if err := m.Ready(); err != nil {
				t.Error(err)
			}
			stream, err := w.js.Stream(t.Context(), subject.DeadLetterStream)
			if err != nil {
				t.Fatal(err)
			}
			message, err := stream.GetLastMsgForSubject(t.Context(), subject.DeadLetter("notify"))
			if err != nil {
				t.Fatal(err)
			}
			n := new(alertv1.Notification)
			if err := proto.Unmarshal(message.Data, n); err != nil || !strings.Contains(n.GetError(), "55") {
				t.Errorf("dead letter %v: %v", n, err)
			}
		})
	}
}

func TestDelayedBackfillAndMerged(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	w.run(&owner{on: true}, nil)
	old := firing("a", 1)
	old.LastEvent -= uint64(2 * time.Hour)
	other := firing("b", 1)
	other.LastEvent -= uint64(3 * time.Hour)
	other.Opened -= uint64(20 * time.Second) // its wait is over
	backfill := firing("c", 1)
	backfill.Backfill = true
	merged := alertOf("d", 1, alertv1.AlertState_ALERT_STATE_MERGED)
	w.publish(backfill, merged, old, other)
	mails := w.wait(1)
	if subject := header(mails[0], "Subject"); !strings.Contains(subject, "2 security events, told late by up to 2 h") &&
		!strings.Contains(subject, "2 security events, told late by up to 3 h") {
		t.Errorf("subject %q", subject)
	}
	w.publish(firing("e", 1))
	if mails := w.wait(2); header(mails[1], "X-Tocsin-Rule") != "e" {
		t.Errorf("also told: %q", header(mails[1], "X-Tocsin-Rule"))
	}
}

func TestStormIsOneMail(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	var storm []*alertv1.Alert
	for i := range 150 {
		storm = append(storm, firing("a", i))
	}
	w.publish(storm...)
	w.run(&owner{on: true}, nil)
	mails := w.wait(1)
	if header(mails[0], "X-Tocsin-Alerts") != "150" {
		t.Errorf("tells of %s", header(mails[0], "X-Tocsin-Alerts"))
	}
}

func TestFirstStartTellsWhatIsOverAndALaterReceiverDoesNot(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	over := alertOf("a", 1, alertv1.AlertState_ALERT_STATE_RESOLVED)
	w.publish(over) // opened and over before anybody was there to tell
	_, stop := w.run(&owner{on: true}, nil)
	w.wait(1)
	w.settled(1, alertv1.Outcome_OUTCOME_SENT)
	stop()
	text, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(strings.ReplaceAll(string(text), "- name: ops", "- name: later"), "receiver: ops", "receiver: later"))
	if err := os.WriteFile(w.path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	w.run(&owner{on: true}, nil)
	w.publish(firing("b", 1))
	mails := w.wait(2)
	if header(mails[1], "X-Tocsin-Rule") != "b" || header(mails[1], "X-Tocsin-Receiver") != "later" {
		t.Errorf("the later receiver was told of %q first", header(mails[1], "X-Tocsin-Rule"))
	}
}

func TestPreviewIsTheMailThatWouldBeSent(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	cfg, err := config.Load(w.path)
	if err != nil {
		t.Fatal(err)
	}
	backfill := firing("c", 1)
	backfill.Backfill = true
	previews, err := PreviewAlerts(cfg, []*alertv1.Alert{firing("a", 1), firing("b", 1), firing("a", 2), backfill}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(previews) != 2 || previews[0].Receiver != "ops" || !strings.Contains(previews[0].Subject, "2 security events") ||
		previews[0].To[0] != "ops@example.com" || !strings.Contains(previews[1].Text, "192.0.2.1") {
		t.Errorf("%+v", previews)
	}
}
