package fimscenario

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// pause is between the lines of a script: each has to be seen for itself, as in
// fsnotify, not as one change with the next.
const pause = "sleep 0.8"

// translate makes shell of one of fsnotify's test scripts, and events of files
// and links of the notifications that it prints on Linux.
func (s *Scenario) translate() error {
	// files are the paths that ever named a file or a link, folders those that name
	// neither now.
	files, folders := map[string]bool{}, map[string]bool{}
	watching := false
	for line := range strings.Lines(s.Script) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "require", "skip", "watchlist":
		case "watch":
			watching = true
			if where := strings.TrimSuffix(words[1], "..."); !s.watches(where) {
				s.Watch = append(s.Watch, inD(strings.TrimSuffix(where, "/")))
			}
		case "unwatch":
			s.Steps = append(s.Steps, "sleep 1.5", "agent stop") // the scripts unwatch all at once
			watching = false
		default:
			command, err := shellOf(words, strings.TrimSpace(line), files, folders)
			if err != nil {
				return err
			}
			if watching {
				s.Steps = append(s.Steps, command, pause)
			} else if len(s.Watch) == 0 {
				s.Setup = append(s.Setup, command)
			}
		}
	}
	return s.expectOutput(files, folders)
}

func (s *Scenario) watches(where string) bool {
	return slices.ContainsFunc(s.Watch, func(root string) bool {
		return root == inD(where) || strings.HasPrefix(inD(where), strings.TrimSuffix(root, "/")+"/")
	})
}

func inD(where string) string {
	if where == "/" || where == "" {
		return "$D"
	}
	return "$D/" + strings.TrimPrefix(where, "/")
}

// shellOf translates one command. It notes what is a file or a link, of which
// events are expected, and what is not.
func shellOf(words []string, line string, files, folders map[string]bool) (string, error) {
	quote := func(args []string) string {
		out := make([]string, len(args))
		for i, a := range args {
			out[i] = a
			if strings.HasPrefix(a, "/") || strings.Contains(a, "/") {
				out[i] = `"` + inD(a) + `"`
			}
		}
		return strings.Join(out, " ")
	}
	last := words[len(words)-1]
	switch words[0] {
	case "echo":
		files[strings.TrimLeft(last, ">")] = true
		text, to, ok := strings.Cut(line, ">>")
		if !ok {
			text, to, ok = strings.Cut(line, ">")
			return text + `> "` + inD(strings.TrimSpace(to)) + `"`, errorUnless(ok, line)
		}
		return text + `>> "` + inD(strings.TrimSpace(to)) + `"`, nil
	case "mkdir":
		for p := last; p != "/" && p != "."; p = path.Dir(p) {
			folders[p] = true
		}
		return "mkdir -p " + quote(words[len(words)-1:]), nil
	case "mknod":
		folders[last] = true
		return `mknod "` + inD(last) + `" c 1 3`, nil
	case "mv":
		folders[last] = folders[words[1]]
		delete(folders, words[1])
		files[last] = files[last] || !folders[last]
	case "touch", "ln":
		files[last] = true
	case "cat", "chmod", "rm":
	default:
		return "", errorUnless(false, line)
	}
	return words[0] + " " + quote(words[1:]), nil
}

func errorUnless(ok bool, line string) error {
	if ok {
		return nil
	}
	return fmt.Errorf("unknown command %q", line)
}

// expectOutput reads the notifications: those of Linux where the script tells
// systems apart.
func (s *Scenario) expectOutput(files, folders map[string]bool) error {
	sections := map[string][]string{}
	section := ""
	for line := range strings.Lines(s.Output) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if name, ok := strings.CutSuffix(line, ":"); ok {
			section = name
			sections[name] = nil
		} else if line != "" {
			sections[section] = append(sections[section], line)
		}
	}
	lines, ok := sections["linux"]
	if !ok {
		lines = sections[""]
	}
	actions := map[string]string{
		"create": "created|renamed|modified", "write": "modified|created", "remove": "deleted", "chmod": "attributes_modified|deleted",
	}
	for _, line := range lines {
		words := strings.Fields(line)
		if len(words) < 2 {
			return fmt.Errorf("unknown notification %q", line)
		}
		action := actions[words[0]]
		if words[0] == "rename" {
			action = "deleted|renamed" // under the name before
		}
		if action != "" && (files[words[1]] || strings.Count(words[1], "/") > 1 && !folders[words[1]]) {
			s.Expect = append(s.Expect, Expectation{Path: inD(words[1]), Action: action})
		}
	}
	return nil
}
