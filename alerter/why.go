package alerter

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/detect"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/shell/command"
)

// maxShown bounds a value that is shown, in bytes.
const maxShown = 160

// reasons write, event by event, why a rule's detections match or do not, what the
// rule counts of it, and what it finds.
type reasons struct {
	rule    *rule.Info
	root    *rule.Root // nil where it does not alert
	beneath []*rule.Info
	out     io.Writer
	// matched says that the event at hand satisfies one of the detections.
	matched bool
}

func newReasons(set *rule.Set, word string, out io.Writer) (*reasons, error) {
	about := set.Rule(word)
	if about == nil {
		return nil, command.Usage(fmt.Errorf("--why: no rule has the id or title %q", word))
	}
	w := &reasons{rule: about, root: set.Root(about.Hash), beneath: set.Beneath(about), out: out}
	return w, nil
}

// event tells of one event. It works on a copy: what is derived is derived again.
func (w *reasons) event(d *detect.Detector, in finding.Event, place string) error {
	w.matched = false
	for _, r := range w.beneath {
		in := in
		in.Fields = slices.Clip(in.Fields)
		lines, matches := d.Why(&in, r)
		if lines == nil {
			if _, err := fmt.Fprintf(w.out, "%s: %q is not asked: it does not alert, and nothing that does counts it\n", place, r.Name); err != nil {
				return fmt.Errorf("write reasons: %w", err)
			}
			continue
		}
		w.matched = w.matched || matches
		verdict := "does not match"
		if matches {
			verdict = "matches"
		}
		text := fmt.Sprintf("%s: %s %s %q (%s)\n", place, time.Unix(0, in.Time).UTC().Format(time.RFC3339), verdict, r.Name, r.Path)
		for _, line := range lines {
			text += reasonLine(line)
		}
		if _, err := io.WriteString(w.out, text); err != nil {
			return fmt.Errorf("write reasons: %w", err)
		}
	}
	return nil
}

// reasonLine is one condition: whether it holds, where it stands, and on which value.
func reasonLine(r rule.Reason) string {
	word := "no"
	if r.Holds {
		word = "yes"
	}
	at := ""
	if r.Line > 0 {
		at = strconv.Itoa(r.Line)
	}
	text := fmt.Sprintf("%6s  %-3s  %s%s", at, word, strings.Repeat("  ", r.Depth), shortened(r.Says))
	if !r.Asks {
		return text + "\n"
	}
	name, _, _ := strings.Cut(r.Says, ":")
	name, _, _ = strings.Cut(name, "|")
	if r.Field != "" && r.Field != name {
		text += " (" + r.Field + ")"
	}
	if len(r.Values) == 0 {
		return text + ", absent\n"
	}
	for i, value := range r.Values {
		r.Values[i] = strconv.Quote(shortened(value))
	}
	return text + ", is " + strings.Join(r.Values, " and ") + "\n"
}

func shortened(text string) string {
	if len(text) > maxShown {
		return strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}

// counted tells under which group the rule counts an event that matched.
func (w *reasons) counted(signals []*alertv1.Signal) error {
	if w.root == nil || !w.matched {
		return nil
	}
	text := "              not counted: it has not all of " + strings.Join(w.root.GroupBy, ", ") + ", or an exception holds\n"
	for _, s := range signals {
		if string(s.GetRoot()) != string(w.root.Hash[:]) {
			continue
		}
		text = "              counted\n"
		if len(s.GetGroup()) > 0 {
			text = fmt.Sprintf("              counted for %q\n", s.GetGroup())
		}
	}
	if _, err := io.WriteString(w.out, text); err != nil {
		return fmt.Errorf("write reasons: %w", err)
	}
	return nil
}

// found tells of a finding, as explain writes it without a question.
func (w *reasons) found(v any) error {
	found, _ := v.(object)
	about, _ := found["rule"].(object)
	if about["id"] != w.rule.ID {
		return nil
	}
	text, err := json.Marshal(found)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "finding: %s\n", text)
	return err
}
