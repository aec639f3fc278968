package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/shell/command"
)

func run(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Look at events and tell of alerts until told to stop",
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
			reload := make(chan os.Signal, 1)
			signal.Notify(reload, syscall.SIGHUP)
			defer signal.Stop(reload)
			return alerter.Run(c.Context(), cfg, alerter.Options{Load: load, Reload: reload, Log: log})
		},
	}
}
