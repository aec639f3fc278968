package rule

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxVariants bounds what one value may become: dashes have five forms each.
const maxVariants = 625

// dashes are the characters that begin an option on Windows.
func dashes() []glyph { return []glyph{'-', '/', '\u2013', '\u2014', '\u2015'} }

// encoded applies encodings to a value's pattern, and gives all that it becomes.
func encoded(pattern []glyph, encodings []string) ([][]glyph, error) {
	all := [][]glyph{pattern}
	var err error
	wide := false // a glyph is a byte
	for i, encoding := range encodings {
		switch stageOf(encoding) {
		case stageDash:
			all, err = windash(pattern)
		case stageUTF16:
			wide = true
			for n := 0; n < len(all) && err == nil; n++ {
				all[n], err = inUTF16(all[n], encoding, i == len(encodings)-1)
			}
		case stageBase64:
			all, err = inBase64(all, wide, encoding == "base64offset")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", encoding, err)
		}
	}
	return all, nil
}

// windash gives every form of the dashes that may begin an option: those with no letter,
// digit or underscore before and one behind them.
func windash(pattern []glyph) ([][]glyph, error) {
	all := [][]glyph{nil}
	for i, g := range pattern {
		forms := []glyph{g}
		if isDash(g) && (i == 0 || !isWord(pattern[i-1])) && i+1 < len(pattern) && isWord(pattern[i+1]) {
			forms = dashes()
		}
		if len(all)*len(forms) > maxVariants {
			return nil, fmt.Errorf("windash: more than %d forms of one value: split it", maxVariants)
		}
		next := make([][]glyph, 0, len(all)*len(forms))
		for _, head := range all {
			for _, form := range forms {
				next = append(next, append(head[:len(head):len(head)], form))
			}
		}
		all = next
	}
	return all, nil
}

func isDash(g glyph) bool {
	return slices.Contains(dashes(), g)
}

func isWord(g glyph) bool {
	return g == '_' || g >= 0 && (unicode.IsLetter(rune(g)) || unicode.IsDigit(rune(g)))
}

// inUTF16 is a pattern in UTF-16, one glyph a byte. As the last encoding it can only
// hold characters of ASCII, for the bytes of others are no text that rules compare.
func inUTF16(pattern []glyph, encoding string, last bool) ([]glyph, error) {
	var wide []glyph
	if encoding == "utf16" {
		if last {
			return nil, errors.New("a byte order mark is no text: base64 or base64offset has to follow")
		}
		wide = append(wide, 0xff, 0xfe)
	}
	for _, g := range pattern {
		if g < 0 {
			wide = append(wide, g)
			continue
		}
		if last && g > unicode.MaxASCII {
			return nil, fmt.Errorf("%q is not ASCII", rune(g))
		}
		for _, unit := range utf16.Encode([]rune{rune(g)}) {
			low, high := glyph(unit&0xff), glyph(unit>>8)
			if encoding == "utf16be" {
				low, high = high, low
			}
			wide = append(wide, low, high)
		}
	}
	return wide, nil
}

// inBase64 encodes values (RFC 4648, section 4), at all offsets if they may stand within
// others.
func inBase64(values [][]glyph, wide, offsets bool) ([][]glyph, error) {
	var all [][]glyph
	for _, value := range values {
		var data []byte
		for _, g := range value {
			switch {
			case g < 0:
				return nil, errors.New("wildcards cannot be encoded")
			case wide:
				data = append(data, byte(g))
			default:
				data = utf8.AppendRune(data, rune(g))
			}
		}
		if !offsets {
			all = append(all, ascii(base64.StdEncoding.EncodeToString(data)))
			continue
		}
		if len(data) < 3 {
			return nil, errors.New("at least 3 bytes are wanted: of fewer no character is certain")
		}
		for offset := range 3 {
			all = append(all, ascii(within(data, offset)))
		}
	}
	return all, nil
}

// within is what encoded data looks like behind other encoded data of so many bytes,
// modulo 3: without the characters at both ends that hold bits of its neighbours.
func within(data []byte, offset int) string {
	text := base64.StdEncoding.EncodeToString(append(make([]byte, offset), data...))
	start := [3]int{0, 2, 3}[offset]
	cut := [3]int{0, 3, 2}[(len(data)+offset)%3]
	return text[start : len(text)-cut]
}

func ascii(text string) []glyph {
	pattern := make([]glyph, len(text))
	for i := range len(text) {
		pattern[i] = glyph(text[i])
	}
	return pattern
}
