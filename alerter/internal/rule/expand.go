package rule

import (
	"fmt"
	"strings"
)

// maxExpanded bounds what one value may expand to: placeholders multiply.
const maxExpanded = 1_000_000

// expand replaces the placeholders of a value, "%name%", by the values of the lists of
// those names, each in turn. "\%" is a percent sign.
func (v *vocabulary) expand(text string) ([]string, error) {
	all, rest := []string{""}, text
	add := func(tails ...string) error {
		if len(all)*len(tails) > maxExpanded {
			return fmt.Errorf("expand: more than %d values", maxExpanded)
		}
		next := make([]string, 0, len(all)*len(tails))
		for _, head := range all {
			for _, tail := range tails {
				next = append(next, head+tail)
			}
		}
		all = next
		return nil
	}
	for {
		at := strings.IndexByte(rest, '%')
		if at < 0 {
			err := add(rest)
			return all, err
		}
		if at > 0 && rest[at-1] == '\\' {
			if err := add(rest[:at-1] + "%"); err != nil {
				return nil, err
			}
			rest = rest[at+1:]
			continue
		}
		name, after, ok := strings.Cut(rest[at+1:], "%")
		if !ok {
			return nil, fmt.Errorf("expand: a percent sign without a second one; an ordinary one is \\%%")
		}
		list, known := v.lists[name]
		if !known {
			return nil, fmt.Errorf("expand: no list %q", name)
		}
		if err := add(rest[:at]); err != nil {
			return nil, err
		}
		if err := add(list...); err != nil {
			return nil, err
		}
		rest = after
	}
}
