// Package law checks, in a test, that a module keeps the house's rules: imports
// go from commands to the module's root package, from there to stages, from
// stages to leaves, and nowhere else; what a module must never reach it does not
// reach; every package says what it is; a main file stays small.
//
// The facts come from the go command, so nothing has to be listed twice.
package law

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxMain is how many lines a main.go may have.
const maxMain = 40

// Rules are what a module promises of itself. Packages are named relative to
// the module, "internal/config".
type Rules struct {
	// Module is the module's path: that of its root package.
	Module string
	// Leaves may be imported by every package of the module, and import only each
	// other. Every other package is a stage.
	Leaves []string
	// Never are import paths that nothing in the module may reach, however
	// indirectly; a path stands for everything beneath it too.
	Never []string
}

// Check fails the test for every breach. It is to be called from the module's
// root folder, which is where the root package's tests run.
func Check(t *testing.T, r Rules) {
	t.Helper()
	packages := list(t)
	for _, leaf := range r.Leaves {
		if !slices.ContainsFunc(packages, func(p found) bool { return p.ImportPath == r.Module+"/"+leaf }) {
			t.Errorf("%s is named as a leaf and does not exist", leaf)
		}
	}
	for i := range packages {
		for _, breach := range r.breaches(&packages[i]) {
			t.Error(breach)
		}
		if lines := mainLines(t, &packages[i]); lines > maxMain {
			t.Errorf("%s/main.go has %d lines; at most %d may be", packages[i].ImportPath, lines, maxMain)
		}
	}
}

// found is what the go command says of a package.
type found struct {
	Dir        string
	ImportPath string
	Name       string
	Doc        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

func list(t *testing.T) []found {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list",
		"-json=Dir,ImportPath,Name,Doc,GoFiles,Imports,Deps", "./...")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []found
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p found
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("read what go list says: %v", err)
		}
		packages = append(packages, p)
	}
}

// breaches says in which ways a package breaks the rules.
func (r Rules) breaches(p *found) []string {
	var out []string
	if p.Doc == "" && len(p.GoFiles) > 0 {
		out = append(out, p.ImportPath+" has no package comment")
	}
	for _, path := range p.Imports {
		if strings.HasPrefix(path+"/", r.Module+"/") && !r.mayImport(p.ImportPath, path) {
			out = append(out, p.ImportPath+" must not import "+path)
		}
	}
	for _, never := range r.Never {
		for _, path := range p.Deps {
			if strings.HasPrefix(path+"/", never+"/") {
				out = append(out, p.ImportPath+" reaches "+path)
			}
		}
	}
	return out
}

// mayImport tells whether one package of the module may import another.
func (r Rules) mayImport(from, to string) bool {
	switch {
	case from == r.Module:
		return true
	case strings.HasPrefix(from, r.Module+"/cmd/"):
		return to == r.Module
	case r.leaf(to):
		return true
	case r.leaf(from):
		return false
	default:
		// What lies beneath a stage is a part of it.
		return strings.HasPrefix(to, from+"/")
	}
}

func (r Rules) leaf(path string) bool {
	return slices.Contains(r.Leaves, strings.TrimPrefix(path, r.Module+"/"))
}

func mainLines(t *testing.T, p *found) int {
	t.Helper()
	if p.Name != "main" || !slices.Contains(p.GoFiles, "main.go") {
		return 0
	}
	data, err := os.ReadFile(filepath.Join(p.Dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(data, []byte("\n"))
}
