package file

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tocsin-security/tocsin/agent/internal/charset"
)

// input is a checked Input.
type input struct {
	Input
	limit    int
	charset  *charset.Charset
	patterns []pattern
	exclude  []string
	// mark is the key under which the positions remember that this input has
	// been seen before.
	mark string
}

// pattern is a glob with its names apart, so that only folders that may hold a
// match are walked.
type pattern struct {
	text  string
	names []string
}

func compile(in Input) (input, error) {
	c := input{Input: in, mark: markKey(in)}
	var err error
	if c.limit, err = in.maxLine(); err != nil {
		return input{}, err
	}
	if c.charset, err = charset.Lookup(in.Encoding); err != nil {
		return input{}, err
	}
	if in.Multiline != nil {
		if c.Multiline, err = in.Multiline.complete(); err != nil {
			return input{}, err
		}
	}
	switch in.Start {
	case "", StartEnd:
		c.Start = StartEnd
	case StartBeginning:
	default:
		return input{}, fmt.Errorf("start %q is neither %q nor %q", in.Start, StartEnd, StartBeginning)
	}
	if len(in.Paths) == 0 {
		return input{}, errors.New("no paths")
	}
	for _, p := range in.Paths {
		if err := checkGlob(p); err != nil {
			return input{}, err
		}
		if !strings.HasPrefix(p, "/") {
			return input{}, fmt.Errorf("path %q is not absolute", p)
		}
		clean := filepath.Clean(p)
		c.patterns = append(c.patterns, pattern{text: clean, names: strings.Split(clean[1:], "/")})
	}
	for _, p := range in.Exclude {
		if err := checkGlob(p); err != nil {
			return input{}, err
		}
		if !strings.Contains(p, "/") {
			p = "**/" + p
		}
		c.exclude = append(c.exclude, p)
	}
	return c, nil
}

// checkGlob refuses what doublestar does not understand, and alternatives over
// several names, which cannot be walked name by name.
func checkGlob(p string) error {
	if !doublestar.ValidatePattern(p) {
		return fmt.Errorf("glob %q is malformed", p)
	}
	depth := 0
	for _, c := range p {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		case '/':
			if depth > 0 {
				return fmt.Errorf("glob %q has a / within {}", p)
			}
		}
	}
	return nil
}

func (in *input) excluded(path string) bool {
	for _, p := range in.exclude {
		if doublestar.MatchUnvalidated(p, path) {
			return true
		}
	}
	return false
}

// matches tells whether the input is to read a path.
func (in *input) matches(path string) bool {
	if isPacked(path) {
		return false
	}
	for i := range in.patterns {
		if doublestar.MatchUnvalidated(in.patterns[i].text, path) {
			return !in.excluded(path) && !in.underExcluded(path)
		}
	}
	return false
}

// underExcluded tells whether a folder above path is excluded.
func (in *input) underExcluded(path string) bool {
	if len(in.exclude) == 0 {
		return false
	}
	for dir := filepath.Dir(path); dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		if in.excluded(dir) {
			return true
		}
	}
	return false
}

// walker visits what an input's globs match.
type walker struct {
	in *input
	// folder is told of every folder that may hold a match, before it is read, so
	// that what appears afterwards is noticed.
	folder func(dir string)
	// file is told of every match; it may be a link, or no regular file.
	file func(path string)
	// failed is told of folders that exist and cannot be read.
	failed func(dir string, err error)
}

func (w *walker) walk() {
	for i := range w.in.patterns {
		w.descend("/", w.in.patterns[i].names)
	}
}

func (w *walker) descend(dir string, names []string) {
	name := names[0]
	if !hasMeta(name) {
		w.literal(dir, names)
		return
	}
	if dir != "/" && w.in.excluded(dir) {
		return
	}
	w.folder(dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			w.failed(dir, err)
		}
		return
	}
	if name == "**" && len(names) > 1 {
		w.match(dir, entries, names[1:])
	}
	w.match(dir, entries, names)
}

// literal follows a name without reading the folder it is in.
func (w *walker) literal(dir string, names []string) {
	path := filepath.Join(dir, names[0])
	info, err := os.Stat(path)
	if err != nil {
		w.folder(dir) // it may appear
		if !errors.Is(err, fs.ErrNotExist) {
			w.failed(dir, err)
		}
		return
	}
	switch {
	case len(names) == 1:
		w.folder(dir)
		if !info.IsDir() && !w.in.excluded(path) {
			w.file(path)
		}
	case info.IsDir() && !w.in.excluded(path):
		w.descend(path, names[1:])
	}
}

func (w *walker) match(dir string, entries []fs.DirEntry, names []string) {
	deep := names[0] == "**"
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !deep && !doublestar.MatchUnvalidated(names[0], e.Name()) {
			continue
		}
		// A link to a folder is not followed: it could lead round in a circle.
		switch {
		case e.IsDir() && deep:
			w.descend(path, names)
		case e.IsDir() && len(names) > 1:
			if !w.in.excluded(path) {
				w.descend(path, names[1:])
			}
		case !e.IsDir() && len(names) == 1 && !w.in.excluded(path):
			w.file(path)
		}
	}
}

func hasMeta(name string) bool { return strings.ContainsAny(name, `*?[{\`) }
