package parse

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// severeBegin says whether a trace begins with words of its own, so that a log line
// of a severe level before it does not become its first line.
func allTraces() []string {
	var texts []string
	for _, tc := range traceCases {
		texts = append(texts, tc.record)
	}
	for _, tc := range joinCases {
		if !strings.Contains(tc.record, "\r") && !strings.Contains(tc.record, "\n  third") {
			texts = append(texts, tc.record)
		}
	}
	return texts
}

// Any sequence of traces and ordinary lines, bare or in any envelope, comes apart
// again as it was put together.
func TestAnySequenceComesApart(t *testing.T) {
	traces := allTraces()
	var envelopes []string
	for name := range wrappers {
		envelopes = append(envelopes, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		var want []string
		for range rapid.IntRange(1, 12).Draw(t, "records") {
			if rapid.Bool().Draw(t, "trace") {
				if len(want) == 0 || strings.Contains(want[len(want)-1], "\n") {
					// What follows a trace at once may be its message's next line.
					want = append(want, rapid.SampledFrom(neighbours).Draw(t, "between"))
				}
				wrap := wrappers[rapid.SampledFrom(envelopes).Draw(t, "envelope")]
				want = append(want, wrapAll(rapid.SampledFrom(traces).Draw(t, "text"), wrap))
				continue
			}
			want = append(want, rapid.SampledFrom(neighbours).Draw(t, "line"))
		}
		got := originals(parseRapid(t, strings.Join(want, "\n")))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("records (-want +got):\n%s", diff)
		}
	})
}

// Any lines at all, taken from traces in any order: every line is in exactly one
// record, in order, and each record's position is that of its last line.
func TestNoLineIsLostOrRepeated(t *testing.T) {
	var pool []string
	for _, text := range allTraces() {
		pool = append(pool, strings.Split(text, "\n")...)
	}
	pool = append(pool, neighbours...)
	var envelopes []string
	for name := range wrappers {
		envelopes = append(envelopes, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for range rapid.IntRange(1, 40).Draw(t, "lines") {
			line := rapid.SampledFrom(pool).Draw(t, "line")
			if rapid.IntRange(0, 3).Draw(t, "wrapped") == 0 {
				line = wrappers[rapid.SampledFrom(envelopes).Draw(t, "envelope")](line)
			}
			if rapid.IntRange(0, 20).Draw(t, "piece") == 0 {
				line = "2026-05-01T12:00:00Z stderr P " + line
			}
			lines = append(lines, line)
		}
		s, err := New(rapid.SampledFrom([]string{"auto", "applog", "python", "plain", "syslog", "nginx"}).Draw(t, "parser"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		calls := 0
		emit := func(e *record.Event) {
			for line := range strings.SplitSeq(string(e.Original), "\n") {
				seen = append(seen, line)
			}
			for _, committed := range e.Committed {
				committed()
			}
			if len(e.Positions) != 1 || int(e.Positions[0].State[0]) != len(seen)-1 || calls != len(seen) {
				t.Fatalf("after %d lines: positions %v, %d committed", len(seen), e.Positions, calls)
			}
		}
		for i, line := range lines {
			text, state := []byte(line), []byte{byte(i)}
			s.Push(&record.Raw{
				Text: text, Line: int64(i + 1), Observed: time.Unix(1777636800, 0), Committed: func() { calls++ },
				Positions: []record.Position{{Key: "file/1", State: state}},
			}, emit)
			clear(text)
			clear(state)
			if !s.Pending() && len(seen) != i+1 {
				t.Fatalf("%d lines of %d without any pending", len(seen), i+1)
			}
		}
		s.Flush(emit)
		if s.Pending() {
			t.Fatal("pending after a flush")
		}
		if diff := cmp.Diff(lines, seen); diff != "" {
			t.Fatalf("lines (-want +got):\n%s", diff)
		}
	})
}

func parseRapid(t *rapid.T, text string) []*record.Event {
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var events []*record.Event
	emit := func(e *record.Event) {
		if len(e.Original) > 0 {
			events = append(events, clone(e))
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		s.Push(&record.Raw{Text: []byte(line)}, emit)
	}
	s.Flush(emit)
	return events
}

// FuzzJoin checks what holds for any text: its lines are in the records, in order,
// each once, and two runs say the same.
func FuzzJoin(f *testing.F) {
	for _, text := range allTraces() {
		f.Add([]byte("before\n" + text + "\nafter"))
	}
	for _, wrap := range wrappers {
		f.Add([]byte(wrapAll(traceCases[0].record+"\n"+traceCases[7].record, wrap)))
	}
	f.Add([]byte("\r\n\n\r"))
	f.Add([]byte("2026-05-01T12:00:00Z stderr P a\n2026-05-01T12:00:00Z stderr P b\n2026-05-01T12:00:00Z stdout F c"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			t.Skip()
		}
		lines := bytes.Split(text, []byte("\n"))
		run := func() (seen [][]byte, fields int) {
			s, err := New("auto", Options{Year: 2026})
			if err != nil {
				t.Fatal(err)
			}
			emit := func(e *record.Event) {
				check(t, e)
				fields += len(e.Fields)
				seen = append(seen, bytes.Split(bytes.Clone(e.Original), []byte("\n"))...)
			}
			for _, line := range lines {
				s.Push(&record.Raw{Text: bytes.Clone(line)}, emit)
			}
			s.Flush(emit)
			return seen, fields
		}
		seen, fields := run()
		// A line that is blank between records is a position without a text.
		if !slices.EqualFunc(lines, seen, func(line, kept []byte) bool {
			return bytes.Equal(line, kept) || string(line) == "\r" && len(kept) == 0
		}) {
			t.Error("the records' lines are not the input's")
		}
		if _, again := run(); again != fields {
			t.Errorf("%d fields, then %d", fields, again)
		}
	})
}
