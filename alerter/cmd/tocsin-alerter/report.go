package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func report(load loader) *cobra.Command {
	var o alerter.ReportOptions
	var since string
	c := &cobra.Command{
		Use:   "report",
		Short: "Write a report of the last hours or days",
		Long: `Writes every alert with news in the time up to now as a self-contained page, or
as JSON: to stdout, or both into a folder.`,
		Example: "  tocsin-alerter report --since 24h > report.html",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if o.Since, err = settings.ParseDuration(since); err != nil {
				return command.Usage(fmt.Errorf("--since: %w", err))
			}
			if o.Format != "html" && o.Format != "json" {
				return command.Usage(fmt.Errorf("--format: unknown %q: html and json are known", o.Format))
			}
			cfg, err := load()
			if err != nil {
				return err
			}
			if o.Log, err = command.Logger(cfg.Log.Level, cfg.Log.Format); err != nil {
				return command.Config(err)
			}
			o.Out = c.OutOrStdout()
			return alerter.Report(c.Context(), cfg, o)
		},
	}
	c.Flags().StringVar(&since, "since", "24h", "how far back it reaches, like 24h or 7d")
	c.Flags().StringVar(&o.Folder, "folder", "", "`folder` to write HTML and JSON into, instead of stdout")
	c.Flags().StringVar(&o.Format, "format", "html", "html or json, on stdout")
	return c
}
