package parse

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/pattern"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
)

const shopPatterns = `
patterns:
  - name: shop
    program: shop
    match: '^login failed user=%{GREEDYDATA:user.name} from=%{IP:source.ip}$'
    set: {event.category: authentication, event.action: shop_login, event.outcome: failure}
  - name: shop
    program: [shop, sshd]
    match: '^order %{WORD:labels.order} at %{NOTSPACE:@timestamp}$'
    set: {event.action: shop_order}
  - name: gate
    files: [/srv/gate/*.log]
    match:
      - '^%{SYSLOGTIMESTAMP:@timestamp} gate %{WORD:event.outcome} %{USERNAME:user.name}$'
      - '^badge %{WORD:labels.badge}$'
      - '^ERROR: %{WORD:labels.what}$'
    set: {event.category: web}
  - name: rest
    match: '^(?:rest|Connection from|hello) %{WORD:labels.rest}$'
`

func shop(t testing.TB) Options {
	t.Helper()
	set, err := pattern.Parse([]pattern.File{{Name: "p.yaml", Data: []byte(shopPatterns)}}, Names())
	if err != nil {
		t.Fatal(err)
	}
	return Options{Year: 2025, Patterns: set}
}

// readWith reads lines of a file, and says of each event its class, parser, time and
// fields.
func readWith(t *testing.T, parser, path string, o Options, lines ...string) string {
	t.Helper()
	s, err := New(parser, o)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	emit := func(e *record.Event) {
		check(t, e)
		text := describe(e)
		for i := range e.Fields {
			if name := e.Fields[i].Name(); !ignoredField(name) || name == "log.syslog.hostname" {
				text += "; " + name + "=" + string(e.Fields[i].Value)
			}
		}
		out = append(out, text)
	}
	for _, line := range lines {
		text := []byte(line)
		s.Push(&record.Raw{Text: text, Path: path}, emit)
		if string(text) != line {
			t.Error("the line was changed")
		}
		clear(text)
	}
	s.Flush(emit)
	return strings.Join(out, "\n")
}

