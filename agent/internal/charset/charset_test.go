package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tocsin-security/tocsin/agent/internal/charset"
)

func TestTextOfEachEncoding(t *testing.T) {
	for _, test := range []struct{ name, raw, text string }{
		{"utf-8", "caf\u00e9\x00\xff\n", "caf\u00e9\x00\xff\n"},
		{"EUC-KR", "\xb7\xce\xb1\xd7\n", "로그\n"},
		{"cp949", "\xb7\xce\xb1\xd7\n", "로그\n"},
		{"Shift_JIS", "\x83\x8d\x83O\n", "ログ\n"},
		{"euc-jp", "\xa5\xed\xa5\xb0\n", "ログ\n"},
		{"gb18030", "\xc8\xd5\xd6\xbe\n", "日志\n"},
		{"ISO-8859-1", "caf\xe9\x80\n", "caf\u00e9\u0080\n"},
		{"latin1", "caf\xe9\n", "caf\u00e9\n"},
		{"windows-1252", "5 \x80\n", "5 €\n"},
		{"koi8-r", "\xcc\xcf\xc7\n", "лог\n"},
		{"utf-16", "\xff\xfea\x00\x0a\x0a\n\x00", "a\u0a0a\n"},
		{"utf-16", "\xfe\xff\x00a\x0a\x0a\x00\n", "a\u0a0a\n"},
		{"utf-16", "a\x00\n\x00", "a\n"},
		{"UTF-16BE", "\x00a\x00\n", "a\n"},
		{"utf-16le", "=\xd8\x00\xde\n\x00", "😀\n"},
	} {
		c, err := charset.Lookup(test.name)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		raw := []byte(test.raw)
		c = c.For(raw)
		mark := c.Mark(raw)
		if at, want := c.IndexNewline(raw), len(raw)-c.Unit(); at != want {
			t.Errorf("%s: newline at %d, want %d", test.name, at, want)
		}
		var d charset.Decoder
		text, used := d.Append(nil, c, raw[mark:], false)
		if string(text) != test.text || used != len(raw)-mark {
			t.Errorf("%s: %q of %d bytes, want %q", test.name, text, used, test.text)
		}
	}
}

func TestUnfinishedCharacterIsLeftWhereTextWasCut(t *testing.T) {
	c, err := charset.Lookup("euc-kr")
	if err != nil {
		t.Fatal(err)
	}
	var d charset.Decoder
	if text, used := d.Append(nil, c, []byte("a\xb7\xce\xb1"), true); string(text) != "a로" || used != 3 {
		t.Errorf("cut: %q of %d bytes", text, used)
	}
	if text, used := d.Append(nil, c, []byte("a\xb7\xce\xb1"), false); string(text) != "a로\ufffd" || used != 4 {
		t.Errorf("whole: %q of %d bytes", text, used)
	}
}

func TestLookupRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"klingon": "no encoding is called", "IBM037": "where lines of", "replacement": "where lines of",
	} {
		if _, err := charset.Lookup(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if c, err := charset.Lookup(""); c != nil || err != nil {
		t.Errorf("no name: %v, %v", c, err)
	}
}

// FuzzAppend holds that every text is decoded, whole, to valid UTF-8, and line by
// line to the same as at once where lines stand alone.
func FuzzAppend(f *testing.F) {
	for i := range 6 {
		f.Add(uint8(i), []byte("a\x00\n\x00\xb7\xce\xb1\xd7\xff\xfe\n"))
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		names := []string{"utf-16", "utf-16be", "euc-kr", "shift_jis", "iso-8859-1", "gb18030", "iso-2022-jp"}
		c, err := charset.Lookup(names[int(which)%len(names)])
		if err != nil {
			t.Fatal(err)
		}
		c = c.For(raw)
		var d charset.Decoder
		text, used := d.Append(nil, c, raw, false)
		if used != len(raw) || !utf8.Valid(text) {
			t.Fatalf("%d of %d bytes: %q", used, len(raw), text)
		}
		for rest := raw; ; {
			at := c.IndexNewline(rest)
			if at < 0 {
				return
			}
			line, used := d.Append(nil, c, rest[:at], false)
			if used != at || !utf8.Valid(line) {
				t.Fatalf("%d of %d bytes: %q", used, at, line)
			}
			rest = rest[at+c.Unit():]
		}
	})
}
