package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watchRun is one run of Watch, from ready to its end.
type watchRun struct {
	stdout bytes.Buffer
	ready  chan struct{}
	cancel context.CancelFunc
	done   chan error
}

// Write takes what Watch says on standard error.
func (w *watchRun) Write(p []byte) (int, error) {
	if string(p) == "ready\n" {
		close(w.ready)
	}
	return len(p), nil
}

func startWatch(t *testing.T, o WatchOptions) *watchRun {
	t.Helper()
	w := &watchRun{ready: make(chan struct{}), done: make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	w.cancel = cancel
	o.Stdout, o.Stderr, o.Log = &w.stdout, w, slog.New(slog.DiscardHandler)
	go func() { w.done <- Watch(ctx, o) }()
	select {
	case <-w.ready:
	case err := <-w.done:
		t.Fatalf("watch: %v", err)
	case <-time.After(60 * time.Second):
		t.Fatal("not ready")
	}
	return w
}

// end stops a run and gives its events as "action path".
func (w *watchRun) end(t *testing.T) []string {
	t.Helper()
	w.cancel()
	if err := <-w.done; err != nil {
		t.Fatalf("watch: %v", err)
	}
	var events []string
	for line := range strings.Lines(w.stdout.String()) {
		var e struct {
			Event struct{ ID, Kind, Action string }
			File  struct{ Path string }
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if e.Event.ID == "" || e.Event.Kind != "event" {
			t.Errorf("event without id or kind: %s", line)
		}
		events = append(events, e.Event.Action+" "+filepath.Base(e.File.Path))
	}
	return events
}

func TestWatchReportsChangesLiveAndMeanwhile(t *testing.T) {
	dir, o := t.TempDir(), WatchOptions{StateDir: filepath.Join(t.TempDir(), "state"), Exclude: []string{"**/*.swp"}}
	o.Paths = []string{dir}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("old", "x")
	w := startWatch(t, o)
	write("live", "x")
	write("no.swp", "x")
	if have := strings.Join(w.end(t), ", "); have != "created live" {
		t.Errorf("live: %s", have)
	}
	write("old", "changed")
	w = startWatch(t, o)
	if have := strings.Join(w.end(t), ", "); have != "modified old" {
		t.Errorf("meanwhile: %s", have)
	}
	w = startWatch(t, o)
	if have := w.end(t); len(have) != 0 {
		t.Errorf("repeated: %v", have)
	}
}

func TestWatchRefusesAHeldStateFolder(t *testing.T) {
	o := WatchOptions{StateDir: filepath.Join(t.TempDir(), "state"), Paths: []string{t.TempDir()}}
	w := startWatch(t, o)
	defer w.end(t)
	o.Stdout, o.Stderr = w, w
	if err := Watch(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("got %v", err)
	}
}

// A line on standard output is a file that changed, and nothing else is.
func TestWatchPrintsOnlyChanges(t *testing.T) {
	dir, state := t.TempDir(), filepath.Join(t.TempDir(), "state")
	o := WatchOptions{StateDir: state, Paths: []string{dir}}
	startWatch(t, o).end(t)
	if err := os.WriteFile(filepath.Join(state, "baseline"), []byte("not a baseline"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startWatch(t, o)
	if err := os.WriteFile(filepath.Join(dir, "new"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if have := strings.Join(w.end(t), ", "); have != "created new" {
		t.Errorf("got %s", have)
	}
}
