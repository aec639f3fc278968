// Command demo attacks one host and shows what Tocsin makes of it: three real
// processes, real gRPC over mutual TLS, real JetStream on disk and a real SMTP
// conversation, all on loopback and without root.
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
	flag.StringVar(&o.bin, "bin", "bin", "folder of the binaries")
	flag.StringVar(&o.dir, "dir", ".cache/demo", "folder for everything the demo writes")
	flag.StringVar(&o.config, "config", "../config", "folder of the example configurations")
	flag.BoolVar(&o.stay, "up", false, "leave everything running until Ctrl-C")
	flag.StringVar(&o.fault, "fault", "", "make the demo fail: auth (mail is refused), rule (one rule is gone) or extra (an attack more)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}
