package parse

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// neighbours are lines that stand beside traces and belong to none.
var neighbours = []string{
	"listening on port 8080", "2026-05-01 12:00:00,123 - app - INFO - neighbour", `{"msg":"neighbour"}`,
	"2026/05/01 12:00:00 accepting", "2026-05-01T12:00:00.000Z info: served", "info: served",
	`203.0.113.5 - - [01/May/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5`, "[2026-05-01 12:00:00] production.INFO: ok",
	"May  1 12:00:00 web01 kernel: device eth0 entered promiscuous mode", "I, [2026-05-01T12:00:00.745908 #8718]  INFO -- : ok",
}

// wrappers put each line of a text into an envelope.
var wrappers = map[string]func(string) string{
	"bare": func(line string) string { return line },
	"docker": func(line string) string {
		return `{"log":` + strconv.Quote(line+"\n") + `,"stream":"stderr","time":"2026-05-01T12:00:00.123456789Z"}`
	},
	"cri":    func(line string) string { return "2026-05-01T12:00:00.123456789Z stderr F " + line },
	"syslog": func(line string) string { return "May  1 12:00:00 web01 app[7]: " + line },
	"5424":   func(line string) string { return "<11>1 2026-05-01T12:00:00Z web01 app 7 - - " + line },
	"rsyslog": func(line string) string {
		return "May  1 12:00:00 web01 app[7]: " + strings.ReplaceAll(line, "\t", "#011")
	},
}

func wrapAll(text string, wrap func(string) string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = wrap(lines[i])
	}
	return strings.Join(lines, "\n")
}

func originals(events []*record.Event) []string {
	var texts []string
	for _, e := range events {
		texts = append(texts, string(e.Original))
	}
	return texts
}

func checkTrace(t *testing.T, e *record.Event, kind, message string) {
	t.Helper()
	if got := string(e.Get(eventv1.FieldId_FIELD_ID_ERROR_TYPE)); got != kind {
		t.Errorf("error.type %q, want %q", got, kind)
	}
	if got := string(e.Get(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE)); got != message {
		t.Errorf("error.message %q, want %q", got, message)
	}
	if got := string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION)); got != "exception" {
		t.Errorf("event.action %q", got)
	}
	if len(e.Get(eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE)) == 0 || len(e.Get(eventv1.FieldId_FIELD_ID_MESSAGE)) == 0 {
		t.Error("no stack trace, or no message")
	}
}

// A trace is one record with all its lines and no other, whatever stands beside it
// and around it.
func TestTraceIsOneEvent(t *testing.T) {
	for _, tc := range traceCases {
		for name, wrap := range wrappers {
			t.Run(tc.name+" "+name, func(t *testing.T) {
				text := wrapAll(tc.record, wrap)
				for _, beside := range neighbours {
					got := parseLines(t, "auto", Options{}, strings.Split("first\n"+text+"\n"+wrap(beside)+"\nlast", "\n")...)
					if diff := cmp.Diff([]string{"first", text, wrap(beside), "last"}, originals(got)); diff != "" {
						t.Fatalf("records (-want +got):\n%s", diff)
					}
					checkTrace(t, got[1], tc.kind, tc.message)
				}
			})
		}
	}
}

// A trace in a field of a JSON line, or escaped into one line of syslog's.
func TestTraceInOneLine(t *testing.T) {
	for _, tc := range traceCases {
		if !strings.Contains(tc.record, "\n") || strings.HasPrefix(tc.record, "20") || strings.HasPrefix(tc.record, "[2") || strings.HasPrefix(tc.record, "Nov") || strings.HasPrefix(tc.record, "E, ") || strings.Contains(tc.name, "node thrown") || strings.Contains(tc.name, "console") {
			continue // the log's own words, or a shape that is only printed
		}
		t.Run(tc.name, func(t *testing.T) {
			line := `{"level":"error","msg":"failed","stack_trace":` + strconv.Quote(tc.record) + `}`
			checkTrace(t, parseLines(t, "auto", Options{}, line)[0], tc.kind, tc.message)
			line = "May  1 12:00:00 web01 app[7]: " + strings.NewReplacer("\t", "#011", "\n", "#012").Replace(tc.record)
			checkTrace(t, parseLines(t, "auto", Options{}, line)[0], tc.kind, tc.message)
		})
	}
}

