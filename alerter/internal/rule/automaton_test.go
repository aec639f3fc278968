package rule

import (
	"bytes"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/ahocorasick"
	"pgregory.net/rapid"
)

// found are the words that the automaton finds in a text, each once, in their order.
func (a *automaton) search(text []byte) []int32 {
	var all []int32
	at := int32(0)
	for _, c := range text {
		var words []int32
		if at, words = a.step(at, c); words != nil {
			all = append(all, words...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestAutomatonFindsWhatIsThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(rapid.SampledFrom([]rune("abcAé")), 1, 6, -1)
		words := rapid.SliceOfN(word, 0, 20).Draw(t, "words")
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abcAéx")), 0, 40, -1).Draw(t, "text")
		var want []int32
		for i, w := range words {
			if strings.Contains(text, w) {
				want = append(want, int32(i))
			}
		}
		if got := newAutomaton(words).search([]byte(text)); !slices.Equal(got, want) {
			t.Fatalf("words %q in %q: %v, want %v", words, text, got, want)
		}
	})
}

func TestAutomatonOfEveryByte(t *testing.T) {
	var words []string
	for c := range 256 {
		words = append(words, string([]byte{byte(c), 'x'}))
	}
	a := newAutomaton(words)
	for c := range 256 {
		if got := a.search([]byte{'-', byte(c), 'x'}); !slices.Contains(got, int32(c)) {
			t.Errorf("byte %d: %v", c, got)
		}
	}
}

func TestRequiredLiterals(t *testing.T) {
	tests := []struct {
		expression string
		want       []string
	}{
		{`select.+from`, []string{"select"}},
		{`a.*(union|join)\b`, []string{"union", "join"}},
		{`(?i)UNION`, []string{"union"}},
		{`(?i)passwd`, []string{"pa"}}, // there is a long s
		{`Abc`, []string{"abc"}},
		{`(abc)+`, []string{"abc"}},
		{`(abc){2,}`, []string{"abc"}},
		{`(abc)?`, nil},
		{`(abc)*x`, nil},
		{`[ab]c`, nil},
		{`^/etc/(passwd|shadow)$`, []string{"passwd", "shadow"}},
		{`^/etc/(pw|shadow)$`, []string{"/etc/"}},
		{`ab|.`, nil},
		{`.*`, nil},
	}
	for _, tt := range tests {
		got, _ := required(regexp.MustCompile(tt.expression))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.expression, got, tt.want)
		}
	}
}

// Whatever an expression matches holds one of its literals, however it is written.
func TestRequiredLiteralsAreInWhatMatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expression := rapid.StringMatching(`(\(\?i\))?([abskK]|\(ab\|sk\)|\[ab\]|s\+|\.){1,6}`).Draw(t, "expression")
		re, err := regexp.Compile(expression)
		if err != nil {
			t.Skip()
		}
		words, ok := required(re)
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abskKſKS")), 0, 12, -1).Draw(t, "text")
		if !ok || !re.MatchString(text) {
			return
		}
		folded := fold(nil, []byte(text))
		if !slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(folded, []byte(w)) }) {
			t.Fatalf("%s matches %q, which holds none of %q", expression, text, words)
		}
	})
}

// BenchmarkAutomaton looks for the words of 600 rules in a user agent, beside the
// library that the design names.
func BenchmarkAutomaton(b *testing.B) {
	var words []string
	for i := range 1800 {
		words = append(words, fmt.Sprintf("tool-%d/%x", i, i*i))
	}
	text := []byte("mozilla/5.0 (x11; linux x86_64) applewebkit/537.36 (khtml, like gecko) chrome/126.0.0.0 safari/537.36")
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	own := newAutomaton(words)
	b.Logf("ours: %d KiB", (heap()-before)>>10)
	before = heap()
	library := ahocorasick.NewStringMatcher(words)
	b.Logf("library: %d KiB", (heap()-before)>>10)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if own.search(text) != nil {
				b.Fatal("a word")
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if len(library.MatchThreadSafe(text)) > 0 {
				b.Fatal("a word")
			}
		}
	})
	runtime.KeepAlive(own)
	runtime.KeepAlive(library)
}
