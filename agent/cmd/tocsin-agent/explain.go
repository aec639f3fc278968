package main

import (
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/agent"
	"github.com/tocsin-security/tocsin/shell/command"
)

func explainCommand() *cobra.Command {
	var o agent.ExplainOptions
	var list bool
	var zone string
	var patterns []string
	c := &cobra.Command{
		Use:   "explain [--source NAME] [FILE|-]...",
		Short: "Print what the agent makes of raw lines, one JSON object a record",
		Long: "Print what the agent makes of raw lines, one JSON object a record. With --stats it prints\n" +
			"instead, at the end of the input, how many records each parser understood, and the shapes\n" +
			"of the lines that none did, the most frequent first.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, files []string) error {
			// A filter that waits for its input ends as filters do: at once.
			signal.Reset(syscall.SIGINT, syscall.SIGTERM)
			set, err := agent.LoadPatterns(patterns)
			if err != nil {
				return command.Config(err)
			}
			sources := slices.Concat(agent.ExplainSources(), set.Names())
			if list {
				_, err := fmt.Fprintln(c.OutOrStdout(), strings.Join(sources, "\n"))
				return err
			}
			if !slices.Contains(sources, o.Source) {
				return command.Usage(fmt.Errorf("no parser is called %q; --list prints them", o.Source))
			}
			location, err := time.LoadLocation(zone)
			if err != nil {
				return command.Usage(fmt.Errorf("no time zone is called %q", zone))
			}
			o.Patterns = set
			o.Location, o.Stdin, o.Stdout = location, c.InOrStdin(), c.OutOrStdout()
			o.Failed = func(err error) { c.PrintErrf("%s: %v\n", c.Root().Name(), err) }
			err = agent.Explain(c.Context(), files, o)
			if errors.Is(err, agent.ErrIncomplete) {
				return command.ErrSilent
			}
			return err
		},
	}
	c.Flags().StringVar(&o.Source, "source", "auto", "parser, auto to choose by content, or journald for the output of journalctl -o json --all")
	c.Flags().StringArrayVar(&patterns, "patterns", nil, "file of your own patterns (docs/logs.md); repeatable")
	c.Flags().BoolVar(&list, "list", false, "print the parsers' names")
	c.Flags().BoolVar(&o.Stats, "stats", false, "print a table of parsers and unparsed shapes instead of records")
	c.Flags().StringVar(&zone, "tz", "UTC", "zone of times that name none")
	c.Flags().IntVar(&o.Year, "year", time.Now().Year(), "year of times that name none")
	return c
}
