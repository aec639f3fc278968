package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tocsin-security/tocsin/agent/internal/pattern"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// maxPatterns bounds a file of patterns, in bytes.
const maxPatterns = 4 << 20

// LoadPatterns reads files of users' patterns. Taken are the names that their
// parsers may not have. An error that the content of one causes is a
// *settings.Error.
func LoadPatterns(paths, taken []string) (*pattern.Set, error) {
	var files []pattern.File
	var errs []error
	for _, path := range paths {
		data, err := readPatterns(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files = append(files, pattern.File{Name: path, Data: data})
	}
	set, err := pattern.Parse(files, taken)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return set, nil
}

func readPatterns(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, &settings.Error{File: path, Message: reason(err)}
	case !info.Mode().IsRegular():
		return nil, &settings.Error{File: path, Message: "is no file"}
	case info.Size() > maxPatterns:
		return nil, &settings.Error{File: path, Message: "is larger than 4MiB"}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &settings.Error{File: path, Message: reason(err)}
	}
	return data, nil
}

// reason is an error without the path, which the message has already.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

// patterns are what the files of c.Patterns hold. A glob may match nothing; a file
// that is named must be there.
func (c *checker) patterns(globs []string) *pattern.Set {
	var paths []string
	for i, glob := range globs {
		at := fmt.Sprintf("patterns[%d]", i)
		if !doublestar.ValidatePathPattern(glob) {
			c.errorf(at, "%q is not a valid glob", glob)
			continue
		}
		if !filepath.IsAbs(glob) {
			c.errorf(at, "%q is not an absolute path or glob", glob)
			continue
		}
		found, err := doublestar.FilepathGlob(glob, doublestar.WithFilesOnly())
		if err != nil {
			c.errorf(at, "%s", reason(err))
		}
		if base, rest := doublestar.SplitPattern(glob); len(found) == 0 && !isGlob(rest) {
			c.errorf(at, "%s: there is no such file", filepath.Join(base, rest))
		}
		slices.Sort(found)
		for _, path := range found {
			if !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	set, err := LoadPatterns(paths, slices.Concat(c.around.Parsers, c.around.Reserved))
	if err != nil {
		c.errs = append(c.errs, err)
	}
	return set
}

func isGlob(path string) bool {
	for _, c := range path {
		switch c {
		case '*', '?', '[', '{':
			return true
		}
	}
	return false
}
