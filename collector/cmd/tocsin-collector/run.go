package main

import (
	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/collector"
	"github.com/tocsin-security/tocsin/shell/command"
)

func run(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Serve agents until told to stop",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			log, err := command.Logger(cfg.Log.Level, cfg.Log.Format)
			if err != nil {
				return command.Config(err)
			}
			return collector.Run(c.Context(), cfg, load, log)
		},
	}
}
