package corpora

import "context"

// Scorer asks of one corpus one thing.
type Scorer struct {
	// Name is how a command calls it.
	Name string
	// Run scores the corpus in a folder into a table.
	Run func(ctx context.Context, agent Agent, dir string, table *Table) error
}

// Scorers are all of them.
func Scorers() []Scorer {
	return []Scorer{
		{"auth", authFailures},
		{"host", hostLines},
		{"fields", parsedFields},
		{"ecs", coreFields},
		{"trace", traces},
	}
}
