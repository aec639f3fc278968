package parse

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

const trace = "Traceback (most recent call last):\n  File \"/srv/a.py\", line 3, in f\n    g()\nValueError: bad"

const drawing = `  + Exception Group Traceback (most recent call last):
  |   File "t.py", line 5, in <module>
  |     raise ExceptionGroup("many", [ValueError(1), TypeError(2)])
  | ExceptionGroup: many (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: 1
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "u.py", line 9, in h
    |     raise TypeError(2)
    | TypeError: 2
    +------------------------------------`

// A joinCase is records, each of which must come out as one event, whatever
// stands beside it.
var joinCases = []struct {
	name, record, kind, message string
}{
	{"uncaught", trace, "ValueError", "bad"},
	{"no message", "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyboardInterrupt", "KeyboardInterrupt", ""},
	{"dotted type", "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    x\nsocket.timeout: timed out", "socket.timeout", "timed out"},
	{"logged", "2025-10-07 09:00:00,123 - app - ERROR - failed\n" + trace, "ValueError", "bad"},
	{"flask", "[2025-10-07 09:00:00,123] ERROR in app: Exception on / [GET]\n" + trace, "ValueError", "bad"},
	{"basic", "ERROR:root:failed\n" + trace, "ValueError", "bad"},
	{"as message", "ERROR:root:" + trace, "ValueError", "bad"},
	{"thread", "Exception in thread Thread-1 (work):\n" + trace, "ValueError", "bad"},
	{"task", "ERROR:asyncio:Task exception was never retrieved\nfuture: <Task finished name='x'>\n" + trace, "ValueError", "bad"},
	{"during", strings.Replace(trace, "bad", "first", 1) + "\n\n" + during + "\n\n" + strings.Replace(trace, "ValueError", "KeyError", 1), "KeyError", "bad"},
	{"cause", trace + "\n\n" + cause + "\n\n" + trace + "\n\n" + cause + "\n\n" + strings.Replace(trace, "ValueError", "OSError", 1), "OSError", "bad"},
	{"group", drawing, "ExceptionGroup", "many (2 sub-exceptions)"},
	{"group then trace", drawing + "\n\n" + during + "\n\n" + trace, "ValueError", "bad"},
	{"trace then group", trace + "\n\n" + cause + "\n\n" + drawing, "ExceptionGroup", "many (2 sub-exceptions)"},
	{"indented message", trace + "\n  more", "ValueError", "bad\n  more"},
	{"message of lines", trace + "\nsecond\n  third", "ValueError", "bad\nsecond\n  third"},
	{
		"database", strings.Replace(trace, "ValueError: bad", "psycopg2.errors.SyntaxError: unterminated\nLINE 1: SELECT '\n               ^\n\n[SQL: SELECT ']", 1),
		"psycopg2.errors.SyntaxError", "unterminated\nLINE 1: SELECT '\n               ^\n\n[SQL: SELECT ']",
	},
	{"carriage returns", strings.ReplaceAll(trace, "\n", "\r\n") + "\r", "ValueError", "bad"},
}

func TestTracebackIsOneEvent(t *testing.T) {
	for _, tc := range joinCases {
		for _, beside := range []string{"a plain neighbour", "2025-10-07 09:00:00,123 - app - INFO - neighbour", `{"msg":"neighbour"}`, "ERROR:x:neighbour"} {
			t.Run(tc.name+" beside "+beside[:5], func(t *testing.T) {
				events := parseLines(t, "auto", Options{}, strings.Split("first\n"+tc.record+"\n"+beside+"\nlast", "\n")...)
				var got []string
				for _, e := range events {
					got = append(got, string(e.Original))
				}
				if diff := cmp.Diff([]string{"first", tc.record, beside, "last"}, got); diff != "" {
					t.Fatalf("records (-want +got):\n%s", diff)
				}
				e := events[1]
				if kind := string(e.Get(eventv1.FieldId_FIELD_ID_ERROR_TYPE)); kind != tc.kind {
					t.Errorf("error.type %q, want %q", kind, tc.kind)
				}
				if message := string(e.Get(eventv1.FieldId_FIELD_ID_ERROR_MESSAGE)); message != tc.message {
					t.Errorf("error.message %q, want %q", message, tc.message)
				}
				if line := string(e.Get(eventv1.FieldId_FIELD_ID_LOG_LINE)); line != "2" {
					t.Errorf("log.line %q", line)
				}
				for _, id := range []eventv1.FieldId{eventv1.FieldId_FIELD_ID_ERROR_STACK_TRACE, eventv1.FieldId_FIELD_ID_TOCSIN_ERROR_FINGERPRINT, eventv1.FieldId_FIELD_ID_MESSAGE} {
					if len(e.Get(id)) == 0 {
						t.Errorf("field %v is absent", id)
					}
				}
			})
		}
	}
}

