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
	strict := false
	check := ruleQuestion(load, "check [PATH]...", "Say what is wrong with rules; exit code 3 if anything is", func(q *alerter.RuleQuery) error {
		q.Strict = strict
		return q.Check()
	})
	check.Flags().BoolVar(&strict, "strict", false, "exit code 3 also for rules that no event here can satisfy")
	c.AddCommand(
		check,
		ruleQuestion(load, "list [PATH]...", "List rules: id, level, type, whether they alert, and name", (*alerter.RuleQuery).List),
	)
	return c
}

func ruleQuestion(load loader, use, short string, ask func(*alerter.RuleQuery) error) *cobra.Command {
	var lists map[string]string
	c := &cobra.Command{
		Use:   use,
		Short: short,
		RunE: func(c *cobra.Command, args []string) (err error) {
			q := alerter.RuleQuery{Paths: args, Lists: lists, Out: c.OutOrStdout()}
			if c.Flags().Changed("config") {
				if q.Config, err = load(); err != nil {
					return err
				}
			}
			return ask(&q)
		},
	}
	c.Flags().StringToStringVar(&lists, "list", nil, "`NAME=FILE` of values for a placeholder; repeatable")
	return c
}
