package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/agent"
	"github.com/tocsin-security/tocsin/shell/command"
)

func watchCommand() *cobra.Command {
	var o agent.WatchOptions
	c := &cobra.Command{
		Use:   "watch PATH...",
		Short: "Print what changes in files and folders, one JSON object a change",
		Long: "Print what changes in files and folders, one JSON object a change. \"ready\" on standard\n" +
			"error says that from then on every change is seen. With --state, what changed since the\n" +
			"last run is printed first.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, paths []string) (err error) {
			if len(paths) == 0 {
				return command.Usage(errors.New("name at least one path to watch"))
			}
			// Standard error is for "ready"; what else is on it has to matter.
			if o.Log, err = command.Logger("warn", "text"); err != nil {
				return err
			}
			o.Paths, o.Stdout, o.Stderr = paths, c.OutOrStdout(), c.ErrOrStderr()
			return agent.Watch(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.StateDir, "state", "", "folder that keeps the baseline between runs")
	c.Flags().StringArrayVar(&o.Exclude, "exclude", nil, "glob of absolute paths to leave alone; repeatable")
	return c
}
