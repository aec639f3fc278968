package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/collector"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

func token(load loader) *cobra.Command {
	c := &cobra.Command{Use: "token", Short: "Manage the tokens by which hosts join the fleet"}
	c.AddCommand(createToken(load))
	return c
}

func createToken(load loader) *cobra.Command {
	var o collector.TokenOptions
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a join token and print it",
		Long: "Make a join token and print it. A collector must run with the same configuration.\n" +
			"Whoever holds the token can enrol hosts until it expires or is used up.",
		Args: cobra.NoArgs,
	}
	ttl := c.Flags().String("ttl", "1h", "how long the token is good, `duration` (30m, 4h, 7d)")
	c.Flags().IntVar(&o.Uses, "uses", 1, "how many hosts it may enrol, `number`")
	c.Flags().BoolVar(&o.AllowLoopback, "allow-loopback", false, "make a token even if no other host can reach the advertised address")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := load()
		if err != nil {
			return err
		}
		if o.TTL, err = settings.ParseDuration(*ttl); err != nil {
			return command.Usage(fmt.Errorf("--ttl: %w", err))
		}
		text, err := collector.CreateToken(c.Context(), cfg, o)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), text)
		return err
	}
	return c
}
