package rule

import (
	"bytes"
	"net/netip"
	"regexp"
	"slices"
	"strconv"

	"github.com/gaissmai/bart"
	"go.yaml.in/yaml/v3"
)

// opcode says how an expression combines what is beneath it.
type opcode uint8

const (
	opTest opcode = iota
	opAll
	opAny
	opNot
)

// expr is a condition: a tree over tests.
type expr struct {
	op   opcode
	kids []*expr
	test *test
}

// test asks one question about the values of one field: is any of them one of
// these? A test without a field asks about the whole text.
type test struct {
	field string
	// item and given are the rule's own words, item nil for keywords.
	item  *yaml.Node
	given []*yaml.Node
	// slot is where a matcher keeps the field's values.
	slot    int
	keyword bool
	// absent is true of an event without the field, exists of one with it.
	absent bool
	exists bool
	// folded compares with the folded value, cased and what follows with it as it is.
	folded, cased texts
	regexps       []*regexp.Regexp
	prefixes      []netip.Prefix
	// networks are the prefixes where there are many.
	networks *bart.Lite
	bounds   []bound
	// part is the part of a date that bounds compare, instead of the value.
	part string
	// refs compare with the values of other fields.
	refs []ref
}

// bound compares numbers.
type bound struct {
	operator string
	value    float64
}

func (b bound) holds(n float64) bool {
	switch b.operator {
	case "gt":
		return n > b.value
	case "gte":
		return n >= b.value
	case "lt":
		return n < b.value
	case "lte":
		return n <= b.value
	default:
		return n == b.value
	}
}

// ref compares a value with those of another field of the event.
type ref struct {
	field string
	slot  int
	// compare is contains, startswith or endswith; empty for equality.
	compare string
	cased   bool
}

func (r *ref) holds(value, other []byte) bool {
	switch r.compare {
	case "contains":
		return bytes.Contains(value, other)
	case "startswith":
		return bytes.HasPrefix(value, other)
	case "endswith":
		return bytes.HasSuffix(value, other)
	default:
		return bytes.Equal(value, other)
	}
}

// literal compares a value as it is.
func (t *test) literal(value []byte) bool {
	if !t.cased.empty() && t.cased.hold(value) {
		return true
	}
	for _, re := range t.regexps {
		if re.Match(value) {
			return true
		}
	}
	if len(t.prefixes) > 0 && t.within(value) {
		return true
	}
	if len(t.bounds) == 0 {
		return false
	}
	n, ok := t.number(value)
	return ok && slices.ContainsFunc(t.bounds, func(b bound) bool { return b.holds(n) })
}

// fewPrefixes are as fast to try one after the other as in a table.
const fewPrefixes = 8

// seal makes the table of many prefixes, once all are known.
func (t *test) seal() {
	if len(t.prefixes) <= fewPrefixes {
		return
	}
	t.networks = new(bart.Lite)
	for _, p := range t.prefixes {
		t.networks.Insert(p)
	}
}

// within says whether a value is an address in one of the networks.
func (t *test) within(value []byte) bool {
	address, ok := parseAddress(value)
	if !ok {
		return false
	}
	if t.networks != nil {
		return t.networks.Contains(address)
	}
	return slices.ContainsFunc(t.prefixes, func(p netip.Prefix) bool { return p.Contains(address) })
}

// number is what bounds compare: the value, or a part of the date that it is.
func (t *test) number(value []byte) (float64, bool) {
	if t.part != "" {
		return datePart(value, t.part)
	}
	n, err := strconv.ParseFloat(string(value), 64)
	return n, err == nil
}

// parseAddress reads an address. It reads IPv4 itself, which netip can only do
// with an allocation for bytes.
func parseAddress(value []byte) (netip.Addr, bool) {
	var octets [4]byte
	part, digits, n := 0, 0, 0
	for i := 0; ; i++ {
		if i == len(value) || value[i] == '.' {
			if digits == 0 || n > 255 {
				return netip.Addr{}, false
			}
			octets[part] = byte(n)
			if i == len(value) {
				return netip.AddrFrom4(octets), part == 3
			}
			if part++; part > 3 {
				return netip.Addr{}, false
			}
			digits, n = 0, 0
			continue
		}
		c := value[i]
		if c < '0' || c > '9' || digits == 3 {
			break
		}
		n, digits = n*10+int(c-'0'), digits+1
	}
	if bytes.IndexByte(value, ':') < 0 || len(value) > 64 {
		return netip.Addr{}, false
	}
	address, err := netip.ParseAddr(string(value))
	if err != nil {
		return netip.Addr{}, false
	}
	return address.Unmap().WithZone(""), true
}
