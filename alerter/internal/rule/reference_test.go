package rule

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// item is one condition on a field, as the naive matcher reads it.
type item struct {
	field, modifier string
	all, cased, neq bool
	values          []string
}

func (i item) yaml() string {
	if i.field == "" {
		return "'" + i.values[0] + "'"
	}
	key := i.field
	if i.modifier != "" {
		key += "|" + i.modifier
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"all", i.all}, {"cased", i.cased}, {"neq", i.neq}} {
		if flag.set {
			key += "|" + flag.name
		}
	}
	quoted := make([]string, len(i.values))
	for n, v := range i.values {
		quoted[n] = "'" + strings.ReplaceAll(v, "'", "''") + "'"
		if i.modifier == "exists" {
			quoted[n] = v
		}
	}
	if i.modifier == "exists" {
		return fmt.Sprintf("'%s': %s", key, quoted[0])
	}
	return fmt.Sprintf("'%s': [%s]", key, strings.Join(quoted, ", "))
}

// holds is the meaning of an item, said as plainly as can be.
func (i item) holds(fields map[string][]string) bool {
	return i.linked(fields) != i.neq
}

func (i item) linked(fields map[string][]string) bool {
	values := fields[i.field]
	if i.field == "" && values == nil { // no text: all values are
		for _, list := range fields {
			values = append(values, list...)
		}
	}
	if i.modifier == "exists" {
		return (len(values) > 0) == (i.values[0] == "true")
	}
	one := func(want string) bool {
		for _, v := range values {
			if compare(i.modifier, want, v, i.cased) {
				return true
			}
		}
		if i.modifier == "fieldref" {
			return slices.ContainsFunc(values, func(v string) bool {
				return slices.ContainsFunc(fields[want], func(other string) bool {
					return v == other || !i.cased && strings.EqualFold(v, other)
				})
			})
		}
		return false
	}
	for _, want := range i.values {
		if one(want) != i.all {
			return !i.all
		}
	}
	return i.all
}

