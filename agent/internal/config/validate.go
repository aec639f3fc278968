package config

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tocsin-security/tocsin/agent/internal/charset"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// The least that makes sense. A spool smaller than a few full batches could
// never hold one of every lane.
const (
	minSpool  = 16 << 20
	minLine   = 256
	minRescan = time.Second
	minMemory = 32 << 20
	maxCPUs   = 1024
	// minHash is what a bound on hashing must at least be, in bytes.
	minHash = 1 << 20
)

// checker collects what is wrong, each with its line.
type checker struct {
	document *settings.Document
	around   Surroundings
	errs     []error
}

func (c *checker) errorf(key, format string, args ...any) {
	c.errs = append(c.errs, c.document.Errorf(key, format, args...))
}

func (c *Config) validate(document *settings.Document, around Surroundings) error {
	check := &checker{document: document, around: around}
	if c.StateDir == "" {
		check.errorf("state_dir", "must not be empty")
	}
	for i, address := range c.Collectors {
		check.address(fmt.Sprintf("collectors[%d]", i), address)
	}
	if len(c.Sources.Files) == 0 && len(c.Sources.FIM.Paths) == 0 && !c.Sources.Journald.Enabled {
		check.errorf("sources", "names neither files nor fim paths nor the journal: there is nothing to read")
	}
	if len(c.Patterns) > 0 {
		c.PatternSet = check.patterns(c.Patterns)
		check.around.Parsers = slices.Concat(check.around.Parsers, c.PatternSet.Names())
	}
	for i := range c.Sources.Files {
		check.file(fmt.Sprintf("sources.files[%d]", i), &c.Sources.Files[i], c.StateDir)
	}
	check.journald(&c.Sources.Journald)
	check.fim(&c.Sources.FIM)
	if c.Spool.MaxSize < minSpool {
		check.errorf("spool.max_size", "must be at least 16MiB")
	}
	if c.Resources.Memory < minMemory {
		check.errorf("resources.memory", "must be at least 32MiB")
	}
	if c.Resources.CPUs < 1 || c.Resources.CPUs > maxCPUs {
		check.errorf("resources.cpus", "must be from 1 to %d", maxCPUs)
	}
	if c.HTTP.Listen != "" {
		check.address("http.listen", c.HTTP.Listen)
	}
	check.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	check.oneOf("log.format", c.Log.Format, "text", "json")
	return errors.Join(check.errs...)
}

func (c *checker) file(key string, f *File, state string) {
	if len(f.Paths) == 0 {
		c.errorf(key+".paths", "must name at least one file")
	}
	c.globs(key+".paths", f.Paths, false)
	c.globs(key+".exclude", f.Exclude, true)
	c.loops(key+".paths", f, state)
	names := c.around.Parsers
	if !slices.Contains(names, f.Parser) {
		c.errorf(key+".parser", "no parser is called %q; there are: %s", f.Parser, strings.Join(names, ", "))
	}
	c.oneOf(key+".start", f.Start, StartEnd, StartBeginning)
	if _, err := time.LoadLocation(f.Timezone); err != nil {
		c.errorf(key+".timezone", "no time zone is called %q", f.Timezone)
	}
	if f.MaxLine < minLine || f.MaxLine > event.MaxLine {
		c.errorf(key+".max_line", "must be from %dB to %dKiB", minLine, event.MaxLine>>10)
	}
	if _, err := charset.Lookup(f.Encoding); err != nil {
		c.errorf(key+".encoding", "%s", err)
	}
	if f.Multiline != nil {
		c.multiline(key+".multiline", f.Multiline)
	}
}

func (c *checker) multiline(key string, m *Multiline) {
	if _, err := regexp.Compile(m.Start); err != nil {
		c.errorf(key+".start", "%s", err)
	}
	if (m.Start == "") == !m.Indent {
		c.errorf(key, "must have one of start and indent")
	}
	if m.MaxLines < 0 || m.MaxLines == 1 {
		c.errorf(key+".max_lines", "must be at least 2")
	}
	if m.Timeout < 0 {
		c.errorf(key+".timeout", "must not be negative")
	}
}

func (c *checker) fim(f *FIM) {
	for i, path := range f.Paths {
		if !filepath.IsAbs(path) {
			c.errorf(fmt.Sprintf("sources.fim.paths[%d]", i), "%q is not an absolute path", path)
		}
	}
	c.globs("sources.fim.exclude", f.Exclude, true)
	c.globs("sources.fim.diff", f.Diff, false)
	if f.MaxHash < minHash {
		c.errorf("sources.fim.max_hash_size", "must be at least 1MiB")
	}
	if f.HashRate != 0 && f.HashRate < minHash {
		c.errorf("sources.fim.hash_rate", "must be 0, for no bound, or at least 1MiB a second")
	}
	if time.Duration(f.Rescan) < minRescan {
		c.errorf("sources.fim.rescan", "must be at least %s", minRescan)
	}
}

// loops refuses what would make the agent read what it writes: each line it read
// would give another.
func (c *checker) loops(key string, f *File, state string) {
	for i, pattern := range f.Paths {
		at := fmt.Sprintf("%s[%d]", key, i)
		if filepath.IsAbs(state) && strings.HasPrefix(filepath.Clean(pattern)+"/", filepath.Clean(state)+"/") {
			c.errorf(at, "%s is in the agent's own state folder", pattern)
		}
		for _, own := range c.around.Own {
			one := File{Paths: f.Paths[i : i+1], Exclude: f.Exclude}
			if one.Reads(own) {
				c.errorf(at, "%s would read %s, which this agent itself writes; exclude it", pattern, own)
			}
		}
	}
}

// matchesAny tells whether a path, or with above also a folder it is in,
// matches a glob.
func matchesAny(globs []string, path string, above bool) bool {
	for _, glob := range globs {
		if !strings.Contains(glob, "/") {
			glob = "**/" + glob
		}
		for at := path; at != "/" && at != "."; at = filepath.Dir(at) {
			if doublestar.MatchUnvalidated(glob, at) {
				return true
			}
			if !above {
				break
			}
		}
	}
	return false
}

// globs checks patterns that match absolute paths. One that begins with "**"
// does so at any depth; where names are allowed, one without a slash matches
// what is so called anywhere.
func (c *checker) globs(key string, patterns []string, names bool) {
	for i, pattern := range patterns {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case !doublestar.ValidatePathPattern(pattern):
			c.errorf(at, "%q is not a valid glob", pattern)
		case names && pattern != "" && !strings.Contains(pattern, "/"):
		case !filepath.IsAbs(pattern) && !strings.HasPrefix(pattern, "**/"):
			c.errorf(at, "%q is not an absolute path or glob", pattern)
		}
	}
}

func (c *checker) address(key, address string) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		c.errorf(key, "%q is not host:port", address)
		return
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || (n == 0 && key != "http.listen") {
		c.errorf(key, "%q has no port from 1 to 65535", address)
	}
}

func (c *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.errorf(key, "is %q; it must be one of: %s", value, strings.Join(allowed, ", "))
	}
}
