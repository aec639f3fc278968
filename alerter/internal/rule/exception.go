package rule

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Exception excludes events from one rule. Every field of Match must hold one of
// its values, which compare as in a detection; a value with a prefix length
// ("10.0.0.0/8") holds all of its addresses.
//
// An exception of a detection holds wherever the detection counts. One of a
// correlation holds for what reaches it, in whatever chain it stands.
type Exception struct {
	Rule  string
	Match map[string][]string
}

// exceptions compiles exceptions, by the rule's id.
func exceptions(list []Exception, known map[string]*definition, lists map[string][]string) (map[string][]*expr, error) {
	all := make(map[string][]*expr)
	for i, e := range list {
		fault := func(key, format string, args ...any) error {
			return &OptionError{fmt.Sprintf("exceptions[%d].%s", i, key), fmt.Sprintf(format, args...)}
		}
		d := known[e.Rule]
		if d == nil {
			return nil, fault("rule", "no rule %q", e.Rule)
		}
		if len(e.Match) == 0 {
			return nil, fault("match", "empty: use disable to silence %q altogether", e.Rule)
		}
		var kids []*expr
		for _, field := range slices.Sorted(maps.Keys(e.Match)) {
			if len(e.Match[field]) == 0 || field == "" {
				return nil, fault("match", "%q: values are wanted", field)
			}
			values, err := listed(e.Match[field], lists)
			if err != nil {
				return nil, fault("match", "%s: %v", field, err)
			}
			t, err := exceptionTest(field, values)
			if err != nil {
				return nil, fault("match", "%s: %v", field, err)
			}
			kids = append(kids, &expr{op: opTest, test: t})
		}
		all[d.ID] = append(all[d.ID], join(opAll, kids))
	}
	return all, nil
}

// listed puts the values of lists in the place of their names, "%name%".
func listed(values []string, lists map[string][]string) ([]string, error) {
	var all []string
	for _, v := range values {
		name := strings.TrimSuffix(strings.TrimPrefix(v, "%"), "%")
		if len(name)+2 != len(v) || name == "" || strings.ContainsAny(name, "% ") {
			all = append(all, v)
			continue
		}
		list, ok := lists[name]
		if !ok {
			return nil, fmt.Errorf("no list %q", name)
		}
		all = append(all, list...)
	}
	return all, nil
}

func exceptionTest(field string, values []string) (*test, error) {
	t := &test{field: field}
	for _, v := range values {
		if address, _, ok := strings.Cut(v, "/"); ok {
			prefix, err := netip.ParsePrefix(v)
			if err == nil {
				t.prefixes = append(t.prefixes, prefix.Masked())
				continue
			}
			if _, err := netip.ParseAddr(address); err == nil { // as text it would match nothing
				return nil, fmt.Errorf("%q is no network in CIDR notation", v)
			}
		}
		t.folded.add(foldPattern(parsePattern(v)))
	}
	t.seal()
	return t, nil
}
