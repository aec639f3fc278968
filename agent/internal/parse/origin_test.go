package parse

import (
	"bytes"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// checkOrigin asserts that a field says nothing that its record does not: it is a part
// of the text, a word of a parser's, or what the package says that it makes of a text: an
// address in its canonical form, a number in another unit, a hash or a method in one case,
// escapes undone.
func checkOrigin(t testing.TB, e *record.Event) {
	t.Helper()
	words, err := parserWords()
	if err != nil {
		t.Fatal(err)
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		if !bytes.Contains(e.Original, f.Value) && !words[string(f.Value)] && !isMade(e.Original, f) {
			t.Errorf("field %q is %q, which the record does not say", f.Name(), f.Value)
		}
	}
}

func isMade(text []byte, f *event.Field) bool {
	switch f.ID {
	case eventv1.FieldId_FIELD_ID_LOG_FILE_PATH, eventv1.FieldId_FIELD_ID_LOG_LINE, eventv1.FieldId_FIELD_ID_TOCSIN_PARSER,
		eventv1.FieldId_FIELD_ID_TOCSIN_ERROR_FINGERPRINT:
		return true // of the record's place, and of what reads it
	case eventv1.FieldId_FIELD_ID_EVENT_DURATION:
		return isNumber(f.Value)
	case eventv1.FieldId_FIELD_ID_FILE_HASH_SHA256, eventv1.FieldId_FIELD_ID_HTTP_REQUEST_METHOD, eventv1.FieldId_FIELD_ID_NETWORK_PROTOCOL: // of one case
		return bytes.Contains(bytes.ToLower(text), bytes.ToLower(f.Value))
	}
	if event.SpecOf(f.ID).Type == eventv1.FieldType_FIELD_TYPE_IP {
		return saysAddress(text, string(f.Value))
	}
	return isWithin(f.Value, undone(text))
}

// saysAddress says whether an address stands in a text in any form.
func saysAddress(text []byte, want string) bool {
	for _, word := range bytes.FieldsFunc(text, func(c rune) bool { return c != ':' && c != '.' && (c > 'f' || hex(byte(c)) < 0) }) {
		for ; len(word) > 1; word = word[1:] { // "port:::1"
			for end := len(word); end > 1; end-- {
				if a, err := netip.ParseAddr(string(word[:end])); err == nil && a.Unmap().String() == want {
					return true
				}
			}
		}
	}
	return false
}

// parserWords are the strings of the package's code.
var parserWords = sync.OnceValues(func() (map[string]bool, error) {
	words := map[string]bool{}
	packages, err := goparser.ParseDir(gotoken.NewFileSet(), ".", isCode, goparser.SkipObjectResolution) //nolint:staticcheck // one folder, no build tags
	if err != nil {
		return nil, err
	}
	ast.Inspect(packages["parse"], func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == gotoken.STRING {
			if word, err := strconv.Unquote(literal.Value); err == nil {
				words[word] = true
			}
		}
		return true
	})
	return words, nil
})

func isCode(file fs.FileInfo) bool { return !strings.HasSuffix(file.Name(), "_test.go") }

// isWithin says whether the bytes of a value stand in a text in their order, with others
// between them. Of what parsers put between two parts of a text, nothing is wanted there.
func isWithin(value, text []byte) bool {
	for _, c := range bytes.Map(func(c rune) rune {
		if c == ' ' || c == '?' || c == utf8.RuneError {
			return -1
		}
		return c
	}, value) {
		i := bytes.IndexByte(text, c)
		if i < 0 {
			return false
		}
		text = text[i+1:]
	}
	return true
}

// undone is a text in which each escape is followed by what it stands for: a backslash's
// (\n \xHH \uHHHH), a percent sign's, an octal number's after a hash sign, a pair of
// hexadecimal digits as the audit daemon writes what is no plain text.
func undone(text []byte) []byte {
	var all []byte
	for i, c := range text {
		rest := text[i+1:]
		switch {
		case c == '\\':
			all = appendBackslash(all, rest)
		case c == '%' && len(rest) > 1 && hex(rest[0]) >= 0 && hex(rest[1]) >= 0:
			all = append(all, byte(hex(rest[0])<<4|hex(rest[1])))
		case c == '#' && len(rest) > 2:
			if n, err := strconv.ParseUint(string(rest[:3]), 8, 8); err == nil {
				all = append(all, byte(n))
			}
		case hex(c) >= 0 && len(rest) > 0 && hex(rest[0]) >= 0:
			all = append(all, byte(hex(c)<<4|hex(rest[0])))
		}
		all = append(all, c)
	}
	return all
}

func appendBackslash(all, rest []byte) []byte {
	if len(rest) > 0 {
		if i := strings.IndexByte(`ntrbf`, rest[0]); i >= 0 {
			all = append(all, "\n\t\r\b\f"[i])
		}
		if rest[0] == 'r' {
			all = append(all, '\n') // CEF's lines end with either
		}
	}
	if len(rest) > 2 && rest[0] == 'x' && hex(rest[1]) >= 0 && hex(rest[2]) >= 0 {
		all = append(all, byte(hex(rest[1])<<4|hex(rest[2])))
	}
	unit := func(at int) rune {
		if len(rest) >= at+5 && rest[at] == 'u' {
			if n, err := strconv.ParseUint(string(rest[at+1:at+5]), 16, 16); err == nil {
				return rune(n)
			}
		}
		return -1
	}
	if first := unit(0); first >= 0 {
		if pair := utf16.DecodeRune(first, unit(6)); pair != utf8.RuneError {
			all = utf8.AppendRune(all, pair)
		} else {
			all = utf8.AppendRune(all, first)
		}
	}
	return all
}

func TestFieldsComeFromTheirRecord(t *testing.T) {
	for name, cases := range allCases() {
		for _, tc := range cases {
			for _, e := range parseLines(t, name, Options{}, tc.line) {
				checkOrigin(t, e)
			}
		}
	}
	e := &record.Event{Event: event.Event{Original: []byte(`user=bob ip=[::ffff:203.0.113.9] q=\x22`)}}
	for _, tc := range []struct {
		id    eventv1.FieldId
		value string
		says  bool
	}{
		{eventv1.FieldId_FIELD_ID_USER_NAME, "bob", true},
		{eventv1.FieldId_FIELD_ID_USER_NAME, "alice", false},
		{eventv1.FieldId_FIELD_ID_SOURCE_IP, "203.0.113.9", true},
		{eventv1.FieldId_FIELD_ID_SOURCE_IP, "203.0.113.8", false},
		{eventv1.FieldId_FIELD_ID_URL_QUERY, `q="`, true},
		{eventv1.FieldId_FIELD_ID_URL_QUERY, `q='`, false},
	} {
		f := &event.Field{ID: tc.id, Value: []byte(tc.value)}
		if got := bytes.Contains(e.Original, f.Value) || isMade(e.Original, f); got != tc.says {
			t.Errorf("%v=%q is in the record: %v", tc.id, tc.value, got)
		}
	}
}
