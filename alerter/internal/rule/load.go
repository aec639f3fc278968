package rule

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
	// Shadow are ids of rules that are on trial.
	Shadow []string
	// Exceptions are events that rules shall not see.
	Exceptions []Exception
	// Pipelines are files of processing pipelines, which change rules as they are read.
	Pipelines []string
	// Lists are the values of placeholders by their names, for |expand.
	Lists map[string][]string
	// Raw takes the events' own names as the fields' names and ignores log sources.
	Raw bool
}

// OptionError says what is wrong with Disable, Shadow or Exceptions.
type OptionError struct {
	// Key is the option's: disable[0], shadow[0], exceptions[1].match and so on.
	Key, Message string
}

// Error names the key.
func (e *OptionError) Error() string { return e.Key + ": " + e.Message }

// Load reads, checks and compiles rules. The error joins everything that is
// wrong, each with its file and line; what is wrong with Disable, Shadow and
// Exceptions is an *OptionError.
func Load(o Options) (*Set, error) {
	definitions, filters, err := o.read()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(definitions, byID)
	l, err := link(definitions)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(l.known("disable", o.Disable), l.known("shadow", o.Shadow)); err != nil {
		return nil, err
	}
	except, err := exceptions(o.Exceptions, l.byWord, o.Lists)
	if err != nil {
		return nil, err
	}
	if err := l.filter(filters, definitions, except); err != nil {
		return nil, err
	}
	l.silence(definitions, o)
	return assemble(definitions, l, except, setHash(definitions, filters, o))
}

// read reads all files.
func (o *Options) read() ([]*definition, []*filter, error) {
	pipelines, err := readPipelines(o.Pipelines)
	if err != nil {
		return nil, nil, err
	}
	var all []*definition
	var filters []*filter
	var errs []error
	add := func(path string, text []byte, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("read rules: %w", err))
			return
		}
		found, narrowing, err := parse(path, text, pipelines, o)
		all, filters, errs = append(all, found...), append(filters, narrowing...), append(errs, err)
	}
	if o.Shipped != nil {
		err := fs.WalkDir(o.Shipped, ".", func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && isRuleFile(path) {
				text, err := fs.ReadFile(o.Shipped, path)
				add("shipped/"+path, text, err)
			}
			return err
		})
		errs = append(errs, err)
	}
	for _, root := range o.Paths {
		if err := walk(root, func(path string) {
			text, err := readBounded(path)
			add(path, text, err)
		}); err != nil {
			errs = append(errs, fmt.Errorf("read rules: %w", err))
		}
	}
	return all, filters, errors.Join(errs...)
}

// walk gives visit a file, or the rule files of a folder. What is hidden is left
// out: there Kubernetes keeps the files that it shows as links.
func walk(root string, visit func(path string)) error {
	info, err := os.Stat(root)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		visit(root)
		return nil
	}
	// The separator makes a link to a folder the folder.
	return filepath.WalkDir(root+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && len(path) > len(root)+1:
			return filepath.SkipDir
		case !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") && isRuleFile(path):
			visit(path)
		}
		return nil
	})
}

func isRuleFile(path string) bool {
	return strings.HasSuffix(path, ".yml") || strings.HasSuffix(path, ".yaml")
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: a rule file is at most %d bytes", path, maxFile)
	}
	return os.ReadFile(path)
}

// parse reads the rules and filters of one file.
func parse(path string, text []byte, pipelines []*pipeline, o *Options) ([]*definition, []*filter, error) {
	docs, err := documents(path, text)
	if err != nil {
		return nil, nil, err
	}
	var all []*definition
	var filters []*filter
	var errs []error
	for _, doc := range docs {
		doc, err := through(pipelines, doc)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if doc.get("filter") != nil {
			f, err := readFilter(doc, o)
			filters, errs = append(filters, f), append(errs, err)
			continue
		}
		d, err := define(doc, o)
		all, errs = append(all, d), append(errs, err)
	}
	return all, filters, errors.Join(errs...)
}

// known says whether an option's ids are all those of rules.
func (l *linker) known(key string, ids []string) error {
	for i, id := range ids {
		if l.byWord[id] == nil {
			return &OptionError{fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("no rule %q", id)}
		}
	}
	return nil
}

// silence decides who alerts: everybody, except whom a correlation refers to
// that does not let its rules alert as well; and whose alerts nobody is told of.
// The rule's own word goes before that, and the configuration's before all.
func (l *linker) silence(definitions []*definition, o Options) {
	for _, d := range definitions {
		d.Alerts = true
	}
	for _, d := range definitions {
		if d.correlation == nil || d.correlation.generate {
			continue
		}
		for _, word := range d.correlation.rules {
			l.byWord[word].Alerts = false
		}
	}
	for _, d := range definitions {
		if d.alert != nil {
			d.Alerts = *d.alert
		}
	}
	for _, id := range o.Disable {
		l.byWord[id].Alerts = false
	}
	for _, id := range o.Shadow {
		l.byWord[id].Shadow = true
	}
	for _, d := range definitions {
		l.nodes[d].Alerts, l.nodes[d].Shadow = d.Alerts, d.Shadow
	}
}

// assemble compiles what is linked.
func assemble(definitions []*definition, l *linker, except map[string][]*expr, hash Hash) (*Set, error) {
	s := &Set{byHash: make(map[Hash]*Root), beneath: make(map[string][]*Info), hash: hash}
	compiled := make(map[string]*detection)
	for _, d := range definitions {
		s.rules = append(s.rules, &d.Info)
		s.beneath[d.ID] = l.beneath(d)
		if d.correlation != nil {
			continue
		}
		where := d.source.tests()
		kids := append(slices.Clone(where), d.body.expr)
		for _, e := range except[d.ID] {
			kids = append(kids, negation(e))
		}
		compiled[d.ID] = &detection{info: &d.Info, of: d, classes: d.source.classes, expr: join(opAll, kids), where: where, except: except[d.ID]}
	}
	for _, d := range definitions {
		if !d.Alerts {
			continue
		}
		r := l.root(d)
		if other := s.byHash[r.Hash]; other != nil {
			return nil, d.at("rule %q is the same as %q", d.Name, other.Name)
		}
		s.roots, s.byHash[r.Hash] = append(s.roots, r), r
		if err := feedAll(r, compiled, except); err != nil {
			return nil, err
		}
	}
	var fed []*detection
	for _, d := range definitions {
		if c := compiled[d.ID]; c != nil && len(c.feeds) > 0 {
			fed = append(fed, c)
		}
	}
	s.program = compile(fed)
	return s, nil
}
