// Command sigma loads the public Sigma rules with the real alerter, unmodified,
// and lets rules that come with an event see it. It fails where fewer than 99 % of
// the rules compile, or where a rule does not find its event.
// Usage: sigma -bin FOLDER -rules FOLDER [-events FILE] [-refused FILE]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/tocsin-security/tocsin/e2e/internal/publicrules"
)

func main() {
	var c publicrules.Check
	flag.StringVar(&c.Bin, "bin", "bin", "folder of the binaries")
	flag.StringVar(&c.Rules, "rules", "", "folder of the rules")
	flag.StringVar(&c.Events, "events", "", "file of rules' events, one JSON object a line")
	flag.StringVar(&c.Refused, "refused", "", "file to write that names each refused rule and why")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	tables, err := c.Run(ctx)
	fmt.Print(tables)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sigma:", err)
		stop()
		os.Exit(1)
	}
}
