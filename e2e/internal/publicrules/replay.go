package publicrules

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// maxEvent bounds a line of events.
const maxEvent = 1 << 20

// example is an event that was recorded for a rule.
type example struct {
	File  string          `json:"rule_file"`
	Rule  string          `json:"rule_id"`
	Event json.RawMessage `json:"event"`
}

// replay shows each rule the events that were recorded for it. Of several, one at
// least has to make it fire: some record what happened around the attack.
func (c *Check) replay(ctx context.Context) error {
	if c.Events == "" {
		return nil
	}
	examples, order, err := readExamples(c.Events)
	if err != nil {
		return err
	}
	fired, hits, events := 0, 0, 0
	var silent []error
	for _, file := range order {
		count, err := c.matches(ctx, file, examples[file])
		if err != nil {
			return err
		}
		events += len(examples[file])
		if hits += count; count > 0 {
			fired++
		} else {
			silent = append(silent, fmt.Errorf("%s: none of its %d events makes it fire", file, len(examples[file])))
		}
	}
	fmt.Fprintf(&c.out, "%d of %d rules with recorded events fire, on %d of %d events\n", fired, len(order), hits, events)
	return errors.Join(silent...)
}

// matches counts the events that a rule finds.
func (c *Check) matches(ctx context.Context, file string, examples []example) (int, error) {
	var in bytes.Buffer
	for _, x := range examples {
		in.Write(x.Event)
		in.WriteByte('\n')
	}
	out, complaint, err := c.alerter(ctx, &in, "explain", "--raw", "--all", "--rules", file)
	if err != nil {
		return 0, err
	}
	if len(complaint) > 0 {
		return 0, fmt.Errorf("%s: %s", file, complaint)
	}
	count := 0
	for line := range strings.Lines(string(out)) {
		var f struct {
			Rule struct{ ID string }
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			return 0, fmt.Errorf("read a finding of %s: %w", file, err)
		}
		if f.Rule.ID == examples[0].Rule {
			count++
		}
	}
	return count, nil
}

// readExamples reads the events by the file of their rule, and the files in order.
func readExamples(path string) (byFile map[string][]example, order []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read events: %w", err)
	}
	defer func() { _ = f.Close() }() // opened for reading only
	byFile = map[string][]example{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxEvent)
	for n := 1; lines.Scan(); n++ {
		var x example
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return nil, nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if x.File == "" || x.Rule == "" || len(x.Event) == 0 {
			return nil, nil, fmt.Errorf("%s:%d: no rule_file, rule_id and event", path, n)
		}
		if !slices.Contains(order, x.File) {
			order = append(order, x.File)
		}
		byFile[x.File] = append(byFile[x.File], x)
	}
	if err := lines.Err(); err != nil {
		return nil, nil, fmt.Errorf("read events: %w", err)
	}
	return byFile, order, nil
}
