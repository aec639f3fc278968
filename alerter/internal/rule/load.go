package rule

import (
	"errors"
	"io/fs"
)

// Options say which rules a set is made of.
type Options struct {
	// Shipped holds the rules that come with the program; nil for none.
	Shipped fs.FS
	// Paths are files and folders of further rules; folders are read in depth,
	// and of them the files that end in .yml or .yaml.
	Paths []string
	// Disable are ids of rules that shall not alert. What refers to one goes on
	// counting it.
	Disable []string
	// Exceptions are events that rules shall not see.
	Exceptions []Exception
	// Raw takes the events' own names as the fields' names and ignores log sources.
	Raw bool
}

// Exception excludes events from one rule. Every field of Match must hold one of
// its values, which compare as in a detection; a value with a prefix length
// ("10.0.0.0/8") holds all of its addresses.
type Exception struct {
	Rule  string
	Match map[string][]string
}

// Load reads, checks and compiles rules. The error joins everything that is wrong,
// each with its file and line.
func Load(o Options) (*Set, error) {
	_ = o
	return nil, errors.New("load rules: not built")
}
