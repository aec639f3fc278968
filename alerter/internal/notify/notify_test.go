package notify

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

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

func TestDelayedBackfillShadowAndMerged(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	w.run(&owner{on: true}, nil)
	old := firing("a", 1)
	old.LastEvent -= uint64(2 * time.Hour)
	other := firing("b", 1)
	other.LastEvent -= uint64(3 * time.Hour)
	other.Opened -= uint64(20 * time.Second) // its wait is over
	backfill := firing("c", 1)
	backfill.Backfill = true
	shadow := firing("f", 1)
	shadow.Rule.Shadow = true
	merged := alertOf("d", 1, alertv1.AlertState_ALERT_STATE_MERGED)
	w.publish(backfill, shadow, merged, old, other)
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
	shadow := firing("d", 1)
	shadow.Rule.Shadow = true
	previews, err := PreviewAlerts(cfg, []*alertv1.Alert{firing("a", 1), firing("b", 1), firing("a", 2), backfill, shadow}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(previews) != 2 || previews[0].Receiver != "ops" || !strings.Contains(previews[0].Subject, "2 security events") ||
		previews[0].To[0] != "ops@example.com" || !strings.Contains(previews[1].Text, "192.0.2.1") {
		t.Errorf("%+v", previews)
	}
}
