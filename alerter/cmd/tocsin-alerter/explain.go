package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/shell/command"
)

func explain(load loader) *cobra.Command {
	var x alerter.Explanation
	c := &cobra.Command{
		Use:   "explain [FILE|-]...",
		Short: "Show what the rules find in events",
		Long: `Reads events as tocsin-agent explain writes them, one JSON object a line, from
files or from stdin (-), and writes one JSON object for each finding of the rules.
Time is that of the events. The configuration is read only if --config is given.`,
		Example: "  tocsin-agent explain --source auto access.log | tocsin-alerter explain --rules ./rules",
		RunE: func(c *cobra.Command, args []string) (err error) {
			if x.Why != "" && (x.All || x.Notify) {
				return command.Usage(errors.New("--why goes with neither --all nor --notify"))
			}
			if c.Flags().Changed("config") {
				if x.Config, err = load(); err != nil {
					return err
				}
			}
			for _, path := range args {
				if path == "-" {
					x.Inputs = append(x.Inputs, alerter.Input{Name: path, Reader: c.InOrStdin()})
					continue
				}
				file, err := os.Open(path)
				if err != nil {
					return fmt.Errorf("open events: %w", err)
				}
				defer func() { _ = file.Close() }() // only read
				x.Inputs = append(x.Inputs, alerter.Input{Name: path, Reader: file})
			}
			if len(args) == 0 {
				x.Inputs = []alerter.Input{{Name: "-", Reader: c.InOrStdin()}}
			}
			x.Out, x.Err = c.OutOrStdout(), c.ErrOrStderr()
			return alerter.Explain(c.Context(), x)
		},
	}
	c.Flags().StringArrayVar(&x.Rules, "rules", nil, "rule `file or folder` in the place of the shipped ones; repeatable")
	c.Flags().StringArrayVar(&x.Pipelines, "pipeline", nil, "processing pipeline `file` that changes rules as they are read; repeatable")
	c.Flags().StringToStringVar(&x.Lists, "list", nil, "`NAME=FILE` of values for a placeholder; repeatable")
	c.Flags().BoolVar(&x.Raw, "raw", false, "take the events' own names as field names, and ignore log sources")
	c.Flags().BoolVar(&x.Notify, "notify", false, "add the notifications that would be sent")
	c.Flags().StringVar(&x.Why, "why", "", "tell of each event why it satisfies the `RULE` (id or title), or does not")
	c.Flags().BoolVar(&x.All, "all", false, "write every match, those that open no alert included")
	return c
}
