package pattern

import (
	"errors"
	"fmt"
	"strings"
)

// Stamp is a time as a line writes it. A year of 0 is one that it does not write.
type Stamp struct {
	Year, Month, Day, Hour, Minute, Second, Nanosecond int
	// Offset is in seconds east of UTC, where Zoned says that there is a zone.
	Offset int
	Zoned  bool
	// Absolute says that the line has nanoseconds since 1970 instead: UnixNano.
	Absolute bool
	UnixNano int64
}

// layout is how a program writes a time, in the marks of strftime(3).
type layout struct {
	text string
	// unit is how many nanoseconds one of a number since 1970 stands for; 0 where
	// the time is no such number.
	unit int64
}

const (
	layoutISO = "ISO8601"

	second = 1_000_000_000
)

// usualLayouts are tried where a pattern names none.
func usualLayouts() []layout {
	layouts := []layout{{text: layoutISO}, {unit: second}}
	for _, text := range []string{"%b %e %T", "%d/%b/%Y:%T %z", "%a %b %e %T %Y", "%a, %d %b %Y %T %z"} {
		layouts = append(layouts, layout{text: widened(text)})
	}
	return layouts
}

// newLayout reads a layout: marks of strftime, ISO8601, UNIX or UNIX_MS.
func newLayout(text string) (layout, error) {
	switch text {
	case layoutISO:
		return layout{text: text}, nil
	case "UNIX":
		return layout{unit: second}, nil
	case "UNIX_MS":
		return layout{unit: second / 1000}, nil
	}
	long := widened(text)
	for rest := long; ; {
		_, mark, found := strings.Cut(rest, "%")
		if !found {
			break
		}
		if mark == "" || !strings.Contains("YymdeHIMSfLpbBhaAzZ%", mark[:1]) {
			return layout{}, fmt.Errorf("%q: %%%.1s is no mark that is known; there are: %%Y %%y %%m %%d %%e %%b %%B %%a %%A %%H %%I %%M %%S %%L %%f %%p %%z %%Z %%T %%F %%D %%R", text, mark)
		}
		rest = mark[1:]
	}
	has := func(marks string) bool {
		for _, mark := range marks {
			if strings.Contains(long, "%"+string(mark)) {
				return true
			}
		}
		return false
	}
	if !has("mbBh") || !has("de") || !has("HI") || !has("M") {
		return layout{}, errors.New("must have a month, a day, an hour and a minute as strftime writes them (%Y-%m-%d %H:%M:%S), or be ISO8601, UNIX or UNIX_MS")
	}
	return layout{text: long}, nil
}

// widened writes out the marks that stand for several.
func widened(text string) string {
	return strings.NewReplacer("%%", "%%", "%T", "%H:%M:%S", "%F", "%Y-%m-%d", "%D", "%m/%d/%y", "%R", "%H:%M").Replace(text)
}

// read reads a time that is written so, all of it.
func (l *layout) read(b []byte) (Stamp, bool) {
	var t Stamp
	switch {
	case l.unit != 0:
		return t, t.unix(b, l.unit)
	case l.text == layoutISO:
		return t, t.iso(b)
	}
	rest, ok := t.marks(b, l.text)
	return t, ok && len(rest) == 0
}

// unix reads a number since 1970, with a fraction or without. Of a few digits it is
// some other number.
func (t *Stamp) unix(b []byte, unit int64) bool {
	whole, rest, ok := number(b, 9, 13)
	if !ok || int64(whole) > (1<<62)/unit {
		return false
	}
	t.Absolute, t.UnixNano = true, int64(whole)*unit
	if len(rest) == 0 {
		return true
	}
	nanosecond, rest, ok := fraction(rest)
	t.UnixNano += int64(nanosecond) * unit / second
	return ok && len(rest) == 0
}

// iso reads the usual forms of ISO 8601 and RFC 3339.
func (t *Stamp) iso(b []byte) bool {
	if len(b) < 16 || b[10] != 'T' && b[10] != ' ' {
		return false
	}
	if _, ok := t.marks(b[:10], "%Y-%m-%d"); !ok {
		return false
	}
	rest, ok := t.marks(b[11:], "%H:%M")
	if !ok {
		return false
	}
	if len(rest) > 0 && rest[0] == ':' {
		if rest, ok = t.marks(rest, ":%S"); !ok {
			return false
		}
	}
	if len(rest) > 1 && rest[0] == ' ' {
		rest = rest[1:]
	}
	if len(rest) > 0 {
		rest, ok = t.zone(rest)
	}
	return ok && len(rest) == 0
}

