package detect

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/rules"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

func load(t testing.TB, text string) *rule.Set {
	t.Helper()
	set, err := rule.Load(rule.Options{Shipped: fstest.MapFS{"a.yml": {Data: []byte(text)}}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func eventOf(class eventv1.Class, fields ...string) *finding.Event {
	e := &finding.Event{Class: class, Host: "web01", Agent: "agent", GivenID: "id", Corrected: 5, Received: 7}
	e.Time, e.Ordinal = 3, 9
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		id, ok := event.FieldByName(name)
		field := event.Field{ID: id, Value: []byte(value)}
		if !ok {
			field.Key = []byte(name)
		}
		e.Fields = append(e.Fields, field)
	}
	return e
}

func detectAll(d *Detector, e *finding.Event) []finding.Signal {
	var all []finding.Signal
	d.Detect(e, func(s finding.Signal) { all = append(all, s) })
	return all
}

// carried are the values that a finding carries of a field.
func carried(f *alertv1.Finding, name string) []string {
	var all []string
	for _, field := range f.Fields {
		if event.SpecOf(field.Id).Name == name || field.Key == name && name != "" {
			all = append(all, string(field.Value))
		}
	}
	return all
}

const failed = "title: T\nid: t\nlogsource: {category: authentication}\ndetection: {s: {event.outcome: failure}, condition: s}\n"

func TestSignalOfADetection(t *testing.T) {
	d := New(load(t, failed))
	e := eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure", "source.ip=192.0.2.1", "user.name=bob", "json.secret=x", "tocsin.backfill=true")
	e.Original = []byte(strings.Repeat("ä", 4000))
	signals := detectAll(d, e)
	if len(signals) != 1 {
		t.Fatalf("%d signals", len(signals))
	}
	s := signals[0]
	if diff := cmp.Diff([]string{"web01", "192.0.2.1"}, s.Group); diff != "" {
		t.Error(diff)
	}
	if s.Partition != finding.Partition("t", s.Group) {
		t.Errorf("partition %d", s.Partition)
	}
	if !bytes.Equal(s.Root, s.Rule) || len(s.Root) != 32 {
		t.Errorf("root %x, rule %x", s.Root, s.Rule)
	}
	f := s.Finding
	if f.EventId != "id" || f.Agent != "agent" || f.Class != eventv1.Class_CLASS_AUTH || f.Time != 5 || f.OriginalTime != 3 ||
		f.Ordinal != 9 || f.Received != 7 || !f.Backfill || len(f.Original) != 4096 {
		t.Errorf("finding %+v", f)
	}
	if got := carried(f, "host.name"); !cmp.Equal(got, []string{"web01"}) {
		t.Errorf("host %q", got)
	}
	if got := carried(f, "json.secret"); got != nil {
		t.Errorf("a field nobody needs is carried: %q", got)
	}
	for i := range e.Fields {
		clear(e.Fields[i].Value)
	}
	if got := carried(f, "user.name"); !cmp.Equal(got, []string{"bob"}) {
		t.Errorf("the finding keeps the event's memory: %q", got)
	}
}

func TestAMissingGroupFieldIsNotCounted(t *testing.T) {
	text := failed + "---\ntitle: C\nid: c\ncorrelation: {type: value_count, rules: [t], group-by: [host.name, user.name], timespan: 5m, condition: {field: json.device, gte: 2}}\n"
	d := New(load(t, text))
	if got := detectAll(d, eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure")); len(got) != 0 {
		t.Errorf("%d signals without a user", len(got))
	}
	got := detectAll(d, eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure", "user.name=bob", "json.device=d7"))
	if len(got) != 1 || !cmp.Equal(got[0].Group, []string{"web01", "bob"}) {
		t.Fatalf("signals %+v", got)
	}
	if v := carried(got[0].Finding, "json.device"); !cmp.Equal(v, []string{"d7"}) {
		t.Errorf("the counted field is not carried: %q", v)
	}
	unnamed := eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure", "user.name=bob")
	unnamed.Host = ""
	if got := detectAll(d, unnamed); len(got) != 1 || got[0].Group[0] != "" {
		t.Errorf("the host is part of every event: %+v", got)
	}
}

func TestAFindingIsBoundedWhateverTheLogHolds(t *testing.T) {
	d := New(load(t, failed+"tocsin: {group_by: [json.team]}\n"))
	e := eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure", "json.team=first")
	for range 1000 {
		e.Fields = append(e.Fields,
			event.Field{ID: eventv1.FieldId_FIELD_ID_EVENT_REASON, Value: bytes.Repeat([]byte("x"), 500)},
			event.Field{Key: []byte("json.team"), Value: []byte("again")})
	}
	e.Add(eventv1.FieldId_FIELD_ID_USER_NAME, []byte("bob"))
	signals := detectAll(d, e)
	if len(signals) != 1 {
		t.Fatalf("%d signals", len(signals))
	}
	f := signals[0].Finding
	if size := proto.Size(f); size > 64<<10 {
		t.Errorf("a finding of %d bytes", size)
	}
	for name, want := range map[string]string{"user.name": "bob", "json.team": "first"} {
		if got := carried(f, name); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := carried(f, "event.reason"); len(got) < 2 {
		t.Errorf("%d values of a field with many", len(got))
	}
}

func TestAttacksBecomeFields(t *testing.T) {
	set, err := rule.Load(rule.Options{Shipped: rules.Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	d := New(set)
	e := eventOf(eventv1.Class_CLASS_WEB, "source.ip=192.0.2.1", "url.original=/a?x=1'%20or%201=1--&y=%3Cscript%3Ealert(1)%3C/script%3E&z=1")
	signals := detectAll(d, e)
	if len(signals) != 4 { // two attempts, and two correlations that wait for what one of them does
		t.Fatalf("%d signals", len(signals))
	}
	f := signals[0].Finding
	if diff := cmp.Diff([]string{"sqli", "xss"}, carried(f, "tocsin.web.attack.class")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"x", "y"}, carried(f, "tocsin.web.attack.parameter")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"90"}, carried(f, "tocsin.web.attack.score")); diff != "" {
		t.Error(diff)
	}
}

func TestAHintIsNotRaisedByAnotherClass(t *testing.T) {
	set, err := rule.Load(rule.Options{Shipped: rules.Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	// A quote before a hash is a hint of SQL; the script is beyond doubt.
	e := eventOf(eventv1.Class_CLASS_WEB, "source.ip=192.0.2.1", "url.original=/a?x=%22%232%20MOM%22&y=%3Cscript%3Ealert(1)%3C/script%3E")
	signals := detectAll(New(set), e)
	if len(signals) != 1 {
		t.Fatalf("%d signals", len(signals))
	}
	if diff := cmp.Diff([]string{"xss"}, carried(signals[0].Finding, "tocsin.web.attack.class")); diff != "" {
		t.Error(diff)
	}
}

func TestMatchesTellsWhatAlertsNobody(t *testing.T) {
	text := failed + "---\ntitle: C\nid: c\ncorrelation: {type: event_count, rules: [t], group-by: [user.name], timespan: 5m, condition: {gte: 2}}\n"
	var ids []string
	New(load(t, text)).Matches(eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure"), func(r *rule.Info) { ids = append(ids, r.ID) })
	if diff := cmp.Diff([]string{"t"}, ids); diff != "" {
		t.Error(diff)
	}
}

// A batch of clean requests and logins, walked and looked at as consume does it.
func benchBatch() []byte {
	h := event.Header{Agent: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Class: eventv1.Class_CLASS_WEB, Count: 500, FirstSequence: 1}
	batch := event.AppendHeader(nil, &h)
	e := eventOf(eventv1.Class_CLASS_WEB, "event.category=web", "event.action=http_request", "event.outcome=success", "source.ip=203.0.113.7",
		"http.request.method=GET", "url.original=/catalog/shoes?colour=red&size=42", "url.path=/catalog/shoes", "url.query=colour=red&size=42",
		"http.response.status_code=200", "http.response.body.bytes=5120", "tocsin.parser=access", "log.file.path=/var/log/nginx/access.log", "log.line=12345",
		"user_agent.original=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36")
	e.Original = []byte(`203.0.113.7 - - [02/Mar/2026:09:00:00 +0000] "GET /catalog/shoes?colour=red&size=42 HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"`)
	for range 500 {
		batch = event.AppendEvent(batch, &e.Event)
	}
	return batch
}

// authBatch is a batch of sshd's events.
func authBatch(action, outcome string) []byte {
	h := event.Header{Agent: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Class: eventv1.Class_CLASS_AUTH, Count: 500, FirstSequence: 1}
	batch := event.AppendHeader(nil, &h)
	e := eventOf(eventv1.Class_CLASS_AUTH, "event.category=authentication", "event.action="+action, "event.outcome="+outcome,
		"user.name=root", "source.ip=203.0.113.7", "source.port=50123", "process.name=sshd", "process.pid=4242",
		"tocsin.auth.method=password", "tocsin.parser=sshd", "log.file.path=/var/log/auth.log", "log.line=12345")
	e.Original = []byte("Mar  2 09:00:00 web01 sshd[4242]: Failed password for root from 203.0.113.7 port 50123 ssh2")
	for range 500 {
		batch = event.AppendEvent(batch, &e.Event)
	}
	return batch
}

func walk(b *testing.B, batch []byte, class eventv1.Class, visit func(*finding.Event)) {
	var w event.Walker
	e := &finding.Event{Class: class, Host: "web01", Agent: "a"}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		h, err := w.Open(batch)
		if err != nil {
			b.Fatal(err)
		}
		e.Header = &h
		for {
			more, err := w.Next(&e.Event)
			if err != nil {
				b.Fatal(err)
			}
			if !more {
				break
			}
			n++
			visit(e)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDetect reads events from a batch and asks every shipped rule about
// them: requests, logins that a rule counts, and lines that none does. The walk
// alone is what of it the rules do not take.
func BenchmarkDetect(b *testing.B) {
	set, err := rule.Load(rule.Options{Shipped: rules.Shipped()})
	if err != nil {
		b.Fatal(err)
	}
	requests := benchBatch()
	b.Run("walk_alone", func(b *testing.B) {
		walk(b, requests, eventv1.Class_CLASS_WEB, func(*finding.Event) {})
	})
	for _, bench := range []struct {
		name    string
		class   eventv1.Class
		batch   []byte
		signals int
	}{
		{"request", eventv1.Class_CLASS_WEB, requests, 0},
		{"failed_login", eventv1.Class_CLASS_AUTH, authBatch("ssh_login", "failure"), 1},
		{"session", eventv1.Class_CLASS_AUTH, authBatch("session_opened", "success"), 0},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d := New(set)
			events, signals := 0, 0
			walk(b, bench.batch, bench.class, func(e *finding.Event) {
				events++
				d.Detect(e, func(finding.Signal) { signals++ })
			})
			if signals < bench.signals*events || bench.signals == 0 && signals > 0 {
				b.Fatalf("%d signals of %d events", signals, events)
			}
		})
	}
}

func TestAGroupOfBytesThatAreNoTextIsCountedAndCanBeStored(t *testing.T) {
	d := New(load(t, failed+"tocsin: {group_by: [user.name]}\n"))
	for text, want := range map[string]string{"\xff\xc3(": "\uFFFD\uFFFD(", "안녕": "안녕", "": ""} {
		e := eventOf(eventv1.Class_CLASS_AUTH, "event.outcome=failure", "user.name="+text)
		signals := detectAll(d, e)
		if len(signals) != 1 || signals[0].Group[0] != want {
			t.Fatalf("%q: %v", text, signals)
		}
		if _, err := proto.Marshal(signals[0].Signal); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := carried(signals[0].Finding, "user.name"); text != "" && got[0] != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
