package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func startServer(t *testing.T, folder string) *Server {
	t.Helper()
	s, err := StartServer(ServerOptions{Folder: folder, Listen: "127.0.0.1:0", Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// freeAddress finds a port below those that the kernel gives to outgoing
// connections: whoever tries to reach a server that is down could otherwise be
// given its very port.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		defer func() { _ = l.Close() }()
		return l.Addr().String()
	}
	t.Fatal("100 ports were taken")
	return ""
}

// openBus runs a bus until the test ends, or until stop.
func openBus(t *testing.T, o Options) (b *Bus, stop func()) {
	t.Helper()
	o.Log = quiet()
	b, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.Close()
	}
	t.Cleanup(stop)
	return b, stop
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline:
			t.Fatalf("did not come: %s", what)
		case <-tick.C:
		}
	}
}

func TestStreamsAreWhatThePromiseStandsOn(t *testing.T) {
	s := startServer(t, t.TempDir())
	b, _ := openBus(t, Options{Endpoint: s.Endpoint(), Bounds: Even(1 << 20)})
	eventually(t, "ready", func() bool { return b.Ready() == nil })
	stream, err := b.Stream(eventv1.Class_CLASS_WEB)
	if err != nil {
		t.Fatal(err)
	}
	c := stream.CachedInfo().Config
	if c.Name != "TOCSIN_EVENTS_WEB" || c.Discard != jetstream.DiscardNew || c.MaxAge != 0 ||
		c.Storage != jetstream.FileStorage || c.MaxBytes != 1<<20 {
		t.Errorf("stream is %+v", c)
	}
	if !s.current().JetStreamConfig().SyncAlways {
		t.Error("JetStream does not sync before it acknowledges")
	}
}

func TestSettingsThatDriftedAreBroughtBack(t *testing.T) {
	folder := t.TempDir()
	s := startServer(t, folder)
	b, _ := openBus(t, Options{Endpoint: s.Endpoint()})
	eventually(t, "ready", func() bool { return b.Ready() == nil })
	stream, err := b.Stream(eventv1.Class_CLASS_AUTH)
	if err != nil {
		t.Fatal(err)
	}
	c := stream.CachedInfo().Config
	c.Discard, c.MaxAge, c.Duplicates = jetstream.DiscardOld, time.Hour, time.Minute
	if _, err := b.JetStream().UpdateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	again, _ := openBus(t, Options{Endpoint: s.Endpoint()})
	eventually(t, "ready", func() bool { return again.Ready() == nil })
	if stream, err = again.Stream(eventv1.Class_CLASS_AUTH); err != nil {
		t.Fatal(err)
	}
	if c := stream.CachedInfo().Config; c.Discard != jetstream.DiscardNew || c.MaxAge != 0 || c.Duplicates != time.Minute {
		t.Errorf("stream is %+v", c)
	}
}

