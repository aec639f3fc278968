package pattern

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/tocsin-security/tocsin/shell/settings"
)

// fileShape is a file of patterns.
type fileShape struct {
	// Definitions are grok patterns of the file's own, by their names.
	Definitions members        `yaml:"definitions"`
	Patterns    []patternShape `yaml:"patterns"`
}

type patternShape struct {
	Name            string         `yaml:"name"`
	Program         words          `yaml:"program"`
	Files           words          `yaml:"files"`
	Match           words          `yaml:"match"`
	Set             members        `yaml:"set"`
	Time            words          `yaml:"time"`
	Examples        []exampleShape `yaml:"examples"`
	Counterexamples words          `yaml:"counterexamples"`
}

type exampleShape struct {
	Line string  `yaml:"line"`
	Want members `yaml:"want"`
}

// words is a list, which may be written as its only element.
type words struct {
	texts []string
	lines []int
	list  bool
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (w *words) UnmarshalYAML(node *yaml.Node) error {
	nodes := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		nodes, w.list = node.Content, true
	}
	for _, n := range nodes {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		if n.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: must be text", n.Line)
		}
		w.texts, w.lines = append(w.texts, n.Value), append(w.lines, n.Line)
	}
	return nil
}

// key is that of an element.
func (w *words) key(name string, i int) string {
	if !w.list {
		return name
	}
	return fmt.Sprintf("%s[%d]", name, i)
}

// members are keys with one or several values, in their order. A key may have dots.
type members []member

type member struct {
	name   string
	values []string
	line   int
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (m *members) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: must hold keys", node.Line)
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if seen[name.Value] {
			return fmt.Errorf("line %d: %q is given twice", name.Line, name.Value)
		}
		seen[name.Value] = true
		one := member{name: name.Value, line: name.Line}
		var list words
		if err := list.UnmarshalYAML(value); err != nil {
			return err
		}
		if value.Tag != "!!null" {
			one.values = list.texts
		}
		*m = append(*m, one)
	}
	return nil
}

// compiled is a pattern with its examples.
type compiled struct {
	pattern  Pattern
	examples []Example
}

// compiler compiles one file and collects what is wrong with it.
type compiler struct {
	file        string
	definitions map[string]string
	// owners are the names that are taken, each with the file that took it; "" is
	// Tocsin itself.
	owners map[string]string
	errs   []error
}

func (c *compiler) errorf(line int, key, format string, args ...any) {
	c.errs = append(c.errs, &settings.Error{File: c.file, Line: line, Key: key, Message: fmt.Sprintf(format, args...)})
}

// parseFile reads one file. No variable is expanded in it: "$" is a regular
// expression's, and an expression is no place for what the environment says.
func parseFile(f File, owners map[string]string) ([]compiled, error) {
	var shape fileShape
	document, err := settings.Parse(f.Name, f.Data, nil, &shape)
	if err != nil {
		return nil, err
	}
	c := &compiler{file: f.Name, owners: owners}
	c.define(shape.Definitions)
	if len(shape.Patterns) == 0 {
		c.errorf(document.Line("patterns"), "patterns", "there are none")
	}
	var found []compiled
	for i := range shape.Patterns {
		key := fmt.Sprintf("patterns[%d]", i)
		found = append(found, c.pattern(key, document.Line(key), &shape.Patterns[i], document))
	}
	return found, errors.Join(c.errs...)
}

var (
	isDefinition = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	isParserName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
)

func (c *compiler) define(definitions members) {
	c.definitions = library()
	own := make(map[string]string)
	for _, d := range definitions {
		key := "definitions." + d.name
		switch _, taken := c.definitions[d.name]; {
		case !isDefinition.MatchString(d.name):
			c.errorf(d.line, key, "a name has letters, digits and _, a letter first")
		case taken:
			c.errorf(d.line, key, "grok has a pattern of that name already")
		case len(d.values) != 1 || d.values[0] == "":
			c.errorf(d.line, key, "must be one expression")
		default:
			own[d.name] = d.values[0]
		}
	}
	for name, text := range own {
		c.definitions[name] = text
	}
	for _, d := range definitions {
		if own[d.name] == "" {
			continue
		}
		if _, err := c.compile("%{" + d.name + "}"); err != nil && !errors.Is(err, errEmpty) {
			c.errorf(d.line, "definitions."+d.name, "%s", err)
		}
	}
}

