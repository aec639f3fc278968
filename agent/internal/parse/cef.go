package parse

import (
	"bytes"

	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// cef reads ArcSight's Common Event Format, "CEF:V|VENDOR|PRODUCT|VERSION|ID|NAME|SEVERITY|
// key=value …" with V 0 or 1, and IBM's Log Event Extended Format, "LEEF:1.0|VENDOR|PRODUCT|
// VERSION|ID|key=value<TAB>…", whose 2.0 may name another separator, as a character or as
// its number ("x5E", "0x5E"); alone or by syslog. By the extension dictionary of the CEF
// Implementation Standard, version 27, and IBM's pages "LEEF event components" and
// "Predefined LEEF event attributes". In CEF a bar of the head, an equals sign of a value
// and a backslash have a backslash before them. A key that has two values has none: a
// device that does not escape lets a stranger write keys.
func (e *entry) cef(c *clock, m []byte) bool {
	var v cefEvent
	if !v.read(e.cefDated(c, m)) {
		return false
	}
	v.pairs()
	e.cefWhat(&v)
	for _, when := range [...][]byte{v.received, v.ended, v.started} {
		if unix, ok := c.cefTime(when); ok {
			e.at(unix)
			break
		}
	}
	e.cefEnds(&v)
	e.cefFile(&v)
	e.add(eventv1.FieldId_FIELD_ID_EVENT_CODE, v.text(e, v.id))
	if v.reason == nil && !v.leef {
		v.reason = v.name
	}
	e.add(eventv1.FieldId_FIELD_ID_EVENT_REASON, v.text(e, v.reason))
	e.set(eventv1.FieldId_FIELD_ID_MESSAGE, v.text(e, v.message))
	e.repeats(v.count)
	return true
}

// cefDated takes off a time without a host after it, as some devices send it.
func (e *entry) cefDated(c *clock, b []byte) []byte {
	rest, _, _ := readPriority(b)
	var t stamp
	rest, ok := t.bsdTime(rest)
	if !ok {
		t = stamp{}
		if rest, ok = t.isoTime(rest); !ok {
			return b
		}
	}
	rest = trimLeft(rest)
	unix, valid := c.unix(&t)
	if !valid || !has(rest, "CEF:") && !has(rest, "LEEF:") {
		return b
	}
	e.at(unix)
	return rest
}

// text is a value as it is meant.
func (v *cefEvent) text(e *entry, b []byte) []byte {
	if v.leef {
		return b
	}
	return e.cefText(b)
}

// read takes the head apart.
func (v *cefEvent) read(m []byte) bool {
	if rest, ok := cut(m, "CEF:"); ok {
		return v.readHead(trimLeft(rest), 7)
	}
	rest, ok := cut(m, "LEEF:")
	if !ok { // "CEF: 0|…" is a syslog tag and its message
		return len(m) > 2 && isDigit(m[0]) && m[1] == '|' && v.readHead(m, 7)
	}
	v.leef, v.separator = true, "\t"
	rest = trimLeft(rest)
	second := has(rest, "2")
	if !v.readHead(rest, 5) {
		return false
	}
	if part, after, ok := cutBar(v.rest[:min(len(v.rest), 8)]); second && ok {
		if separator, ok := leefSeparator(part); ok {
			v.separator, v.rest = separator, v.rest[len(v.rest[:min(len(v.rest), 8)])-len(after):]
		}
	}
	if v.separator == "\t" && bytes.IndexByte(v.rest, '\t') < 0 && contains(v.rest, "#011") {
		v.separator = "#011" // as rsyslog writes a tab
	}
	return true
}

func (v *cefEvent) readHead(b []byte, heads int) bool {
	number, after := digits(b)
	if len(number) == 0 || len(after) == 0 || after[0] != '|' && !has(after, ".") {
		return false
	}
	for n := range heads {
		part, after, ok := cutBar(b)
		if !ok {
			return false
		}
		b = after
		switch n {
		case 4:
			v.id = part
		case 5:
			v.name = part
		}
	}
	v.rest = b
	return true
}

// leefSeparator reads "^", "x5E" and "0x5E"; none is a tab.
func leefSeparator(b []byte) (string, bool) {
	switch {
	case len(b) == 0:
		return "\t", true
	case len(b) == 1:
		return string(rune(b[0])), b[0] < 0x80 && b[0] != '='
	}
	number, ok := cut(b, "0x")
	if !ok {
		if number, ok = cut(b, "x"); !ok {
			return "", false
		}
	}
	value := 0
	for _, digit := range number {
		d := hex(digit)
		if d < 0 {
			return "", false
		}
		value = value<<4 | d
	}
	return string(rune(value)), len(number) > 0 && value > 0 && value < 0x80 && value != '='
}

// cutBar cuts at the first bar that has no backslash before it.
func cutBar(b []byte) (part, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '|':
			return b[:i], b[i+1:], true
		}
	}
	return nil, nil, false
}

