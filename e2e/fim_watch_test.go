package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// fimPatience is how long a test waits for what has to happen.
const fimPatience = 5 * time.Minute

// watching is a `tocsin-agent watch` that runs, and what it has said of each path.
type watching struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}

	// mu guards what follows; changed has an element when it has changed.
	mu      sync.Mutex
	changed chan struct{}
	// state is the hash of every path, by the events so far; links have "".
	state map[string]string
	all   []fimEvent
}

type fimEvent struct {
	Event struct{ Action string }
	File  struct {
		Path string
		Type string
		Hash struct{ SHA256 string }
	}
	Tocsin struct {
		File struct{ Previous struct{ Path string } }
	}
}

// watchPaths starts a watch and waits until it is ready.
func watchPaths(t *testing.T, paths ...string) *watching {
	t.Helper()
	bin := filepath.Join(binary.Folder(t, "tocsin-agent"), "tocsin-agent")
	args := append([]string{"watch", "--state", filepath.Join(t.TempDir(), "state")}, paths...)
	ctx, cancel := context.WithCancel(context.Background())
	w := &watching{t: t, cmd: exec.CommandContext(ctx, bin, args...), done: make(chan struct{}), changed: make(chan struct{}, 1), state: map[string]string{}}
	stdout, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := w.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	go func() {
		defer close(w.done)
		said := make(chan struct{})
		go func() {
			defer close(said)
			first := true
			for in := bufio.NewScanner(stderr); in.Scan(); {
				if in.Text() == "ready" && first {
					first = false
					close(ready)
					continue
				}
				t.Logf("watch: %s", in.Text())
			}
		}()
		in := bufio.NewScanner(stdout)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			w.take(in.Bytes())
		}
		<-said
	}()
	t.Cleanup(func() {
		cancel()
		<-w.done
		_ = w.cmd.Wait() // stopped already, or killed
	})
	select {
	case <-ready:
	case <-w.done:
		t.Fatal("watch ended before it was ready")
	case <-time.After(fimPatience):
		t.Fatal("watch is not ready")
	}
	return w
}

func (w *watching) take(line []byte) {
	var e fimEvent
	err := json.Unmarshal(line, &e)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.t.Errorf("%s: %v", line, err)
		return
	}
	w.all = append(w.all, e)
	switch e.Event.Action {
	case "deleted":
		delete(w.state, e.File.Path)
	case "renamed":
		delete(w.state, e.Tocsin.File.Previous.Path)
		w.state[e.File.Path] = e.File.Hash.SHA256
	default:
		w.state[e.File.Path] = e.File.Hash.SHA256
	}
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// wait waits until what has been said satisfies ok.
func (w *watching) wait(what string, ok func(w *watching) bool) {
	w.t.Helper()
	deadline := time.NewTimer(fimPatience)
	defer deadline.Stop()
	for {
		w.mu.Lock()
		yes := ok(w)
		w.mu.Unlock()
		if yes {
			return
		}
		select {
		case <-w.changed:
		case <-w.done:
			w.t.Fatalf("watch ended before %s", what)
		case <-deadline.C:
			w.t.Fatalf("%s did not happen", what)
		}
	}
}

func (w *watching) signal(s syscall.Signal) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
}

// end stops the watch, which reports what it has not yet.
func (w *watching) end() {
	w.t.Helper()
	w.signal(syscall.SIGTERM)
	select {
	case <-w.done:
	case <-time.After(fimPatience):
		w.t.Fatal("watch does not end")
	}
}
