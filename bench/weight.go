package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tocsin-security/tocsin/e2e/traffic"
)

// weightConfig names the parser of each log.
const weightConfig = `state_dir: ${TOCSIN_STATE_DIR}
sources:
  files:
    - paths: ["${TOCSIN_ROOT}/` + authLog + `"]
      parser: sshd
    - paths: ["${TOCSIN_ROOT}/` + accessLog + `"]
      parser: nginx
http:
  listen: ${TOCSIN_HTTP}
`

// weight is what an agent costs that reads, parses, keeps with fsync, compresses
// and sends by TLS until all is acked; and beside it, on the same lines, what
// gzip and wc take.
func weight(ctx context.Context, r *rig, out io.Writer) error {
	made := []string{filepath.Join(r.o.dir, "sshd.lines"), filepath.Join(r.o.dir, "nginx.lines")}
	host, now := traffic.New(agentName, 1), time.Now()
	if err := makeLines(made, r.o.lines/len(made), now, sshd(host), requests(host)); err != nil {
		return err
	}
	begin := time.Now()
	var bytes int64
	for i, name := range []string{authLog, accessLog} {
		n, err := appendTo(r.log(name), made[i])
		if err != nil {
			return err
		}
		bytes += n
	}
	t, err := r.await(ctx, begin, false)
	if err != nil {
		return err
	}
	stop, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	agent := r.processes["agent"]
	if err := agent.Stop(stop); err != nil {
		return err
	}
	cpu, peak := agent.Usage()
	lines := float64(r.o.lines)
	_, _ = fmt.Fprintf(out, "\nweight: %d lines, half sshd, half nginx, %.0f bytes on average, parsers named, to one agent at once\n",
		r.o.lines, float64(bytes)/lines)
	_, _ = fmt.Fprintf(out, "  agent: %.2f CPU seconds a million lines, peak RSS %.1f MiB, %.0f lines/s, %.0f events a batch\n",
		cpu.Seconds()*1e6/lines, float64(peak)/(1<<20), lines/t.stored.Seconds(), float64(t.total.events)/float64(t.total.batches))
	for _, c := range [][]string{{"gzip", "-1", "-c"}, {"wc", "-l"}} {
		took, err := command(ctx, append(c, made...))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "  %s %s on the same lines: %.2f CPU seconds a million; the agent takes %.1f times as much\n",
			c[0], c[1], took.Seconds()*1e6/lines, cpu.Seconds()/took.Seconds())
	}
	return nil
}

// sshd is the everyday mix of sshd's own lines, with the mistyped and the tried
// passwords that every host on the Internet sees.
func sshd(host *traffic.Host) func(time.Time) string {
	n := 0
	return func(t time.Time) string {
		n++
		user, address := [...]string{"deploy", "mina", "jun", "backup"}[n%4], fmt.Sprintf("10.20.%d.%d", n%4, 2+n%250)
		switch n % 5 {
		case 0, 1:
			return host.SSHFailedInvalid(t, user, address)
		case 2, 3:
			return host.SSHFailed(t, user, address)
		default:
			return host.SSHAccepted(t, "publickey", user, address)
		}
	}
}

// requests is a mix of browsers' requests and of those of monitoring probes.
func requests(host *traffic.Host) func(time.Time) string {
	n := 0
	return func(t time.Time) string {
		if n++; n%2 == 0 {
			return host.Request(t, fmt.Sprintf("10.30.%d.%d", n%8, 2+n%250), "GET", "/healthz?full=1", 200, "kube-probe/1.34")
		}
		return host.Web(t)
	}
}

// command runs one with its output thrown away, and tells its CPU time.
func command(ctx context.Context, args []string) (time.Duration, error) {
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("run %s: %w", args[0], err)
	}
	return c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}
