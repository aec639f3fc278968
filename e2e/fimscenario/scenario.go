// Package fimscenario runs scenarios of changing files through the real
// `tocsin-agent watch`, and holds what it prints against what they expect.
//
// A scenario is a line of JSON: shell that sets a folder up, shell that changes
// it, and the events that have to come of it. $D and $E are the watched folders,
// $B is one that is not, above them; the command `agent stop` or `agent start` in either stops or starts the agent.
// A script of fsnotify's own tests is a scenario too (script.go).
package fimscenario

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Scenario is one line of a scenario file.
type Scenario struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Setup []string `json:"setup"`
	Steps []string `json:"steps"`
	// Expect are the events that have to come; others may, unless Exact.
	Expect []Expectation `json:"expect"`
	// Exact says that nothing else may come.
	Exact bool `json:"exact"`
	// Never are paths ("$D/x", or "$D/x/" for all below) no event may name.
	Never []string `json:"never"`
	// Needs are commands, or "root", without which it cannot run.
	Needs []string `json:"needs"`
	// Watch are the paths to watch; $D and $E when empty.
	Watch []string `json:"watch"`
	// Exclude are globs that the agent gets.
	Exclude []string `json:"exclude"`
	// Burst says that the steps are one burst: the agent stands still meanwhile, so
	// that it sees them at once however slow the machine is.
	Burst bool `json:"burst"`
	// Limit, when not 0, is how many watches the kernel allows.
	Limit int `json:"limit"`
	// As is the folder whose place $D takes when severities are looked up.
	As string `json:"as"`

	// Script and Output are a test script of fsnotify and what it prints.
	Script string `json:"script"`
	Output string `json:"output"`
}

// Expectation is one event that has to come.
type Expectation struct {
	// Path is where; "each" stands for all paths that the steps name.
	Path string `json:"path"`
	// Action is what, or one of several with "|" between them.
	Action string `json:"action"`
	// Changed are what must differ from before: hash, mode, owner, size, mtime,
	// target or capabilities.
	Changed []string `json:"changed"`
	// Severity, as ">=high", is the least level of a finding of the shipped rules.
	Severity string `json:"severity"`
	// Previous is the path before, of a renamed file.
	Previous string `json:"previous"`
	// Times is how often exactly it has to come; 0: at least once.
	Times int `json:"times"`
}

// Read reads scenarios, one a line.
func Read(r io.Reader) ([]Scenario, error) {
	var all []Scenario
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		if strings.TrimSpace(in.Text()) == "" {
			continue
		}
		var s Scenario
		if err := json.Unmarshal(in.Bytes(), &s); err != nil {
			return nil, fmt.Errorf("read scenario %d: %w", n, err)
		}
		if s.Script != "" {
			if err := s.translate(); err != nil {
				return nil, fmt.Errorf("translate %s: %w", s.ID, err)
			}
		}
		s.complete()
		all = append(all, s)
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("read scenarios: %w", err)
	}
	return all, nil
}

// complete fills in what the corpora say in words only.
func (s *Scenario) complete() {
	for i := range s.Expect {
		e := &s.Expect[i]
		switch {
		case e.Path == "agent" && e.Action == "watch_limit_warning":
			// "Too few inotify watches": any folders, more of them than watches.
			s.Limit = 4
			s.Setup = append(s.Setup, `for i in 1 2 3 4 5 6 7 8; do mkdir -p "$D/$i"; done`)
			s.Steps = append(s.Steps, `for i in 1 2 3 4 5 6 7 8; do echo x > "$D/$i/f"; done`)
			*e = Expectation{Path: "stderr", Action: "max_user_watches"}
			for n := 1; n <= 8; n++ {
				s.Expect = append(s.Expect, Expectation{Path: fmt.Sprintf("$D/%d/f", n), Action: "created"})
			}
		case e.Path == "<=max_depth": // no depth is too deep
			e.Path = "$D/1/f"
			for _, dir := range []string{"1/2", "1/2/3", "1/2/3/4"} {
				s.Expect = append(s.Expect, Expectation{Path: "$D/" + dir + "/f", Action: e.Action})
			}
		case e.Severity != "" && s.As == "":
			s.As = map[string]string{"passwd": "/etc", "u.php": "/var/www"}[e.Path[strings.LastIndexByte(e.Path, '/')+1:]]
		}
	}
}
