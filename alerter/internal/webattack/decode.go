package webattack

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxPasses bounds how often a text is decoded: attacks hide behind two passes,
// sometimes three.
const maxPasses = 4

// minEncoded is the length from which on a value may be a text in base64.
const minEncoded = 16

// manyLone is from how many percent signs on a text without escapes is made of them.
const manyLone = 4

// decoder decodes into memory that it keeps.
type decoder struct {
	a, b, entity, path []byte
}

// decode undoes percent encoding until nothing changes, with %u, and in a query
// plus for space. The result is valid until the next call.
func (d *decoder) decode(text []byte, query bool) []byte {
	if query && bytes.IndexByte(text, '+') >= 0 {
		d.b = append(d.b[:0], text...)
		for i, c := range d.b {
			if c == '+' {
				d.b[i] = ' '
			}
		}
		text = d.b
	}
	for range maxPasses {
		if bytes.IndexByte(text, '%') < 0 {
			break
		}
		d.a = unescape(d.a[:0], text)
		if len(d.a) == len(text) {
			break // nothing was escaped: an escape is longer than what it stands for
		}
		d.a, d.b = d.b, d.a
		text = d.b
	}
	return text
}

// unescape appends text with each escape replaced; what is no escape stays.
func unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '%' {
			dst = append(dst, c)
			continue
		}
		if i+2 < len(text) {
			if hi, lo := unhex(text[i+1]), unhex(text[i+2]); hi < 16 && lo < 16 {
				dst = overlong(append(dst, hi<<4|lo))
				i += 2
				continue
			}
		}
		if i+5 < len(text) && text[i+1]|0x20 == 'u' {
			if r, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16); err == nil {
				dst = utf8.AppendRune(dst, narrow(rune(r)))
				i += 5
				continue
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// overlong replaces a form of an ASCII character of more than one byte, which servers of old
// took for the character, by the character: of two bytes to six, as UTF-8 was before RFC 3629
// forbade it, and of two of which the second only counts modulo 64, as IIS took them for the
// signs of a path (CVE-2000-0884).
func overlong(dst []byte) []byte {
	n := len(dst)
	if n < 2 {
		return dst
	}
	last := dst[n-1]
	if lead := dst[n-2]; lead == 0xC0 || lead == 0xC1 {
		c := lead&1<<6 | last&0x3F
		if last&0xC0 == 0x80 || last < 0x40 && hasByte([]byte{c}, `./\`) {
			return append(dst[:n-2], c)
		}
		return dst
	}
	if last&0xC0 != 0x80 || dst[n-2]&^1 != 0x80 {
		return dst
	}
	at := n - 3 // of the first byte, before those that add nothing
	for at >= 0 && dst[at] == 0x80 {
		at--
	}
	if size := n - at; at >= 0 && size <= 6 && dst[at] == [...]byte{3: 0xE0, 4: 0xF0, 5: 0xF8, 6: 0xFC}[size] {
		return append(dst[:at], dst[n-2]&1<<6|last&0x3F)
	}
	return dst
}

// narrow is the ASCII character that a full-width one stands for.
func narrow(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		return r - 0xFF01 + '!'
	}
	return r
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	default:
		return 255
	}
}

// entities undoes HTML entities and JavaScript's \x and \u escapes; false where
// there are none. The result is valid until the next call.
func (d *decoder) entities(text []byte) ([]byte, bool) {
	if bytes.IndexByte(text, '&') < 0 && bytes.IndexByte(text, '\\') < 0 {
		return nil, false
	}
	d.entity = d.entity[:0]
	changed := false
	for i := 0; i < len(text); i++ {
		r, size := rune(0), 0
		switch text[i] {
		case '&':
			r, size = entity(text[i:])
		case '\\':
			r, size = escape(text[i:])
		}
		if size == 0 {
			d.entity = append(d.entity, text[i])
			continue
		}
		d.entity = utf8.AppendRune(d.entity, r)
		i += size - 1
		changed = true
	}
	return d.entity, changed
}

// folded undoes what some servers undo beside: typographic quotes and full-width signs,
// which databases and browsers map to ASCII's, and percent signs that escape nothing, which
// IIS drops. False where there are none of these. The result is valid until the next call
// of it or of entities.
func (d *decoder) folded(text []byte) ([]byte, bool) {
	lone := bytes.Count(text, []byte("%"))+bytes.Count(text, []byte(widePercent)) >= manyLone
	if !lone && !bytes.Contains(text, []byte("\xe2\x80")) && !bytes.Contains(text, []byte("\xef\xbc")) {
		return nil, false
	}
	if d.entity = append(d.entity[:0], text...); lone {
		d.entity = withoutPercent(d.entity)
	}
	// What a sign stands for is never longer than the sign.
	out := d.entity[:0]
	for rest := d.entity; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch r {
		case '\u2018', '\u2019', '\u02bc':
			out = append(out, '\'')
		case '\u201c', '\u201d':
			out = append(out, '"')
		case utf8.RuneError:
			out = append(out, rest[:size]...)
		default:
			out = utf8.AppendRune(out, narrow(r))
		}
		rest = rest[size:]
	}
	d.entity = out
	return out, true
}

// straight is a path without the steps that stay where they are ("/./"), and without the
// dots behind a folder's name, which Windows drops. It is valid until the next call of it.
func (d *decoder) straight(path []byte) []byte {
	out := d.path[:0]
	for i, c := range path {
		before := byte('/')
		if len(out) > 0 {
			before = out[len(out)-1]
		}
		next := i+1 < len(path) && path[i+1] == '/'
		switch {
		case c == '.' && next && before != '.': // not of ".."
		case c == '/' && before == '/' && len(out) > 0:
		default:
			out = append(out, c)
		}
	}
	d.path = out
	return out
}

// widePercent is the full-width percent sign.
const widePercent = "\uff05"

// withoutPercent drops percent signs of either width in place, also those that come about
// where one between the bytes of another is dropped.
func withoutPercent(text []byte) []byte {
	out := text[:0]
	for _, c := range text {
		if c == '%' {
			continue
		}
		out = bytes.TrimSuffix(append(out, c), []byte(widePercent))
	}
	return out
}

// base64 is the text that a value is in base64, of either alphabet; false for any other
// value, and where what comes out is no printable ASCII with a quote or a bracket in it, as
// what programs encode seldom is. The result is valid until the next call.
func (d *decoder) base64(value []byte) ([]byte, bool) {
	value = bytes.TrimRight(value, "=")
	if len(value) < minEncoded {
		return nil, false
	}
	alphabet := base64.RawStdEncoding
	if hasByte(value, "-_") {
		alphabet = base64.RawURLEncoding
	}
	d.entity = slices.Grow(d.entity[:0], alphabet.DecodedLen(len(value)))[:alphabet.DecodedLen(len(value))]
	// What begins with something else does not become a text further on.
	if n, err := alphabet.Decode(d.entity, value[:4]); err != nil || !printable(d.entity[:n]) {
		return nil, false
	}
	n, err := alphabet.Decode(d.entity, value)
	if err != nil || !printable(d.entity[:n]) || !hasByte(d.entity[:n], `'"<`) {
		return nil, false
	}
	return d.entity[:n], true
}

// hex is the text that a value is as SQL's binary constant, "0x…", of one or two bytes a
// character; false for any other value. The result is valid until the next call.
func (d *decoder) hex(value []byte) ([]byte, bool) {
	if len(value) < minEncoded || value[0] != '0' || value[1]|0x20 != 'x' {
		return nil, false
	}
	d.entity = d.entity[:0]
	for digits := value[2:]; len(digits) > 1; digits = digits[2:] {
		high, low := unhex(digits[0]), unhex(digits[1])
		if high > 15 || low > 15 {
			break // cut off, perhaps
		}
		if c := high<<4 | low; c != 0 {
			d.entity = append(d.entity, c)
		}
	}
	return d.entity, printable(d.entity)
}

func printable(text []byte) bool {
	return !bytes.ContainsFunc(text, func(r rune) bool { return (r < ' ' || r > '~') && r != '\t' && r != '\n' && r != '\r' })
}

// entity reads one HTML entity at the beginning of text; size 0 where there is none.
func entity(text []byte) (r rune, size int) {
	if len(text) > 2 && text[1] == '#' {
		return numeric(text[:min(len(text), 12)])
	}
	end := bytes.IndexByte(text[:min(len(text), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	name := text[1:end]
	switch string(bytes.ToLower(name)) {
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "quot":
		r = '"'
	case "apos":
		r = '\''
	case "amp":
		r = '&'
	case "lpar":
		r = '('
	case "rpar":
		r = ')'
	case "colon":
		r = ':'
	case "tab":
		r = '\t'
	case "newline":
		r = '\n'
	default:
		return 0, 0
	}
	return r, end + 1
}

// numeric reads "&#65;" or "&#x41;". Browsers do not want the semicolon.
func numeric(text []byte) (r rune, size int) {
	start, base := 2, byte(10)
	if text[2]|0x20 == 'x' {
		start, base = 3, 16
	}
	end := start
	for end < len(text) {
		digit := unhex(text[end])
		if digit >= base {
			break
		}
		r = r*rune(base) + rune(digit)
		end++
	}
	if end == start || r > utf8.MaxRune {
		return 0, 0
	}
	if end < len(text) && text[end] == ';' {
		end++
	}
	return r, end
}

// escape reads \xNN or \uNNNN at the beginning of text; size 0 where there is none.
func escape(text []byte) (r rune, size int) {
	if len(text) < 4 {
		return 0, 0
	}
	digits := 2
	switch text[1] {
	case 'x':
	case 'u':
		digits = 4
	default:
		return 0, 0
	}
	if len(text) < 2+digits {
		return 0, 0
	}
	n, err := strconv.ParseUint(string(text[2:2+digits]), 16, 16)
	if err != nil {
		return 0, 0
	}
	return rune(n), 2 + digits
}
