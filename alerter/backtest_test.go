package alerter_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// replayed is what a backtest writes, by kind: the groups of findings and alerts, and
// the subjects of notifications.
func (b *bench) replayed(o alerter.BacktestOptions) (findings, alerts, mails []string) {
	b.t.Helper()
	cfg, err := alerter.LoadConfig(b.config)
	if err != nil {
		b.t.Fatal(err)
	}
	var out, log bytes.Buffer
	o.Since, o.Out, o.Log = time.Hour, &out, slog.New(slog.NewTextHandler(&log, nil))
	if err := alerter.Backtest(b.t.Context(), cfg, o); err != nil {
		b.t.Fatal(err)
	}
	if strings.Contains(log.String(), "ERROR") {
		b.t.Error(log.String())
	}
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var line struct {
			Group        map[string]string
			Alert        struct{ Group map[string]string }
			Notification struct{ Receiver, Subject string }
		}
		if err := decoder.Decode(&line); err != nil {
			b.t.Fatal(err)
		}
		switch {
		case line.Notification.Receiver != "":
			mails = append(mails, line.Notification.Subject)
		case line.Alert.Group != nil:
			alerts = append(alerts, line.Alert.Group["source.ip"])
		default:
			findings = append(findings, line.Group["source.ip"])
		}
	}
	return findings, alerts, mails
}

func TestBacktestReplaysWhatIsStored(t *testing.T) {
	b := newBench(t)
	b.write("mail.yaml", strings.NewReplacer(
		"receiver: daily", "receiver: ops, group_wait: 0s", "receivers: [", "receivers: [{name: ops, email: {host: mail.example.com, from: a@example.com, to: [b@example.com]}}, ",
	).Replace(mustRead(t, b.config)))
	b.config = filepath.Join(b.folder, "mail.yaml")
	b.fail("192.0.2.1", 3)
	b.fail("192.0.2.2", 2)
	stream, err := b.js.Stream(t.Context(), subject.EventsStream(eventv1.Class_CLASS_AUTH))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "other"}); err != nil {
		t.Fatal(err)
	}
	findings, alerts, mails := b.replayed(alerter.BacktestOptions{})
	if diff := cmp.Diff([][]string{{"192.0.2.1"}, {"192.0.2.1"}}, [][]string{findings, alerts}); diff != "" {
		t.Error(diff)
	}
	if len(mails) != 1 || !strings.Contains(mails[0], "Too many failures") {
		t.Errorf("mails %q", mails)
	}
	// Another rule, with the same events; nobody is told of one on trial.
	path := filepath.Join(b.folder, "candidate.yml")
	b.write("candidate.yml", strings.NewReplacer("gte: 3", "gte: 2", "status: test\nlevel: high", "tocsin: {shadow: true}").Replace(ruleText))
	findings, alerts, mails = b.replayed(alerter.BacktestOptions{Rules: []string{path}})
	slices.Sort(alerts)
	if diff := cmp.Diff([][]string{{"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"}, nil}, [][]string{findings, alerts, mails}); diff != "" {
		t.Error(diff)
	}
	// Who consumes has missed nothing, and no stream of an alerter was made.
	other, err := stream.Consumer(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	if info := other.CachedInfo(); info.NumPending != 2 || info.NumAckPending != 0 {
		t.Errorf("the other consumer: %+v", info)
	}
	if _, err := b.js.Stream(t.Context(), subject.SignalsStream); err == nil {
		t.Error("a stream of signals was made")
	}
}

func TestBacktestOfNothing(t *testing.T) {
	b := newBench(t)
	findings, alerts, mails := b.replayed(alerter.BacktestOptions{})
	if findings != nil || alerts != nil || mails != nil {
		t.Errorf("%q %q %q", findings, alerts, mails)
	}
}
