package email

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a mail quotes, in runes and lines.
const (
	maxSubject = 180
	maxValue   = 600
	maxLine    = 1000
	maxTrace   = 80
	maxRows    = 200
)

// oneLine makes text fit for a header or a table cell: whatever is no plain
// printable character, line breaks and direction marks included, cannot act in
// it, and it is at most limit runes long.
func oneLine(text string, limit int) string {
	var b strings.Builder
	space := true // no leading space
	n := 0
	for _, r := range text {
		if n == limit {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			if space {
				continue
			}
			r = ' '
		}
		space = r == ' '
		b.WriteRune(r) // an invalid byte has become U+FFFD
		n++
	}
	return strings.TrimRight(b.String(), " ")
}

// headerText is oneLine for a header: text that imitates an encoded word is not
// to be decoded into what oneLine took out.
func headerText(text string, limit int) string {
	return oneLine(strings.ReplaceAll(oneLine(text, limit), "=?", "= ?"), limit)
}

// visible makes one raw line fit to be read: control characters and marks that
// could fool a terminal or the eye show as escapes.
func visible(line string) string {
	var b strings.Builder
	n := 0
	for i, r := range line {
		if n >= maxLine {
			b.WriteString("…")
			break
		}
		n++
		switch {
		case r == '\t':
			b.WriteRune(r)
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(line[i:]); size == 1 {
				fmt.Fprintf(&b, `\x%02x`, line[i])
			} else {
				b.WriteRune(r)
			}
		case r < 0x80 && unicode.IsControl(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// visibleLines is visible for a text of several lines, the last of which matter
// most: of too many the middle is left out.
func visibleLines(text string, limit int) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > limit {
		head := limit / 3
		left := len(lines) - limit
		lines = append(append(append([]string(nil), lines[:head]...), fmt.Sprintf("… (%d)", left)), lines[len(lines)-(limit-head):]...)
	}
	for i := range lines {
		lines[i] = visible(strings.TrimSuffix(lines[i], "\r"))
	}
	return lines
}
