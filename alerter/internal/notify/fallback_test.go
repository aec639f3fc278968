package notify

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/notify/delivery"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// withFallback adds a second receiver, told what the first refuses, by another
// mail server.
func (w *world) withFallback(o smtptest.Options) *smtptest.Server {
	w.t.Helper()
	second, err := smtptest.Start(o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := second.Close(); err != nil {
			w.t.Error(err)
		}
	})
	ca := w.path + ".second.pem"
	text, err := os.ReadFile(w.path)
	if err == nil {
		err = os.WriteFile(ca, second.CA(), 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	changed := strings.Replace(string(text), "  - name: ops\n", "  - name: ops\n    fallback: second\n", 1)
	changed = strings.Replace(changed, "route:", "  - name: second\n    email: {host: 127.0.0.1, port: "+
		strconv.Itoa(second.Port())+", ca_file: "+ca+", from: tocsin@second.example, to: [boss@second.example], timeout: 30s}\nroute:", 1)
	if err := os.WriteFile(w.path, []byte(changed), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return second
}

// letters are the dead letters, oldest first.
func (w *world) letters() (all []*alertv1.Notification) {
	w.t.Helper()
	stream, err := w.js.Stream(w.t.Context(), subject.DeadLetterStream)
	if err != nil {
		w.t.Fatal(err)
	}
	info, err := stream.Info(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for n := uint64(1); n <= info.State.LastSeq; n++ {
		message, err := stream.GetMsg(w.t.Context(), n)
		if err != nil {
			w.t.Fatal(err)
		}
		letter := new(alertv1.Notification)
		if err := proto.Unmarshal(message.Data, letter); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, letter)
	}
	return all
}

func TestWhatIsRefusedGoesToTheFallback(t *testing.T) {
	for _, fault := range []smtptest.Fault{smtptest.RefuseRcpt, smtptest.RefuseData} {
		t.Run(string(fault), func(t *testing.T) {
			w := newWorld(t, smtptest.Options{Fault: fault}, "")
			second := w.withFallback(smtptest.Options{})
			m, _ := w.run(&owner{on: true}, nil)
			w.publish(firing("a", 1))
			w.settled(1, alertv1.Outcome_OUTCOME_SENT)
			mails := second.Mails()
			if len(mails) != 1 || len(w.mail.Mails()) != 0 {
				t.Fatalf("%d mails to the fallback, %d to who refuses", len(mails), len(w.mail.Mails()))
			}
			letters := w.letters()
			if len(letters) != 1 || letters[0].GetOutcome() != alertv1.Outcome_OUTCOME_REFUSED || !strings.Contains(letters[0].GetError(), "55") {
				t.Errorf("dead letters: %v", letters)
			}
			if header(mails[0], "Message-ID") != letters[0].GetMessageId() || !strings.Contains(header(mails[0], "To"), "boss@second.example") {
				t.Errorf("the mail:\n%s", mails[0].Data)
			}
			if !strings.Contains(string(mails[0].Data), "This was meant for receiver ops, who refused it") {
				t.Errorf("does not say why it comes:\n%s", mails[0].Data)
			}
			w.mail.SetFault(smtptest.NoFault)
			w.publish(firing("a", 2)) // a later one is told to whom it is meant for
			w.wait(1)
			w.settled(1, alertv1.Outcome_OUTCOME_SENT)
			if len(second.Mails()) != 1 {
				t.Errorf("the fallback is told of everything: %d", len(second.Mails()))
			}
			if err := m.Ready(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFallbackThatIsAwayIsWaitedForAcrossRestarts(t *testing.T) {
	w := newWorld(t, smtptest.Options{Fault: smtptest.RefuseRcpt}, "")
	second := w.withFallback(smtptest.Options{Fault: smtptest.DeferMail})
	m, stop := w.run(&owner{on: true}, nil)
	w.publish(firing("a", 1))
	w.until("readiness says why", func() bool {
		return m.Ready() != nil && strings.Contains(m.Ready().Error(), "receiver second")
	})
	stop()
	w.mail.SetFault(smtptest.NoFault) // whoever refused once is not asked again
	second.SetFault(smtptest.NoFault)
	w.run(&owner{on: true}, nil)
	w.settled(1, alertv1.Outcome_OUTCOME_SENT)
	if n, other := len(second.Mails()), len(w.mail.Mails()); n != 1 || other != 0 {
		t.Errorf("%d mails to the fallback, %d to who refused", n, other)
	}
}

func TestWhatEverybodyRefusesIsTwoDeadLetters(t *testing.T) {
	w := newWorld(t, smtptest.Options{Fault: smtptest.RefuseRcpt}, "")
	w.withFallback(smtptest.Options{Fault: smtptest.RefuseData})
	w.run(&owner{on: true}, nil)
	w.publish(firing("a", 1))
	w.settled(1, alertv1.Outcome_OUTCOME_REFUSED)
	letters := w.letters()
	if len(letters) != 2 || letters[0].GetVia() != "" || letters[1].GetVia() != "second" {
		t.Errorf("dead letters: %v", letters)
	}
}

func TestWhatOneOfTwoAddressesRefusesGoesToTheFallbackAsWell(t *testing.T) {
	w := newWorld(t, smtptest.Options{RefuseTo: "gone@example.com"}, "")
	second := w.withFallback(smtptest.Options{})
	text, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "to: [ops@example.com]", "to: [ops@example.com, gone@example.com]", 1)
	if err := os.WriteFile(w.path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run(&owner{on: true}, nil)
	w.publish(firing("a", 1))
	w.settled(1, alertv1.Outcome_OUTCOME_SENT)
	if n, other := len(w.mail.Mails()), len(second.Mails()); n != 1 || other != 1 {
		t.Errorf("%d mails to the address that is left, %d to the fallback", n, other)
	}
	letters := w.letters()
	if len(letters) != 1 || !strings.Contains(letters[0].GetError(), "gone@example.com") {
		t.Errorf("dead letters: %v", letters)
	}
}

// rude refuses in words that are no UTF-8.
type rude struct{}

func (rude) Send(context.Context, *email.Mail) error {
	return &delivery.RefusedError{Err: errors.New("550 \xb0\xa1\xb3\xaa")}
}

func TestWhatIsNoTextIsToldAndSettledAllTheSame(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	text, err := os.ReadFile(w.path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "group_by: [rule.id]", "group_by: [rule.id, user.name]", 1)
	if err := os.WriteFile(w.path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run(&owner{on: true}, map[string]Sender{"ops": rude{}})
	a := firing("a", 1)
	a.Labels = []*eventv1.Field{{Id: eventv1.FieldId_FIELD_ID_USER_NAME, Value: []byte("\xff\xc3(")}}
	w.publish(a)
	w.settled(1, alertv1.Outcome_OUTCOME_REFUSED)
	if letters := w.letters(); len(letters) != 1 || !strings.HasPrefix(letters[0].GetError(), "refused: 550 ") {
		t.Errorf("dead letters: %v", letters)
	}
}
