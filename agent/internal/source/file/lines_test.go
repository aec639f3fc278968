package file

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// wide is a text in UTF-16, little-endian.
func wide(text string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestEncodings(t *testing.T) {
	for name, c := range map[string]struct {
		encoding, raw string
		want          []string
	}{
		"EUC-KR":               {"euc-kr", "\xb7\xce\xb1\xd7\r\nb\n", []string{"로그", "b"}},
		"Latin-1 and NUL":      {"iso-8859-1", "caf\xe9\x00\n", []string{"café\x00"}},
		"malformed":            {"shift_jis", "a\xff\nb\n", []string{"a\ufffd", "b"}},
		"UTF-8 with a mark":    {"utf-8", "\xef\xbb\xbfone\ntwo\xff\n", []string{"one", "two\xff"}},
		"UTF-16 with a mark":   {"utf-16", "\xff\xfe" + wide("one\r\nਊ two\n"), []string{"one", "ਊ two"}},
		"UTF-16 without":       {"utf-16", wide("one\ntwo\n"), []string{"one", "two"}},
		"UTF-16, half a line":  {"utf-16le", wide("one\nha"), []string{"one", "ha"}},
		"a line over the cap":  {"euc-kr", strings.Repeat("\xb7\xce", 400) + "\nb\n", []string{strings.Repeat("로", 333), "b"}},
		"UTF-16 over the cap":  {"utf-16le", wide(strings.Repeat("x", 4000) + "\nb\n"), []string{strings.Repeat("x", 1000), "b"}},
		"half a character":     {"euc-kr", "\xb7\xce\xb1", []string{"로"}},
		"UTF-16, an odd byte":  {"utf-16le", wide("ab") + "c", []string{"ab"}},
		"UTF-16, an empty one": {"utf-16le", wide("\n\na\n"), []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Input{Paths: []string{"*.log"}, Encoding: c.encoding, MaxLine: 1000})
			r.start()
			r.write("a.log", c.raw)
			r.expect(c.want...)
		})
	}
}

// A mark stands at the beginning of a file: reading on after a restart does not
// meet it again, and yet knows the order of the bytes.
func TestEncodingIsKnownAfterARestart(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"*.log"}, Encoding: "utf-16"})
	r.start()
	r.write("a.log", "\xfe\xff\x00o\x00n\x00e\x00\n")
	r.expect("one")
	r.stop()
	r.write("a.log", "\x00t\x00w\x00o\x00\n")
	r.start()
	r.expect("one", "two")
	if g := r.sink.all(); g[len(g)-1].offset != 10 || g[len(g)-1].line != 2 {
		t.Errorf("second line %+v", g[len(g)-1])
	}
}

func TestMultiline(t *testing.T) {
	byTime := &Multiline{Start: regexp.MustCompile(`^\d\d:\d\d `)}
	for name, c := range map[string]struct {
		multi    *Multiline
		encoding string
		raw      string
		want     []string
	}{
		"start":          {byTime, "", "lead\n10:00 a\nb\n\nc\n10:01 d\n10:02 e\n f\n", []string{"lead", "10:00 a\nb\n\nc", "10:01 d", "10:02 e\n f"}},
		"indent":         {&Multiline{Indent: true}, "", "a\r\n  b\r\n\tc\r\nd\n", []string{"a\n  b\n\tc", "d"}},
		"most lines":     {&Multiline{Indent: true, MaxLines: 3}, "", "a\n b\n c\n d\n e\nf\n", []string{"a\n b\n c", " d\n e", "f"}},
		"the cap":        {byTime, "", "10:00\n10:00 " + strings.Repeat("x", 600) + "\n" + strings.Repeat("y", 600) + "\nz\n", []string{"10:00", "10:00 " + strings.Repeat("x", 600), strings.Repeat("y", 600) + "\nz"}},
		"a line over it": {byTime, "", "10:00 " + strings.Repeat("x", 2000) + "\ny\n", []string{"10:00 " + strings.Repeat("x", 994), "y"}},
		"half a line":    {byTime, "", "10:00 a\nb\nhal", []string{"10:00 a\nb", "hal"}},
		"encoded":        {byTime, "utf-16le", wide("10:00 로\r\nb\r\n10:01 c\n"), []string{"10:00 로\nb", "10:01 c"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Input{Paths: []string{"*.log"}, Encoding: c.encoding, Multiline: c.multi, MaxLine: 1000})
			r.start()
			r.write("a.log", c.raw)
			r.expect(c.want...)
		})
	}
}

func TestMultilineNumbersAndTimeout(t *testing.T) {
	r := newRig(t, Input{Paths: []string{"*.log"}, Multiline: &Multiline{Indent: true}})
	r.cfg.Pause = patience * 2
	r.start()
	r.write("a.log", "a\n b\n c\nd\n e\n")
	r.expect("a\n b\n c") // the last record waits: it may go on
	r.write("a.log", " f\ng\n")
	r.expect("a\n b\n c", "d\n e\n f")
	var numbers []int64
	for _, g := range r.sink.all() {
		if g.text != "" {
			numbers = append(numbers, g.line, g.offset)
		}
	}
	if diff := cmp.Diff([]int64{1, 0, 4, 8}, numbers); diff != "" {
		t.Error(diff)
	}
}

// TestMultilineCrash loses, again and again, what had not been committed: each
// record comes whole and once.
func TestMultilineCrash(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	r := newRig(t, Input{Paths: []string{"*.log"}, Start: StartBeginning, Multiline: &Multiline{Indent: true}})
	r.cfg.Pause = patience * 2
	var want []string
	for range 15 {
		r.start()
		for range random.IntN(50) {
			record := fmt.Sprintf("record %d", len(want))
			for i := range random.IntN(4) {
				record += fmt.Sprintf("\n  line %d", i)
			}
			want = append(want, record)
			r.write("a.log", record+"\n")
		}
		r.stop()
		r.sink.crash(random)
	}
	r.write("a.log", "end\n")
	r.start()
	r.wait("every record", func() bool { return r.sink.count() >= len(want) })
	r.stop()
	if have := texts(r.sink.all()); !slices.Equal(have, want) {
		t.Fatalf("have %s, want %s", brief(have), brief(want))
	}
}

func TestNewRefusesBadLines(t *testing.T) {
	for name, in := range map[string]Input{
		"unknown encoding": {Paths: []string{"/a"}, Encoding: "klingon"},
		"neither":          {Paths: []string{"/a"}, Multiline: &Multiline{}},
		"both":             {Paths: []string{"/a"}, Multiline: &Multiline{Indent: true, Start: regexp.MustCompile("a")}},
		"one line":         {Paths: []string{"/a"}, Multiline: &Multiline{Indent: true, MaxLines: 1}},
	} {
		if _, err := New(Config{Inputs: []Input{in}}, Options{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
