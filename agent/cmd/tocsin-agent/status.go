package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/agent"
)

func statusCommand() *cobra.Command {
	var place placeFlags
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Ask the running agent how far it has read and sent",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			folder, err := place.stateDir(c)
			if err != nil {
				return err
			}
			status, err := agent.ReadStatus(c.Context(), folder)
			if err != nil {
				return err
			}
			if !asJSON {
				return status.WriteTable(c.OutOrStdout())
			}
			text, err := json.MarshalIndent(status, "", "  ")
			if err != nil {
				return fmt.Errorf("encode status: %w", err)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", text)
			return err
		},
	}
	place.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
