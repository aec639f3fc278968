package parse

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// lineCase is one line, what it must become ("CLASS PARSER[ TIME]") and its
// fields in order, without those that every event or envelope has.
type lineCase struct {
	line, event, fields string
}

// ignoredField names the fields that cases leave out: they repeat the line.
func ignoredField(name string) bool {
	switch name {
	case "log.file.path", "log.line", "message", "tocsin.parser", "tocsin.time", "process.name":
		return true
	}
	return strings.HasPrefix(name, "log.syslog.")
}

func testCases(t *testing.T, parser string, cases []lineCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.line, func(t *testing.T) {
			events := parseLines(t, parser, Options{Year: 2025}, tc.line)
			if len(events) != 1 {
				t.Fatalf("got %d events, want 1", len(events))
			}
			testEvent(t, events[0], tc)
		})
	}
}

// testEvent holds an event against what its line must become.
func testEvent(t *testing.T, e *record.Event, tc lineCase) {
	t.Helper()
	var fields []string
	for i := range e.Fields {
		if name := e.Fields[i].Name(); !ignoredField(name) {
			fields = append(fields, name+"="+string(e.Fields[i].Value))
		}
	}
	if diff := cmp.Diff(strings.Split(tc.fields, "; "), strings.Split(strings.Join(fields, "; "), "; ")); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if got := describe(e); got != tc.event {
		t.Errorf("event %q, want %q", got, tc.event)
	}
}

func describe(e *record.Event) string {
	text := event.ClassName(e.Class) + " " + string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_PARSER))
	if e.Time != 0 {
		text += " " + time.Unix(0, e.Time).UTC().Format(time.RFC3339Nano)
	}
	return text
}

// parseLines pushes lines and keeps copies of the events that have a text.
func parseLines(t testing.TB, parser string, o Options, lines ...string) []*record.Event {
	t.Helper()
	s, err := New(parser, o)
	if err != nil {
		t.Fatal(err)
	}
	var events []*record.Event
	emit := func(e *record.Event) {
		check(t, e)
		if len(e.Original) > 0 {
			events = append(events, clone(e))
		}
	}
	for i, line := range lines {
		text := []byte(line)
		s.Push(&record.Raw{Text: text, Path: "-", Line: int64(i + 1)}, emit)
		clear(text) // a source uses its memory again
	}
	s.Flush(emit)
	if s.Pending() {
		t.Error("pending after a flush")
	}
	return events
}

func clone(e *record.Event) *record.Event {
	c := *e
	c.Original = bytes.Clone(e.Original)
	c.Fields = make([]event.Field, len(e.Fields))
	for i, f := range e.Fields {
		c.Fields[i] = event.Field{ID: f.ID, Key: bytes.Clone(f.Key), Value: bytes.Clone(f.Value)}
	}
	return &c
}

// check asserts what holds for every event, whatever the line.
func check(t testing.TB, e *record.Event) {
	t.Helper()
	if err := event.Check(&e.Event); err != nil {
		t.Error(err)
	}
	seen := map[string]bool{}
	for i := range e.Fields {
		f := &e.Fields[i]
		spec := event.SpecOf(f.ID)
		if len(f.Value) == 0 {
			t.Errorf("field %q is empty", f.Name())
		}
		if seen[f.Name()] && !spec.List && f.ID != eventv1.FieldId_FIELD_ID_UNSPECIFIED {
			t.Errorf("field %q twice", f.Name())
		}
		seen[f.Name()] = true
		switch spec.Type {
		case eventv1.FieldType_FIELD_TYPE_IP:
			if ip, err := netip.ParseAddr(string(f.Value)); err != nil || ip.String() != string(f.Value) {
				t.Errorf("field %q is no canonical address: %q", f.Name(), f.Value)
			}
		case eventv1.FieldType_FIELD_TYPE_LONG:
			if !isNumber(f.Value) {
				t.Errorf("field %q is no number: %q", f.Name(), f.Value)
			}
		default:
		}
	}
}

// fuzzParser checks what holds for every line with one parser, alone and between
// two others.
func fuzzParser(f *testing.F, parser string, cases []lineCase) {
	for _, tc := range cases {
		f.Add([]byte(tc.line))
	}
	f.Add([]byte("\x00\xff\r"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if len(line) > event.MaxLine || bytes.IndexByte(line, '\n') >= 0 {
			t.Skip()
		}
		between := parseLines(t, parser, Options{Location: time.FixedZone("x", 3600)}, "before", string(line), "after")
		for _, e := range between {
			checkOrigin(t, e)
		}
		got := parseLines(t, parser, Options{}, string(line))
		if len(chomp(line)) > 0 && (len(got) != 1 || !bytes.Equal(got[0].Original, line)) {
			t.Errorf("got %d events of one line", len(got))
		}
		for _, e := range got {
			checkOrigin(t, e)
		}
		if diff := cmp.Diff(got, parseLines(t, parser, Options{}, string(line)), cmpopts.IgnoreFields(record.Event{}, "Committed")); diff != "" {
			t.Errorf("the same line, read again (-first +second):\n%s", diff)
		}
	})
}
