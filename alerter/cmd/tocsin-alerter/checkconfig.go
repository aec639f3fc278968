package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
)

func checkConfig(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "check-config",
		Short: "Read the configuration and its rules and say what is wrong with them",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			count, err := alerter.Check(cfg)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "configuration ok, %d rules\n", count)
			return err
		},
	}
}
