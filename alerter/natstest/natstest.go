// Package natstest runs a real NATS server inside a test, with JetStream on the
// test's own disk.
package natstest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Server is one NATS server.
type Server struct {
	t       testing.TB
	options server.Options
	server  *server.Server
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, options: server.Options{
		Host: "127.0.0.1", Port: freePort(t), NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: t.TempDir(),
	}}
	s.Restart()
	t.Cleanup(s.Stop)
	return s
}

// freePort is below those that the kernel gives to outgoing connections (32768 to
// 60999 on Linux): while the server is stopped, a client that tries to reach it
// could otherwise be given its very port, and keep it from coming back.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 12_000 + rand.IntN(20_000)                                             //nolint:gosec // any will do
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // at once
		if err != nil {
			continue // taken
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatal("100 ports were taken")
	return 0
}

// Restart starts the server again, where and with what it had.
func (s *Server) Restart() {
	s.t.Helper()
	options := s.options
	srv, err := server.NewServer(&options)
	if err != nil {
		s.t.Fatalf("make NATS server: %v", err)
	}
	srv.Start()
	if !srv.ReadyForConnections(2 * time.Minute) {
		s.t.Fatal("NATS server does not start")
	}
	s.server = srv
	s.options.Port = options.Port
}

// Stop stops the server and waits for it.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// URL is where clients connect.
func (s *Server) URL() string { return s.server.ClientURL() }

// JetStream connects a client that ends with the test.
func (s *Server) JetStream() jetstream.JetStream {
	s.t.Helper()
	conn, err := nats.Connect(s.URL(), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.ReconnectBufSize(-1))
	if err != nil {
		s.t.Fatalf("connect to NATS: %v", err)
	}
	s.t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		s.t.Fatalf("open JetStream: %v", err)
	}
	return js
}

// Eventually waits until a condition holds.
func Eventually(t testing.TB, within time.Duration, what string, condition func() bool) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline.C:
			t.Fatalf("after %v still not: %s", within, what)
		case <-tick.C:
		}
	}
}