// The same fault has the same fingerprint, whatever its message, line numbers,
// addresses and generated names are.
func TestFingerprintIsOfTheStack(t *testing.T) {
	of := func(text string) string {
		e := parseLines(t, "auto", Options{}, strings.Split(text, "\n")...)[0]
		return string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_ERROR_FINGERPRINT))
	}
	for _, tc := range traceCases {
		fingerprint := of(tc.record)
		if fingerprint == "" && tc.name != "node thrown value" {
			t.Errorf("%s: no fingerprint", tc.name)
		}
		for _, change := range [][]string{
			{":12", ":13"}, {":3", ":42"}, {"line 3", "line 99"}, {"(3)", "(31)"}, {"0x", "0xff"}, {"lambda$main$0", "lambda$main$17"},
			{"outer", "other"}, {"goroutine 4", "goroutine 77"}, {"59807616e1fa2540724bfbac14d7976d7e4a3860", "aa807616e1fa2540724bfbac14d7976d7e4a3861"},
		} {
			if changed := strings.NewReplacer(change...).Replace(tc.record); of(changed) != fingerprint {
				t.Errorf("%s: %q for %q changes the fingerprint", tc.name, change[1], change[0])
			}
		}
	}
	for _, change := range [][]string{{"T.f(", "T.h("}, {"T.java", "U.java"}} {
		if text := traceCases[9].record; of(text) == of(strings.NewReplacer(change...).Replace(text)) {
			t.Errorf("%q does not change the fingerprint", change[1])
		}
	}
}

// A file that was rotated begins with the rest of a trace; that is one record too.
func TestRestOfATraceIsOneEvent(t *testing.T) {
	for _, text := range []string{
		"\tat com.example.Cart.add(Cart.java:12)\n\tat com.example.Cart.run(Cart.java:3)\nCaused by: java.io.IOException: x\n\t... 3 more",
		"    at f (/srv/a.js:1:2)\n    at /srv/a.js:3:4",
		"#1 /srv/t.php(3): f()\n#2 {main}\n  thrown in /srv/t.php on line 3",
		"\tfrom t.rb:2:in `g'\n\tfrom t.rb:3:in `<main>'",
	} {
		got := parseLines(t, "auto", Options{}, strings.Split(text+"\nneighbour", "\n")...)
		if diff := cmp.Diff([]string{text, "neighbour"}, originals(got)); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
}

// What begins as a trace does, and is none, leaves every line a record.
func TestLinesThatLookLikeTracesStayAlone(t *testing.T) {
	for _, text := range []string{
		"Error: cannot open\nplain one\nplain two",
		"panic: x\nlistening",
		"panic: x\nneighbour\nListening: y",
		"java.lang.Error: x\nneighbour",
		"/srv/a.js:3\nneighbour\nneighbour",
		"2026-05-01 12:00:00,123 ERROR app: x\nCannotDoIt: y\nneighbour",
		"goroutine 1 [running]:\nneighbour",
		"PHP Fatal error:  Uncaught X: y in /a.php:3\n[2026-05-01 12:00:00] production.INFO: ok",
		"thread 'main' panicked at src/main.rs:2:5\nlistening",
		"   at 10:30 the server\n   at 11:30 the server",
		"main.main\nmain.main",
		"  1. first\n  2. second",
	} {
		lines := strings.Split(text, "\n")
		if diff := cmp.Diff(lines, originals(parseLines(t, "auto", Options{}, lines...))); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
	}
}

// A line that its envelope broke is one again, and two streams are two writers.
func TestPiecesOfALineAreOne(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   []string
		want []string
	}{
		{
			"cri", []string{
				"2026-05-01T12:00:00Z stdout P a long", "2026-05-01T12:00:00Z stdout F  line",
				"2026-05-01T12:00:00Z stderr F java.lang.Error: x", "2026-05-01T12:00:00Z stderr P \tat a.B.", "2026-05-01T12:00:00Z stderr F c(B.java:3)",
				"2026-05-01T12:00:00Z stdout F bye",
			}, []string{"a long line", "java.lang.Error: x", "bye"},
		},
		{
			"docker", []string{
				`{"log":"a long","stream":"stdout","time":"2026-05-01T12:00:00Z"}`, `{"log":" line\n","stream":"stdout","time":"2026-05-01T12:00:00Z"}`,
				`{"log":"no end","stream":"stdout","time":"2026-05-01T12:00:00Z"}`, `{"log":"other\n","stream":"stderr","time":"2026-05-01T12:00:00Z"}`,
			}, []string{"a long line", "no end", "other"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			events := parseLines(t, "auto", Options{}, tc.in...)
			var got []string
			for _, e := range events {
				got = append(got, string(e.Get(eventv1.FieldId_FIELD_ID_MESSAGE)))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.Join(tc.in, "\n"), strings.Join(originals(events), "\n")); diff != "" {
				t.Errorf("originals (-want +got):\n%s", diff)
			}
		})
	}
}

