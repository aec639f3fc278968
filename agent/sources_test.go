package agent

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tocsin-security/tocsin/agent/internal/config"
)

// While the spool is full a held traceback waits for room in the parsers' part.
// That it gives up when the sources are replaced must not end the agent.
func TestSourcesThatWaitForRoomEndQuietly(t *testing.T) {
	cfg := config.Default()
	cfg.Sources.Files = []config.File{{Paths: []string{filepath.Join(t.TempDir(), "*.log")}, Parser: "auto", Start: config.StartEnd}}
	full := &memory{block: make(chan struct{})}
	count := newCounters(prometheus.NewRegistry())
	s, err := newSources(cfg, t.TempDir(), nil, full, count, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 8)
	s.start(nil, count, func(err error) { failed <- err })
	held := raw("file/1", "Traceback (most recent call last):", "1")
	if err := s.pipe.Put(context.Background(), held); err != nil {
		t.Fatal(err)
	}
	s.pipe.mu.Lock()
	stream := s.pipe.streams["file/1"]
	s.pipe.mu.Unlock()
	deadline := time.NewTimer(60 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for stream.mu.TryLock() { // until the flush holds it, and waits for room
		stream.mu.Unlock()
		select {
		case <-deadline.C:
			t.Fatal("the held record was not let go")
		case <-ticker.C:
		}
	}
	if err := s.end(); err != nil {
		t.Errorf("end: %v", err)
	}
	select {
	case err := <-failed:
		t.Errorf("a part failed: %v", err)
	default:
	}
}
