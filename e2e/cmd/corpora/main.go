// Command corpora runs scenarios of changing files through the real agent and
// prints a table; it fails if one comes out wrong.
// Usage: corpora -bin FOLDER FILE...
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/tocsin-security/tocsin/e2e/fimscenario"
)

func main() {
	bin := flag.String("bin", "bin", "folder of the binaries")
	only := flag.String("only", "", "id of the one scenario to run")
	patience := flag.Duration("patience", 10*time.Second, "how long expected events are waited for")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *bin, *only, *patience); err != nil {
		fmt.Fprintln(os.Stderr, "corpora:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, bin, only string, patience time.Duration) error {
	all, err := fimscenario.ReadFiles(flag.Args()...)
	if err != nil {
		return err
	}
	if only != "" {
		all = slices.DeleteFunc(all, func(s fimscenario.Scenario) bool { return s.ID != only })
	}
	runner := fimscenario.Runner{Bin: bin, Patience: patience}
	return runner.Table(ctx, os.Stdout, all)
}
