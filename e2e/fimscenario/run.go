package fimscenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Runner runs scenarios with one agent's binaries.
type Runner struct {
	// Bin is the folder of tocsin-agent and tocsin-alerter.
	Bin string
	// Patience is how long expected events are waited for after the last step.
	Patience time.Duration
	// Temp is where the scenarios' folders are made; the system's default if empty.
	Temp string
}

// Result is what came of a scenario.
type Result struct {
	// Skipped says why it could not run here.
	Skipped string
	// Wrong is what is wrong; nil for nothing.
	Wrong []string
	// Events is how many events came.
	Events int
	// Latency is from the end of the steps to the last expected event.
	Latency time.Duration
}

// Run runs one scenario in folders of its own.
func (r *Runner) Run(ctx context.Context, s *Scenario) (res Result, err error) {
	if why := missing(s.Needs); why != "" {
		return Result{Skipped: why}, nil
	}
	if len(s.Script) > 0 && len(s.Watch) == 0 || len(s.Script) == 0 && len(s.Steps) == 0 {
		return Result{}, fmt.Errorf("scenario %s does nothing", s.ID)
	}
	base, err := os.MkdirTemp(r.Temp, "fim")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, remove(base)) }()
	w := &world{r: r, s: s, base: base, d: filepath.Join(base, "d"), e: filepath.Join(base, "e")}
	if err := os.Mkdir(w.d, 0o700); err != nil {
		return Result{}, err
	}
	defer w.kill()
	if err := w.shell(ctx, s.Setup); err != nil {
		return Result{}, fmt.Errorf("set up: %w", err)
	}
	w.stepping = true
	if !w.stopped {
		if err := w.start(ctx); err != nil {
			return Result{}, err
		}
	}
	if err := w.steps(ctx); err != nil {
		return Result{}, fmt.Errorf("run steps: %w", err)
	}
	done := time.Now()
	w.await(ctx, done)
	if err := w.stop(); err != nil {
		res.Wrong = append(res.Wrong, err.Error())
	}
	res.Events, res.Latency = len(w.events), w.latency
	res.Wrong = append(res.Wrong, w.verdict(ctx)...)
	return res, nil
}

func (w *world) steps(ctx context.Context) error {
	if !w.s.Burst {
		return w.shell(ctx, w.s.Steps)
	}
	if err := w.agent.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	err := w.shell(ctx, w.s.Steps)
	return errors.Join(err, w.agent.Process.Signal(syscall.SIGCONT))
}

// remove takes away what a scenario left, its mounts first.
func remove(base string) error {
	ctx := context.Background() // also when the run was given up
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return err
	}
	for _, line := range slices.Backward(strings.Split(string(mounts), "\n")) {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(f[1], base+"/") {
			if out, err := exec.CommandContext(ctx, "umount", "-l", f[1]).CombinedOutput(); err != nil {
				return fmt.Errorf("umount %s: %w: %s", f[1], err, out)
			}
		}
	}
	if out, err := exec.CommandContext(ctx, "chmod", "-R", "u+rwx", base).CombinedOutput(); err != nil {
		return fmt.Errorf("chmod: %w: %s", err, out)
	}
	return os.RemoveAll(base)
}

func missing(needs []string) string {
	for _, need := range needs {
		if need == "root" {
			if os.Geteuid() != 0 {
				return "not root"
			}
			continue
		}
		if _, err := exec.LookPath(need); err != nil {
			return "no " + need
		}
	}
	return ""
}

// await waits until all expected events have come, or patience has ended, and
// notes how long it took.
func (w *world) await(ctx context.Context, since time.Time) {
	deadline := time.NewTimer(w.r.Patience)
	defer deadline.Stop()
	for {
		w.mu.Lock()
		missing := len(w.unmet())
		w.mu.Unlock()
		if missing == 0 {
			w.latency = time.Since(since)
			if !w.s.Exact && len(w.s.Never) == 0 {
				return
			}
			quiet := time.NewTimer(2 * time.Second) // what must not come gets time to
			defer quiet.Stop()
			select {
			case <-quiet.C:
			case <-ctx.Done():
			}
			return
		}
		select {
		case <-w.changed:
		case <-deadline.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
