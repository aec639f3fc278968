package agent

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// kept is a line that outlives its reader.
type kept struct {
	Text      string
	Offset    int64
	Truncated bool
}

func readLines(in io.Reader, limit int) ([]kept, error) {
	r := newLineReader(in, limit)
	var all []kept
	for {
		l, err := r.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, kept{string(l.text), l.offset, l.truncated})
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, give string
		want       []kept
	}{
		{"nothing", "", nil},
		{"an empty line", "\n", []kept{{"", 0, false}}},
		{"no last newline", "one\ntwo", []kept{{"one", 0, false}, {"two", 4, false}}},
		{"carriage returns", "one\r\ntwo\r", []kept{{"one", 0, false}, {"two", 5, false}}},
		{"as long as may be", "12345678\n12345678\r\n12345678", []kept{{"12345678", 0, false}, {"12345678", 9, false}, {"12345678", 19, false}}},
		{"one too long", "123456789\nnext\n", []kept{{"12345678", 0, true}, {"next", 10, false}}},
		{"far too long", strings.Repeat("x", 200_000) + "\nnext", []kept{{"xxxxxxxx", 0, true}, {"next", 200_001, false}}},
		{"any bytes", "\x00\xff\n\xfe", []kept{{"\x00\xff", 0, false}, {"\xfe", 3, false}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, in := range map[string]io.Reader{
				"at once": strings.NewReader(test.give), "byte by byte": iotest.OneByteReader(strings.NewReader(test.give)),
			} {
				got, err := readLines(in, 8)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("%s: %s", name, diff)
				}
			}
		})
	}
}

func TestLinesReportWhatCannotBeRead(t *testing.T) {
	broken := errors.New("broken disk")
	got, err := readLines(io.MultiReader(strings.NewReader("one\nha"), iotest.ErrReader(broken)), 8)
	if !errors.Is(err, broken) || len(got) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("one\r\n\ntwo\n"), 8)
	f.Add([]byte("123456789\r\n"), 8)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		limit = 1 + (limit&0x7fff+0x8000)&0x7fff
		got, err := readLines(bytes.NewReader(data), limit)
		if err != nil {
			t.Fatal(err)
		}
		var want []kept
		offset := int64(0)
		for len(data) > 0 {
			text, rest, _ := bytes.Cut(data, []byte("\n"))
			size := len(data) - len(rest)
			text = bytes.TrimSuffix(text, []byte("\r"))
			want = append(want, kept{string(text[:min(len(text), limit)]), offset, len(text) > limit})
			offset, data = offset+int64(size), rest
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}
