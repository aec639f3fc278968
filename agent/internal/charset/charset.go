// Package charset makes UTF-8 of text in other encodings, and finds its lines.
//
// In flow bytes as a file holds them; out flow text. Names are those of IANA's
// registry and of the WHATWG's Encoding Standard. What is malformed becomes
// U+FFFD; nothing is left out.
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// form is how an encoding writes a newline, and where a text begins.
type form byte

const (
	narrow form = iota // one byte
	little             // two, the lower first
	big                // two, the higher first
	marked             // two, as the first character says
)

// Charset is one encoding of text. A nil Charset is UTF-8 that is taken as it is.
// It may be used by several goroutines; its Decoders may not.
type Charset struct {
	encoding encoding.Encoding
	form     form
	utf8     bool
	// both are the two orders of bytes of a marked one.
	both [2]*Charset
}

// Lookup finds an encoding by its name, in any case; "" is nil.
func Lookup(name string) (*Charset, error) {
	switch canonical := strings.ToLower(strings.TrimSpace(name)); canonical {
	case "":
		return nil, nil //nolint:nilnil // no encoding is a value here
	case "utf-8", "utf8":
		return &Charset{encoding: encoding.Nop, utf8: true}, nil
	case "utf-16", "utf16":
		return &Charset{form: marked, both: [2]*Charset{wide(little), wide(big)}}, nil
	case "utf-16le", "utf16le":
		return wide(little), nil
	case "utf-16be", "utf16be":
		return wide(big), nil
	case "cp949", "uhc":
		return Lookup("euc-kr")
	case "cp932", "ms932":
		return Lookup("shift_jis")
	default:
		e, err := ianaindex.IANA.Encoding(canonical)
		if err != nil || e == nil {
			e, err = htmlindex.Get(canonical)
		}
		if err != nil {
			return nil, fmt.Errorf("no encoding is called %q", name)
		}
		if !linesByByte(e) {
			return nil, fmt.Errorf("where lines of %q end is not known", name)
		}
		return &Charset{encoding: e}, nil
	}
}

// linesByByte tells whether a newline, and nothing else, is the byte 0x0A.
func linesByByte(e encoding.Encoding) bool {
	text, err := e.NewDecoder().Bytes([]byte("a\n"))
	if err != nil || string(text) != "a\n" {
		return false
	}
	raw, err := e.NewEncoder().Bytes([]byte("a\n"))
	return err == nil && string(raw) == "a\n"
}

func wide(f form) *Charset {
	order := unicode.LittleEndian
	if f == big {
		order = unicode.BigEndian
	}
	return &Charset{encoding: unicode.UTF16(order, unicode.IgnoreBOM), form: f}
}

// For is the charset of a text that begins with first, where its beginning says
// more: the order of bytes in UTF-16, which is little-endian where it does not.
func (c *Charset) For(first []byte) *Charset {
	if c == nil || c.form != marked {
		return c
	}
	if bytes.HasPrefix(first, []byte{0xfe, 0xff}) {
		return c.both[1]
	}
	return c.both[0]
}

// Unit is how many bytes a newline takes. Lines begin at its multiples.
func (c *Charset) Unit() int {
	if c == nil || c.form == narrow {
		return 1
	}
	return 2
}

// IndexNewline is where the first newline of a text is, -1 if there is none. The
// text begins with a whole character.
func (c *Charset) IndexNewline(b []byte) int {
	if c == nil || c.form == narrow {
		return bytes.IndexByte(b, '\n')
	}
	for from := 0; ; {
		i := bytes.IndexByte(b[from:], '\n')
		if i < 0 {
			return -1
		}
		at := (from + i) &^ 1
		if at+1 < len(b) && b[at] == c.newline()[0] && b[at+1] == c.newline()[1] {
			return at
		}
		from += i + 1
	}
}

func (c *Charset) newline() [2]byte {
	if c.form == big {
		return [2]byte{0, '\n'}
	}
	return [2]byte{'\n', 0}
}

// Mark is the length of the byte order mark that a text begins with.
func (c *Charset) Mark(b []byte) int {
	switch {
	case c == nil:
		return 0
	case c.utf8 && bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		return 3
	case c.form == little && bytes.HasPrefix(b, []byte{0xff, 0xfe}), c.form == big && bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return 2
	default:
		return 0
	}
}

// Decoder makes text of one charset after the other.
type Decoder struct {
	charset *Charset
	decoder *encoding.Decoder
}

// Append appends to dst what src says, and returns how many bytes of src that
// is. Where src was cut, an unfinished character at its end is left; otherwise
// it becomes U+FFFD, and all of src is used.
func (d *Decoder) Append(dst []byte, c *Charset, src []byte, cut bool) ([]byte, int) {
	if c == nil || c.utf8 {
		return append(dst, src...), len(src)
	}
	if d.charset != c {
		d.charset, d.decoder = c, c.encoding.NewDecoder()
	}
	d.decoder.Reset()
	used := 0
	for {
		dst = slices.Grow(dst, len(src)-used+64)
		n, m, err := d.decoder.Transform(dst[len(dst):cap(dst)], src[used:], !cut)
		dst, used = dst[:len(dst)+n], used+m
		switch {
		case errors.Is(err, transform.ErrShortDst):
		case err == nil || errors.Is(err, transform.ErrShortSrc):
			return dst, used
		default: // these decoders know no other error; what is left is kept as it is
			return append(dst, src[used:]...), len(src)
		}
	}
}