func TestWaitsForAServerAndSaysWhy(t *testing.T) {
	folder := t.TempDir()
	first, err := StartServer(ServerOptions{Folder: folder, Listen: freeAddress(t), Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	endpoint := first.Endpoint()
	endpoint.InProcess = nil // as from another process
	address := first.current().Addr().String()
	first.Close()

	b, _ := openBus(t, Options{Endpoint: endpoint})
	if err := b.Ready(); err == nil {
		t.Fatal("ready without a server")
	}
	if _, err := b.Bucket(subject.AgentsBucket); err == nil {
		t.Fatal("a bucket without a server")
	}
	for range 2 { // down at the start, and later
		s, err := StartServer(ServerOptions{Folder: folder, Listen: address, Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "ready", func() bool { return b.Ready() == nil })
		s.Close()
		eventually(t, "not ready", func() bool { return b.Ready() != nil })
	}
}

func TestPlainTextOffLoopbackIsRefused(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "192.0.2.1:4222", "nats.example.com:4222"} {
		_, err := StartServer(ServerOptions{Folder: t.TempDir(), Listen: listen, Log: quiet()})
		if !errors.Is(err, ErrPlainText) {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	s := startServer(t, t.TempDir())
	_, err := StartServer(ServerOptions{Folder: t.TempDir(), Listen: s.current().Addr().String(), Log: quiet()})
	if err == nil {
		t.Fatal("two servers on one address")
	}
}

func TestKeysAreKeptAndPrivate(t *testing.T) {
	folder := t.TempDir()
	startServer(t, folder).Close()
	before := map[string]string{}
	for _, role := range []string{roleCollector, roleAlerter, roleConsumer} {
		info, err := os.Stat(keyFile(folder, role))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v", role, info.Mode())
		}
		seed, err := os.ReadFile(keyFile(folder, role))
		if err != nil {
			t.Fatal(err)
		}
		before[role] = string(seed)
	}
	startServer(t, folder).Close()
	for role, want := range before {
		if seed, err := os.ReadFile(keyFile(folder, role)); err != nil || string(seed) != want {
			t.Errorf("%s: %v, the key changed: %t", role, err, string(seed) != want)
		}
	}
}

func TestWhatEachUserMayDo(t *testing.T) {
	folder := t.TempDir()
	s := startServer(t, filepath.Join(folder, "nats"))
	b, _ := openBus(t, Options{Endpoint: s.Endpoint()})
	eventually(t, "ready", func() bool { return b.Ready() == nil })
	if _, err := b.JetStream().Publish(t.Context(), "tocsin.events.auth.x", []byte("batch")); err != nil {
		t.Fatal(err)
	}
	as := func(role string) jetstream.JetStream {
		conn, err := Dial(Endpoint{URL: s.url, NKeyFile: keyFile(filepath.Join(folder, "nats"), role)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		js, err := jetstream.New(conn, jetstream.WithDefaultTimeout(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		return js
	}
	for _, role := range []string{roleAlerter, roleConsumer} {
		js := as(role)
		t.Run(role+" reads events", func(t *testing.T) {
			c, err := js.OrderedConsumer(t.Context(), "TOCSIN_EVENTS_AUTH", jetstream.OrderedConsumerConfig{})
			if err != nil {
				t.Fatal(err)
			}
			m, err := c.Next(jetstream.FetchMaxWait(time.Minute))
			if err != nil || string(m.Data()) != "batch" {
				t.Fatalf("read %v, %v", m, err)
			}
		})
		t.Run(role+" changes no events", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if _, err := js.Publish(ctx, "tocsin.events.auth.x", nil); err == nil {
				t.Error("published an event")
			}
			ctx, cancel = context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if err := js.DeleteStream(ctx, "TOCSIN_EVENTS_AUTH"); err == nil {
				t.Error("deleted a stream")
			}
			ctx, cancel = context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			if kv, err := js.KeyValue(ctx, subject.TokensBucket); err == nil {
				if _, err := kv.Keys(ctx); err == nil || errors.Is(err, jetstream.ErrNoKeysFound) {
					t.Error("read the tokens")
				}
			}
		})
	}
	t.Run("alerter owns what it makes", func(t *testing.T) {
		js := as(roleAlerter)
		_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: subject.SignalsStream, Subjects: []string{subject.SignalsFilter}, AllowAtomicPublish: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(t.Context(), subject.Signals(3), nil); err != nil {
			t.Fatal(err)
		}
		kv, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: subject.LeasesBucket})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := kv.Create(t.Context(), "p.1", nil); err != nil {
			t.Fatal(err)
		}
		c, err := js.CreateOrUpdateConsumer(t.Context(), "TOCSIN_EVENTS_AUTH", jetstream.ConsumerConfig{
			Durable: alerterDurable + "auth", AckPolicy: jetstream.AckExplicitPolicy,
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := c.Next(jetstream.FetchMaxWait(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.DoubleAck(t.Context()); err != nil {
			t.Fatal(err)
		}
		agents, err := js.KeyValue(t.Context(), subject.AgentsBucket)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := agents.Keys(t.Context()); !errors.Is(err, jetstream.ErrNoKeysFound) {
			t.Fatal(err)
		}
	})
	t.Run("consumer leaves the alerters' place alone", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if err := as(roleConsumer).DeleteConsumer(ctx, "TOCSIN_EVENTS_AUTH", alerterDurable+"auth"); err == nil {
			t.Error("deleted the alerters' consumer")
		}
	})
}