// pairs reads the extension. In CEF a value has blanks, and ends before the blank
// that the next key follows.
func (v *cefEvent) pairs() {
	const most = 128
	b := v.rest
	for n := 0; len(b) > 0 && n < most; n++ {
		at := bytes.IndexByte(b, '=')
		if at < 0 {
			break
		}
		key := trimSpaces(b[:at])
		value, rest := v.value(b[at+1:])
		if slot := v.slot(key); slot != nil && !isNobody(value) {
			switch {
			case *slot == nil:
				*slot = value
			case !bytes.Equal(*slot, value):
				*slot = value[:0]
			}
		}
		b = rest
	}
}

func (v *cefEvent) value(b []byte) (value, rest []byte) {
	if v.leef {
		if i := index(b, v.separator); i >= 0 {
			return b[:i], b[i+len(v.separator):]
		}
		return b, nil
	}
	blank := -1
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case ' ':
			blank = i
		case '=':
			if blank >= 0 && isCEFKey(b[blank+1:i]) {
				return trimRight(b[:blank]), b[blank+1:]
			}
		}
	}
	return trimRight(b), nil
}

// isCEFKey says whether a word can be a key: of letters, digits and few marks.
func isCEFKey(b []byte) bool {
	if len(b) == 0 || len(b) > 64 {
		return false
	}
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) && c != '_' && c != '.' && c != '-' && c != '[' && c != ']' {
			return false
		}
	}
	return true
}

// cefText undoes the escapes of a value.
func (e *entry) cefText(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	start := len(e.scratch)
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) && bytes.IndexByte([]byte(`\=|nr`), b[i+1]) >= 0 {
			i++
			if c = b[i]; c == 'n' || c == 'r' {
				c = '\n'
			}
		}
		e.scratch = append(e.scratch, c)
	}
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}

// cefTime reads milliseconds since 1970, "Oct 07 2025 09:00:00", without a year too, with a
// fraction and a zone or without, or an ISO time. Of zones known by a name only UTC's counts.
func (c *clock) cefTime(b []byte) (int64, bool) {
	if len(b) < 10 {
		return 0, false
	}
	if isEpoch(b) {
		return epochTime(b)
	}
	var t stamp
	rest, ok := t.isoTime(b)
	if !ok {
		t = stamp{month: monthOf(b)}
		day, after := digits(trimLeft(b[3:]))
		if t.month == 0 || len(day) == 0 || len(day) > 2 || len(after) < 9 || after[0] != ' ' {
			return 0, false
		}
		t.day = int(atoi(day))
		after = after[1:]
		if year := four(after); year > 0 && len(after) > 5 && after[4] == ' ' {
			t.year, after = year, after[5:]
		}
		if rest, ok = t.clockTime(after); !ok {
			return 0, false
		}
	}
	rest = trimLeft(rest)
	for _, name := range [...]string{"UTC", "GMT"} {
		if after, ok := cut(rest, name); ok {
			t.zoned, rest = true, after
		}
	}
	if rest = t.zone(rest); len(rest) > 0 {
		return 0, false
	}
	return c.unix(&t)
}
