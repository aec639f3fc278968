package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func backtest(load loader) *cobra.Command {
	var o alerter.BacktestOptions
	var since string
	c := &cobra.Command{
		Use:   "backtest",
		Short: "Replay stored events through rules: what would they have found, and told?",
		Long: `Reads the events that NATS still has, leaves no mark on them or on who consumes
them, and writes one JSON object for each finding, each notification when it was due,
and each alert as it is in the end. Rules are those of --rule, else the configured ones;
receivers and routes are the configured ones, and nobody is told.`,
		Example: "  tocsin-alerter backtest --rule new.yml --since 7d",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if o.Since, err = settings.ParseDuration(since); err != nil {
				return command.Usage(fmt.Errorf("--since: %w", err))
			}
			cfg, err := load()
			if err != nil {
				return err
			}
			if o.Log, err = command.Logger(cfg.Log.Level, cfg.Log.Format); err != nil {
				return command.Config(err)
			}
			o.Out = c.OutOrStdout()
			return alerter.Backtest(c.Context(), cfg, o)
		},
	}
	c.Flags().StringVar(&since, "since", "24h", "how far back it reaches, like 24h or 7d")
	c.Flags().StringArrayVar(&o.Rules, "rule", nil, "rule `file or folder` in the place of the configured ones; repeatable")
	c.Flags().StringArrayVar(&o.Pipelines, "pipeline", nil, "processing pipeline `file` that changes rules as they are read; repeatable")
	c.Flags().StringToStringVar(&o.Lists, "list", nil, "`NAME=FILE` of values for a placeholder; repeatable")
	return c
}
