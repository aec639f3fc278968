package main

import (
	"github.com/spf13/cobra"

	"github.com/tocsin-security/tocsin/alerter"
)

func rules(load loader) *cobra.Command {
	c := &cobra.Command{
		Use:   "rules",
		Short: "Ask about rules",
		Long: `Asks about the rules of the given files and folders; without any, about those
of the configuration if --config is given, else about the shipped ones.`,
	}
	strict, cost := false, false
	check := ruleQuestion(load, "check [PATH]...", "Say what is wrong with rules; exit code 3 if anything is", func(q *alerter.RuleQuery) error {
		q.Strict, q.Cost = strict, cost
		return q.Check()
	})
	check.Flags().BoolVar(&cost, "cost", false, "write which events each rule is held against")
	check.Flags().BoolVar(&strict, "strict", false, "exit code 3 also for rules that no event here can satisfy")
	c.AddCommand(
		check,
		ruleTest(load),
		ruleQuestion(load, "list [PATH]...", "List rules: id, level, type, whether they alert, and name", (*alerter.RuleQuery).List),
	)
	return c
}

func ruleTest(load loader) *cobra.Command {
	var q alerter.RuleTest
	c := &cobra.Command{
		Use:   "test FOLDER...",
		Short: "Run the cases of rules; exit code 1 if one finds something else than it wants",
		Long: `Runs the cases of the want.yaml files in the given folders, each on a clock that
its events drive. Raw lines (NAME.log) are read by tocsin-agent explain, events
(NAME.jsonl) as it writes them.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if c.Flags().Changed("config") {
				if q.Config, err = load(); err != nil {
					return err
				}
			}
			q.Folders, q.Out = args, c.OutOrStdout()
			return q.Run(c.Context())
		},
	}
	c.Flags().StringArrayVar(&q.Rules, "rules", nil, "rule `file or folder` in the place of the shipped ones; repeatable")
	c.Flags().StringArrayVar(&q.Pipelines, "pipeline", nil, "processing pipeline `file` that changes rules as they are read; repeatable")
	c.Flags().StringToStringVar(&q.Lists, "list", nil, "`NAME=FILE` of values for a placeholder; repeatable")
	c.Flags().StringVar(&q.Agent, "agent", "", "the tocsin-agent `program` that reads raw lines; else the one beside this program, or in PATH")
	return c
}

func ruleQuestion(load loader, use, short string, ask func(*alerter.RuleQuery) error) *cobra.Command {
	var lists map[string]string
	var pipelines []string
	c := &cobra.Command{
		Use:   use,
		Short: short,
		RunE: func(c *cobra.Command, args []string) (err error) {
			q := alerter.RuleQuery{Paths: args, Lists: lists, Pipelines: pipelines, Out: c.OutOrStdout()}
			if c.Flags().Changed("config") {
				if q.Config, err = load(); err != nil {
					return err
				}
			}
			return ask(&q)
		},
	}
	c.Flags().StringArrayVar(&pipelines, "pipeline", nil, "processing pipeline `file` that changes rules as they are read; repeatable")
	c.Flags().StringToStringVar(&lists, "list", nil, "`NAME=FILE` of values for a placeholder; repeatable")
	return c
}