func compare(modifier, want, value string, cased bool) bool {
	switch modifier {
	case "fieldref":
		return false // compares with other fields
	case "re":
		return regexp.MustCompile(want).MatchString(value)
	case "cidr":
		a, err := netip.ParseAddr(value)
		return err == nil && netip.MustParsePrefix(want).Contains(a.Unmap())
	case "gt", "gte", "lt", "lte":
		w, _ := strconv.ParseFloat(want, 64)
		v, err := strconv.ParseFloat(value, 64)
		return err == nil && (modifier[0] == 'g' && v > w || modifier[0] == 'l' && v < w || len(modifier) == 3 && v == w)
	}
	var re strings.Builder
	if cased {
		re.WriteString("(?s)")
	} else {
		re.WriteString("(?is)")
	}
	if modifier != "contains" && modifier != "endswith" {
		re.WriteString("^")
	}
	for n := 0; n < len(want); n++ {
		switch c := want[n]; {
		case c == '\\' && n+1 < len(want) && strings.IndexByte(`*?\`, want[n+1]) >= 0:
			n++
			re.WriteString(regexp.QuoteMeta(want[n : n+1]))
		case c == '*':
			re.WriteString(".*")
		case c == '?':
			re.WriteString(".")
		default:
			re.WriteString(regexp.QuoteMeta(want[n : n+1]))
		}
	}
	if modifier != "contains" && modifier != "startswith" {
		re.WriteString("$")
	}
	return regexp.MustCompile(re.String()).MatchString(value)
}

var (
	names   = rapid.SampledFrom([]string{"user.name", "event.action", "source.ip", "source.port", "custom.field", "tocsin.web.attack.class"})
	letters = rapid.StringOfN(rapid.SampledFrom([]rune(`aAbB*?\./`)), 0, 6, -1)
	lines   = rapid.StringOfN(rapid.SampledFrom([]rune(`aAbB*?\./`)), 0, 8, -1)
	values  = rapid.OneOf(lines, rapid.SampledFrom([]string{"10.0.0.1", "10.1.0.1", "::1", "7", "8", "12", "abc"}))
)

func drawItem(t *rapid.T) item {
	if rapid.IntRange(0, 5).Draw(t, "keyword") == 0 {
		word := rapid.OneOf(letters, rapid.SampledFrom([]string{"abc", "7", "10.0"})).Draw(t, "word")
		return item{modifier: "contains", values: []string{word}}
	}
	i := item{field: names.Draw(t, "field"), modifier: rapid.SampledFrom([]string{"", "", "contains", "startswith", "endswith", "re", "cidr", "exists", "gt", "gte", "lt", "lte", "fieldref"}).Draw(t, "modifier")}
	var value *rapid.Generator[string]
	switch i.modifier {
	case "exists":
		value = rapid.SampledFrom([]string{"true", "false"})
		i.values = []string{value.Draw(t, "value")}
		return i
	case "re":
		value = rapid.SampledFrom([]string{"a+b", "^A", "b$", `\.`, "[ab]{2}"})
	case "cidr":
		value = rapid.SampledFrom([]string{"10.0.0.0/8", "10.0.0.0/16", "::/64"})
	case "gt", "gte", "lt", "lte":
		value = rapid.SampledFrom([]string{"7", "8.5", "-1"})
	case "fieldref":
		value = names
		i.cased = rapid.Bool().Draw(t, "cased")
	default:
		i.cased = rapid.Bool().Draw(t, "cased")
		value = rapid.OneOf(letters, rapid.SampledFrom([]string{"abc", "7", "10.0.0.1"}))
	}
	i.all, i.neq = rapid.Bool().Draw(t, "all"), rapid.Bool().Draw(t, "neq")
	i.values = rapid.SliceOfN(value, 1, 4).Draw(t, "values")
	return i
}

// condition is a random condition over n selections, in words and as a function.
func drawCondition(t *rapid.T, n, depth int) (string, func([]bool) bool) {
	switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
	case depth == 0 || kind <= 1:
		i := rapid.IntRange(0, n-1).Draw(t, "selection")
		return fmt.Sprintf("s%d", i), func(s []bool) bool { return s[i] }
	case kind == 2:
		text, f := drawCondition(t, n, depth-1)
		return "not (" + text + ")", func(s []bool) bool { return !f(s) }
	case kind == 3:
		if rapid.Bool().Draw(t, "every") {
			return "all of s*", func(s []bool) bool {
				for _, b := range s {
					if !b {
						return false
					}
				}
				return true
			}
		}
		return "1 of them", func(s []bool) bool {
			for _, b := range s {
				if b {
					return true
				}
			}
			return false
		}
	default:
		a, fa := drawCondition(t, n, depth-1)
		b, fb := drawCondition(t, n, depth-1)
		if kind == 4 {
			return "(" + a + " and " + b + ")", func(s []bool) bool { return fa(s) && fb(s) }
		}
		return "(" + a + " or " + b + ")", func(s []bool) bool { return fa(s) || fb(s) }
	}
}

// TestMatcherAgreesWithTheNaiveOne compares the compiled, routed matcher of
// several rules with a reading of the same rules item by item.
func TestMatcherAgreesWithTheNaiveOne(t *testing.T) { rapid.Check(t, matcherAgrees) }

// FuzzMatcher does the same for as long as it is let.
func FuzzMatcher(f *testing.F) { f.Fuzz(rapid.MakeFuzz(matcherAgrees)) }

func matcherAgrees(t *rapid.T) {
	type naive func(map[string][]string) bool
	var documents []string
	reference := make(map[string]naive)
	for r := range rapid.IntRange(1, 5).Draw(t, "rules") {
		n := rapid.IntRange(1, 4).Draw(t, "selections")
		selections := make([][]item, n)
		var text strings.Builder
		fmt.Fprintf(&text, "title: R%d\nid: r%d\nlogsource: {category: authentication}\ndetection:\n", r, r)
		for s := range n {
			fmt.Fprintf(&text, "  s%d:\n", s)
			for range rapid.IntRange(1, 3).Draw(t, "items") {
				i := drawItem(t)
				selections[s] = append(selections[s], i)
				fmt.Fprintf(&text, "    - %s\n", i.yaml())
			}
		}
		words, holds := drawCondition(t, n, 3)
		fmt.Fprintf(&text, "  condition: %s\n", words)
		documents = append(documents, text.String())
		reference[fmt.Sprintf("r%d", r)] = func(fields map[string][]string) bool {
			state := make([]bool, n)
			for s, items := range selections {
				for _, i := range items {
					state[s] = state[s] || i.holds(fields)
				}
			}
			return holds(state)
		}
	}
	set, err := Load(Options{Shipped: files(documents...)})
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(documents, "---\n"))
	}
	m := set.Matcher()
	for range 4 {
		fields := make(map[string][]string)
		e := &event.Event{}
		if rapid.Bool().Draw(t, "has a text") {
			text := lines.Draw(t, "text")
			e.Original = []byte(text)
			if text != "" {
				fields[""] = []string{text}
			}
		}
		for range rapid.IntRange(0, 6).Draw(t, "fields") {
			name, value := names.Draw(t, "name"), values.Draw(t, "value")
			fields[name] = append(fields[name], value)
			e.Fields = append(e.Fields, eventOf(name+"="+value).Fields...)
		}
		got := make(map[string]bool)
		for _, found := range m.Match(Input{Event: e, Class: eventv1.Class_CLASS_AUTH}) {
			got[found.Rule.ID] = true
		}
		for id, holds := range reference {
			if want := holds(fields); want != got[id] {
				t.Fatalf("rule %s: %v, want %v\nevent %q\n%s", id, got[id], want, fields, strings.Join(documents, "---\n"))
			}
		}
	}
}
