// Package config is the agent's configuration file: its shape, its defaults and
// what may be wrong with it.
//
// A path goes in; a validated Config, or an error that names file, line and key,
// comes out. The stages do not see it: the root package gives each the part that
// concerns it.
package config

import (
	"regexp"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/pattern"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// Where a file source begins with a log that it sees for the first time.
const (
	StartEnd       = "end"
	StartBeginning = "beginning"
)

// DefaultStateDir is where an agent keeps its identity, positions and spool
// unless told otherwise.
const DefaultStateDir = "/var/lib/tocsin-agent"

// Config is the whole file.
type Config struct {
	StateDir string `yaml:"state_dir"`
	// Collectors are host:port; empty means those that enrolment named.
	Collectors []string `yaml:"collectors"`
	// Patterns are absolute paths or globs of files with users' own patterns.
	Patterns  []string  `yaml:"patterns"`
	Sources   Sources   `yaml:"sources"`
	Spool     Spool     `yaml:"spool"`
	Resources Resources `yaml:"resources"`
	HTTP      HTTP      `yaml:"http"`
	Log       Log       `yaml:"log"`

	// PatternSet is what the files of Patterns hold; nil where there are none.
	PatternSet *pattern.Set `yaml:"-"`
}

// Sources says what is read.
type Sources struct {
	Files    []File   `yaml:"files"`
	Journald Journald `yaml:"journald"`
	FIM      FIM      `yaml:"fim"`
}

// File is one group of log files that are read alike.
type File struct {
	// Paths are absolute names or globs.
	Paths []string `yaml:"paths"`
	// Exclude are absolute globs; what matches one is not read.
	Exclude []string `yaml:"exclude"`
	// Parser is a parser's name, or "auto".
	Parser string `yaml:"parser"`
	// Start is StartEnd or StartBeginning.
	Start string `yaml:"start"`
	// Timezone is the zone of times that name none.
	Timezone string `yaml:"timezone"`
	// MaxLine caps a line; what is longer is cut and flagged.
	MaxLine settings.Bytes `yaml:"max_line"`
	// Encoding is what the files are written in; empty is UTF-8.
	Encoding string `yaml:"encoding"`
	// Multiline says which lines make one record; nil leaves it to the parser.
	Multiline *Multiline `yaml:"multiline"`
}

// Multiline says how lines make one record. Exactly one of Start and Indent is set.
type Multiline struct {
	// Start is a regular expression that the first line of a record matches.
	Start string `yaml:"start"`
	// Indent joins lines that begin with a space or a tab to the one before.
	Indent bool `yaml:"indent"`
	// MaxLines bounds a record; 500 when 0.
	MaxLines int `yaml:"max_lines"`
	// Timeout is how long a last record waits for another line; 2 s when 0.
	Timeout settings.Duration `yaml:"timeout"`
}

// Expression is Start, compiled; nil where there is none. Load has checked it.
func (m *Multiline) Expression() *regexp.Regexp {
	if m.Start == "" {
		return nil
	}
	expression, err := regexp.Compile(m.Start)
	if err != nil {
		return nil
	}
	return expression
}

// Location is the zone that Timezone names. Load has checked that it exists.
func (f *File) Location() *time.Location {
	location, err := time.LoadLocation(f.Timezone)
	if err != nil {
		return time.UTC
	}
	return location
}

// Reads tells whether the group is to read a path.
func (f *File) Reads(path string) bool {
	return matchesAny(f.Paths, path, false) && !matchesAny(f.Exclude, path, true)
}

// FIM says which folders are watched for changes; no paths, no watching.
type FIM struct {
	Paths   []string `yaml:"paths"`
	Exclude []string `yaml:"exclude"`
	// Diff are globs of the files, or folders, of which an event says what differs.
	Diff []string `yaml:"diff"`
	// MaxHash is the size past which a file is compared without a hash.
	MaxHash settings.Bytes `yaml:"max_hash_size"`
	// HashRate is how many bytes a second are read; 0 for no bound.
	HashRate settings.Bytes `yaml:"hash_rate"`
	// Rescan is how often everything is compared with the baseline.
	Rescan settings.Duration `yaml:"rescan"`
}

// Spool bounds what is kept while no collector takes it.
type Spool struct {
	MaxSize settings.Bytes `yaml:"max_size"`
}

// Resources bound what the agent takes of its host.
type Resources struct {
	// Memory is what the Go runtime tries to stay below by collecting garbage more
	// often: a soft limit, that does not end the agent.
	Memory settings.Bytes `yaml:"memory"`
	// CPUs is on how many cores it computes at once.
	CPUs int `yaml:"cpus"`
}

// HTTP is the agent's own endpoint.
type HTTP struct {
	// Listen is host:port; empty means none.
	Listen string `yaml:"listen"`
}

// Log is what the agent says on standard error.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `yaml:"level"`
	// Format is text or json.
	Format string `yaml:"format"`
}

// Default is the configuration of an empty file.
func Default() *Config {
	return &Config{
		StateDir: DefaultStateDir,
		Sources: Sources{
			Journald: Journald{Start: StartEnd, MaxLine: event.DefaultMaxLine},
			FIM:      FIM{Rescan: settings.Duration(time.Hour), MaxHash: 512 << 20},
		},
		Spool: Spool{MaxSize: 1 << 30},
		// Two cores: one reads and parses while the other compresses and sends.
		Resources: Resources{Memory: 128 << 20, CPUs: 2},
		HTTP:      HTTP{Listen: "127.0.0.1:9464"},
		Log:       Log{Level: "info", Format: "text"},
	}
}

// Surroundings are what a configuration is checked against.
type Surroundings struct {
	// Parsers are the names that a parser may have, Reserved others that no user's
	// may.
	Parsers, Reserved []string
	// Own are the files that this process itself writes, by absolute path.
	Own []string
}

// Load reads and validates the file at path. Every error that its content causes
// is a *settings.Error; all that validation finds are reported, joined.
func Load(path string, around Surroundings) (*Config, error) {
	c := Default()
	document, err := settings.Load(path, c)
	if err != nil {
		return nil, err
	}
	c.complete()
	if err := c.validate(document, around); err != nil {
		return nil, err
	}
	return c, nil
}

// complete gives list elements their defaults, which a decoder cannot.
func (c *Config) complete() {
	for i := range c.Sources.Files {
		f := &c.Sources.Files[i]
		if f.Parser == "" {
			f.Parser = "auto"
		}
		if f.Start == "" {
			f.Start = StartEnd
		}
		if f.Timezone == "" {
			f.Timezone = "UTC"
		}
		if f.MaxLine == 0 {
			f.MaxLine = event.DefaultMaxLine
		}
	}
}
