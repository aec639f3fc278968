package lease_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/natstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const bucket = "LEASES"

// patience is how long anything may take that is to happen at all.
const patience = 2 * time.Minute

// member is one alerter's owner, which can be stopped.
type member struct {
	*lease.Owner
	stop func()
}

func join(t *testing.T, js jetstream.JetStream, now func() time.Time) *member {
	t.Helper()
	o := lease.New(lease.Options{JetStream: js, Bucket: bucket, TTL: 2 * time.Second, Log: slog.New(slog.DiscardHandler), Now: now})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := o.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	var once sync.Once
	stop := func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(stop)
	return &member{o, stop}
}

func owned(o *lease.Owner) (n int) {
	for p := range uint32(finding.Partitions) {
		if _, ok := o.Owns(p); ok {
			n++
		}
	}
	return n
}

func start(t *testing.T) (*natstest.Server, jetstream.JetStream) {
	t.Helper()
	s := natstest.Start(t)
	js := s.JetStream()
	if _, err := lease.Ensure(t.Context(), js, bucket, ""); err != nil {
		t.Fatal(err)
	}
	return s, js
}

// disjoint fails if two members own the same partition at the same moment: each is
// asked twice, and who gives the same answer twice owned it when the asking began
// anew, whatever else went on meanwhile.
func disjoint(t *testing.T, members ...*member) {
	t.Helper()
	ask := func(p uint32) []uint64 {
		tokens := make([]uint64, len(members))
		for i, m := range members {
			if token, ok := m.Owns(p); ok {
				tokens[i] = token
			}
		}
		return tokens
	}
	for p := range uint32(finding.Partitions) {
		first, second := ask(p), ask(p)
		n := 0
		for i := range members {
			if first[i] != 0 && first[i] == second[i] {
				n++
			}
		}
		if n > 1 {
			t.Fatalf("partition %d has %d owners", p, n)
		}
	}
}

func TestMembersShareAndTakeOver(t *testing.T) {
	_, js := start(t)
	a := join(t, js, nil)
	natstest.Eventually(t, patience, "one member owns all", func() bool { return owned(a.Owner) == 64 })
	b := join(t, js, nil)
	natstest.Eventually(t, patience, "two members own half each", func() bool {
		disjoint(t, a, b)
		return owned(a.Owner) == 32 && owned(b.Owner) == 32
	})
	c := join(t, js, nil)
	natstest.Eventually(t, patience, "three members own all, at most 22 each", func() bool {
		disjoint(t, a, b, c)
		x, y, z := owned(a.Owner), owned(b.Owner), owned(c.Owner)
		return x+y+z == 64 && max(x, y, z) <= 22
	})
	a.stop()
	natstest.Eventually(t, patience, "the rest takes over what was given back", func() bool {
		disjoint(t, b, c)
		return owned(b.Owner) == 32 && owned(c.Owner) == 32
	})
}

func TestAStoppedClockLosesEverythingAndTokensNeverRepeat(t *testing.T) {
	_, js := start(t)
	var mu sync.Mutex
	var ahead time.Duration
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return time.Now().Add(ahead)
	}
	a := join(t, js, now)
	natstest.Eventually(t, patience, "the member owns all", func() bool { return owned(a.Owner) == 64 })
	before, _ := a.Owns(7)
	// As after SIGCONT: the process finds that time has passed without it.
	// It may have prolonged its leases before we look; then time passes once more.
	natstest.Eventually(t, patience, "past its deadline the member owns nothing", func() bool {
		mu.Lock()
		ahead += time.Hour
		mu.Unlock()
		return owned(a.Owner) == 0
	})
	b := join(t, js, nil)
	natstest.Eventually(t, patience, "both share again", func() bool {
		disjoint(t, a, b)
		return owned(a.Owner) == 32 && owned(b.Owner) == 32
	})
	for _, m := range []*member{a, b} {
		if token, ok := m.Owns(7); ok && token <= before && m == b {
			t.Fatalf("token %d does not follow %d", token, before)
		}
	}
}

func TestAnOutageIsSurvived(t *testing.T) {
	s, js := start(t)
	a := join(t, js, nil)
	changes := a.Changes(t.Context())
	natstest.Eventually(t, patience, "the member owns all", func() bool { return owned(a.Owner) == 64 })
	<-changes
	s.Stop()
	natstest.Eventually(t, patience, "without NATS the member owns nothing", func() bool { return owned(a.Owner) == 0 })
	s.Restart()
	natstest.Eventually(t, patience, "the member owns all again", func() bool { return owned(a.Owner) == 64 })
}
