package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
	"github.com/tocsin-security/tocsin/shell/command"
)

func receivers(load loader) *cobra.Command {
	c := &cobra.Command{
		Use:   "receivers",
		Short: "Look after who is told",
	}
	c.AddCommand(&cobra.Command{
		Use:   "test NAME",
		Short: "Tell a receiver of a made-up alert and print what was said",
		Long: `Sends a real mail to the receiver and prints the conversation with the mail
server, secrets masked; of a report's folder it shows that it can be written.
Needs no NATS. Fails with the server's own words.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			err = alerter.TestReceiver(c.Context(), cfg, args[0], c.OutOrStdout())
			if errors.Is(err, alerter.ErrNoReceiver) {
				return command.Usage(err)
			}
			return err
		},
	})
	return c
}
