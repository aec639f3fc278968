package corpora

import "context"

// Scorer asks of one corpus one thing.
type Scorer struct {
	// Name is how a command calls it.
	Name string
	// Run scores the corpus in a folder into a table.
	Run func(ctx context.Context, p Programs, dir string, table *Table) error
}

// Programs are what lines go through.
type Programs struct {
	Agent   Agent
	Alerter Alerter
}

// Scorers are all of them.
func Scorers() []Scorer {
	return []Scorer{
		{"auth", ofAgent(authFailures)},
		{"host", ofAgent(hostLines)},
		{"fields", ofAgent(parsedFields)},
		{"ecs", ofAgent(coreFields)},
		{"trace", ofAgent(traces)},
		{"web", webAttacks},
	}
}

// ofAgent is a scorer that asks the agent alone.
func ofAgent(run func(context.Context, Agent, string, *Table) error) func(context.Context, Programs, string, *Table) error {
	return func(ctx context.Context, p Programs, dir string, table *Table) error {
		return run(ctx, p.Agent, dir, table)
	}
}
