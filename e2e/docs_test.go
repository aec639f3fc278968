package e2e

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-security/tocsin/e2e/internal/binary"
)

// pages are the documents that are held against the truth, by path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names := []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}
	err := filepath.WalkDir("../docs", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") {
			names = append(names, strings.TrimPrefix(path, "../"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks follows every relative link.
func TestLinks(t *testing.T) {
	for name, text := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("..", filepath.Dir(name), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", name, target)
			}
		}
	}
}

// mentioned are files that prose names in backquotes, from the root.
var mentioned = regexp.MustCompile("`((?:agent|alerter|collector|deploy|docs|e2e|proto|shell|tools|bench)/[\\w./-]+)`")

// TestPaths looks for every path of the repository that a page names.
func TestPaths(t *testing.T) {
	for name, text := range pages(t) {
		for _, found := range mentioned.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("..", found[1])); err != nil {
				t.Errorf("%s names %s, which is not there", name, found[1])
			}
		}
	}
}

// code is what a page shows as code: fenced, indented or in backquotes.
var (
	code   = regexp.MustCompile("(?ms)^```([a-z]*)[^\n]*\n(.*?)^```|^    (\\S[^\n]*)$|`([^`]+)`")
	target = regexp.MustCompile(`(?m)(?:^|[;&|(] *|sudo )make ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*)`)
)

func snippets(text string) (all []string) {
	for _, found := range code.FindAllStringSubmatch(text, -1) {
		if found[1] == "" || found[1] == "sh" {
			all = append(all, found[2])
		}
		// A snippet in backquotes may be broken over two lines.
		all = append(all, found[3], strings.Join(strings.Fields(found[4]), " "))
	}
	return all
}