func (c *compiler) pattern(key string, line int, shape *patternShape, document *settings.Document) compiled {
	p := Pattern{Name: shape.Name, programs: shape.Program.texts, globs: c.globs(key, &shape.Files)}
	at := func(name string) int { return document.Line(key + "." + name) }
	switch owner, taken := c.owners[p.Name]; {
	case p.Name == "":
		c.errorf(line, key+".name", "must be given")
	case !isParserName.MatchString(p.Name):
		c.errorf(at("name"), key+".name", "%q has other than small letters, digits, _ and -, or no letter first", p.Name)
	case taken && owner == "":
		c.errorf(at("name"), key+".name", "a parser of Tocsin's own is called %q", p.Name)
	case taken && owner != c.file:
		c.errorf(at("name"), key+".name", "%s has a parser %q too", owner, p.Name)
	default:
		c.owners[p.Name] = c.file
	}
	for i, program := range shape.Program.texts {
		if program == "" {
			c.errorf(shape.Program.lines[i], shape.Program.key(key+".program", i), "must not be empty")
		}
	}
	captured := make(map[string]bool)
	for i, text := range shape.Match.texts {
		one, err := c.compile(text)
		if err != nil {
			c.errorf(shape.Match.lines[i], shape.Match.key(key+".match", i), "%s", err)
			continue
		}
		for _, to := range one.captures {
			captured[to.name()] = true
		}
		p.expressions = append(p.expressions, one)
	}
	if len(shape.Match.texts) == 0 {
		c.errorf(line, key+".match", "must have at least one expression")
	}
	c.layouts(key, shape, &p, captured)
	c.set(key, shape.Set, &p, captured)
	examples := c.examples(key, shape, p.Name, document)
	return compiled{pattern: p, examples: examples}
}

// globs are the files of a pattern, as absolute globs.
func (c *compiler) globs(key string, files *words) []string {
	var globs []string
	for i, glob := range files.texts {
		at := files.key(key+".files", i)
		if glob != "" && !strings.Contains(glob, "/") {
			glob = "**/" + glob
		}
		switch {
		case glob == "" || !doublestar.ValidatePathPattern(glob):
			c.errorf(files.lines[i], at, "%q is not a valid glob", glob)
		case !filepath.IsAbs(glob) && !strings.HasPrefix(glob, "**/"):
			c.errorf(files.lines[i], at, "%q is not an absolute path or glob", glob)
		default:
			globs = append(globs, glob)
		}
	}
	return globs
}

func (c *compiler) layouts(key string, shape *patternShape, p *Pattern, captured map[string]bool) {
	for i, text := range shape.Time.texts {
		l, err := newLayout(text)
		if err != nil {
			c.errorf(shape.Time.lines[i], shape.Time.key(key+".time", i), "%s", err)
			continue
		}
		p.layouts = append(p.layouts, l)
	}
	if len(shape.Time.texts) > 0 && !captured[timestampName] {
		c.errorf(shape.Time.lines[0], key+".time", "no expression captures %s", timestampName)
	}
	if len(p.layouts) == 0 {
		p.layouts = usualLayouts()
	}
}

func (c *compiler) set(key string, set members, p *Pattern, captured map[string]bool) {
	for _, one := range set {
		at := key + ".set." + one.name
		to, err := newCapture(one.name, "")
		switch {
		case err != nil:
			c.errorf(one.line, at, "%s", err)
			continue
		case to.kind == isTime:
			c.errorf(one.line, at, "a line has its own time")
			continue
		case captured[to.name()]:
			c.errorf(one.line, at, "an expression captures it too")
			continue
		case len(one.values) == 0, len(one.values) > 1 && !to.list:
			c.errorf(one.line, at, "must have one value")
			continue
		}
		var m Match
		for _, value := range one.values {
			if value == "" || !m.capture(to, []byte(value)) {
				c.errorf(one.line, at, "%q is not %s", value, to.kind.says())
			}
		}
		p.set = append(p.set, m.Fields...)
	}
}

func (c *compiler) examples(key string, shape *patternShape, name string, document *settings.Document) []Example {
	var examples []Example
	for i := range shape.Examples {
		one := &shape.Examples[i]
		at := fmt.Sprintf("%s.examples[%d]", key, i)
		x := Example{Name: name, Line: one.Line, place: settings.Error{File: c.file, Line: document.Line(at), Key: at}}
		if one.Line == "" {
			c.errorf(x.place.Line, at+".line", "must be given")
		}
		for _, w := range one.Want {
			if !isWantable(w.name) {
				c.errorf(w.line, at+".want."+w.name, "no field is called so%s", didYouMean(w.name, fieldNames()))
			}
			x.Want = append(x.Want, Wanted{Name: w.name, Values: w.values, line: w.line})
		}
		examples = append(examples, x)
	}
	for i, line := range shape.Counterexamples.texts {
		at := shape.Counterexamples.key(key+".counterexamples", i)
		place := settings.Error{File: c.file, Line: shape.Counterexamples.lines[i], Key: at}
		examples = append(examples, Example{Name: name, Line: line, Refused: true, place: place})
	}
	return examples
}
