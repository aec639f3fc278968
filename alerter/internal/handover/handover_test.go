package handover_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/alerter/internal/handover"
	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bucket = "RULES"

// patience is how long anything may take that is to happen at all.
const patience = 2 * time.Minute

func start(t *testing.T) (*natstest.Server, jetstream.JetStream) {
	t.Helper()
	s := natstest.Start(t)
	js := s.JetStream()
	if _, err := lease.Ensure(t.Context(), js, bucket, ""); err != nil {
		t.Fatal(err)
	}
	return s, js
}

// join starts a member that has loaded a set; leave ends it in order.
func join(t *testing.T, js jetstream.JetStream, set string, wait time.Duration) (m *handover.Member, leave func()) {
	t.Helper()
	m = handover.New(handover.Options{
		JetStream: js, Bucket: bucket, TTL: 2 * time.Second, Patience: wait, Log: slog.New(slog.DiscardHandler),
	}, set)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := m.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	var once sync.Once
	leave = func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(leave)
	return m, leave
}

func active(t *testing.T, want string, members ...*handover.Member) {
	t.Helper()
	natstest.Eventually(t, patience, "all run "+want, func() bool {
		for _, m := range members {
			if m.Active() != want {
				return false
			}
		}
		return true
	})
}

func TestTheLastToLoadMovesAll(t *testing.T) {
	_, js := start(t)
	a, _ := join(t, js, "G", time.Hour)
	active(t, "G", a)
	b, _ := join(t, js, "G", time.Hour)
	c, leave := join(t, js, "G", time.Hour)
	active(t, "G", a, b, c)
	a.Load("H")
	b.Load("H")
	// A fourth, that has the old set, sees what the other three have said.
	d, gone := join(t, js, "G", time.Hour)
	active(t, "G", d, a, b, c)
	gone()
	leave()
	active(t, "H", a, b)
	<-a.Changes()
}

func TestWhoFallsSilentIsNotWaitedFor(t *testing.T) {
	_, js := start(t)
	a, _ := join(t, js, "G", time.Hour)
	active(t, "G", a)
	// As a process that was killed: its key is there, and nobody beats it.
	if _, err := js.Publish(t.Context(), "$KV."+bucket+".member.DEAD", []byte("G"), jetstream.WithMsgTTL(3*time.Second)); err != nil {
		t.Fatal(err)
	}
	a.Load("H")
	active(t, "H", a)
}

func TestAMajorityDoesNotWaitForEver(t *testing.T) {
	_, js := start(t)
	a, _ := join(t, js, "G", time.Second)
	active(t, "G", a)
	b, _ := join(t, js, "G", time.Second)
	c, _ := join(t, js, "G", time.Second)
	active(t, "G", a, b, c)
	a.Load("H")
	b.Load("H")
	active(t, "H", a, b, c)
}

func TestAnOutageIsSurvived(t *testing.T) {
	s, js := start(t)
	a, _ := join(t, js, "G", time.Hour)
	b, _ := join(t, js, "G", time.Hour)
	active(t, "G", a, b)
	s.Stop()
	a.Load("H")
	b.Load("H")
	if a.Active() != "G" {
		t.Error("without NATS there is another active set")
	}
	s.Restart()
	active(t, "H", a, b)
}
