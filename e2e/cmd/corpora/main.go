// Command corpora runs the lines and scenarios of the development corpora through
// the real agent and prints a table by capability and source; it fails where a
// bound is missed or a scenario comes out wrong.
// Usage: corpora -bin FOLDER CORPORA
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
	flag.StringVar(&o.bin, "bin", "bin", "folder of the binaries")
	flag.BoolVar(&o.verbose, "v", false, "list each miss")
	flag.StringVar(&o.only, "only", "", "the one capability to score (auth, host, fields, ecs, trace, web, fim; lines for all but fim), or the id of the one scenario to run")
	flag.DurationVar(&o.patience, "patience", 10*time.Second, "how long expected events are waited for")
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	o.dir = flag.Arg(0)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := o.run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "corpora:", err)
		stop()
		os.Exit(1)
	}
}
