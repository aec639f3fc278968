package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/tocsin-security/tocsin/shell/admin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServer(t *testing.T) {
	address, logs := freeAddress(t), slog.New(slog.DiscardHandler)
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "tocsin_test_total", Help: "Test."}))
	var ready atomic.Bool
	server := admin.Server{Listen: address, Registry: registry, Log: logs, Ready: func() error {
		if ready.Load() {
			return nil
		}
		return errors.New("waiting for NATS")
	}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- server.Run(ctx) }()
	get := func(path string, code int, says string) {
		t.Helper()
		client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		var response *http.Response
		var err error
		for start := time.Now(); time.Since(start) < 2*time.Minute; { // until it listens
			if response, err = client.Get("http://" + address + path); err == nil {
				break
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != code || !strings.Contains(string(body), says) {
			t.Errorf("%s: %d %q", path, response.StatusCode, body)
		}
	}
	get("/healthz", 200, "ok")
	get("/readyz", 503, "waiting for NATS")
	ready.Store(true)
	get("/readyz", 200, "ready")
	get("/metrics", 200, "tocsin_test_total 0")
	get("/nothing", 404, "")

	second := admin.Server{Listen: address, Registry: registry, Log: logs}
	if err := second.Run(ctx); err == nil {
		t.Error("two servers on one address")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWithoutAnAddressItOnlyWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&admin.Server{}).Run(ctx); err != nil {
		t.Error(err)
	}
}

// freeAddress finds a port below those that the kernel gives to outgoing
// connections: whoever dials until somebody listens could otherwise be given that
// very port, and reach itself.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 12_000+rand.IntN(20_000)))
		if err != nil {
			continue // taken
		}
		defer func() { _ = listener.Close() }()
		return listener.Addr().String()
	}
	t.Fatal("100 ports were taken")
	return ""
}
