package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// TestBadLinesArrive writes what no well-behaved program writes to a log. It is
// in the streams, capped and flagged where it is too long, and so is the good
// line after it.
func TestBadLinesArrive(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	collector := up(t, f, f.Collector())
	agent := up(t, f, member(t, f, "host-1", authLog, webLog, appLog))
	alerter := up(t, f, f.Alerter("alerter", nil))
	js := jetStream(t, f)
	const sshd = "2026-11-22T10:00:00.000000+00:00 host-1 sshd[7]: "
	for i, test := range []struct {
		name, log, line string
		want            seen
	}{
		{
			"16 MiB", authLog, sshd + strings.Repeat("a", 16<<20),
			seen{truncated: "true"},
		},
		{
			"16 MiB of an access log", webLog, `203.0.113.9 - - [22/Nov/2026:10:00:00 +0000] "GET /` + strings.Repeat("a", 16<<20) + ` HTTP/1.1" 200 1 "-" "-"`,
			seen{truncated: "true"},
		},
		{"NUL bytes", authLog, "\x00\x00" + sshd + "Failed password for \x00root\x00 from 203.0.113.9 port 1 ssh2\x00", seen{}},
		{"NUL bytes after the envelope", authLog, sshd + "\x00\x00\x00", seen{}},
		{"broken UTF-8", authLog, sshd + "session of \xff\xfe\xc3\x28 \xed\xa0\x80", seen{}},
		{"broken UTF-8 in a name", authLog, sshd + "Failed password for invalid user \xff\xc3\x28 from 203.0.113.9 port 1 ssh2", seen{user: "\xff\xc3\x28", source: "203.0.113.9", outcome: "failure"}},
		{"broken UTF-8 in JSON", appLog, "{\"message\": \"\xff\xc3\x28\", \"\xff\": 1}", seen{outcome: "unknown"}},
		{
			"a user name that imitates a line", authLog,
			sshd + "Failed password for invalid user x from 198.51.100.1 port 1 ssh2 from 203.0.113.66 port 4 ssh2",
			seen{user: "x from 198.51.100.1 port 1 ssh2", source: "203.0.113.66", outcome: "failure"},
		},
		{
			"a user name that imitates success", authLog,
			sshd + "Invalid user Accepted password for root from 198.51.100.1 port 1 ssh2 from 203.0.113.66 port 4",
			seen{user: "Accepted password for root from 198.51.100.1 port 1 ssh2", source: "203.0.113.66", outcome: "failure"},
		},
		{
			"a web user that imitates a request", webLog,
			`203.0.113.66 - x [22/Nov/2026:10:00:00 +0000] \x22GET / HTTP/1.1\x22 200 1 [22/Nov/2026:10:00:00 +0000] "GET /admin HTTP/1.1" 401 1 "-" "-"`,
			seen{user: `x [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1`, source: "203.0.113.66", outcome: "failure"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			after := good("host-1", fmt.Sprintf("203.0.113.%d", 100+i))
			attack := injection(fmt.Sprintf("203.0.113.%d", 100+i))
			write(t, f, "host-1", test.log, test.line)
			write(t, f, "host-1", authLog, after)
			write(t, f, "host-1", webLog, attack)
			arrive(t, js, after, attack, test.line[:min(len(test.line), event.DefaultMaxLine)])
			got, line := seenOf(t, js, test.line[:min(len(test.line), 1000)])
			if len(line) > event.DefaultMaxLine || !strings.HasPrefix(test.line, line) {
				t.Errorf("%d bytes arrived: %.100q", len(line), line)
			}
			want := test.want
			want.id = got.id
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(seen{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			alerted(t, js, attack)
			shown(t, f, got.id)
		})
	}
	// What the alerter could not handle, it says so of by then.
	eventually(t, "everything is handled", func() (bool, error) { return handled(t.Context(), js) })
	for _, p := range []*fleet.Process{alerter, agent, collector} {
		said, err := os.ReadFile(p.Log)
		if err != nil || bytes.Contains(said, []byte("level=ERROR")) || bytes.Contains(said, []byte("panic")) {
			t.Errorf("%s says (%v):\n%s", p.Name, err, said)
		}
		stops(t, p)
	}
}

// seen is what the product makes of a line.
type seen struct{ id, user, source, outcome, truncated string }

var errFound = errors.New("found")

// seenOf finds the event whose line begins as given, and that line.
func seenOf(t *testing.T, js jetstream.JetStream, prefix string) (s seen, line string) {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	look := func(m jetstream.Msg) error {
		batch, err := codec.Open(nil, m.Data())
		if err != nil {
			return err
		}
		var w event.Walker
		h, err := w.Open(batch)
		if err != nil {
			return err
		}
		var e event.Event
		for i := 0; ; i++ {
			more, err := w.Next(&e)
			if err != nil || !more {
				return err
			}
			if !strings.HasPrefix(string(e.Original), prefix) {
				continue
			}
			line = string(e.Original)
			s = seen{
				event.ID(&h, i), string(e.Get(eventv1.FieldId_FIELD_ID_USER_NAME)), string(e.Get(eventv1.FieldId_FIELD_ID_SOURCE_IP)),
				string(e.Get(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME)), string(e.Get(eventv1.FieldId_FIELD_ID_TOCSIN_TRUNCATED)),
			}
			return errFound
		}
	}
	for _, class := range event.Classes() {
		if err := eachMessage(t.Context(), js, subject.EventsStream(class), look); errors.Is(err, errFound) {
			return s, line
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("no event begins with %.100q", prefix)
	return s, line
}

// shown asks for the events as people see them: JSON, and text.
func shown(t *testing.T, f *fleet.Fleet, id string) {
	t.Helper()
	out, err := f.Run(t.Context(), f.Collector(), "events", "--config", "../deploy/config/collector.yaml", "--since", "1h")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range strings.Lines(out) {
		if !json.Valid([]byte(line)) || !utf8.ValidString(line) {
			t.Errorf("not JSON: %.200q", line)
		}
		found = found || strings.Contains(line, id)
	}
	if !found {
		t.Errorf("event %s is not shown", id)
	}
}

// TestAnAgentDoesNotReadItsOwnLog tells an agent to read a folder that holds what
// it says itself: exit code 3. Once that is excluded, what others write there
// arrives, and nothing of its own.
func TestAnAgentDoesNotReadItsOwnLog(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	collector := up(t, f, f.Collector())
	js := jetStream(t, f)
	s := member(t, f, "host-1")
	const paths = "        - ${TOCSIN_ROOT:-}/var/log/secure\n"
	glob := f.Path("log", "host-1*")
	s.Config = variant(t, "agent", "own.yaml", paths, "        - "+glob+"\n")
	refuses(t, f, s, 3, "own.yaml:[0-9]+: sources.files\\[0\\].paths\\[1\\]: "+regexp.QuoteMeta(glob)+
		" would read "+regexp.QuoteMeta(f.Path("log", "host-1."))+"(log|out), which this agent itself writes; exclude it")
	s.Config = variant(t, "agent", "excluded.yaml", paths, "        - "+glob+"\n      exclude: [\"host-1.log\", \"host-1.out\"]\n")
	agent := up(t, f, s)
	line := good("host-1", "203.0.113.1")
	appendTo(t, f.Path("log", "host-1-sshd.log"), line)
	arrive(t, js, line)
	l, err := readLedger(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.compare([]string{line}); err != nil {
		t.Error(err)
	}

	// A link that no pattern gives away is found when it is to be read.
	if err := os.Symlink(filepath.Base(agent.Log), f.Path("log", "host-1-link.log")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the link is refused", func() (bool, error) {
		status, err := f.Run(t.Context(), s, "status", "--config", s.Config)
		return strings.Contains(status, "not read: this agent writes it"), err
	})
	after := good("host-1", "203.0.113.2")
	appendTo(t, f.Path("log", "host-1-sshd.log"), after)
	arrive(t, js, after)
	if l, err = readLedger(t.Context(), js); err != nil {
		t.Fatal(err)
	}
	if err := l.compare(slices.Concat([]string{line}, []string{after})); err != nil {
		t.Error(err)
	}
	stops(t, agent)
	stops(t, collector)
}
