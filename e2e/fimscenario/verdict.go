package fimscenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// expand puts the folders in for their names.
func (w *world) expand(text string) string {
	return strings.NewReplacer("$D", w.d, "$E", w.e, "$B", w.base).Replace(text)
}

// unmet are the expectations that no event, or the wrong number of them, meets.
// mu is held.
func (w *world) unmet() []string {
	var unmet []string
	for i := range w.s.Expect {
		e := &w.s.Expect[i]
		switch e.Path {
		case "stderr":
			if !strings.Contains(w.stderr.String(), e.Action) {
				unmet = append(unmet, "standard error without "+e.Action)
			}
		case "each":
			if n := w.count(e); n < w.named() {
				unmet = append(unmet, fmt.Sprintf("%d of %d names %s", n, w.named(), e.Action))
			}
		default:
			if n := w.count(e); n == 0 || e.Times > 0 && n != e.Times {
				unmet = append(unmet, fmt.Sprintf("%s %s: %d events", e.Action, e.Path, n))
			}
		}
	}
	return unmet
}

// named is how many names `touch` makes in the steps of the corpus's scenario of
// odd names: one each.
func (w *world) named() int {
	n := 0
	for _, step := range w.s.Steps {
		n += strings.Count(step, "$D/")
	}
	return n
}

func (w *world) count(e *Expectation) int {
	n := 0
	for i := range w.events {
		if w.meets(&w.events[i], e) {
			n++
		}
	}
	return n
}

func (w *world) meets(ev *event, e *Expectation) bool {
	at := w.expand(e.Path)
	if e.Path != "each" && ev.File.Path != at && (ev.Event.Action != "renamed" || ev.Tocsin.File.Previous.Path != at) {
		return false
	}
	if !slices.Contains(strings.Split(e.Action, "|"), ev.Event.Action) {
		return false
	}
	if e.Previous != "" && ev.Tocsin.File.Previous.Path != w.expand(e.Previous) {
		return false
	}
	return !slices.ContainsFunc(e.Changed, func(what string) bool { return !ev.changed(what) })
}

func (ev *event) changed(what string) bool {
	is, was := &ev.File, &ev.Tocsin.File.Previous
	pair := map[string][2]string{
		"hash": {is.Hash.SHA256, was.Hash.SHA256}, "mode": {is.Mode, was.Mode}, "size": {is.Size.String(), was.Size.String()},
		"owner": {is.UID.String() + ":" + is.GID.String(), was.UID.String() + ":" + was.GID.String()},
		"mtime": {is.Mtime, was.Mtime}, "target": {is.TargetPath, was.TargetPath}, "capabilities": {ev.Tocsin.File.Capabilities, was.Capabilities},
	}
	p, known := pair[what]
	return known && p[0] != p[1] || !known && slices.Contains(ev.Tocsin.File.Changed, what)
}

// verdict is everything that is wrong once the agent has ended.
func (w *world) verdict(ctx context.Context) []string {
	wrong := append(w.bad, w.unmet()...)
	expected := func(ev *event) bool {
		return slices.ContainsFunc(w.s.Expect, func(e Expectation) bool { return w.meets(ev, &e) })
	}
	for i := range w.events {
		ev := &w.events[i]
		if ev.File.Path == "" || ev.Event.Action == "" {
			wrong = append(wrong, fmt.Sprintf("event without path or action: %s", ev.line))
		}
		if w.s.Exact && !expected(ev) {
			wrong = append(wrong, fmt.Sprintf("unexpected %s %s", ev.Event.Action, ev.File.Path))
		}
		for _, never := range w.s.Never {
			n := w.expand(never)
			if ev.File.Path == n || strings.HasSuffix(n, "/") && strings.HasPrefix(ev.File.Path, n) {
				wrong = append(wrong, fmt.Sprintf("event of %s", ev.File.Path))
			}
		}
	}
	for i := range w.s.Expect {
		if e := &w.s.Expect[i]; e.Severity != "" {
			wrong = append(wrong, w.severity(ctx, e)...)
		}
	}
	return wrong
}

// severity asks the shipped rules about an expectation's events, as if $D were
// where such files are.
func (w *world) severity(ctx context.Context, e *Expectation) []string {
	levels := []string{"informational", "low", "medium", "high", "critical"}
	least := slices.Index(levels, strings.TrimPrefix(e.Severity, ">="))
	if least < 0 || w.s.As == "" {
		return []string{fmt.Sprintf("severity %q cannot be judged", e.Severity)}
	}
	var in, errs bytes.Buffer
	for i := range w.events {
		if w.meets(&w.events[i], e) {
			in.Write(bytes.ReplaceAll(w.events[i].line, []byte(w.d), []byte(w.s.As)))
			in.WriteByte('\n')
		}
	}
	cmd := exec.CommandContext(ctx, filepath.Join(w.r.Bin, "tocsin-alerter"), "explain")
	cmd.Stdin, cmd.Stderr = &in, &errs
	out, err := cmd.Output()
	if err != nil {
		return []string{fmt.Sprintf("explain: %v: %s", err, errs.String())}
	}
	for line := range bytes.Lines(out) {
		var finding struct{ Rule struct{ Level string } }
		if err := json.Unmarshal(line, &finding); err == nil && slices.Index(levels, finding.Rule.Level) >= least {
			return nil
		}
	}
	return []string{fmt.Sprintf("no finding %s for %s: %s", e.Severity, e.Path, out)}
}
