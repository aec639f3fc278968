package e2e

import (
	"bytes"
	order "cmp"
	"context"
	"fmt"
	"maps"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// siegeRun is one delivery of the recorded siege.
type siegeRun struct {
	*siegeRig
	alerters []*fleet.Process
	js       jetstream.JetStream
	mailed   int // mails of earlier runs
}

// run starts the collector and some alerters on a fresh copy of what was recorded.
func (r *siegeRig) run(t *testing.T, alerters int) *siegeRun {
	t.Helper()
	r.copyStates(t, r.recorded, r.fleet.Path())
	x := &siegeRun{siegeRig: r, mailed: len(r.smtp.Mails())}
	t.Cleanup(func() { x.close(t) })
	up(t, r.fleet, r.fleet.Collector())
	x.js = jetStream(t, r.fleet)
	for i := range alerters {
		x.alerters = append(x.alerters, up(t, r.fleet, x.alerter(t, i)))
	}
	return x
}

// close stops everything.
func (x *siegeRun) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, p := range x.alerters { // a failed test may leave one stopped
		_ = p.Signal(syscall.SIGCONT)
	}
	if err := x.fleet.Close(ctx); err != nil && !strings.Contains(err.Error(), "signal: killed") {
		t.Error(err)
	}
}

func (r *siegeRig) alerter(t *testing.T, i int) fleet.Service {
	t.Helper()
	rules, err := filepath.Abs("testdata/scale/rules")
	if err != nil {
		t.Fatal(err)
	}
	s := r.fleet.Alerter(fmt.Sprintf("alerter-%d", i), map[string]string{
		"TOCSIN_RULES": rules, "TOCSIN_SMTP_PORT": fmt.Sprint(r.smtp.Port()), "TOCSIN_SMTP_CA": r.fleet.Path("ca.pem"),
	})
	s.Config = "testdata/scale/alerter.yaml"
	return s
}

// deliver starts the agents and waits until everything they recorded is stored.
func (x *siegeRun) deliver(t *testing.T) {
	t.Helper()
	for _, s := range x.agents {
		if _, err := x.fleet.Start(s); err != nil {
			t.Fatal(err)
		}
	}
	x.await(t, "the siege to be stored", func() (bool, error) {
		l, err := readLedger(t.Context(), x.js)
		return err == nil && l.total() >= x.siege.lines(), err
	})
}

func (x *siegeRun) await(t *testing.T, what string, ask func() (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := fleet.Poll(ctx, ask); err != nil {
		t.Fatalf("wait for %s: %v", what, err)
	}
}

// settled waits until everything is handled and mailed, and holds alerts and
// mails against what is wanted; nil wants what the siege's maker computed.
func (x *siegeRun) settled(t *testing.T, want facts) facts {
	t.Helper()
	x.await(t, "the alerters", func() (bool, error) { return handled(t.Context(), x.js) })
	expected := len(x.siege.expected)
	x.await(t, "the mails", func() (bool, error) { return len(x.mails()) >= expected, nil })
	// What joins an alert is written within a second; what should not come gets
	// another two to show itself.
	var got facts
	calm := 0
	x.await(t, "the alerts to stand still", func() (bool, error) {
		<-time.After(500 * time.Millisecond)
		now, err := readFacts(t.Context(), x.js)
		if cmp.Equal(now, got) {
			calm++
		} else {
			calm = 0
		}
		got = now
		return calm >= 5, err
	})
	if want != nil {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("alerts differ from those of one alerter (-want +got):\n%s", diff)
		}
	}
	if mails := x.mails(); len(mails) != expected {
		t.Errorf("%d mails for %d alerts", len(mails), expected)
	}
	return got
}

// mails are the distinct mails of this run by Message-ID: a crash may repeat a
// mail, with the same id.
func (x *siegeRun) mails() map[string]bool {
	ids := make(map[string]bool)
	for _, m := range x.smtp.Mails()[x.mailed:] {
		if message, err := mail.ReadMessage(bytes.NewReader(m.Data)); err == nil {
			ids[message.Header.Get("Message-Id")] = true
		}
	}
	return ids
}

// redeliver has every batch handled again, as if no ack had ever arrived.
func (x *siegeRun) redeliver(t *testing.T, want facts) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := x.alerters[0].Stop(ctx); err != nil {
		t.Fatal(err)
	}
	stream, err := x.js.Stream(ctx, subject.SignalsStream)
	if err != nil {
		t.Fatal(err)
	}
	before := stream.CachedInfo().State.Msgs
	for _, class := range event.Classes() {
		events, err := x.js.Stream(ctx, subject.EventsStream(class))
		if err != nil {
			t.Fatal(err)
		}
		for name := range events.ConsumerNames(ctx).Name() {
			if err := events.DeleteConsumer(ctx, name); err != nil {
				t.Fatal(err)
			}
		}
	}
	x.alerters[0] = up(t, x.fleet, x.alerter(t, 0))
	x.settled(t, want)
	info, err := stream.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if info.State.Msgs < 2*before {
		t.Errorf("%d messages of signals after %d: nothing was redelivered", info.State.Msgs, before)
	}
}

// shares holds each alerter to at least a tenth of the batches.
func (x *siegeRun) shares(t *testing.T) {
	t.Helper()
	counts, total := make([]float64, len(x.alerters)), 0.0
	for i, p := range x.alerters {
		n, err := p.Metric(t.Context(), "tocsin_consume_batches_total")
		if err != nil {
			t.Fatal(err)
		}
		counts[i], total = n, total+n
	}
	t.Logf("batches handled by each: %v", counts)
	if least := slices.Min(counts); least < total/10 {
		t.Errorf("one of them handled %v of %v batches", least, total)
	}
}

func handledBy(ctx context.Context, p *fleet.Process) (bool, error) {
	n, err := p.Metric(ctx, "tocsin_consume_batches_total")
	return n > 0, err
}

func ownsAll(ctx context.Context, p *fleet.Process) (bool, error) {
	n, err := p.Metric(ctx, "tocsin_partitions_held")
	return n == 64, err
}

// readFacts reads the last state of every alert.
func readFacts(ctx context.Context, js jetstream.JetStream) (facts, error) {
	last := make(map[string]*alertv1.Alert)
	err := eachMessage(ctx, js, subject.AlertsStream, func(m jetstream.Msg) error {
		var all alertv1.Alerts
		if err := proto.Unmarshal(m.Data(), &all); err != nil {
			return err
		}
		for _, a := range all.GetAlerts() {
			last[a.GetId()] = a
		}
		return nil
	})
	got := make(facts)
	for _, a := range slices.SortedFunc(maps.Values(last), func(a, b *alertv1.Alert) int {
		return order.Compare(a.GetFirstEvent(), b.GetFirstEvent())
	}) {
		if a.GetState() == alertv1.AlertState_ALERT_STATE_MERGED {
			continue
		}
		key := a.GetRule().GetId()
		for _, g := range a.GetGroup() {
			key += " " + g.GetField() + "=" + g.GetValue()
		}
		got[key] = append(got[key], fact{
			Count: a.GetCount(), First: int64(a.GetFirstEvent()), Last: int64(a.GetLastEvent()), Sum: fmt.Sprintf("%x", a.GetEventSum()),
		})
	}
	return got, err
}
