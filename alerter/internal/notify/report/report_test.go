package report

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func stream(t testing.TB) jetstream.JetStream {
	t.Helper()
	ns, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(2 * time.Minute) {
		t.Fatal("NATS does not start")
	}
	conn, err := nats.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: subject.AlertsStream, Subjects: []string{subject.AlertsFilter},
	}); err != nil {
		t.Fatal(err)
	}
	return js
}

func alertAt(n int, at time.Time) *alertv1.Alert {
	ns := uint64(at.UnixNano())
	fingerprint := event.HashID(fmt.Sprint(n))
	level := alertv1.Level(n%5 + 1)
	return &alertv1.Alert{
		Id: fingerprint + "-1", Fingerprint: fingerprint, State: alertv1.AlertState_ALERT_STATE_FIRING, Count: uint64(n + 1),
		Rule:       &alertv1.Rule{Id: "r", Name: "SQL injection <b>", Level: level, Tags: []string{"attack.t1190"}},
		Group:      []*alertv1.GroupValue{{Field: "source.ip", Value: fmt.Sprintf("192.0.2.%d", n)}},
		FirstEvent: ns, LastEvent: ns, Opened: ns, Updated: ns, EventIds: []string{fmt.Sprint("e", n)},
		Last: &alertv1.Finding{
			EventId: fmt.Sprint("e", n), Original: []byte(`192.0.2.1 - - "GET /?id=1'+OR+1=1-- HTTP/1.1" 200 <script>alert(1)</script>`),
			Fields: []*eventv1.Field{
				{Id: eventv1.FieldId_FIELD_ID_HOST_NAME, Value: []byte("web-01")},
				{Id: eventv1.FieldId_FIELD_ID_URL_ORIGINAL, Value: []byte("/?id=1'+OR+1=1--")},
			},
		},
	}
}

func publish(t testing.TB, js jetstream.JetStream, alerts ...*alertv1.Alert) {
	t.Helper()
	for _, a := range alerts {
		data, err := proto.Marshal(&alertv1.Alerts{Alerts: []*alertv1.Alert{a}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(t.Context(), subject.Alerts("r", a.GetFingerprint()), data); err != nil {
			t.Fatal(err)
		}
	}
}

// clock is a clock that tests put forward.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// zone is where it is noon now, so that no day ends while a test runs.
func zone() *time.Location {
	now := time.Now().UTC()
	return time.FixedZone("noon", int(12*time.Hour/time.Second)-(now.Hour()*60+now.Minute())*60)
}

func daily(js jetstream.JetStream, folder string, c *clock) *Daily {
	return NewDaily(Options{
		Folder: folder, JetStream: js, Locale: "en", Location: zone(), Now: c.now,
		Owns: func() bool { return true }, Log: slog.New(slog.DiscardHandler),
	})
}

func readPage(t testing.TB, folder string, day time.Time) page {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, day.In(zone()).Format(dayFormat)+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var p page
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func step(t testing.TB, d *Daily) {
	t.Helper()
	if err := d.step(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestADayIsEmptyThenGrowsThenIsFinal(t *testing.T) {
	js, folder, c := stream(t), filepath.Join(t.TempDir(), "reports"), &clock{}
	d := daily(js, folder, c)
	today := c.now()
	step(t, d)
	if p := readPage(t, folder, today); p.Count != 0 || p.Final {
		t.Errorf("%+v", p)
	}
	var storm []*alertv1.Alert
	for i := range 60 {
		storm = append(storm, alertAt(i, c.now()))
	}
	publish(t, js, storm...)
	merged := alertAt(0, c.now())
	merged.State = alertv1.AlertState_ALERT_STATE_MERGED
	ended := alertAt(1, c.now())
	ended.State, ended.Resolved = alertv1.AlertState_ALERT_STATE_RESOLVED, ended.GetUpdated()
	publish(t, js, merged, ended, alertAt(99, c.now().AddDate(0, 0, -3))) // the last is old news, still listed
	step(t, d)
	p := readPage(t, folder, today)
	if p.Count != 59 || p.Alerts[0].Rule.Level != "critical" {
		t.Errorf("%d alerts, the first %+v", p.Count, p.Alerts[0].Rule)
	}
	c.add(24 * time.Hour)
	step(t, d)
	if p := readPage(t, folder, today); !p.Final || p.Count != 59 {
		t.Errorf("final %v, %d alerts", p.Final, p.Count)
	}
	if p := readPage(t, folder, c.now()); p.Final || p.Count != 0 {
		t.Errorf("the next day: %+v", p)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhatIsNoAlertKeepsNoReportBack(t *testing.T) {
	js, folder, c := stream(t), t.TempDir(), &clock{}
	var said bytes.Buffer
	d := daily(js, folder, c)
	d.o.Log = slog.New(slog.NewTextHandler(&said, nil))
	if _, err := js.Publish(t.Context(), subject.Alerts("r", event.HashID("x")), []byte("\xff\xff")); err != nil {
		t.Fatal(err)
	}
	publish(t, js, alertAt(1, c.now()))
	step(t, d)
	if p := readPage(t, folder, c.now()); p.Count != 1 {
		t.Errorf("%d alerts", p.Count)
	}
	if !strings.Contains(said.String(), "level=ERROR") {
		t.Errorf("said %q", said.String())
	}
}

func TestMissedDaysAreWrittenAfterwards(t *testing.T) {
	js, folder, c := stream(t), t.TempDir(), &clock{}
	step(t, daily(js, folder, c))
	publish(t, js, alertAt(1, c.now()))
	c.add(3 * 24 * time.Hour)
	step(t, daily(js, folder, c)) // somebody else, days later
	for back, want := range map[int]int{0: 0, 1: 0, 2: 0, 3: 1} {
		p := readPage(t, folder, c.now().AddDate(0, 0, -back))
		if p.Count != want || p.Final != (back > 0) {
			t.Errorf("%d days ago: %d alerts, final %v", back, p.Count, p.Final)
		}
	}
}

func TestUnwritableFolderLosesNothing(t *testing.T) {
	js, c := stream(t), &clock{}
	folder := filepath.Join(t.TempDir(), "reports")
	if err := os.WriteFile(folder, nil, 0o600); err != nil { // in the folder's place
		t.Fatal(err)
	}
	d := daily(js, folder, c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	publish(t, js, alertAt(1, c.now()))
	deadline := time.Now().Add(2 * time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for d.Ready() == nil && time.Now().Before(deadline) {
		<-tick.C
	}
	if err := d.Ready(); err == nil || !strings.Contains(err.Error(), "report") {
		t.Errorf("readiness: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	step(t, d)
	if p := readPage(t, folder, c.now()); p.Count != 1 {
		t.Errorf("%d alerts", p.Count)
	}
}

func TestGoldenPages(t *testing.T) {
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	for _, locale := range []string{"en", "ko"} {
		r := New(at.Truncate(24*time.Hour), at.Truncate(24*time.Hour).Add(24*time.Hour), locale, time.UTC, nil)
		for i := range 5 {
			a := alertAt(i, at.Add(time.Duration(i)*time.Minute))
			a.Rule.Shadow = i == 3
			r.add(a)
		}
		r.Final = true
		for form, write := range map[string]func(io.Writer) error{"html": r.WriteHTML, "json": r.WriteJSON} {
			var got bytes.Buffer
			if err := write(&got); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "day."+locale+"."+form)
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Error(diff)
			}
			if form == "html" && (strings.Contains(got.String(), "<script") || strings.Contains(got.String(), "ZgotmplZ") || strings.Contains(got.String(), "http")) {
				t.Error("the page is not safe and self-contained")
			}
		}
	}
}
