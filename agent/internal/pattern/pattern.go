// Package pattern is what users write to have the lines of their own programs
// understood: grok expressions in YAML, compiled once, and held against lines.
//
// The bytes of files go in; a Set comes out, or errors that name file, line and key.
// It is pure: no I/O and no clock. A Set never changes, and any number of
// goroutines may hold lines against it.
//
// # The work of one line
//
// Expressions are RE2's, which take time linear in the text. Three things bound it
// further: an expression runs only where the text holds the longest literal that it
// cannot do without; a text over MaxText is held against no expression; and on one
// text expressions run until they have looked at maxWork bytes. What was given up
// for that is counted (Skipped). A text is never cut instead: the end of a line is
// what the program itself wrote, and a cut would put a stranger's words there.
package pattern

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/shell/settings"
)

const (
	// MaxText is the longest text that is held against an expression, in bytes.
	MaxText = 8 << 10
	// maxWork is how many bytes expressions look at for one text, all together.
	maxWork = 64 << 10
)

// File is one file of patterns, as it was read.
type File struct {
	Name string
	Data []byte
}

// Set is all patterns of some files, in their order. A nil Set is empty.
type Set struct {
	files    []File
	patterns []*Pattern
	names    []string
	programs map[string][]*Pattern
	general  []*Pattern
	examples []Example
	skipped  atomic.Uint64
}

// Pattern is one entry of a file: expressions, and what a line that matches one of
// them means.
type Pattern struct {
	// Name is the parser's; patterns of one name are one parser.
	Name string

	programs    []string
	globs       []string
	expressions []expression
	set         []event.Field
	layouts     []layout
}

// expression is one grok expression.
type expression struct {
	regexp   *regexp.Regexp
	literal  []byte    // what a text must hold to match; may be empty
	captures []capture // by the number of its group, the first for group 1
}

// Example is a line of a user's own, and what has to become of it.
type Example struct {
	// Name is the parser that is to read the line.
	Name, Line string
	// Want are the fields that the line's event must have, no values for one that it
	// must not have. Refused says that the line must not be the parser's at all.
	Want    []Wanted
	Refused bool

	place settings.Error
}

// Wanted is a field with its values.
type Wanted struct {
	Name   string
	Values []string
	line   int
}

// Errorf is an error at the example's place.
func (x *Example) Errorf(format string, args ...any) error {
	fault := x.place
	fault.Message = fmt.Sprintf(format, args...)
	return &fault
}

// ErrorAt is an error at one of the wanted fields.
func (x *Example) ErrorAt(w *Wanted, format string, args ...any) error {
	fault := x.place
	fault.Line, fault.Key = w.line, fault.Key+".want."+w.Name
	fault.Message = fmt.Sprintf(format, args...)
	return &fault
}

// Parse reads files and compiles what is in them. Taken are the names that a parser
// may not have. Every error is a *settings.Error; all of them are reported, joined.
func Parse(files []File, taken []string) (*Set, error) {
	s := &Set{files: files, programs: make(map[string][]*Pattern)}
	owners := make(map[string]string)
	for _, name := range taken {
		owners[name] = ""
	}
	var errs []error
	for _, f := range files {
		found, err := parseFile(f, owners)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for i := range found {
			s.add(&found[i])
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Set) add(c *compiled) {
	p := &c.pattern
	s.patterns = append(s.patterns, p)
	s.examples = append(s.examples, c.examples...)
	if !slices.Contains(s.names, p.Name) {
		s.names = append(s.names, p.Name)
	}
	for _, program := range p.programs {
		s.programs[program] = append(s.programs[program], p)
	}
	if len(p.programs)+len(p.globs) == 0 {
		s.general = append(s.general, p)
	}
}

// Names are the parsers', in the order of the files.
func (s *Set) Names() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.names)
}

// Equal says whether two sets were made of the same files.
func (s *Set) Equal(other *Set) bool {
	var a, b []File
	if s != nil {
		a = s.files
	}
	if other != nil {
		b = other.files
	}
	return slices.EqualFunc(a, b, func(x, y File) bool { return x.Name == y.Name && bytes.Equal(x.Data, y.Data) })
}

// Named are the patterns of a parser.
func (s *Set) Named(name string) []*Pattern {
	var found []*Pattern
	if s != nil {
		for _, p := range s.patterns {
			if p.Name == name {
				found = append(found, p)
			}
		}
	}
	return found
}

// Program are the patterns for the messages of a syslog program.
func (s *Set) Program(name []byte) []*Pattern { return s.programs[string(name)] }

// InFile are the patterns for the lines of a file.
func (s *Set) InFile(path string) []*Pattern {
	var found []*Pattern
	for _, p := range s.patterns {
		if slices.ContainsFunc(p.globs, func(glob string) bool { return doublestar.MatchUnvalidated(glob, path) }) {
			found = append(found, p)
		}
	}
	return found
}

// General are the patterns that name neither programs nor files.
func (s *Set) General() []*Pattern { return s.general }

// Examples are those of all patterns, in the order of the files.
func (s *Set) Examples() []Example {
	if s == nil {
		return nil
	}
	return s.examples
}

// Skipped counts the texts that were not, or not all, looked at for their length.
func (s *Set) Skipped() uint64 {
	if s == nil {
		return 0
	}
	return s.skipped.Load()
}

// HasUnit says whether a unit of systemd is one of the pattern's program: it has the
// program's name, or one that begins with the parser's.
func (p *Pattern) HasUnit(unit, program []byte) bool {
	name, ok := strings.CutSuffix(string(unit), ".service")
	name, _, _ = strings.Cut(name, "@")
	return ok && name != "" && (name == string(program) || strings.HasPrefix(name, p.Name))
}
