// Command bench measures the real binaries end to end: how many lines a second
// they carry from a log file to a rule, what that costs each of them, what an
// agent costs that has nothing to do, and how long a line takes to be stored and
// to become a mail. Everything runs on this machine, so the
// three share its cores: figures are for comparison within one run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "../bin", "folder of the binaries")
	flag.StringVar(&o.dir, "dir", "../.cache/bench", "folder for everything the benchmark writes")
	flag.StringVar(&o.config, "config", "../deploy/config", "folder of the example configurations")
	flag.IntVar(&o.lines, "lines", 1_000_000, "lines of the throughput measurement")
	flag.IntVar(&o.alerts, "alerts", 500, "alerts of the latency measurement")
	flag.IntVar(&o.single, "single", 400, "lines of the measurement from a line to its ack, 20 a second")
	flag.DurationVar(&o.idle, "idle", time.Minute, "how long to look at an idle agent")
	flag.BoolVar(&o.agentOnly, "agent-only", false, "measure the agent alone: no alerter")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
