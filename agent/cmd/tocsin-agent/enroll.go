package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/agent"
	"github.com/tocsin-security/tocsin/shell/command"
)

// tokenVariable may hold the join token, which then is in no process list.
const tokenVariable = "TOCSIN_TOKEN"

func enrollCommand() *cobra.Command {
	var o agent.EnrollOptions
	var tokenFile string
	var timeout time.Duration
	var place placeFlags
	c := &cobra.Command{
		Use:   "enroll",
		Short: "Join the fleet that a join token names",
		Long: "Join the fleet that a join token names. The token is taken from --token, --token-file\n" +
			"(\"-\" is standard input) or the variable " + tokenVariable + ". The private key is made here and\n" +
			"never leaves the state folder. If the answer is lost, run the same command again. Run by\n" +
			"root, it works as the user that the state folder belongs to.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Token, err = joinToken(o.Token, tokenFile, c.InOrStdin()); err != nil {
				return err
			}
			if o.StateDir, err = place.stateDir(c); err != nil {
				return err
			}
			if o.Log, err = command.Logger("info", "text"); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(c.Context(), timeout)
			defer cancel()
			m, err := agent.Enroll(ctx, o)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "enrolled as %s, agent %s\ncertificate expires %s; it is renewed before\n",
				m.Name, m.AgentID, m.Expires.UTC().Format(time.RFC3339))
			return err
		},
	}
	c.Flags().StringVar(&o.Token, "token", "", "join token")
	c.Flags().StringVar(&tokenFile, "token-file", "", "file that holds the join token")
	c.Flags().StringVar(&o.Name, "name", "", "what to call this host (default: its host name)")
	c.Flags().BoolVar(&o.Force, "force", false, "replace an existing identity")
	c.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to go on trying")
	c.MarkFlagsMutuallyExclusive("token", "token-file")
	place.add(c)
	return c
}

// joinToken is the token from wherever it was given; a flag wins over the environment.
func joinToken(flag, file string, stdin io.Reader) (string, error) {
	switch {
	case flag != "":
		return flag, nil
	case file == "-":
		data, err := io.ReadAll(io.LimitReader(stdin, 1<<16))
		if err != nil {
			return "", fmt.Errorf("read join token: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	case file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read join token: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	}
	if token := os.Getenv(tokenVariable); token != "" {
		return token, nil
	}
	return "", command.Usage(errors.New("give a join token by --token, --token-file or " + tokenVariable))
}
