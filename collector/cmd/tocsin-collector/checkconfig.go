package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func checkConfig(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "check-config",
		Short: "Read the configuration and say what is wrong with it",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := load(); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), "configuration ok")
			return err
		},
	}
}
