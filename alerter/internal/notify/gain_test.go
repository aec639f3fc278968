package notify

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/route"
	"github.com/tocsin-security/tocsin/alerter/smtptest"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// held tells of each mail that it is given, and takes it when it may.
type held struct {
	begun chan string
	take  chan struct{}
}

func (h *held) Send(ctx context.Context, m *email.Mail) error {
	h.begun <- m.Subject
	select {
	case <-h.take:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestPartitionsAreTakenOverWhileAMailIsUnderWay(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	cfg, err := config.Load(w.path)
	if err != nil {
		t.Fatal(err)
	}
	partition := func(a *alertv1.Alert) uint32 {
		target := route.New(&cfg.Route).Match(a)[0]
		return route.Partition(target.Receiver, target.ID())
	}
	first, second := firing("a", 1), firing("b", 1)
	if partition(first) == partition(second) {
		t.Fatal("both are in one partition")
	}
	o := &owner{on: true, lacks: map[uint32]bool{partition(second): true}}
	h := &held{begun: make(chan string, 10), take: make(chan struct{}, 10)}
	w.run(o, map[string]Sender{"ops": h})
	w.publish(second, first)
	begun := func() string {
		select {
		case subject := <-h.begun:
			return subject
		case <-time.After(2 * time.Minute):
			t.Fatal("no mail begins")
			return ""
		}
	}
	one := begun()
	o.set(true)
	if two := begun(); one == two {
		t.Errorf("%q twice", one)
	}
	h.take <- struct{}{}
	h.take <- struct{}{}
	w.settled(2, alertv1.Outcome_OUTCOME_SENT)
	if len(h.begun) > 0 {
		t.Errorf("a third mail: %q", <-h.begun)
	}
}

func TestALeaseThatIsProlongedLateIsNoticed(t *testing.T) {
	w := newWorld(t, smtptest.Options{}, "")
	cfg, err := config.Load(w.path)
	if err != nil {
		t.Fatal(err)
	}
	o := &owner{on: true}
	m, err := New(Options{Config: cfg, JetStream: w.js, Owner: o, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(m)
	s.owned = map[uint32]bool{} // as seen while no lease was in force
	if err := s.gain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.owned) == 0 || s.gained != nil {
		t.Errorf("%d partitions are owned", len(s.owned))
	}
}
