package fim

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// scope is which paths are watched.
type scope struct {
	// roots are clean, absolute, and none is below another.
	roots   []string
	exclude []string
	// own are folders of this process, excluded whatever their names.
	own []string
}

func newScope(paths, exclude, own []string) (scope, error) {
	s := scope{own: own}
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			return scope{}, fmt.Errorf("path %q is not absolute", p)
		}
		s.roots = append(s.roots, filepath.Clean(p))
	}
	slices.Sort(s.roots)
	s.roots = slices.Compact(s.roots)
	all := s.roots
	s.roots = slices.DeleteFunc(slices.Clone(all), func(p string) bool {
		return slices.ContainsFunc(all, func(q string) bool { return p != q && under(p, q) })
	})
	for _, p := range exclude {
		if !doublestar.ValidatePattern(p) {
			return scope{}, fmt.Errorf("glob %q is malformed", p)
		}
		if !strings.Contains(p, "/") {
			p = "**/" + p
		}
		s.exclude = append(s.exclude, p)
	}
	return s, nil
}

// under tells whether a path is a folder or below it.
func under(path, dir string) bool {
	return path == dir || dir == "/" || strings.HasPrefix(path, dir) && path[len(dir)] == '/'
}

// root is the root that a path belongs to, "" for none.
func (s *scope) root(path string) string {
	for _, r := range s.roots {
		if under(path, r) {
			return r
		}
	}
	return ""
}

// leadsTo tells whether a root is at a path or below it.
func (s *scope) leadsTo(path string) bool {
	return slices.ContainsFunc(s.roots, func(r string) bool { return under(r, path) })
}

// excluded looks at the path alone: what is below an excluded folder is kept out
// by never entering it.
func (s *scope) excluded(path string) bool {
	for _, dir := range s.own {
		if path == dir {
			return true
		}
	}
	for _, p := range s.exclude {
		if doublestar.MatchUnvalidated(p, path) {
			return true
		}
	}
	return false
}

// covers tells whether a path is watched, all folders above it considered.
func (s *scope) covers(path string) bool {
	root := s.root(path)
	if root == "" {
		return false
	}
	for p := path; ; p = filepath.Dir(p) {
		if s.excluded(p) {
			return false
		}
		if p == root || p == "/" {
			return true
		}
	}
}
