// Package publicrules holds the alerter against the public set of Sigma rules:
// which of them compile, which of them events here can feed, and whether those that
// come with an event find it.
//
// In flow a folder of rules and a file of events, through the real alerter; out flow
// a table, and a list of what is refused.
package publicrules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// wanted is the share of rules that have to compile.
const wanted = 0.99

// Check says what is held against what.
type Check struct {
	// Bin is the folder of the binaries, Rules that of the rules.
	Bin, Rules string
	// Events is a file of JSON objects, each with rule_file (below Rules), rule_id and
	// event; empty for none.
	Events string
	// Refused is the file that the list of refused rules is written to; empty for none.
	Refused string

	out strings.Builder
}

// refusal is why one rule is refused.
type refusal struct {
	file string // below the folder of rules
	line int
	why  string
}

// Run gives the tables, as far as it came. Its error says what falls short.
func (c *Check) Run(ctx context.Context) (tables string, err error) {
	err = c.run(ctx)
	return c.out.String(), err
}

func (c *Check) run(ctx context.Context) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	refused, err := c.refused(ctx, files)
	if err != nil {
		return err
	}
	good := slices.DeleteFunc(slices.Clone(files), func(file string) bool {
		return slices.ContainsFunc(refused, func(r refusal) bool { return r.file == file })
	})
	if len(good) == 0 {
		return errors.New("no rule compiles")
	}
	share := float64(len(good)) / float64(len(files))
	fmt.Fprintf(&c.out, "%d of %d files compile: %.2f %%\n", len(good), len(files), 100*share)
	if err := c.fed(ctx, good); err != nil {
		return err
	}
	if c.Refused != "" {
		if err := os.WriteFile(c.Refused, list(len(files), refused), 0o600); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
	}
	err = c.replay(ctx)
	if share < wanted {
		err = errors.Join(err, fmt.Errorf("%.2f %% of the rules compile, wanted are %.0f %%", 100*share, 100*wanted))
	}
	return err
}

// files are the rules' files, below their folder.
func (c *Check) files() ([]string, error) {
	var files []string
	err := filepath.WalkDir(c.Rules, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yml") {
			return err
		}
		rel, err := filepath.Rel(c.Rules, path)
		files = append(files, rel)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no rules", c.Rules)
	}
	return files, nil
}

// alerter runs the alerter in the folder of rules. A refused rule is no error.
func (c *Check) alerter(ctx context.Context, input io.Reader, args ...string) (out, complaint []byte, err error) {
	bin, err := filepath.Abs(filepath.Join(c.Bin, "tocsin-alerter"))
	if err != nil {
		return nil, nil, fmt.Errorf("find the alerter: %w", err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, bin, args...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Rules, input, &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 3 {
		return stdout.Bytes(), stderr.Bytes(), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s %s: %w: %s", bin, args[0], err, stderr.Bytes())
	}
	return stdout.Bytes(), stderr.Bytes(), nil
}

// refused asks which rules are refused, each once: by the first thing that is wrong.
func (c *Check) refused(ctx context.Context, files []string) ([]refusal, error) {
	_, complaint, err := c.alerter(ctx, nil, "rules", "check", ".")
	if err != nil {
		return nil, err
	}
	place := regexp.MustCompile(`^(?:tocsin-alerter: )?(?:\./)?(.+?\.yml):(\d+): (.*)$`)
	var list []refusal
	for line := range strings.Lines(string(complaint)) {
		m := place.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || !slices.Contains(files, m[1]) {
			return nil, fmt.Errorf("the alerter names no rule: %q", line)
		}
		if slices.ContainsFunc(list, func(r refusal) bool { return r.file == m[1] }) {
			continue
		}
		at, err := strconv.Atoi(m[2])
		if err != nil {
			return nil, fmt.Errorf("read a line number: %w", err)
		}
		list = append(list, refusal{file: m[1], line: at, why: m[3]})
	}
	slices.SortFunc(list, func(a, b refusal) int { return strings.Compare(a.file, b.file) })
	return list, nil
}

// fed prints what of the rules events can feed, by their log source.
func (c *Check) fed(ctx context.Context, files []string) error {
	out, complaint, err := c.alerter(ctx, nil, append([]string{"rules", "check"}, files...)...)
	if err != nil {
		return err
	}
	if len(complaint) > 0 {
		return fmt.Errorf("without the refused ones: %.200s", complaint)
	}
	c.out.WriteString(summary(string(out)))
	return nil
}

// summary counts the lines of rules check by what they say of log sources and fields.
func summary(out string) string {
	unfed := regexp.MustCompile(`: unfed: (.*)$`)
	sources := map[string]int{}
	doubts, last := 0, ""
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		switch m := unfed.FindStringSubmatch(line); {
		case m != nil:
			sources[m[1]]++
		case strings.Contains(line, "no parser gives the field"):
			doubts++
		default:
			last = line
		}
	}
	names := make([]string, 0, len(sources))
	for name := range sources {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if sources[a] != sources[b] {
			return sources[b] - sources[a]
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%d fields that no parser gives, in rules that are fed\n", last, doubts)
	for i, name := range names {
		if i == 10 {
			fmt.Fprintf(&b, "  and %d log sources more\n", len(names)-i)
			break
		}
		fmt.Fprintf(&b, "%6d  %s\n", sources[name], name)
	}
	return b.String()
}

// list is the page that names what is refused.
func list(files int, refused []refusal) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Public Sigma rules that are refused\n\nWritten by `make sigma`: %d of %d files of the public set do not compile. All others do, unmodified.\n\n| file | line | why |\n|---|---|---|\n", len(refused), files)
	for _, r := range refused {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", r.file, r.line, strings.ReplaceAll(r.why, "|", `\|`))
	}
	return b.Bytes()
}
