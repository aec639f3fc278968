package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Process is one running command. What it says on stdout and stderr goes to
// files, appended over restarts.
type Process struct {
	Name string
	// Log is the file with its stderr, Output the one with its stdout.
	Log, Output string
	// Admin is the host:port of its health and metrics; empty for none.
	Admin string

	cmd  *exec.Cmd
	done chan struct{}
	err  error // valid once done is closed
}

func start(name, folder, admin string, cmd *exec.Cmd) (*Process, error) {
	p := &Process{
		Name: name, Admin: admin, cmd: cmd, done: make(chan struct{}),
		Log: filepath.Join(folder, name+".log"), Output: filepath.Join(folder, name+".out"),
	}
	stderr, err := appendTo(p.Log)
	if err != nil {
		return nil, err
	}
	stdout, err := appendTo(p.Output)
	if err != nil {
		return nil, errors.Join(err, stderr.Close())
	}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	// Its own group, so that a Ctrl-C at the terminal is not delivered twice.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	err = cmd.Start()
	if closeErr := errors.Join(stdout.Close(), stderr.Close()); err == nil && closeErr != nil {
		return nil, closeErr
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func appendTo(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return f, nil
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal to it; to a process that has ended it is an error.
func (p *Process) Signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil {
		return fmt.Errorf("signal %s: %w", p.Name, err)
	}
	return nil
}

// Done is closed when it has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill ends it by SIGKILL and waits. It is no error when it has ended before.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Stop asks it to end by SIGTERM, and returns how it ended: nil for exit code 0.
// When ctx ends first, it is killed.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	return p.Wait(ctx)
}

// Wait returns how it ended. When ctx ends first, it is killed.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("wait for %s: %w", p.Name, ctx.Err())
	}
	if p.err != nil {
		return fmt.Errorf("%s ended: %w; its last words: %s", p.Name, p.err, p.LastWords())
	}
	return nil
}

// ExitCode is the code it ended with; valid once Done is closed.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Usage is what it used in all: CPU time and peak resident bytes. Valid once
// Done is closed.
func (p *Process) Usage() (cpu time.Duration, peak int64) {
	state := p.cmd.ProcessState
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		peak = usage.Maxrss << 10
	}
	return state.UserTime() + state.SystemTime(), peak
}

// LastWords is the end of its log.
func (p *Process) LastWords() string {
	data, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) > 5 {
		lines = lines[len(lines)-5:]
	}
	return strings.Join(lines, "\n")
}

// Ready waits until /readyz says so.
func (p *Process) Ready(ctx context.Context) error {
	said := "nothing"
	err := Poll(ctx, func() (bool, error) {
		select {
		case <-p.done:
			return false, fmt.Errorf("%s ended: %w; its last words: %s", p.Name, p.err, p.LastWords())
		default:
		}
		code, body, err := get(ctx, "http://"+p.Admin+"/readyz")
		if err != nil {
			return false, nil //nolint:nilerr // it does not listen yet
		}
		said = body
		return code == http.StatusOK, nil
	})
	if err != nil {
		return fmt.Errorf("wait for %s, which says %q: %w", p.Name, said, err)
	}
	return nil
}

func get(ctx context.Context, url string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", fmt.Errorf("make request: %w", err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", fmt.Errorf("get %s: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, "", fmt.Errorf("read answer: %w", err)
	}
	return response.StatusCode, strings.TrimSpace(string(body)), nil
}

// Poll asks until the answer is yes, an error comes, or ctx ends.
func Poll(ctx context.Context, ask func() (bool, error)) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		yes, err := ask()
		if err != nil || yes {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("poll: %w", ctx.Err())
		}
	}
}

// Metric is the sum of a metric's series in /metrics.
func (p *Process) Metric(ctx context.Context, name string) (float64, error) {
	code, body, err := get(ctx, "http://"+p.Admin+"/metrics")
	if err != nil {
		return 0, err
	}
	if code != http.StatusOK {
		return 0, fmt.Errorf("metrics of %s: status %d", p.Name, code)
	}
	sum := 0.0
	for line := range strings.Lines(body) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || (rest[0] != '{' && rest[0] != ' ') {
			continue
		}
		value, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndexByte(rest, ' '):]), 64)
		if err != nil {
			return 0, fmt.Errorf("metric %s: %w", name, err)
		}
		sum += value
	}
	return sum, nil
}
