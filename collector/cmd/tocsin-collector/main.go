// Command tocsin-collector takes events from agents and stores them in NATS
// JetStream; it also makes hosts members of the fleet.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/collector"
	"github.com/tocsin-security/tocsin/shell/command"
)

// loader reads the configuration that --config names.
type loader func() (*collector.Config, error)

func main() { os.Exit(command.Main(root())) }

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "tocsin-collector",
		Short: "Take events from agents and store them in NATS JetStream",
	}
	path := c.PersistentFlags().StringP("config", "c", "/etc/tocsin/collector.yaml", "configuration `file`")
	load := func() (*collector.Config, error) { return collector.LoadConfig(*path) }
	c.AddCommand(run(load), token(load), agents(load), events(load), checkConfig(load))
	return c
}