// TestTargets looks for every make target that a page names.
func TestTargets(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for name, text := range pages(t) {
		for _, snippet := range snippets(text) {
			for _, found := range target.FindAllStringSubmatch(snippet, -1) {
				for goal := range strings.FieldsSeq(found[1]) {
					seen++
					if !bytes.Contains(makefile, []byte("\n"+goal+":")) {
						t.Errorf("%s names make %s, which the Makefile does not have", name, goal)
					}
				}
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d targets are named: the pattern finds them no more", seen)
	}
}

// invocation is a command line of one of the three, up to where another begins.
var invocation = regexp.MustCompile(`(?m)(?:^|[;&|(] *|sudo )tocsin-(agent|collector|alerter) ([^|\n;)#>]*)`)

// TestCommands asks every command that a page names for its help, and looks for
// its flags in there.
func TestCommands(t *testing.T) {
	bin := binary.Folder(t, "tocsin-agent", "tocsin-collector", "tocsin-alerter")
	help := make(map[string]string)
	for name, text := range pages(t) {
		for _, snippet := range snippets(text) {
			for _, found := range invocation.FindAllStringSubmatch(strings.ReplaceAll(snippet, "\\\n", " "), -1) {
				path, flags := parts(found[1], strings.Fields(found[2]))
				said, ok := help[path]
				if !ok {
					said = ask(t, bin, path)
					help[path] = said
				}
				if !strings.Contains(said, "Usage:\n  "+path) {
					t.Errorf("%s names %q: there is no such command", name, path)
				}
				for _, flag := range flags {
					if !regexp.MustCompile(`(?m)^ .*` + regexp.QuoteMeta(flag) + `\b`).MatchString(said) {
						t.Errorf("%s names %q, which %q does not know", name, flag, path)
					}
				}
			}
		}
	}
	if len(help) < 8 {
		t.Errorf("only %v are named: the pattern finds them no more", slices.Sorted(maps.Keys(help)))
	}
}

// parts splits what follows a program's name into the subcommand and its flags.
// Commands with subcommands of their own are known by name.
func parts(program string, words []string) (path string, flags []string) {
	path = "tocsin-" + program
	depth := 0
	for _, word := range words {
		word = strings.Trim(word, "\"'`,.:")
		switch {
		case strings.HasPrefix(word, "--"):
			flag, _, _ := strings.Cut(word, "=")
			flags = append(flags, flag)
		case depth == 0 || depth == 1 && slices.Contains([]string{"token", "agents", "rules", "receivers"}, strings.TrimPrefix(path, "tocsin-"+program+" ")):
			path += " " + word
			depth++
		}
	}
	return path, flags
}

func ask(t *testing.T, bin, path string) string {
	t.Helper()
	words := strings.Fields(path)
	out, err := exec.CommandContext(t.Context(), filepath.Join(bin, words[0]), append(words[1:], "--help")...).CombinedOutput()
	if err != nil {
		t.Errorf("%s --help: %v\n%s", path, err, out)
	}
	return string(out)
}

// TestExamples has the real commands check the configurations that ship, with no
// more than a secret set, and the configurations that pages show.
func TestExamples(t *testing.T) {
	bin := binary.Folder(t, "tocsin-agent", "tocsin-collector", "tocsin-alerter")
	for _, command := range []string{"agent", "collector", "alerter"} {
		checkConfig(t, bin, command, filepath.Join("../deploy/config", command+".yaml"))
	}
	shown := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```")
	for _, text := range pages(t) {
		for _, found := range shown.FindAllStringSubmatch(text, -1) {
			command := commandOf(t, found[1])
			checkConfig(t, bin, command, merged(t, "../deploy/config/"+command+".yaml", found[1]))
		}
	}
}

func checkConfig(t *testing.T, bin, command, path string) {
	t.Helper()
	check := exec.CommandContext(t.Context(), filepath.Join(bin, "tocsin-"+command), "check-config", "--config", path)
	check.Env = []string{"TOCSIN_SMTP_PASSWORD=secret"}
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", path, err, out)
	}
}

// key is a top-level key of a configuration.
var key = regexp.MustCompile(`(?m)^[a-z_]+:`)

// commandOf is the command whose example has the first key that a page shows.
func commandOf(t *testing.T, text string) string {
	t.Helper()
	first := key.FindString(text)
	for _, command := range []string{"agent", "collector", "alerter"} {
		example, err := os.ReadFile("../deploy/config/" + command + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if first != "" && bytes.Contains(example, []byte("\n"+first)) {
			return command
		}
	}
	t.Fatalf("no example has the key %q", first)
	return ""
}

// merged is an example in which what a page shows takes the place of the same
// top-level keys.
func merged(t *testing.T, example, text string) string {
	t.Helper()
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	all := string(data)
	for _, name := range key.FindAllString(text, -1) {
		before, after, ok := strings.Cut(all, "\n"+name)
		if !ok {
			continue
		}
		rest := ""
		if next := key.FindStringIndex(after); next != nil {
			rest = after[next[0]:]
		}
		all = before + "\n" + rest
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(all+text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUnits has systemd verify the units, as make install puts them.
func TestUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT TESTED: the systemd units, because there is no systemd-analyze here")
	}
	bin := binary.Folder(t, "tocsin-agent", "tocsin-collector", "tocsin-alerter")
	root := t.TempDir()
	install := exec.CommandContext(t.Context(), "../deploy/install.sh", "install", bin, root, "/usr")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("install: %v\n%s", err, out)
	}
	units, err := filepath.Glob(filepath.Join(root, "etc/systemd/system/*.service"))
	if err != nil || len(units) != 3 {
		t.Fatalf("installed units: %v %v", units, err)
	}
	for _, unit := range units {
		data, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		// The program that it starts must be there; here it is below root.
		adjusted := strings.ReplaceAll(string(data), "ExecStart=/usr/bin/", "ExecStart="+root+"/usr/bin/")
		if adjusted == string(data) {
			t.Errorf("%s starts nothing below /usr/bin:\n%s", filepath.Base(unit), data)
		}
		if err := os.WriteFile(unit, []byte(adjusted), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	verify := exec.CommandContext(t.Context(), analyze, append([]string{"verify", "--man=no", "--recursive-errors=no"}, units...)...)
	if out, err := verify.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
