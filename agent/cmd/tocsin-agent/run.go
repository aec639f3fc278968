package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/agent"
	"github.com/tocsin-security/tocsin/shell/command"
)

func runCommand() *cobra.Command {
	var path string
	var dryRun bool
	c := &cobra.Command{
		Use:   "run",
		Short: "Read the configured sources and send what they say, until SIGTERM",
		Long: "Read the configured sources and send what they say, until SIGTERM. SIGHUP reloads the\n" +
			"configuration. With --dry-run the same events go to standard output as JSON instead,\n" +
			"which needs no enrolment.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			reload := make(chan os.Signal, 1)
			signal.Notify(reload, syscall.SIGHUP)
			defer signal.Stop(reload)
			o := agent.RunOptions{
				Load:    func() (*agent.Config, error) { return loadConfig(path) },
				Reload:  reload,
				Log:     command.Logger,
				Version: command.Version(),
			}
			if dryRun {
				o.DryRun = c.OutOrStdout()
			}
			return agent.Run(c.Context(), o)
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print events instead of sending them")
	return c
}
