package pattern

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// timestampName is what the time of a line is captured as.
const timestampName = "@timestamp"

// kind is what a value must be.
type kind int

const (
	isText kind = iota
	isIP
	isInteger
	isFloat
	isPort
	isBoolean
	isOutcome
	isCategory
	isType
	isAddress
	isTime
)

func (k kind) says() string {
	switch k {
	case isIP:
		return "an IP address"
	case isInteger:
		return "a whole number"
	case isFloat:
		return "a number"
	case isPort:
		return "a port"
	case isBoolean:
		return "true or false"
	case isOutcome:
		return "one of: " + strings.Join(outcomes(), ", ")
	case isCategory:
		return "one of: " + strings.Join(categories(), ", ")
	case isType:
		return "one of: " + strings.Join(types(), ", ")
	case isAddress:
		return "an IP address or a host name"
	default:
		return "text"
	}
}

func outcomes() []string { return []string{"success", "failure", "unknown"} }

// categories are the allowed values of event.category in the Elastic Common Schema.
func categories() []string {
	return []string{
		"api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam", "intrusion_detection",
		"library", "malware", "network", "package", "process", "registry", "session", "threat", "vulnerability", "web",
	}
}

// types are the allowed values of event.type in the Elastic Common Schema.
func types() []string {
	return []string{
		"access", "admin", "allowed", "change", "connection", "creation", "deletion", "denied", "device", "end", "error",
		"group", "indicator", "info", "installation", "protocol", "start", "user",
	}
}

// capture is a field that a value goes to.
type capture struct {
	id   eventv1.FieldId
	key  []byte // of a field outside the registry
	kind kind
	list bool
}

func (c *capture) name() string {
	if c.kind == isTime {
		return timestampName
	}
	f := event.Field{ID: c.id, Key: c.key}
	return f.Name()
}

var isLabel = regexp.MustCompile(`^labels\.[a-z][a-z0-9_]{0,63}$`)

// newCapture finds the field of a name, "source.ip" or "[source][ip]". A type may
// be asked for as grok's own does.
func newCapture(name, as string) (capture, error) {
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		name = strings.ReplaceAll(name[1:len(name)-1], "][", ".")
	}
	c := capture{}
	id, known := event.FieldByName(name)
	spec := event.SpecOf(id)
	switch {
	case name == timestampName:
		c.kind = isTime
	case isLabel.MatchString(name):
		c.key = []byte(name)
	case strings.HasPrefix(name, "labels."):
		return c, fmt.Errorf("%q is no label: after labels. come small letters, digits and _, a letter first", name)
	case isNotTheLines(name, spec):
		return c, fmt.Errorf("%q is not for a line to say", name)
	case !known:
		return c, fmt.Errorf("no field is called %q%s; a field of your own is labels.NAME", name, didYouMean(name, fieldNames()))
	default:
		c.id, c.list, c.kind = id, spec.List, kindOf(name, spec.Type)
	}
	switch as {
	case "", "string":
	case "int", "long":
		c.kind = narrower(c.kind, isInteger)
	case "float", "double":
		c.kind = narrower(c.kind, isFloat)
	default:
		return c, fmt.Errorf("no type is called %q; there are: string, int, float", as)
	}
	return c, nil
}

func kindOf(name string, of eventv1.FieldType) kind {
	switch {
	case name == "event.outcome":
		return isOutcome
	case name == "event.category":
		return isCategory
	case name == "event.type":
		return isType
	case name == "source.address", name == "destination.address", name == "client.address":
		return isAddress
	case of == eventv1.FieldType_FIELD_TYPE_IP:
		return isIP
	case of == eventv1.FieldType_FIELD_TYPE_LONG && strings.HasSuffix(name, ".port"):
		return isPort
	case of == eventv1.FieldType_FIELD_TYPE_LONG:
		return isInteger
	case of == eventv1.FieldType_FIELD_TYPE_BOOLEAN:
		return isBoolean
	}
	return isText
}

// narrower is what a user asks of a value, where the field itself asks nothing.
func narrower(field, asked kind) kind {
	if field == isText {
		return asked
	}
	return field
}

// isNotTheLines says of which fields something else than a line tells: the
// certificate, the source that read it, Tocsin's own parts.
func isNotTheLines(name string, spec event.Spec) bool {
	top, _, _ := strings.Cut(name, ".")
	switch {
	case spec.Attested, spec.Derived, top == "tocsin", top == "agent", top == "host":
		return true
	}
	return slices.Contains([]string{"log.file.path", "log.line", "log.offset", "log.original", "event.kind"}, name)
}

// isWantable says whether an example may want a field.
func isWantable(name string) bool {
	_, known := event.FieldByName(name)
	return known || name == timestampName || isLabel.MatchString(name)
}

func fieldNames() []string {
	var names []string
	for id := range event.FieldCount() {
		spec := event.SpecOf(eventv1.FieldId(id))
		if spec.Name != "" && !isNotTheLines(spec.Name, spec) {
			names = append(names, spec.Name)
		}
	}
	return names
}

