package rule

import (
	"bytes"
	"net/netip"
	"regexp"
	"strconv"
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
	// slot is where a matcher keeps the field's values.
	slot    int
	keyword bool
	// absent is true of an event without the field, exists of one with it.
	absent bool
	exists bool
	// The folded values, by how they compare; a value is in one of these.
	exact    map[string]struct{}
	starts   [][]byte
	ends     [][]byte
	contains [][]byte
	globs    [][]glyph
	// What compares with the value as it is.
	regexps  []*regexp.Regexp
	prefixes []netip.Prefix
	bounds   []bound
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
	default:
		return n <= b.value
	}
}

// folds tells whether the test needs the folded value.
func (t *test) folds() bool {
	return len(t.exact)+len(t.starts)+len(t.ends)+len(t.contains)+len(t.globs) > 0
}

// positive tells whether only a value can satisfy the test.
func (t *test) positive() bool { return !t.absent && !t.keyword }

// folded compares a folded value.
func (t *test) folded(value []byte) bool {
	if _, ok := t.exact[string(value)]; ok {
		return true
	}
	for _, s := range t.starts {
		if bytes.HasPrefix(value, s) {
			return true
		}
	}
	for _, s := range t.ends {
		if bytes.HasSuffix(value, s) {
			return true
		}
	}
	for _, s := range t.contains {
		if bytes.Contains(value, s) {
			return true
		}
	}
	for _, g := range t.globs {
		if glob(g, value) {
			return true
		}
	}
	return false
}

// literal compares a value as it is.
func (t *test) literal(value []byte) bool {
	for _, re := range t.regexps {
		if re.Match(value) {
			return true
		}
	}
	if len(t.prefixes) > 0 {
		if address, ok := parseAddress(value); ok {
			for _, p := range t.prefixes {
				if p.Contains(address) {
					return true
				}
			}
		}
	}
	if len(t.bounds) > 0 {
		if n, err := strconv.ParseFloat(string(value), 64); err == nil {
			for _, b := range t.bounds {
				if b.holds(n) {
					return true
				}
			}
		}
	}
	return false
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
