package identity

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/tocsin-security/tocsin/agent/internal/identity/fleettest"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

func renewer(t *testing.T, dir string, f *fleettest.Fleet) *Renewer {
	t.Helper()
	holder, err := Hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &Renewer{
		Holder: holder, Collectors: func() []string { return []string{f.Address} },
		Log: slog.New(slog.DiscardHandler),
	}
}

func TestRenewAtTwoThirds(t *testing.T) {
	f := fleettest.New(t)
	f.Set(func(b *fleettest.Behaviour) {
		b.From, b.To = time.Now().Add(-2*time.Hour), time.Now().Add(59*time.Minute)
	})
	dir, first := enrolled(t, f)
	if left := time.Until(first.RenewAt()); left > 0 {
		t.Fatalf("it is to be renewed in %s", left)
	}
	r := renewer(t, dir, f)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	until(t, func() bool {
		return r.Holder.Current().AgentID == first.AgentID && r.Holder.Current().Expires() != first.Expires()
	})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	stored, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !stored.Expires().Equal(r.Holder.Current().Expires()) {
		t.Error("the stored certificate is not the one in use")
	}
	// The renewed certificate is what the next connection shows.
	if err := r.Renew(t.Context()); err != nil {
		t.Error(err)
	}
	if renewals := f.Get().Renewals; renewals != 2 {
		t.Errorf("%d renewals", renewals)
	}
}

func TestRenewIsTriedAgain(t *testing.T) {
	f := fleettest.New(t)
	f.Set(func(b *fleettest.Behaviour) {
		b.From, b.To = time.Now().Add(-8*time.Minute), time.Now().Add(2*time.Minute)
	})
	dir, first := enrolled(t, f)
	f.Set(func(b *fleettest.Behaviour) {
		b.Refuse = wireerr.New(codes.Unavailable, wireerr.Unavailable, "starting")
	})
	r := renewer(t, dir, f)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	failed := make(chan struct{})
	r.Log = slog.New(&hook{level: slog.LevelError, do: func() { close(failed) }})
	go func() { done <- r.Run(ctx) }()
	<-failed
	f.Set(func(b *fleettest.Behaviour) { b.Refuse = nil })
	until(t, func() bool { return r.Holder.Current().Expires() != first.Expires() })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestRenewRefusesAnotherAgent(t *testing.T) {
	f := fleettest.New(t)
	dir, _ := enrolled(t, f)
	f.Set(func(b *fleettest.Behaviour) { b.AgentID = event.NewID() })
	if err := renewer(t, dir, f).Renew(t.Context()); err == nil || !strings.Contains(err.Error(), "it is for agent") {
		t.Errorf("got %v", err)
	}
}

func TestRenewAfterTheEndSaysWhatToDo(t *testing.T) {
	f := fleettest.New(t)
	f.Set(func(b *fleettest.Behaviour) { b.From, b.To = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour) })
	dir, _ := enrolled(t, f)
	if err := renewer(t, dir, f).Renew(t.Context()); err == nil || !strings.Contains(err.Error(), "enrol this host again") {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefusesDamage(t *testing.T) {
	dir, _ := enrolled(t, fleettest.New(t))
	other, _ := enrolled(t, fleettest.New(t))
	good, err := os.ReadFile(filepath.Join(dir, identityFile))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := Load(other)
	if err != nil {
		t.Fatal(err)
	}
	key, err := encodeKey(foreign.key)
	if err != nil {
		t.Fatal(err)
	}
	own, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	ownKey, err := encodeKey(own.key)
	if err != nil {
		t.Fatal(err)
	}
	quoted := func(b []byte) string { return strings.ReplaceAll(string(b), "\n", `\n`) }
	tests := map[string]string{
		"empty":           "",
		"half":            string(good[:len(good)/2]),
		"another's key":   strings.Replace(string(good), quoted(ownKey), quoted(key), 1),
		"another's CA":    strings.Replace(string(good), quoted([]byte(encodeChain(own.authorities))), quoted([]byte(encodeChain(foreign.authorities))), 1),
		"another's id":    strings.Replace(string(good), own.AgentID, foreign.AgentID, 1),
		"no certificate":  strings.Replace(string(good), quoted([]byte(encodeChain(own.chain))), "", 1),
		"a key too many":  strings.Replace(string(good), "{", `{"more": 1,`, 1),
		"no private key":  strings.Replace(string(good), "PRIVATE KEY", "PUBLIC KEY", 2),
		"unreadable text": "not JSON",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			if text == string(good) {
				t.Fatal("the test changed nothing")
			}
			if _, err := decode([]byte(text)); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

// until polls a condition that other goroutines make true.
func until(t *testing.T, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-deadline.C:
			t.Fatal("it did not come to be")
		case <-ticker.C:
		}
	}
}

// hook is a log handler that does something once, at the first record of a level.
type hook struct {
	level slog.Level
	do    func()
	once  sync.Once
}

func (h *hook) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *hook) Handle(context.Context, slog.Record) error {
	h.once.Do(h.do)
	return nil
}

func (h *hook) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h *hook) WithGroup(string) slog.Handler { return h }
