package journald

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// value reads the value of a field.
func (d *decoder) value(e *entry, field int) bool {
	c, ok := d.token()
	if !ok {
		return false
	}
	if c != '[' {
		return d.single(e, field, c)
	}
	d.pos++
	if c, ok = d.token(); !ok {
		return false
	}
	if c == ']' || c-'0' < 10 {
		return d.bytes(e, field)
	}
	for {
		if c == '[' {
			if d.pos++; !d.bytes(e, field) {
				return false
			}
		} else if !d.single(e, field, c) {
			return false
		}
		if c, ok = d.token(); !ok || (c != ',' && c != ']') {
			return false
		}
		d.pos++
		if c == ']' {
			return true
		}
		if c, ok = d.token(); !ok {
			return false
		}
	}
}

// single reads a string, or null; a number, which journalctl does not print, is
// taken as its digits.
func (d *decoder) single(e *entry, field int, c byte) bool {
	switch {
	case c == '"':
		if field == fieldNone {
			if _, ok := d.plain(); ok {
				return true
			}
		}
		into, limit := d.begin(e, field)
		if plain, ok := d.plain(); ok {
			room := max(limit-len(into), 0)
			d.done(e, field, append(into, plain[:min(len(plain), room)]...), len(plain) > room)
			return true
		}
		text, long := d.text(into, limit)
		if text == nil {
			return false
		}
		d.done(e, field, text, long)
		return true
	case c == 'n':
		for _, want := range []byte("null") {
			if c, ok := d.peek(); !ok || c != want {
				return false
			}
			d.pos++
		}
		e.withheld = e.withheld || (field == fieldMessage && !e.set[field])
		return true
	case c-'0' < 10:
		into, limit := d.begin(e, field)
		for {
			c, ok := d.peek()
			if !ok {
				return false
			}
			if c-'0' >= 10 {
				d.done(e, field, into, false)
				return true
			}
			if len(into) < limit {
				into = append(into, c)
			}
			d.pos++
		}
	}
	return false
}

// begin is where a value goes, and how long that may become. The values of a
// message that is there more than once are all kept, a line each; of another
// field it is the first.
func (d *decoder) begin(e *entry, field int) (into []byte, limit int) {
	switch {
	case field == fieldNone, field != fieldMessage && e.set[field]:
		return d.key[:0], 0
	case field != fieldMessage:
		return e.fields[field][:0], maxField
	case e.set[field]:
		if len(e.fields[field]) >= d.limit {
			return e.fields[field], d.limit
		}
		return append(e.fields[field], '\n'), d.limit
	default:
		return e.fields[field][:0], d.limit
	}
}

func (d *decoder) done(e *entry, field int, text []byte, long bool) {
	switch {
	case field == fieldNone, field != fieldMessage && e.set[field]:
	default:
		e.fields[field], e.set[field] = text, true
		e.truncated = e.truncated || (field == fieldMessage && long)
	}
}

// bytes reads the numbers of an array after its bracket.
func (d *decoder) bytes(e *entry, field int) bool {
	into, limit := d.begin(e, field)
	long := false
	if c, ok := d.token(); ok && c == ']' {
		d.pos++
		d.done(e, field, into, false)
		return true
	}
	for {
		n, digits := 0, 0
		c, ok := d.token()
		for ok && c-'0' < 10 && digits < 3 {
			n = n*10 + int(c-'0')
			digits++
			d.pos++
			c, ok = d.peek()
		}
		if digits == 0 || n > 255 {
			return false
		}
		if len(into) < limit {
			into = append(into, byte(n))
		} else {
			long = true
		}
		if c, ok = d.token(); !ok || (c != ',' && c != ']') {
			return false
		}
		d.pos++
		if c == ']' {
			d.done(e, field, into, long)
			return true
		}
	}
}

// plain reads a string that is whole in the window and has no escapes, as nearly
// all are. Else it reads nothing.
func (d *decoder) plain() ([]byte, bool) {
	rest := d.window[d.pos+1 : d.end]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, false
	}
	text := rest[:end]
	if bytes.IndexByte(text, '\\') >= 0 || bytes.IndexByte(text, '\n') >= 0 {
		return nil, false
	}
	d.pos += end + 2
	return text, true
}

// text reads a string behind dst, which it lets grow to limit bytes; the rest is
// passed over. It is nil where the string does not end in its line.
func (d *decoder) text(dst []byte, limit int) (text []byte, long bool) {
	d.pos++ // the quote
	t := capped{text: dst, limit: limit}
	if t.text == nil {
		t.text = []byte{}
	}
	for {
		if _, ok := d.peek(); !ok {
			return nil, false
		}
		part := d.window[d.pos:d.end]
		i := 0
		for i < len(part) && part[i] != '"' && part[i] != '\\' && part[i] != '\n' {
			i++
		}
		if d.pos += i; i > 0 {
			t.whole()
			room := max(t.limit-len(t.text), 0)
			t.text = append(t.text, part[:min(i, room)]...)
			t.long = t.long || i > room
		}
		if i == len(part) {
			continue
		}
		if d.pos++; part[i] == '"' {
			t.whole()
			return t.text, t.long
		}
		if part[i] == '\n' {
			d.pos--
			return nil, false
		}
		if !d.escape(&t) {
			return nil, false
		}
	}
}

// capped is a text that is not to become longer than its limit.
type capped struct {
	text  []byte
	limit int
	long  bool
	// half is the first half of a pair whose second is to come; 0 for none.
	half rune
}

func (t *capped) add(r rune) {
	if len(t.text)+utf8.RuneLen(r) > t.limit {
		t.long = true
		t.limit = min(t.limit, len(t.text)) // what follows is not to close the gap
		return
	}
	t.text = utf8.AppendRune(t.text, r)
}

// whole ends a pair that has no second half.
func (t *capped) whole() {
	if t.half != 0 {
		t.half = 0
		t.add(utf8.RuneError)
	}
}

// unit adds one unit of UTF-16. Half a pair alone becomes U+FFFD.
func (t *capped) unit(r rune) {
	if t.half != 0 {
		if both := utf16.DecodeRune(t.half, r); both != utf8.RuneError {
			t.half = 0
			t.add(both)
			return
		}
		t.whole()
	}
	switch {
	case r >= 0xd800 && r < 0xdc00:
		t.half = r
	case utf16.IsSurrogate(r):
		t.add(utf8.RuneError)
	default:
		t.add(r)
	}
}

// escape reads what stands after a backslash.
func (d *decoder) escape(t *capped) bool {
	c, ok := d.peek()
	if !ok || c == '\n' {
		return false
	}
	d.pos++
	if c == 'u' {
		r, ok := d.hex4()
		if ok {
			t.unit(r)
		}
		return ok
	}
	t.whole()
	switch c {
	case '"', '\\', '/':
		t.add(rune(c))
	case 'b':
		t.add('\b')
	case 'f':
		t.add('\f')
	case 'n':
		t.add('\n')
	case 'r':
		t.add('\r')
	case 't':
		t.add('\t')
	default:
		return false
	}
	return true
}

func (d *decoder) hex4() (rune, bool) {
	var r rune
	for range 4 {
		c, ok := d.peek()
		if !ok {
			return 0, false
		}
		switch {
		case c-'0' < 10:
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune((c|0x20)-'a'+10)
		default:
			return 0, false
		}
		d.pos++
	}
	return r, true
}
