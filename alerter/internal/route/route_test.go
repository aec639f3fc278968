package route

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/shell/settings"
)

var epoch = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

func duration(d time.Duration) *settings.Duration {
	s := settings.Duration(d)
	return &s
}

func routeOf(t testing.TB, receiver string, matchers []string, groupBy []string, children ...config.Route) config.Route {
	t.Helper()
	r := config.Route{
		Receiver: receiver, GroupBy: groupBy, Routes: children,
		GroupWait: duration(30 * time.Second), GroupInterval: duration(5 * time.Minute), RepeatInterval: duration(4 * time.Hour),
	}
	for _, text := range matchers {
		m, err := config.ParseMatchers(text)
		if err != nil {
			t.Fatal(err)
		}
		r.Matchers = append(r.Matchers, m...)
	}
	return r
}

func continued(r config.Route) config.Route {
	r.Continue = true
	return r
}

func alert(id, rule string, level alertv1.Level, opened time.Time) *alertv1.Alert {
	at := uint64(opened.UnixNano())
	return &alertv1.Alert{
		Id: id, State: alertv1.AlertState_ALERT_STATE_FIRING, Count: 1,
		Rule:   &alertv1.Rule{Id: rule, Name: rule, Level: level, Tags: []string{"attack.t1110", "attack.initial_access"}},
		Group:  []*alertv1.GroupValue{{Field: "source.ip", Value: "192.0.2.1"}},
		Opened: at, Updated: at, FirstEvent: at, LastEvent: at,
		Labels: []*eventv1.Field{{Id: eventv1.FieldId_FIELD_ID_HOST_NAME, Value: []byte("web-01")}},
	}
}

