package fimscenario

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

// agentTime bounds an agent's start and its end.
const agentTime = 60 * time.Second

// world is one scenario that runs: its folders and its agent.
type world struct {
	r          *Runner
	s          *Scenario
	base, d, e string
	// stepping says that the setup is over; stopped, that the scenario stopped
	// the agent.
	stepping, stopped bool
	latency           time.Duration

	agent *exec.Cmd
	read  chan struct{}

	// mu guards what follows; changed has an element when it has changed.
	mu      sync.Mutex
	changed chan struct{}
	events  []event
	bad     []string
	stderr  bytes.Buffer
	ready   bool
}

// event is what a line of the agent says, as far as scenarios ask.
type event struct {
	line   []byte
	Event  struct{ Action string }
	File   fileFields
	Tocsin struct {
		File struct {
			Previous     fileFields
			Capabilities string
			Changed      []string
		}
	}
}

type fileFields struct {
	Path         string
	Hash         struct{ SHA256 string }
	Mode         string
	UID, GID     json.Number
	Size         json.Number
	Mtime        string
	TargetPath   string `json:"target_path"`
	Capabilities string // of the previous file only
}

// start starts the agent and waits until it is ready.
func (w *world) start(ctx context.Context) error {
	if w.agent != nil {
		return errors.New("agent runs already")
	}
	args := []string{"watch", "--state", filepath.Join(w.base, "state")}
	for _, glob := range w.s.Exclude {
		args = append(args, "--exclude", w.expand(glob))
	}
	paths := w.s.Watch
	if len(paths) == 0 {
		paths = []string{"$D", "$E"}
	}
	for _, p := range paths {
		args = append(args, w.expand(p))
	}
	name := filepath.Join(w.r.Bin, "tocsin-agent")
	if w.s.Limit > 0 {
		script := `echo ` + strconv.Itoa(w.s.Limit) + ` > /proc/sys/user/max_inotify_watches && exec "$@"`
		args = append([]string{"-Ur", "sh", "-c", script, "limited", name}, args...)
		name = "unshare"
	}
	cmd := exec.CommandContext(ctx, name, args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if w.changed == nil {
		w.changed = make(chan struct{}, 1)
	}
	w.ready = false
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start agent: %w", err)
	}
	w.agent, w.read = cmd, make(chan struct{})
	go w.collect(stdout, stderr)
	return w.awaitReady(ctx)
}

func (w *world) awaitReady(ctx context.Context) error {
	deadline := time.NewTimer(agentTime)
	defer deadline.Stop()
	for {
		w.mu.Lock()
		ready, said := w.ready, w.stderr.String()
		w.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-w.changed:
		case <-w.read:
			return fmt.Errorf("agent ended before it was ready: %s", said)
		case <-deadline.C:
			return fmt.Errorf("agent is not ready: %s", said)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// collect takes in what the agent writes until it ends.
func (w *world) collect(stdout, stderr io.Reader) {
	var both sync.WaitGroup
	both.Go(func() { w.lines(stdout, w.takeEvent) })
	both.Go(func() {
		w.lines(stderr, func(line []byte) {
			w.stderr.Write(append(line, '\n'))
			w.ready = w.ready || string(line) == "ready"
		})
	})
	both.Wait()
	close(w.read)
}

func (w *world) lines(r io.Reader, take func([]byte)) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 4<<20)
	for in.Scan() {
		w.mu.Lock()
		take(bytes.Clone(in.Bytes()))
		w.mu.Unlock()
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
}

func (w *world) takeEvent(line []byte) {
	e := event{line: line}
	if err := json.Unmarshal(line, &e); err != nil || !utf8.Valid(line) {
		w.bad = append(w.bad, fmt.Sprintf("line is not JSON in UTF-8: %q", line))
		return
	}
	w.events = append(w.events, e)
}

// stop ends the agent, which has to end well.
func (w *world) stop() error {
	if w.agent == nil {
		return nil
	}
	cmd := w.agent
	w.agent = nil
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop agent: %w", err)
	}
	overdue := time.AfterFunc(agentTime, func() { _ = cmd.Process.Kill() }) // Wait tells
	defer overdue.Stop()
	<-w.read
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("agent ended badly: %w", err)
	}
	return nil
}

// kill ends an agent that a failed scenario left.
func (w *world) kill() {
	if w.agent != nil {
		_ = w.agent.Process.Kill() // it may have ended
		<-w.read
		_ = w.agent.Wait() // killed
	}
}

// shell runs commands in one bash; "agent stop" and "agent start" in them wait for
// the agent.
func (w *world) shell(ctx context.Context, commands []string) error {
	fromShell, ask, err := os.Pipe()
	if err != nil {
		return err
	}
	answer, toShell, err := os.Pipe()
	if err != nil {
		return errors.Join(err, fromShell.Close(), ask.Close())
	}
	script := `agent() { echo "$1" >&3; read -r answer <&4; test "$answer" = ok; }` + "\n" + strings.Join(commands, "\n") + "\n"
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = w.base
	cmd.Env = append(os.Environ(), "D="+w.d, "E="+w.e, "B="+w.base, "HOME="+w.base, "LC_ALL=C.UTF-8")
	cmd.ExtraFiles = []*os.File{ask, answer}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Start()
	err = errors.Join(err, ask.Close(), answer.Close())
	if err != nil {
		return err
	}
	for in := bufio.NewScanner(fromShell); in.Scan(); {
		reply := "ok\n"
		if agentErr := w.control(ctx, in.Text()); agentErr != nil {
			reply, err = "bad\n", errors.Join(err, agentErr)
		}
		if _, writeErr := toShell.WriteString(reply); writeErr != nil {
			err = errors.Join(err, writeErr)
		}
	}
	if waitErr := cmd.Wait(); waitErr != nil {
		err = errors.Join(err, fmt.Errorf("%w: %s", waitErr, out.String()))
	}
	return errors.Join(err, fromShell.Close(), toShell.Close())
}

// control does what the shell asks of the agent. One that is to be stopped in the
// setup ran before, or there would be nothing to stop.
func (w *world) control(ctx context.Context, what string) error {
	switch what {
	case "stop":
		if w.agent == nil {
			if err := w.start(ctx); err != nil {
				return err
			}
		}
		w.stopped = true
		return w.stop()
	case "start":
		w.stopped = false
		return w.start(ctx)
	default:
		return fmt.Errorf("agent %s: unknown", what)
	}
}