// Of a message of several lines only the first has syslog's envelope where nothing
// escaped its line ends.
func TestTraceBelowOneEnvelope(t *testing.T) {
	for _, text := range []string{
		"May  1 12:00:00 web01 app[7]: java.lang.Error: x\n\tat a.b.C(C.java:3)\n\tat a.b.D(D.java:3)",
		"May  1 12:00:00 Exception in thread \"main\" java.lang.Error: x\n    at a.b.C(C.java:3)",
		"<11>1 2026-05-01T12:00:00Z web01 app 7 - - failed: java.lang.Error: x\n\tat a.b.C(C.java:3)",
	} {
		got := parseLines(t, "auto", Options{}, strings.Split(text+"\nneighbour\nMay  1 12:00:00 web01 app[7]: ok", "\n")...)
		if diff := cmp.Diff([]string{text, "neighbour", "May  1 12:00:00 web01 app[7]: ok"}, originals(got)); diff != "" {
			t.Fatalf("records (-want +got):\n%s", diff)
		}
		checkTrace(t, got[0], "java.lang.Error", "x")
	}
}

// What nginx wrote of PHP's is one record, although its lines are many.
func TestTraceInsideNginxErrorLog(t *testing.T) {
	text := "2026/05/01 12:00:00 [error] 12#12: *3 FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Uncaught Exception: x in /srv/a.php:3\nStack trace:\n#0 {main}\n  thrown in /srv/a.php on line 3\" while reading response header from upstream, client: 203.0.113.5, server: a, request: \"GET / HTTP/1.1\", host: \"a\""
	got := parseLines(t, "auto", Options{}, strings.Split(text+"\nneighbour", "\n")...)
	if diff := cmp.Diff([]string{text, "neighbour"}, originals(got)); diff != "" {
		t.Fatalf("records (-want +got):\n%s", diff)
	}
	checkTrace(t, got[0], "Exception", "x")
}

// appHeads begin lines that tempt the readers of stack traces and of applications'
// lines to look again and again.
var appHeads = []string{
	"\tat ", "Error: ", "panic: ", "PHP Fatal error:  Uncaught ", "t.rb:1:in `", "thread 'main' panicked at ", "#0 ", "  File \"",
	`{"log":"`, `{"stack_trace":"Error: x\n    at `, "2026-05-01T12:00:00Z stderr F ", "May  1 12:00:00 h app[1]: x#012\tat ", "E, [", "[2026-05-01 12:00:00] ",
}

// A record at the cap, of lines that tempt a reader of stacks to look again and
// again.
func TestLongTracesTakeBoundedTime(t *testing.T) {
	shapes := []string{"a", "1a", ": ", "at a.b(", "a:1:", "x: Error: ", "(", "#1 ", "panic: ", "$1"}
	heads := []string{
		"java.lang.Error: x\n\tat a.b(", "panic: x\ngoroutine 1 [running]:\nmain.f", "PHP Fatal error:  Uncaught X: y in /a:1\nStack trace:\n#0 /a(1): ",
		"t.rb:1:in `f': x (Y)\n\tfrom ", "thread 'main' panicked at x\nstack backtrace:\n   0: ", "Unhandled exception:\n",
		"Traceback (most recent call last):\n  File \"a\", line 1, in ", "2026-05-01 12:00:00,123 - app - ERROR - x\n\tat a.b(",
	}
	for _, head := range heads {
		for _, shape := range shapes {
			for _, end := range []string{"", "\n"} {
				part, size := shape+end, 120<<10
				if end != "" {
					size = 16 << 10
				}
				text := head + strings.Repeat(part, size/len(part))
				start := time.Now()
				parseLines(t, "auto", Options{}, strings.Split(text, "\n")...)
				// Milliseconds where the work is in proportion to the text; many seconds
				// where it is in proportion to its square.
				if took := time.Since(start); took > 4*time.Second {
					t.Errorf("%.40q with %q takes %v", head, part, took)
				}
			}
		}
	}
}
