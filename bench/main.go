// Command bench measures the real binaries end to end: how many lines a second
// they carry from a log file to a rule, what that costs each of them, and how
// long a line takes to become a mail. Everything runs on this machine, so the
// three share its cores: figures are for comparison within one run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.bin, "bin", "../bin", "folder of the binaries")
	flag.StringVar(&o.dir, "dir", "../.cache/bench", "folder for everything the benchmark writes")
	flag.StringVar(&o.config, "config", "../deploy/config", "folder of the example configurations")
	flag.IntVar(&o.lines, "lines", 1_000_000, "lines of the throughput measurement")
	flag.IntVar(&o.alerts, "alerts", 500, "alerts of the latency measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
