package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	idleLogs    = 20
	idleFolders = 1000
	// clockTick is the unit of CPU times in /proc, USER_HZ: 100 a second on every
	// architecture that Go has (proc_pid_stat(5)).
	clockTick = time.Second / 100
)

// idleConfig reads 20 logs and watches 1,000 folders.
const idleConfig = `state_dir: ${TOCSIN_STATE_DIR}
sources:
  files:
    - paths: ["${TOCSIN_ROOT}/var/log/quiet/*.log"]
  fim:
    paths: ["${TOCSIN_ROOT}/etc"]
http:
  listen: ${TOCSIN_HTTP}
`

// makeQuietHost makes 20 logs with a little in them, and 1,000 folders with a
// file each.
func makeQuietHost(root string) error {
	write := func(name string) error {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
		if err := os.WriteFile(path, []byte("a line\n"), 0o644); err != nil {
			return fmt.Errorf("create file: %w", err)
		}
		return nil
	}
	for i := range idleLogs {
		if err := write(fmt.Sprintf("var/log/quiet/%02d.log", i)); err != nil {
			return err
		}
	}
	for i := range idleFolders - 1 { // and etc itself
		if err := write(fmt.Sprintf("etc/%03d/conf", i)); err != nil {
			return err
		}
	}
	return nil
}

// idle looks at an agent that has nothing to do, once it has settled.
func idle(ctx context.Context, r *rig, out io.Writer) error {
	pid := r.processes["agent"].PID()
	pause := func(d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return fmt.Errorf("watch an idle agent: %w", ctx.Err())
		}
	}
	if err := pause(5 * time.Second); err != nil {
		return err
	}
	before, err := cpuOf(pid)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := pause(r.o.idle); err != nil {
		return err
	}
	after, err := cpuOf(pid)
	if err != nil {
		return err
	}
	took := time.Since(begin)
	resident, err := memoryOf(pid, "VmRSS")
	if err != nil {
		return err
	}
	peak, err := memoryOf(pid, "VmHWM")
	if err != nil {
		return err
	}
	binary, err := os.Stat(r.fleet.Binary("agent"))
	if err != nil {
		return fmt.Errorf("look at binary: %w", err)
	}
	_, _ = fmt.Fprintf(out, "\nidle: %d logs and %d watched folders, over %v\n", idleLogs, idleFolders, r.o.idle)
	_, _ = fmt.Fprintf(out, "  agent: RSS %.1f MiB, peak since its start %.1f MiB, %.3f %% of a core (%v); binary %.1f MB\n",
		resident, peak, 100*(after-before).Seconds()/took.Seconds(), after-before, float64(binary.Size())/1e6)
	return nil
}

// cpuOf is the CPU time that a process has used.
func cpuOf(pid int) (time.Duration, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	// The name, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read CPU time: %w", err)
		}
		ticks += n
	}
	return time.Duration(ticks) * clockTick, nil
}

// memoryOf is one of the sizes in a process's status, in MiB.
func memoryOf(pid int, name string) (float64, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			if err != nil {
				return 0, fmt.Errorf("read %s: %w", name, err)
			}
			return kib / 1024, nil
		}
	}
	return 0, fmt.Errorf("read memory: no %s", name)
}
