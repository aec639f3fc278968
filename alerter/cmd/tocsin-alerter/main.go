// Command tocsin-alerter looks at events, counts what its rules find in them, and
// tells people.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/shell/command"
)

// loader reads the configuration that --config names.
type loader func() (*alerter.Config, error)

func main() { os.Exit(command.Main(root())) }

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "tocsin-alerter",
		Short: "Look at events, count what rules find in them, and tell people",
	}
	path := c.PersistentFlags().StringP("config", "c", "/etc/tocsin/alerter.yaml", "configuration `file`")
	load := func() (*alerter.Config, error) { return alerter.LoadConfig(*path) }
	c.AddCommand(run(load), explain(load), receivers(load), report(load), backtest(load), checkConfig(load), rules(load))
	return c
}