// What looks like the beginning of a traceback, and is none, swallows nothing.
func TestBrokenTracebackSwallowsNothing(t *testing.T) {
	for _, text := range []string{
		"Traceback (most recent call last):\nneighbour line, no error",
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nneighbour line",
		"Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nneighbour",
		trace + "\n\nneighbour",
		trace + "\n\n" + during + "\nneighbour",
		trace + "\n\n" + during + "\n\nneighbour",
		trace + "\none\ntwo\nthree\nfour\n  five",
		"ERROR:root:failed\nneighbour",
		"ERROR:root:one\nERROR:root:two\nERROR:root:three",
		drawing + "\n\nneighbour",
		"Exception in thread Thread-1:\nneighbour",
	} {
		lines := strings.Split(text, "\n")
		var got []string
		for _, e := range parseLines(t, "auto", Options{}, lines...) {
			got = append(got, strings.Split(string(e.Original), "\n")...)
			if strings.Contains(string(e.Original), "neighbour") && strings.Contains(string(e.Original), "\n") {
				t.Errorf("swallowed a neighbour: %q", e.Original)
			}
		}
		var want []string
		for _, line := range lines {
			if line != "" {
				want = append(want, line)
			}
		}
		got = strings.Fields(strings.Join(got, " "))
		if diff := cmp.Diff(strings.Fields(strings.Join(want, " ")), got); diff != "" {
			t.Errorf("%q lost lines (-want +got):\n%s", text, diff)
		}
	}
}

func TestFingerprintIgnoresLineNumbers(t *testing.T) {
	of := func(text string) string {
		e := parseLines(t, "auto", Options{}, strings.Split(text, "\n")...)[0]
		return string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_ERROR_FINGERPRINT))
	}
	if of(trace) != of(strings.Replace(trace, "line 3", "line 77", 1)) {
		t.Error("a line number changes the fingerprint")
	}
	for _, change := range []string{"/srv/b.py", "other"} {
		if of(trace) == of(strings.NewReplacer("/srv/a.py", change, "in f", "in "+change).Replace(trace)) {
			t.Errorf("%q does not change the fingerprint", change)
		}
	}
}

func TestHeldPositionsTravelWithTheLastLine(t *testing.T) {
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	calls := 0
	emit := func(e *record.Event) {
		var keys []string
		for _, p := range e.Positions {
			keys = append(keys, p.Key+"="+string(p.State))
		}
		got = append(got, strings.SplitN(string(e.Original), "\n", 2)[0]+": "+strings.Join(keys, " "))
		for _, committed := range e.Committed {
			committed()
		}
	}
	state := make([]byte, 1)
	for i, line := range append(strings.Split(trace, "\n"), "", "neighbour") {
		state[0] = byte('0' + i)
		s.Push(&record.Raw{
			Text: []byte(line), Positions: []record.Position{{Key: "file/1", State: state}}, Committed: func() { calls++ },
		}, emit)
		if wantPending := i < 5; s.Pending() != wantPending {
			t.Errorf("line %d: pending is %v", i, !wantPending)
		}
	}
	s.Flush(emit)
	want := []string{"Traceback (most recent call last):: file/1=3", ": file/1=4", "neighbour: file/1=5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("positions (-want +got):\n%s", diff)
	}
	if calls != 6 {
		t.Errorf("committed %d of 6", calls)
	}
}

func TestJoiningIsBounded(t *testing.T) {
	frame := "  File \"/srv/" + strings.Repeat("x", 1000) + ".py\", line 3, in f"
	lines := []string{"Traceback (most recent call last):"}
	for range 500 {
		lines = append(lines, frame)
	}
	total := 0
	for _, e := range parseLines(t, "auto", Options{}, append(lines, "ValueError: x")...) {
		if len(e.Original) > maxJoined {
			t.Errorf("joined %d bytes", len(e.Original))
		}
		total += strings.Count(string(e.Original), "\n") + 1
	}
	if total != 502 {
		t.Errorf("%d lines of 502", total)
	}
}

func TestLateLineIsNotJoined(t *testing.T) {
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	emit := func(*record.Event) { n++ }
	now := time.Unix(1759827600, 0)
	s.Push(&record.Raw{Text: []byte("ERROR:root:failed"), Observed: now}, emit)
	s.Push(&record.Raw{Text: []byte("Traceback (most recent call last):"), Observed: now.Add(maxGap + 1)}, emit)
	if n != 1 {
		t.Errorf("%d events before the late line", n)
	}
}