// marks reads what a layout says and gives what follows.
func (t *Stamp) marks(b []byte, layout string) ([]byte, bool) {
	afternoon, half := false, false
	for len(layout) > 0 {
		if layout[0] != '%' || len(layout) < 2 {
			if len(b) == 0 || b[0] != layout[0] {
				return b, false
			}
			b, layout = b[1:], layout[1:]
			continue
		}
		var ok bool
		mark := layout[1]
		layout = layout[2:]
		if mark == 'p' {
			half = true
			afternoon, b, ok = noon(b)
		} else {
			b, ok = t.mark(b, mark)
		}
		if ok && mark == 'S' && !strings.HasPrefix(layout, ".") && !strings.HasPrefix(layout, ",") && len(b) > 1 && isDigit(b[1]) {
			if nanosecond, rest, found := fraction(b); found { // which the layout need not name
				t.Nanosecond, b = nanosecond, rest
			}
		}
		if !ok {
			return b, false
		}
	}
	if half {
		if t.Hour < 1 || t.Hour > 12 {
			return b, false
		}
		if t.Hour %= 12; afternoon {
			t.Hour += 12
		}
	}
	return b, true
}

// mark reads what one mark stands for.
func (t *Stamp) mark(b []byte, mark byte) (rest []byte, ok bool) {
	switch mark {
	case 'Y':
		t.Year, b, ok = number(b, 4, 4)
	case 'y':
		t.Year, b, ok = number(b, 2, 2)
		if t.Year += 1900; t.Year < 1969 { // as POSIX has it
			t.Year += 100
		}
	case 'm':
		t.Month, b, ok = number(b, 1, 2)
	case 'd', 'e':
		if len(b) > 1 && b[0] == ' ' {
			b = b[1:]
		}
		t.Day, b, ok = number(b, 1, 2)
	case 'H', 'I':
		if len(b) > 1 && b[0] == ' ' {
			b = b[1:]
		}
		t.Hour, b, ok = number(b, 1, 2)
	case 'M':
		t.Minute, b, ok = number(b, 2, 2)
	case 'S':
		t.Second, b, ok = number(b, 1, 2)
	case 'b', 'B', 'h':
		t.Month, b = nameOf(b, "JanuaryFebruaryMarchAprilMayJuneJulyAugustSeptemberOctoberNovemberDecember")
		ok = t.Month > 0
	case 'a', 'A':
		var day int
		day, b = nameOf(b, "MondayTuesdayWednesdayThursdayFridaySaturdaySunday")
		ok = day > 0
	case 'z', 'Z':
		return t.zone(b)
	case 'f', 'L':
		var n int
		if n, rest, ok = number(b, 1, 9); ok {
			t.Nanosecond = scaled(n, len(b)-len(rest))
		}
		return rest, ok
	case '%':
		ok = len(b) > 0 && b[0] == '%'
		b = b[min(1, len(b)):]
	}
	return b, ok
}

// zone reads "Z", "UTC", "GMT", "+02:00", "+0200" or "+02". Other names stand for
// several zones each.
func (t *Stamp) zone(b []byte) ([]byte, bool) {
	t.Zoned = true
	for _, name := range []string{"Z", "UTC", "GMT"} {
		if len(b) >= len(name) && string(b[:len(name)]) == name {
			return b[len(name):], true
		}
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return b, false
	}
	hour, rest, ok := number(b[1:], 2, 2)
	if !ok {
		return b, false
	}
	minute := 0
	if len(rest) > 2 && rest[0] == ':' {
		rest = rest[1:]
	}
	if len(rest) > 1 && isDigit(rest[0]) {
		if minute, rest, ok = number(rest, 2, 2); !ok {
			return b, false
		}
	}
	t.Offset = hour*3600 + minute*60
	if b[0] == '-' {
		t.Offset = -t.Offset
	}
	return rest, true
}

func noon(b []byte) (afternoon bool, rest []byte, ok bool) {
	if len(b) < 2 || b[1]|0x20 != 'm' || b[0]|0x20 != 'a' && b[0]|0x20 != 'p' {
		return false, b, false
	}
	return b[0]|0x20 == 'p', b[2:], true
}

// nameOf reads a name of a list that is written in one, whole or its first three
// letters; it counts from 1, 0 for none.
func nameOf(b []byte, names string) (int, []byte) {
	if len(b) < 3 {
		return 0, b
	}
	for count := 0; names != ""; {
		end := 1
		for end < len(names) && names[end] >= 'a' {
			end++
		}
		count++
		if name := names[:end]; string(b[:3]) == name[:3] {
			if len(b) >= len(name) && string(b[:len(name)]) == name {
				return count, b[len(name):]
			}
			return count, b[3:]
		}
		names = names[end:]
	}
	return 0, b
}

// number reads a number of least to most digits, as many as there are.
func number(b []byte, least, most int) (n int, rest []byte, ok bool) {
	i := 0
	for ; i < len(b) && i < most && isDigit(b[i]); i++ {
		n = n*10 + int(b[i]-'0')
	}
	return n, b[i:], i >= least
}

// fraction reads a point or a comma and digits, of which nine count.
func fraction(b []byte) (nanosecond int, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' {
		return 0, b, false
	}
	n, rest, ok := number(b[1:], 1, 9)
	nanosecond = scaled(n, len(b)-1-len(rest))
	for len(rest) > 0 && isDigit(rest[0]) {
		rest = rest[1:]
	}
	return nanosecond, rest, ok
}

// scaled makes nanoseconds of the digits after a point.
func scaled(n, digits int) int {
	for ; digits < 9; digits++ {
		n *= 10
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
