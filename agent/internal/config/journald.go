package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// Journald says what is read of the journal of systemd. Without Units, Identifiers,
// Priority and Matches it is all of it.
type Journald struct {
	Enabled bool `yaml:"enabled"`
	// Start is StartEnd or StartBeginning.
	Start string `yaml:"start"`
	// Units are names or globs of units, Identifiers what programs call themselves,
	// Priority a level or a range of levels, Matches FIELD=VALUE, as journalctl
	// takes them.
	Units       []string `yaml:"units"`
	Identifiers []string `yaml:"identifiers"`
	Priority    string   `yaml:"priority"`
	Matches     []string `yaml:"matches"`
	// Directory holds the journal's files; the system's own journal when empty.
	Directory string `yaml:"directory"`
	// Namespace is that of a journal; the default one when empty.
	Namespace string `yaml:"namespace"`
	// MaxLine caps a message; what is longer is cut and flagged.
	MaxLine settings.Bytes `yaml:"max_line"`
	// Covers are globs of log files that hold what the journal holds too: where the
	// journal is read, they are not.
	Covers []string `yaml:"covers"`
}

// selects says whether only a part of the journal is read.
func (j *Journald) selects() bool {
	return len(j.Units)+len(j.Identifiers)+len(j.Matches) > 0 || j.Priority != ""
}

var (
	isMatch = regexp.MustCompile(`^[A-Z_][A-Z0-9_]*=`)
	isLevel = regexp.MustCompile(`^(emerg|alert|crit|err|warning|notice|info|debug|[0-7])$`)
)

func (c *checker) journald(j *Journald) {
	const key = "sources.journald"
	c.oneOf(key+".start", j.Start, StartEnd, StartBeginning)
	c.words(key+".units", j.Units)
	c.words(key+".identifiers", j.Identifiers)
	for i, match := range j.Matches {
		if match != "+" && !isMatch.MatchString(match) {
			c.errorf(fmt.Sprintf("%s.matches[%d]", key, i), "%q is not FIELD=VALUE", match)
		}
	}
	if j.Priority != "" {
		from, to, isRange := strings.Cut(j.Priority, "..")
		if !isLevel.MatchString(from) || (isRange && !isLevel.MatchString(to)) {
			c.errorf(key+".priority", "%q is no level (emerg to debug, 0 to 7) and no range of two", j.Priority)
		}
	}
	if j.Directory != "" && !filepath.IsAbs(j.Directory) {
		c.errorf(key+".directory", "%q is not an absolute path", j.Directory)
	}
	if j.Directory != "" && j.Namespace != "" {
		c.errorf(key+".namespace", "has no meaning with a directory")
	}
	if j.MaxLine < minLine || j.MaxLine > event.MaxLine {
		c.errorf(key+".max_line", "must be from %dB to %dKiB", minLine, event.MaxLine>>10)
	}
	c.globs(key+".covers", j.Covers, false)
	if len(j.Covers) > 0 && j.selects() {
		c.errorf(key+".covers", "files would go unread: only a part of the journal is read (units, identifiers, priority, matches)")
	}
}

func (c *checker) words(key string, words []string) {
	for i, word := range words {
		if word == "" {
			c.errorf(fmt.Sprintf("%s[%d]", key, i), "must not be empty")
		}
	}
}
