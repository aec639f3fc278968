package notify

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// TestRehearsal drives the clock through the life of alerts. Times are minutes.
func TestRehearsal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alerter.yaml")
	text := `
route: {receiver: ops, group_by: [source.ip], group_wait: 1m, group_interval: 5m, repeat_interval: 4h}
receivers: [{name: ops, email: {host: mail.example.com, from: a@example.com, to: [b@example.com], send_resolved: true}}]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	r := NewRehearsal(cfg, nil)
	put := func(minutes int, rule string, n int, change func(*alertv1.Alert)) {
		a := firing(rule, n)
		ns := uint64(at(minutes).UnixNano())
		a.FirstEvent, a.LastEvent, a.Opened, a.Updated = ns, ns, ns, ns
		if change != nil {
			change(a)
		}
		r.Put(a, at(minutes))
	}
	told := func(until int) []string {
		var mails []string
		if err := r.Advance(at(until), func(p Preview) error {
			when, err := time.Parse(time.RFC3339Nano, p.Time)
			mails = append(mails, when.Sub(start).String()+" "+p.Subject)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return mails
	}
	steps := []struct {
		name  string
		put   func()
		until int
		want  []string
	}{
		{"nothing is told of nothing", func() {}, 10, nil},
		{"nor before the group has waited", func() { put(10, "a", 1, nil); put(10, "b", 2, nil) }, 10, nil},
		{"then of each group", func() {}, 11, []string{"11m0s [Tocsin] High: Rule a from 192.0.2.1", "11m0s [Tocsin] High: Rule b from 192.0.2.2"}},
		{"a follow-up waits for the interval", func() { put(12, "c", 1, nil) }, 15, nil},
		{"and is one", func() {}, 16, []string{"16m0s [Tocsin] High: 2 security events: Rule a, Rule c"}},
		{"nobody is told of a trial", func() { put(20, "d", 3, func(a *alertv1.Alert) { a.Rule.Shadow = true }) }, 60, nil},
		{
			"an end is told, and what goes on is repeated",
			func() {
				ended := func(a *alertv1.Alert) {
					a.State, a.Opened = alertv1.AlertState_ALERT_STATE_RESOLVED, uint64(at(10).UnixNano())
				}
				put(60, "b", 2, ended)
			},
			300,
			[]string{"1h0m0s [Tocsin] Over: Rule b from 192.0.2.2", "4h16m0s [Tocsin] High: 2 security events: Rule a, Rule c"},
		},
	}
	for _, s := range steps {
		s.put()
		if diff := cmp.Diff(s.want, told(s.until)); diff != "" {
			t.Errorf("%s: %s", s.name, diff)
		}
	}
}
