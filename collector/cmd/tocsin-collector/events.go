package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/collector"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func events(load loader) *cobra.Command {
	o := collector.EventsOptions{}
	c := &cobra.Command{
		Use:   "events",
		Short: "Print stored events, one JSON object a line",
		Args:  cobra.NoArgs,
	}
	classes := c.Flags().StringSlice("class", nil, "only events of this `class` (repeatable)")
	since := c.Flags().String("since", "", "only what was stored in the last `duration` (10m, 24h, 7d); 0s with --follow prints new events alone")
	c.Flags().StringVar(&o.Agent, "agent", "", "only events of the agent with this `name` or id")
	c.Flags().BoolVarP(&o.Follow, "follow", "f", false, "go on with events as they come")
	c.RunE = func(c *cobra.Command, _ []string) error {
		for _, name := range *classes {
			class, ok := event.ClassByName(name)
			if !ok {
				return command.Usage(fmt.Errorf("--class: there is no class %q", name))
			}
			o.Classes = append(o.Classes, class)
		}
		o.Since = -1
		if *since != "" {
			var err error
			if o.Since, err = settings.ParseDuration(*since); err != nil {
				return command.Usage(fmt.Errorf("--since: %w", err))
			}
		}
		cfg, err := load()
		if err != nil {
			return err
		}
		return collector.Events(c.Context(), cfg, o, c.OutOrStdout())
	}
	return c
}