func TestMatch(t *testing.T) {
	root := routeOf(t, "root", nil, []string{"rule.id"},
		continued(routeOf(t, "report", nil, []string{})),
		routeOf(t, "urgent", []string{`rule.level=~"high|critical"`}, []string{"host.name"},
			routeOf(t, "web", []string{`host.name="web-01"`, `rule.tags="attack.t1110"`}, []string{"..."})),
		routeOf(t, "never", []string{`source.ip!~"192\.0\.2\..*"`}, nil),
	)
	tree := New(&root)
	for name, test := range map[string]struct {
		level alertv1.Level
		want  []string
	}{
		"a child's child takes it, the continued sibling too": {
			alertv1.Level_LEVEL_HIGH,
			[]string{"report []", "web [rule.id source.ip]=[r 192.0.2.1]"},
		},
		"nobody else takes it but who continues": {alertv1.Level_LEVEL_LOW, []string{"report []"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, target := range tree.Match(alert("a", "r", test.level, epoch)) {
				text := target.Receiver + " " + fmt.Sprint(target.Names)
				if len(target.Names) > 0 {
					text += "=" + fmt.Sprint(target.Values)
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGroupsKeepTheirNamesWhenRoutesMove(t *testing.T) {
	a := alert("a", "r", alertv1.Level_LEVEL_HIGH, epoch)
	child := routeOf(t, "urgent", []string{`rule.level="high"`}, []string{"rule.id"})
	before := routeOf(t, "root", nil, nil, child)
	after := routeOf(t, "root", nil, nil, routeOf(t, "x", []string{`rule.level="low"`}, nil), child)
	first, second := New(&before).Match(a)[0], New(&after).Match(a)[0]
	if first.ID() != second.ID() {
		t.Error("the group has another name")
	}
	other := routeOf(t, "root", nil, nil, routeOf(t, "urgent", []string{`rule.level="high"`}, []string{"rule.name"}))
	if third := New(&other).Match(a)[0]; third.ID() == first.ID() {
		t.Error("another grouping has the same name")
	}
}

func TestDelayedAlertsShareADigest(t *testing.T) {
	root := routeOf(t, "root", nil, []string{"rule.id"})
	tree := New(&root)
	a, b := alert("a", "r", 0, epoch), alert("b", "s", 0, epoch)
	a.LastEvent -= uint64(2 * time.Hour)
	b.LastEvent -= uint64(3 * time.Hour)
	first, second := tree.Match(a)[0], tree.Match(b)[0]
	if !first.Delayed() || first.ID() != second.ID() || first.Wait > time.Minute {
		t.Errorf("%+v %+v", first, second)
	}
}

// flush makes the group's due notification and settles it as sent.
func flush(t testing.TB, g *Group, through uint64) (time.Time, *alertv1.Notification) {
	t.Helper()
	at, ok := g.Due()
	if !ok {
		t.Fatal("nothing is due")
	}
	n := g.Flush(at, through)
	g.Settle(n)
	n.Outcome = alertv1.Outcome_OUTCOME_SENT
	g.Settle(n)
	return at, n
}

func TestTimersAreThoseOfAlertmanager(t *testing.T) {
	root := routeOf(t, "root", nil, []string{"rule.id"})
	g := NewGroup(New(&root).Match(alert("a", "r", 0, epoch))[0], nil)
	g.Put(alert("a", "r", 0, epoch), 1)
	g.Put(alert("b", "r", 0, epoch.Add(20*time.Second)), 2)
	at, n := flush(t, g, 2)
	if at != epoch.Add(30*time.Second).Local() || len(n.GetAlerts()) != 2 {
		t.Errorf("group_wait: told at %v of %d", at, len(n.GetAlerts()))
	}
	g.Put(alert("c", "r", 0, epoch.Add(time.Minute)), 3)
	if at, _ = flush(t, g, 3); !at.Equal(epoch.Add(5*time.Minute + 30*time.Second)) {
		t.Errorf("group_interval: told at %v", at)
	}
	if at, _ := g.Due(); !at.Equal(epoch.Add(4*time.Hour + 5*time.Minute + 30*time.Second)) {
		t.Errorf("repeat_interval: due at %v", at)
	}
	for i, id := range []string{"a", "b", "c"} {
		a := alert(id, "r", 0, epoch)
		a.State = alertv1.AlertState_ALERT_STATE_RESOLVED
		g.Put(a, uint64(4+i))
	}
	if at, ok := g.Due(); ok {
		t.Errorf("over, and due at %v", at)
	}
	g.Put(alert("d", "r", 0, epoch.Add(6*time.Minute)), 9)
	if at, _ := g.Due(); !at.Equal(epoch.Add(6*time.Minute + 30*time.Second)) {
		t.Errorf("a quiet group waits group_wait again: due at %v", at)
	}
}

func TestEndIsToldOnlyWhenAskedFor(t *testing.T) {
	for _, asked := range []bool{false, true} {
		root := routeOf(t, "root", nil, []string{"rule.id"})
		g := NewGroup(New(&root).Match(alert("a", "r", 0, epoch))[0], nil)
		g.SendResolved = asked
		g.Put(alert("a", "r", 0, epoch), 1)
		flush(t, g, 1)
		over := alert("a", "r", 0, epoch)
		over.State = alertv1.AlertState_ALERT_STATE_RESOLVED
		g.Put(over, 2)
		at, due := g.Due()
		if due != asked || due && !at.Equal(epoch.Add(5*time.Minute+30*time.Second)) {
			t.Errorf("asked %v: due %v at %v", asked, due, at)
		}
		if asked {
			_, n := flush(t, g, 2)
			if len(g.Shown(n)) != 1 || !n.GetAlerts()[0].GetResolved() {
				t.Errorf("%v", n)
			}
			if _, due := g.Due(); due {
				t.Error("the end is told twice")
			}
		}
	}
}

func TestPendingIntentIsTakenUp(t *testing.T) {
	root := routeOf(t, "root", nil, []string{"rule.id"})
	g := NewGroup(New(&root).Match(alert("a", "r", 0, epoch))[0], nil)
	g.Put(alert("a", "r", 0, epoch), 1)
	n := g.Flush(epoch, 1)
	g.Settle(n)
	over := alert("a", "r", 0, epoch)
	over.State = alertv1.AlertState_ALERT_STATE_RESOLVED
	g.Put(over, 2)
	g.Put(alert("b", "r", 0, epoch.Add(time.Minute)), 3)
	second := g.Flush(epoch.Add(time.Hour), 3)
	if second.GetFlush() != 2 || len(second.GetAlerts()) != 2 || second.GetAlerts()[0].GetAgain() || second.GetAlerts()[1].GetAgain() {
		t.Errorf("%v", second)
	}
}

func TestStormFitsAMessageAndLosesNothing(t *testing.T) {
	root := routeOf(t, "root", nil, []string{"rule.id"})
	target := New(&root).Match(alert("a", "r", 0, epoch))[0]
	g := NewGroup(target, nil)
	const storm = 15_000
	last := make(map[string]*alertv1.Alert)
	for i := range storm {
		a := alert(fmt.Sprintf("%026d-%020d", i, i), "r", 0, epoch.Add(time.Duration(i)*time.Millisecond))
		if i%2 == 0 {
			a.State = alertv1.AlertState_ALERT_STATE_RESOLVED
		}
		last[a.GetId()] = a
		g.Put(a, uint64(i+1))
	}
	told := make(map[string]bool)
	for range 3 {
		_, n := flush(t, g, storm)
		if size := proto.Size(n); size > 900_000 {
			t.Fatalf("a notification of %d bytes", size)
		}
		for _, e := range n.GetAlerts() {
			told[e.GetAlertId()] = told[e.GetAlertId()] || !e.GetRemembered()
		}
		g = NewGroup(target, g.Head()) // somebody else goes on
		for i := range storm {
			a := last[fmt.Sprintf("%026d-%020d", i, i)]
			g.Put(a, uint64(i+1))
		}
	}
	for id := range last {
		if !told[id] {
			t.Fatalf("%s was never told", id)
		}
	}
}

// TestToldAtLeastOnceNeverTooOften drives a group through everything that can
// happen to it: alerts that open, grow and end, flushes whose mail is accepted or
// not, and takeovers by an alerter that knows only the last message of every
// alert and the group's head.
func TestToldAtLeastOnceNeverTooOften(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := routeOf(&testing.T{}, "root", nil, []string{"rule.id"})
		target := New(&root).Match(alert("a", "r", 0, epoch))[0]
		m := &model{
			g: NewGroup(target, nil), target: target, now: epoch, resolved: rapid.Bool().Draw(t, "send_resolved"),
			last: make(map[string]member), told: make(map[string]int), ends: make(map[string]int),
		}
		m.g.SendResolved = m.resolved
		t.Repeat(map[string]func(*rapid.T){
			"open":     m.open,
			"change":   m.change,
			"flush":    m.flush,
			"takeover": func(*rapid.T) { m.takeover() },
			"wait": func(t *rapid.T) {
				m.now = m.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "s")) * time.Second)
			},
			"": m.check,
		})
		for range 3 { // in the end the receiver works: nothing stays untold
			m.now = m.now.Add(time.Hour)
			m.settle(t)
		}
		for id := range m.last {
			if m.told[id] == 0 {
				t.Fatalf("%s was never told", id)
			}
		}
	})
}

// model is what the world knows beside the group: the stream and the mailbox.
type model struct {
	g        *Group
	target   Target
	now      time.Time
	resolved bool
	through  uint64
	head     *alertv1.Notification
	last     map[string]member // the stream's last message of every alert
	told     map[string]int    // mails that told of it as new
	ends     map[string]int    // mails that told its end
}

func (m *model) put(a *alertv1.Alert) {
	m.through++
	m.last[a.GetId()] = member{alert: a, revision: m.through}
	m.g.Put(a, m.through)
}

func (m *model) open(*rapid.T) {
	m.put(alert(fmt.Sprintf("alert-%03d", len(m.last)), "r", 0, m.now))
}

func (m *model) change(t *rapid.T) {
	if len(m.last) == 0 {
		return
	}
	var ids []string
	for id := range m.last {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	a, ok := proto.Clone(m.last[rapid.SampledFrom(ids).Draw(t, "alert")].alert).(*alertv1.Alert)
	if !ok {
		t.Fatal("not an alert")
	}
	a.Count++
	a.Updated = uint64(m.now.UnixNano())
	if rapid.Bool().Draw(t, "ends") {
		a.State = alertv1.AlertState_ALERT_STATE_RESOLVED
	}
	m.put(a)
}

// flush intends what is due, and the receiver takes it or not.
func (m *model) flush(t *rapid.T) {
	at, ok := m.g.Due()
	if !ok || at.After(m.now) {
		return
	}
	m.head = m.g.Flush(m.now, m.through)
	m.g.Settle(m.head)
	if rapid.Bool().Draw(t, "accepted") {
		m.accept()
	}
}

func (m *model) accept() {
	for _, e := range m.head.GetAlerts() {
		if e.GetRemembered() {
			continue
		}
		if !e.GetAgain() {
			m.told[e.GetAlertId()]++
		} else if e.GetResolved() {
			m.ends[e.GetAlertId()]++
		}
	}
	sent, ok := proto.Clone(m.head).(*alertv1.Notification)
	if !ok {
		return
	}
	sent.Outcome = alertv1.Outcome_OUTCOME_SENT
	m.head = sent
	m.g.Settle(sent)
}

func (m *model) takeover() {
	m.g = NewGroup(m.target, m.head)
	m.g.SendResolved = m.resolved
	for _, last := range m.last {
		m.g.Put(last.alert, last.revision)
	}
}

func (m *model) settle(t *rapid.T) {
	if m.g.Pending() {
		m.accept()
	}
	if at, ok := m.g.Due(); ok && !at.After(m.now) {
		m.head = m.g.Flush(m.now, m.through)
		m.g.Settle(m.head)
		m.accept()
	}
	m.check(t)
}

func (m *model) check(t *rapid.T) {
	for id, n := range m.told {
		if n > 1 {
			t.Fatalf("%s was told as new %d times", id, n)
		}
	}
	for id, n := range m.ends {
		if m.told[id] == 0 {
			t.Fatalf("the end of %s was told, and not its beginning", id)
		}
		if n > 1 || !m.resolved {
			t.Fatalf("the end of %s was told %d times, send_resolved %v", id, n, m.resolved)
		}
	}
}
