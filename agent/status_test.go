package agent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"
)

// exhausted is a listener that has no descriptor for the first who asks.
type exhausted struct {
	net.Listener
	failed bool
}

func (l *exhausted) Accept() (net.Conn, error) {
	if !l.failed {
		l.failed = true
		return nil, errors.New("too many open files")
	}
	return l.Listener.Accept()
}

func TestStatusOutlivesARequestThatCouldNotBeTaken(t *testing.T) {
	dir := t.TempDir()
	server, err := listenStatus(dir, func() *Status { return &Status{PID: 7} }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server.listener = &exhausted{Listener: server.listener}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- server.run(ctx) }()
	asking, stop := context.WithTimeout(t.Context(), 60*time.Second)
	defer stop()
	if status, err := ReadStatus(asking, dir); err != nil || status.PID != 7 {
		t.Errorf("status %+v, %v", status, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
