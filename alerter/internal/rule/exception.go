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
func exceptions(list []Exception, known map[string]*definition) (map[string][]*expr, error) {
	all := make(map[string][]*expr)
	for i, e := range list {
		d := known[e.Rule]
		if d == nil {
			return nil, fmt.Errorf("exceptions[%d].rule: no rule %q", i, e.Rule)
		}
		if len(e.Match) == 0 {
			return nil, fmt.Errorf("exceptions[%d].match: empty: use disable to silence %q altogether", i, e.Rule)
		}
		var kids []*expr
		for _, field := range slices.Sorted(maps.Keys(e.Match)) {
			if len(e.Match[field]) == 0 || field == "" {
				return nil, fmt.Errorf("exceptions[%d].match: %q: values are wanted", i, field)
			}
			kids = append(kids, &expr{op: opTest, test: exceptionTest(field, e.Match[field])})
		}
		all[d.ID] = append(all[d.ID], join(opAll, kids))
	}
	return all, nil
}

func exceptionTest(field string, values []string) *test {
	t := &test{field: field}
	for _, v := range values {
		if strings.Contains(v, "/") {
			if prefix, err := netip.ParsePrefix(v); err == nil {
				t.prefixes = append(t.prefixes, prefix.Masked())
				continue
			}
		}
		t.addPattern(parsePattern(v), "")
	}
	return t
}