func TestPatterns(t *testing.T) {
	const head = "Oct  7 09:00:00 web01 "
	for name, test := range map[string]struct{ parser, path, line, want string }{
		"of a program": {
			"auto", "-", head + "shop[12]: login failed user=bob from=203.0.113.5",
			"auth shop 2025-10-07T09:00:00Z; log.syslog.hostname=web01; process.pid=12; user.name=bob; source.ip=203.0.113.5; event.category=authentication; event.action=shop_login; event.outcome=failure",
		},
		"with a time of its own": {
			"auto", "-", head + "shop: order a1 at 2025-10-06T01:02:03.5+01:00",
			"system shop 2025-10-06T00:02:03.5Z; log.syslog.hostname=web01; labels.order=a1; event.action=shop_order; event.outcome=unknown",
		},
		"with a day that is none": {
			"auto", "-", head + "shop: order a1 at 2025-02-30T01:02:03Z", "system syslog 2025-10-07T09:00:00Z; log.syslog.hostname=web01",
		},
		"repeated": {
			"auto", "-", head + "shop: message repeated 3 times: [ login failed user=bob from=203.0.113.5]",
			"auth shop 2025-10-07T09:00:00Z; log.syslog.hostname=web01; tocsin.repeated=3; user.name=bob; source.ip=203.0.113.5; event.category=authentication; event.action=shop_login; event.outcome=failure",
		},
		"before our own parser": {
			"auto", "-", head + "sshd[12]: order a1 at 2025-10-06T01:02:03Z",
			"system shop 2025-10-06T01:02:03Z; log.syslog.hostname=web01; process.pid=12; labels.order=a1; event.action=shop_order; event.outcome=unknown",
		},
		"not of another program": {
			"auto", "-", head + "mail: order a1 at 2025-10-06T01:02:03Z", "system syslog 2025-10-07T09:00:00Z; log.syslog.hostname=web01",
		},
		"of a file, the whole line": {
			"auto", "/srv/gate/a.log", "Oct  7 09:00:00 gate failure bob",
			"web gate 2025-10-07T09:00:00Z; log.syslog.hostname=gate; event.outcome=failure; user.name=bob; event.category=web",
		},
		"of a file, the message": {
			"auto", "/srv/gate/a.log", head + "gated[1]: badge 17", "web gate 2025-10-07T09:00:00Z; log.syslog.hostname=web01; process.pid=1; labels.badge=17; event.category=web; event.outcome=unknown",
		},
		"of a file, under another parser": {"nginx", "/srv/gate/a.log", "badge 17", "web gate; labels.badge=17; event.category=web; event.outcome=unknown"},
		"not of another file":             {"auto", "/srv/other.log", "badge 17", "app plain"},
		"of a source that names it": {
			"gate", "/srv/other.log", "badge 17", "web gate; labels.badge=17; event.category=web; event.outcome=unknown",
		},
		"of a source that names it, without syslog": {
			"shop", "-", "login failed user=bob from=203.0.113.5",
			"auth shop; user.name=bob; source.ip=203.0.113.5; event.category=authentication; event.action=shop_login; event.outcome=failure",
		},
		"of a source that names it, another line": {"shop", "-", head + "sshd[1]: Connection closed by 203.0.113.5 port 22", "auth sshd 2025-10-07T09:00:00Z; log.syslog.hostname=web01; process.pid=1; source.ip=203.0.113.5; source.port=22; event.category=network; event.action=ssh_disconnect; event.outcome=unknown"},
		"in a container's envelope":               {"gate", "-", `{"log":"badge 17\n","stream":"stdout","time":"2025-10-07T09:00:00Z"}`, "web gate 2025-10-07T09:00:00Z; log.iostream=stdout; labels.badge=17; event.category=web; event.outcome=unknown"},
		"general":                                 {"auto", "-", "rest one", "app rest; labels.rest=one; event.outcome=unknown"},
		"general, of syslog":                      {"auto", "-", head + "x: rest one", "system rest 2025-10-07T09:00:00Z; log.syslog.hostname=web01; labels.rest=one; event.outcome=unknown"},
		"general, not what we know":               {"auto", "-", head + "sshd[1]: Connection from 203.0.113.5 port 22", "auth sshd 2025-10-07T09:00:00Z; log.syslog.hostname=web01; process.pid=1; source.ip=203.0.113.5; source.port=22; event.category=network; event.action=ssh_connection; event.outcome=unknown"},
		"general, not under a name":               {"plain", "-", "rest one", "app plain"},
		"general, too long":                       {"auto", "-", "rest " + strings.Repeat("x", pattern.MaxText), "app plain"},
	} {
		t.Run(name, func(t *testing.T) {
			got := readWith(t, test.parser, test.path, shop(t), test.line)
			if name == "of a source that names it, another line" || name == "general, not what we know" {
				got, test.want = firstWords(got), firstWords(test.want) // what sshd makes of it is sshd's
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func firstWords(text string) string {
	head, _, _ := strings.Cut(text, ";")
	return head
}

// A line that a pattern knows may begin a record, as one that none does.
func TestPatternsLeaveStackTracesWhole(t *testing.T) {
	got := readWith(t, "auto", "/srv/gate/a.log", shop(t), "ERROR: boom",
		"java.lang.IllegalStateException: boom", "\tat com.example.Cart.add(Cart.java:12)", "badge 17")
	events := strings.Split(got, "\n")
	if len(events) < 2 || !strings.HasPrefix(events[0], "app gate; labels.what=boom") || !strings.Contains(events[0], "error.type=java.lang.IllegalStateException") ||
		!strings.HasPrefix(events[len(events)-1], "web gate; labels.badge=17") {
		t.Error(got)
	}
}

// A stream goes from one file to another under one name when a log is rotated.
func TestPatternsFollowTheFile(t *testing.T) {
	s, err := New("auto", shop(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, path := range []string{"/srv/gate/a.log", "/srv/other.log", "/srv/gate/a.log"} {
		s.Push(&record.Raw{Text: []byte("badge 17"), Path: path}, func(e *record.Event) { got = append(got, describe(e)) })
	}
	if diff := cmp.Diff([]string{"web gate", "app plain", "web gate"}, got); diff != "" {
		t.Error(diff)
	}
}

// Anybody may write to the journal as "shop": a login is believed of root and of the
// program's own unit.
func TestPatternsInAJournal(t *testing.T) {
	for name, test := range map[string]struct {
		envelope record.Envelope
		want     string
	}{
		"of its unit":   {record.Envelope{UID: []byte("998"), Comm: []byte("shop"), Unit: []byte("shop.service")}, "auth shop"},
		"of root":       {record.Envelope{UID: []byte("0"), Comm: []byte("shop")}, "auth shop"},
		"of a stranger": {record.Envelope{UID: []byte("1000"), Comm: []byte("logger"), Unit: []byte("user@1000.service")}, "system syslog"},
		"of its output": {record.Envelope{UID: []byte("998"), Comm: []byte("shop"), Unit: []byte("shop@1.service"), Stdout: true}, "auth shop"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := New("auto", shop(t))
			if err != nil {
				t.Fatal(err)
			}
			v := test.envelope
			v.App, v.Time, v.Facility, v.Severity = []byte("shop"), int64(time.Hour), -1, -1
			got := ""
			emit := func(e *record.Event) {
				check(t, e)
				got = strings.TrimSuffix(describe(e), " 1970-01-01T01:00:00Z")
			}
			s.Push(&record.Raw{Text: []byte("login failed user=bob from=203.0.113.5"), Envelope: &v}, emit)
			s.Flush(emit)
			if got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func FuzzPatterns(f *testing.F) {
	for _, line := range []string{
		"Oct  7 09:00:00 web01 shop[12]: login failed user=bob from=203.0.113.5", "Oct  7 09:00:00 gate failure bob", "badge 17", "rest one",
		"order a1 at 2025-10-06T01:02:03Z", "ERROR: boom",
	} {
		f.Add(line)
	}
	o := shop(f)
	f.Fuzz(func(t *testing.T, line string) {
		for _, parser := range []string{"auto", "shop", "gate"} {
			if a, b := readWith(t, parser, "/srv/gate/a.log", o, line), readWith(t, parser, "/srv/gate/a.log", o, line); a != b {
				t.Error(cmp.Diff(a, b))
			}
		}
	})
}

// ordinaryPatterns are expressions as users write them.
const ordinaryPatterns = `
patterns:
  - {name: a, files: [/x], match: '^%{TIMESTAMP_ISO8601:@timestamp} %{LOGLEVEL:log.level} login failed user=%{GREEDYDATA:user.name} from=%{IP:source.ip}:%{INT:source.port}$'}
  - {name: b, files: [/x], match: '%{IPORHOST:source.address} - %{USERNAME:user.name} .*%{QS:url.original} %{INT:http.response.status_code}'}
  - {name: c, files: [/x], match: 'user %{DATA:user.name} did %{DATA:event.action} from %{IP:source.ip}'}
  - {name: d, files: [/x], match: '(?i)error[^:]*: %{GREEDYDATA:error.message} at %{PATH:file.path}'}
  - {name: e, files: [/x], match: '%{EMAILADDRESS:user.name} .* %{URI:url.original}'}
`

func TestPatternsTakeBoundedTime(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	many := ordinaryPatterns + strings.Repeat(strings.TrimPrefix(ordinaryPatterns, "\npatterns:\n"), 40)
	set, err := pattern.Parse([]pattern.File{{Name: "p.yaml", Data: []byte(many)}}, Names())
	if err != nil {
		t.Fatal(err)
	}
	const bound = 20 * time.Millisecond * raceFactor
	for _, size := range []int{event.DefaultMaxLine, pattern.MaxText, pattern.MaxText / 8} {
		for _, shape := range []string{"a", "1", "1.", "a.", "/a", "::", "f:", ` "`, ": ", "user a did a from ", "a@b ", "error: ", "2025-10-07T09:00:00 ", " - a ", "http://a "} {
			line := []byte(strings.Repeat(shape, size/len(shape)))
			best := time.Hour
			for try := 0; try < 20 && best > bound; try++ {
				start := ownTime(t)
				s, err := New("auto", Options{Patterns: set})
				if err != nil {
					t.Fatal(err)
				}
				s.Push(&record.Raw{Text: line, Path: "/x"}, func(*record.Event) {})
				s.Flush(func(*record.Event) {})
				best = min(best, ownTime(t)-start)
			}
			if best > bound {
				t.Errorf("%d bytes of %q take %v", size, shape, best)
			}
			t.Logf("%7d bytes of %-20q %v", size, shape, best)
		}
	}
}

func BenchmarkPatterns(b *testing.B) {
	o := shop(b)
	for _, bm := range []struct{ name, path, line string }{
		{"program", "-", "Oct  7 09:00:00 web01 shop[12]: login failed user=bob from=203.0.113.5"},
		{"file", "/srv/gate/a.log", "badge 17"},
		{"program_missed", "-", "Oct  7 09:00:00 web01 shop[12]: device eth0 entered promiscuous mode"},
		{"general_missed", "-", "listening on port 8080"},
		{"none_asked", "-", "Oct  7 09:00:00 web01 sshd[12]: Failed password for invalid user admin from 203.0.113.5 port 44465 ssh2"},
	} {
		b.Run(bm.name, func(b *testing.B) {
			s, err := New("auto", o)
			if err != nil {
				b.Fatal(err)
			}
			r := &record.Raw{Text: []byte(bm.line), Path: bm.path, Line: 123456, Observed: time.Unix(1759827600, 0)}
			emit := func(*record.Event) {}
			b.ReportAllocs()
			for b.Loop() {
				s.Push(r, emit)
			}
			perLine(b, 1)
		})
	}
}