// add appends a field, unless it is there and may be there only once.
func (m *Match) add(c capture, value []byte) {
	if !c.list {
		for i := range m.Fields {
			if f := &m.Fields[i]; f.ID == c.id && string(f.Key) == string(c.key) {
				return
			}
		}
	}
	m.Fields = append(m.Fields, event.Field{ID: c.id, Key: c.key, Value: value})
}

// capture gives a field its value, and says whether it can have that value.
func (m *Match) capture(c capture, value []byte) bool {
	switch c.kind {
	case isIP:
		return m.ip(c, value)
	case isAddress:
		return m.address(c, value)
	case isInteger, isPort:
		digits := canonical(value)
		if digits == nil || c.kind == isPort && !isPortNumber(digits) {
			return false
		}
		value = digits
	case isFloat:
		if _, err := strconv.ParseFloat(string(value), 64); err != nil {
			return false
		}
	case isBoolean:
		if string(value) != "true" && string(value) != "false" {
			return false
		}
	case isOutcome:
		if !isOneOf(value, outcomes()) {
			return false
		}
	case isCategory:
		if !isOneOf(value, categories()) {
			return false
		}
	case isType:
		if !isOneOf(value, types()) {
			return false
		}
	case isTime:
		m.time = value
		return true
	case isText:
	}
	m.add(c, value)
	return true
}

func isOneOf(value []byte, words []string) bool {
	for _, word := range words {
		if string(value) == word {
			return true
		}
	}
	return false
}

// ip adds an address in its canonical form, without a zone.
func (m *Match) ip(c capture, value []byte) bool {
	if len(value) > 2 && value[0] == '[' && value[len(value)-1] == ']' {
		value = value[1 : len(value)-1]
	}
	if isIPv4(value) {
		m.add(c, value)
		return true
	}
	if len(value) > 64 {
		return false
	}
	ip, err := netip.ParseAddr(string(value))
	if err != nil {
		return false
	}
	start := len(m.scratch)
	m.scratch = ip.WithZone("").Unmap().AppendTo(m.scratch)
	m.add(c, m.scratch[start:len(m.scratch):len(m.scratch)])
	return true
}

// isIPv4 says whether b is an address of version 4 in the one form that it has. It
// spares the library's reader, which needs a string.
func isIPv4(b []byte) bool {
	parts, value, digits := 0, 0, 0
	for _, c := range b {
		switch {
		case isDigit(c) && (digits == 0 || value > 0) && value <= 25:
			if value = value*10 + int(c-'0'); value > 255 {
				return false
			}
			digits++
		case c == '.' && digits > 0:
			parts, value, digits = parts+1, 0, 0
		default:
			return false
		}
	}
	return parts == 3 && digits > 0
}

// address adds what may be an address or a name, where each belongs.
func (m *Match) address(c capture, value []byte) bool {
	ip, domain := capture{}, capture{}
	switch c.id {
	case eventv1.FieldId_FIELD_ID_SOURCE_ADDRESS:
		ip.id, domain.id = eventv1.FieldId_FIELD_ID_SOURCE_IP, eventv1.FieldId_FIELD_ID_SOURCE_DOMAIN
	case eventv1.FieldId_FIELD_ID_DESTINATION_ADDRESS:
		ip.id, domain.id = eventv1.FieldId_FIELD_ID_DESTINATION_IP, eventv1.FieldId_FIELD_ID_DESTINATION_DOMAIN
	default:
		ip.id = eventv1.FieldId_FIELD_ID_CLIENT_IP
	}
	if m.ip(ip, value) {
		return true
	}
	if !isHostName(value) {
		return false
	}
	m.add(c, value)
	if domain.id != 0 {
		m.add(domain, value)
	}
	return true
}

func isHostName(b []byte) bool {
	letter := false
	for _, c := range b {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letter = true
		case c >= '0' && c <= '9', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return letter && len(b) <= 253 && b[0] != '-' && b[0] != '.'
}

// canonical is a whole number without what it needs not, nil where it is none or
// does not fit.
func canonical(b []byte) []byte {
	digits := b
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	for len(digits) > 1 && digits[0] == '0' {
		if len(digits) != len(b) {
			return nil // of a negative one they cannot be cut off
		}
		digits, b = digits[1:], b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return nil
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return nil
		}
	}
	return b
}

func isPortNumber(digits []byte) bool {
	n, err := strconv.ParseUint(string(digits), 10, 16)
	return err == nil && n <= 65535
}

// didYouMean names the nearest of some names, if one is near.
func didYouMean(name string, names []string) string {
	best, nearest := 4, ""
	for _, other := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(other)); d < best {
			best, nearest = d, other
		}
	}
	if nearest == "" || best*2 > len(name) {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", nearest)
}

// distance counts the insertions, deletions and replacements between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
