package parse

import (
	"bytes"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// allCases are the tables of every parser.
func allCases() map[string][]lineCase {
	cases := map[string][]lineCase{
		"auto":   slices.Concat(autoCases, loginTextCases, logfmtCases, ecsCases, bareCases, accessOtherCases, messageTextCases),
		"syslog": syslogCases, "sshd": slices.Concat(sshdCases, sshdNoticeCases, sshdKinCases), "pam": slices.Concat(pamCases, pamModuleCases, pamOtherCases), "sudo": sudoCases, "su": suCases,
		"shadow": shadowCases, "login": loginCases, "cron": cronCases, "nginx": nginxCases, "apache": apacheCases,
		"access": accessCases, "nginx_error": nginxErrorCases, "apache_error": apacheErrorCases,
		"python": pythonCases, "applog": appLogCases, "json": jsonCases, "plain": plainCases,
	}
	maps.Copy(cases, serviceCases())
	maps.Copy(cases, moreCases())
	return cases
}

func TestNamesAreCovered(t *testing.T) {
	covered := allCases()
	for _, name := range Names() {
		if len(covered[name]) < 2 {
			t.Errorf("parser %q has %d cases", name, len(covered[name]))
		}
		delete(covered, name)
		if _, err := New(name, Options{}); err != nil {
			t.Errorf("New(%q): %v", name, err)
		}
	}
	for name := range covered {
		t.Errorf("cases of %q, which is no parser", name)
	}
	if _, err := New("nonesuch", Options{}); err == nil {
		t.Error("New of an unknown name succeeds")
	}
}

// A parser that a stream was told to use must not know less than auto does of
// the same syslog line.
func TestNamedParserReadsSyslog(t *testing.T) {
	line := "Oct  7 09:00:00 web01 sshd[7]: Invalid user x from 203.0.113.5 port 1"
	for _, name := range Names() {
		if name == "plain" {
			continue
		}
		if got := describe(parseLines(t, name, Options{Year: 2025}, line)[0]); got != "auth sshd 2025-10-07T09:00:00Z" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestEventHasProvenance(t *testing.T) {
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	observed := time.Date(2025, 10, 7, 9, 0, 0, 5, time.UTC)
	calls := 0
	r := &record.Raw{
		Text: []byte("INFO:a:b\r"), Path: "/var/log/x", Line: 7, Truncated: true, Backfill: true, Observed: observed,
		Positions: []record.Position{{Key: "file/1", State: []byte("9")}}, Committed: func() { calls++ },
	}
	s.Push(r, func(e *record.Event) {
		want := map[eventv1.FieldId]string{
			eventv1.FieldId_FIELD_ID_LOG_FILE_PATH:    "/var/log/x",
			eventv1.FieldId_FIELD_ID_LOG_LINE:         "7",
			eventv1.FieldId_FIELD_ID_TOCSIN_PARSER:    "python",
			eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED: "true",
			eventv1.FieldId_FIELD_ID_TOCSIN_BACKFILL:  "true",
			eventv1.FieldId_FIELD_ID_TOCSIN_TIME:      "inferred",
			eventv1.FieldId_FIELD_ID_MESSAGE:          "b",
		}
		for id, value := range want {
			if got := string(e.Get(id)); got != value {
				t.Errorf("%s = %q, want %q", event.SpecOf(id).Name, got, value)
			}
		}
		if e.Observed != observed.UnixNano() || string(e.Original) != "INFO:a:b\r" || len(e.Positions) != 1 || len(e.Committed) != 1 {
			t.Errorf("event %+v", e)
		}
		e.Committed[0]()
	})
	if calls != 1 {
		t.Errorf("committed %d times", calls)
	}
}

func TestRecordWithoutTextPasses(t *testing.T) {
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	emit := func(e *record.Event) {
		got = append(got, fmt.Sprintf("%s %d positions, %d fields", event.ClassName(e.Class), len(e.Positions), len(e.Fields)))
	}
	at := []record.Position{{Key: "fim/a", State: []byte("x")}}
	changed := &record.Event{Class: eventv1.Class_CLASS_FILE}
	changed.Add(eventv1.FieldId_FIELD_ID_FILE_PATH, []byte("/etc/passwd"))
	s.Push(&record.Raw{Positions: at}, emit)
	s.Push(&record.Raw{Event: changed, Positions: at}, emit)
	s.Push(&record.Raw{Text: []byte("Traceback (most recent call last):")}, emit)
	s.Push(&record.Raw{Event: changed, Positions: at}, emit)
	want := []string{" 1 positions, 0 fields", "file 1 positions, 1 fields", "app 0 positions, 3 fields", "file 1 positions, 1 fields"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestTimeIsInferredFromTheLineBefore(t *testing.T) {
	events := parseLines(t, "auto", Options{}, "no time yet", "2025-10-07 09:00:00,000 INFO x y", "none again")
	want := []string{"app plain", "app python 2025-10-07T09:00:00Z", "app plain 2025-10-07T09:00:00Z"}
	for i, e := range events {
		if got := describe(e); got != want[i] {
			t.Errorf("event %d is %q, want %q", i, got, want[i])
		}
		if inferred := e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_TIME) != nil; inferred != (i != 1) {
			t.Errorf("event %d: inferred is %v", i, inferred)
		}
	}
}

// An agent that follows a log sees lines without a time as they are written, but
// does not know when those were written that it finds there.
func TestTimeIsInferredFromTheReading(t *testing.T) {
	read := time.Date(2025, 10, 7, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name     string
		before   string
		backfill bool
		want     string
	}{
		{"nothing before", "", false, "2025-10-07T12:00:00Z"},
		{"a line just before", "2025-10-07 11:59:58,000 INFO x y", false, "2025-10-07T11:59:58Z"},
		{"a line of yesterday", "2025-10-06 09:00:00,000 INFO x y", false, "2025-10-07T12:00:00Z"},
		{"an old file", "2024-10-06 09:00:00,000 INFO x y", true, "2024-10-06T09:00:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := New("auto", Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := int64(0)
			for _, line := range []string{test.before, "no time here"} {
				s.Push(&record.Raw{Text: []byte(line), Backfill: test.backfill, Observed: read}, func(e *record.Event) { got = e.Time })
			}
			if at := event.FormatTime(got); at != test.want {
				t.Errorf("time %s, want %s", at, test.want)
			}
		})
	}
}

// A line may end anywhere: the disk was full, or the program was killed. Nothing reads past
// its end.
func TestLinesCutOffAnywhere(t *testing.T) {
	for name, cases := range allCases() {
		t.Run(name, func(t *testing.T) {
			named, whole := cutter(t, name), cutter(t, "auto")
			for _, tc := range cases {
				for end := range min(len(tc.line), 400) + 1 {
					named(tc.line[:end])
					whole(tc.line[:end])
					whole("Oct  7 09:00:00 web01 " + name + "[1]: " + tc.line[:end])
				}
			}
		})
	}
}

// cutter reads lines with a parser and checks their events.
func cutter(t *testing.T, parser string) func(line string) {
	t.Helper()
	s, err := New(parser, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &record.Raw{}
	return func(line string) {
		defer func() {
			if why := recover(); why != nil {
				t.Fatalf("%s with %q: %v", parser, line, why)
			}
		}()
		r.Text = append(r.Text[:0], line...)
		s.Push(r, func(e *record.Event) { check(t, e) })
		if t.Failed() {
			t.Fatalf("%s with %q", parser, line)
		}
	}
}

// Lines at the cap, of the shapes that tempt a parser to look again and again.
func TestLongLinesTakeBoundedTime(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	shapes := []string{
		"\x00", "\xff\xfe", " from ", " from a port 1 ssh2: x", ", client: ", ` " `, `\"`, `\x22`, "[", "{", `{"a":`, `{"a":[`, " - ", ": ",
		" maps to ", " not allowed because ", " ; COMMAND=", " ; ", "%27", "a.", "1", "] ", " | ", `"k":"v",`, "\\u0041", "]: ",
	}
	heads := []string{
		"", "Oct  7 09:00:00 h sshd[1]: Failed password for ", "Oct  7 09:00:00 h sshd[1]: User ", "Oct  7 09:00:00 h sudo: a : ",
		"Oct  7 09:00:00 h su: ", `203.0.113.5 - - [07/Oct/2025:09:00:00 +0000] "GET /`, "2025/10/07 09:00:00 [error] 1#1: ",
		"[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] user ", "2025-10-07 09:00:00,000 - ", `{"k":"v",`,
		"Oct  7 09:00:00 h sshd[1]: pam_unix(x): authentication failure; ruser=", "<34>1 - h su - - [a ", "Oct  7 09:00:00 h sshd[1]: Connection from ",
	}
	for _, bm := range benchLines() { // one of every parser, cut off and whole
		heads = append(heads, bm.line[:len(bm.line)/2], bm.line)
	}
	for _, head := range slices.Concat(heads, loginHeads(), serviceHeads(), moreHeads(), appHeads) {
		for _, shape := range shapes {
			line := head + strings.Repeat(shape, (event.DefaultMaxLine-len(head))/len(shape))
			// A slow parser always takes long; noise only now and then.
			best := time.Hour
			for try := 0; try < 20 && best > 20*time.Millisecond; try++ {
				start := ownTime(t)
				parseOnce(t, line)
				best = min(best, ownTime(t)-start)
			}
			if best > 20*time.Millisecond {
				t.Errorf("%.40q with %q takes %v", head, shape, best)
			}
		}
	}
}

// ownTime is the processor time of this thread: what others do in the meantime
// does not count.
func ownTime(t *testing.T) time.Duration {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

func parseOnce(t *testing.T, line string) {
	t.Helper()
	s, err := New("auto", Options{})
	if err != nil {
		t.Fatal(err)
	}
	emit := func(e *record.Event) {
		if err := event.Check(&e.Event); err != nil {
			t.Error(err)
		}
	}
	s.Push(&record.Raw{Text: []byte(line)}, emit)
	s.Flush(emit)
}

// No address and no user that only stands in text of a client's may come out.
func TestInjectionIsNotBelieved(t *testing.T) {
	forged := "198.51.100.66"
	lines := []string{
		"Oct  7 09:00:00 h sshd[1]: Failed password for invalid user root from 198.51.100.66 port 1 ssh2 from 203.0.113.5 port 2 ssh2",
		"Oct  7 09:00:00 h sshd[1]: Invalid user Oct  7 09:00:00 h sshd[1]: Failed password for root from 198.51.100.66 port 1 ssh2 from 203.0.113.5 port 2",
		"Oct  7 09:00:00 h sshd[1]: Connection closed by invalid user root 198.51.100.66 port 1 203.0.113.5 port 2 [preauth]",
		"Oct  7 09:00:00 h sshd[1]: Disconnecting invalid user a 198.51.100.66 port 1: x 203.0.113.5 port 2: Too many authentication failures [preauth]",
		"Oct  7 09:00:00 h sshd[1]: Received disconnect from 203.0.113.5 port 2:11: from 198.51.100.66 port 1 [preauth]",
		"Oct  7 09:00:00 h sshd[1]: Bad protocol version identification 'x' from 198.51.100.66 port 1' from 203.0.113.5 port 2",
		"Oct  7 09:00:00 h sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.5  user=x rhost=198.51.100.66",
		`203.0.113.5 - 198.51.100.66 - [01/Jan/2020:00:00:00 +0000] [07/Oct/2025:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "198.51.100.66 - -" "x"`,
		`2025/10/07 09:00:00 [error] 1#1: *1 open() "/, client: 198.51.100.66, server: " failed, client: 203.0.113.5, server: _`,
		`[Tue Oct 07 09:00:00 2025] [error] [client 203.0.113.5] File does not exist: /[client 198.51.100.66] x`,
	}
	for _, line := range lines {
		for _, e := range parseLines(t, "auto", Options{Year: 2025}, line) {
			if ip := e.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP); string(ip) == forged {
				t.Errorf("believed %q", line)
			}
			if e.Get(eventv1.FieldId_FIELD_ID_EVENT_ACTION) == nil {
				t.Errorf("lost %q", line)
			}
		}
	}
}

func TestRepeatedRunsAreIdentical(t *testing.T) {
	var lines []string
	for _, cases := range allCases() {
		for _, tc := range cases {
			lines = append(lines, tc.line)
		}
	}
	slices.Sort(lines)
	first := parseLines(t, "auto", Options{Year: 2025}, lines...)
	second := parseLines(t, "auto", Options{Year: 2025}, lines...)
	for i := range first {
		a, b := event.AppendEvent(nil, &first[i].Event), event.AppendEvent(nil, &second[i].Event)
		if !bytes.Equal(a, b) {
			t.Errorf("%q differs", first[i].Original)
		}
	}
}
