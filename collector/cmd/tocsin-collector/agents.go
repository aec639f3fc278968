package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/collector"
)

func agents(load loader) *cobra.Command {
	c := &cobra.Command{Use: "agents", Short: "Look at the members of the fleet"}
	c.AddCommand(listAgents(load))
	return c
}

func listAgents(load loader) *cobra.Command {
	c := &cobra.Command{
		Use:   "list",
		Short: "List agents: when each was last seen, and how far behind it is",
		Args:  cobra.NoArgs,
	}
	asJSON := c.Flags().Bool("json", false, "write one JSON object a line")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		list, err := collector.Agents(c.Context(), cfg)
		if err != nil {
			return err
		}
		return collector.WriteAgents(c.OutOrStdout(), list, *asJSON, time.Now())
	}
	return c
}
