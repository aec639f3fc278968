package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func checkConfigCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "check-config",
		Short: "Say what is wrong with a configuration; exit code 3 if anything is",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := loadConfig(path); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.OutOrStdout(), "%s is valid\n", path)
			return err
		},
	}
	configFlag(c, &path)
	return c
}
