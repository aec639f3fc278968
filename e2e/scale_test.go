package e2e

import (
	"bufio"
	"bytes"
	order "cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// fact is what makes two runs' alerts equal.
type fact struct {
	Count       uint64
	First, Last int64
	Sum         string
}

// facts are a run's alerts, merged ones left out, by rule and group.
type facts map[string][]fact

// TestAlertsAreTheSameForAnyNumberOfAlerters records the lines of a siege in the
// spools of five agents once, and then delivers the very same batches to
// different sets of alerters.
func TestAlertsAreTheSameForAnyNumberOfAlerters(t *testing.T) {
	r := newSiegeRig(t, newFleet(t))
	var one facts
	t.Run("one alerter", func(t *testing.T) {
		x := r.run(t, 1)
		x.deliver(t)
		one = x.settled(t, nil)
		r.siege.check(t, one)
		t.Run("everything redelivered", func(t *testing.T) { x.redeliver(t, one) })
	})
	if one == nil {
		t.Fatal("nothing to compare with")
	}
	t.Run("three alerters share the work", func(t *testing.T) {
		x := r.run(t, 3)
		x.deliver(t)
		x.settled(t, one)
		x.shares(t)
	})
	t.Run("three alerters, one killed while they lag", func(t *testing.T) {
		x := r.run(t, 3)
		for _, p := range x.alerters {
			signal(t, p, syscall.SIGSTOP)
		}
		x.deliver(t)
		for _, p := range x.alerters {
			signal(t, p, syscall.SIGCONT)
		}
		x.await(t, "a batch handled by the victim", func() (bool, error) { return handledBy(t.Context(), x.alerters[0]) })
		x.alerters[0].Kill()
		if done, err := handled(t.Context(), x.js); err != nil || done {
			t.Fatalf("nothing lagged when it was killed (%v)", err)
		}
		x.settled(t, one)
	})
	t.Run("one alerter killed at work", func(t *testing.T) {
		x := r.run(t, 1)
		x.killAtWork(t)
		x.settled(t, one)
	})
	t.Run("an owner stopped past its lease", func(t *testing.T) {
		x := r.run(t, 2)
		x.deliver(t)
		signal(t, x.alerters[0], syscall.SIGSTOP)
		x.await(t, "the lease to pass", func() (bool, error) { return ownsAll(t.Context(), x.alerters[1]) })
		signal(t, x.alerters[0], syscall.SIGCONT)
		x.settled(t, one)
	})
}

// TestTheSiegeFindsAWrongAlerter kills an alerter that acks batches before their
// signals are stored. If that went unnoticed, the siege would prove nothing.
func TestTheSiegeFindsAWrongAlerter(t *testing.T) {
	r := newSiegeRig(t, fleetOf(t, mutant(t, "tocsin_mutant_signals", "alerter")))
	x := r.run(t, 1)
	x.killAtWork(t)
	x.await(t, "the alerter", func() (bool, error) { return handled(t.Context(), x.js) })
	<-time.After(3 * time.Second) // what joins an alert is written within a second
	got, err := readFacts(t.Context(), x.js)
	if err != nil {
		t.Fatal(err)
	}
	problems := r.siege.problems(got)
	if len(problems) == 0 {
		t.Fatal("not noticed")
	}
	t.Logf("noticed: %d problems, for example %s", len(problems), problems[0])
}

// killAtWork delivers the siege, and kills the alerter five times while it works.
func (x *siegeRun) killAtWork(t *testing.T) {
	t.Helper()
	signal(t, x.alerters[0], syscall.SIGSTOP)
	x.deliver(t)
	signal(t, x.alerters[0], syscall.SIGCONT)
	for range 5 {
		x.await(t, "a batch handled", func() (bool, error) { return handledBy(t.Context(), x.alerters[0]) })
		x.alerters[0].Kill()
		if done, err := handled(t.Context(), x.js); err != nil || done {
			break // a fast machine had no more work for it (or it is told below)
		}
		x.alerters[0] = up(t, x.fleet, x.alerter(t, 0))
	}
	select {
	case <-x.alerters[0].Done():
		x.alerters[0] = up(t, x.fleet, x.alerter(t, 0))
	default:
	}
}

func signal(t *testing.T, p *fleet.Process, s syscall.Signal) {
	t.Helper()
	if err := p.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// siegeRig is a fleet whose agents' spools hold the siege, unsent.
type siegeRig struct {
	fleet    *fleet.Fleet
	siege    *siege
	smtp     *smtptest.Server
	agents   []fleet.Service
	recorded string // copies of the state folders
}

func newSiegeRig(t *testing.T, f *fleet.Fleet) *siegeRig {
	t.Helper()
	r := &siegeRig{fleet: f, siege: newSiege(time.Now().Add(-20 * time.Minute)), recorded: t.TempDir()}
	var err error
	if r.smtp, err = smtptest.Start(smtptest.Options{Username: "tocsin", Password: "a password"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.smtp.Close() })
	if err := os.WriteFile(r.fleet.Path("ca.pem"), r.smtp.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	up(t, r.fleet, r.fleet.Collector())
	for _, name := range r.siege.hosts() {
		r.agents = append(r.agents, member(t, r.fleet, name, authLog))
	}
	stop := func() {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := r.fleet.Close(ctx); err != nil {
			t.Fatal(err)
		}
	}
	stop() // from here the agents have nobody to send to
	r.record(t)
	stop()
	r.copyStates(t, r.fleet.Path(), r.recorded)
	return r
}

// record lets the agents read the siege, slowly enough for many batches.
func (r *siegeRig) record(t *testing.T) {
	t.Helper()
	for _, s := range r.agents {
		if _, err := r.fleet.Start(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	lag := func(name string) int {
		out, err := r.fleet.Run(ctx, r.fleet.Agent(name), "status", "--json", "--state-dir", r.fleet.Path(name, "state"))
		if err != nil {
			return -1 // not yet listening
		}
		return pendingOf(t, out)
	}
	for _, name := range r.siege.hosts() {
		if err := fleet.Poll(ctx, func() (bool, error) { return lag(name) >= 0, nil }); err != nil {
			t.Fatal(err)
		}
	}
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	const steps = 100
	for i := range steps {
		<-ticker.C
		for name, lines := range r.siege.logs {
			appendLines(t, filepath.Join(r.fleet.Root(name), authLog), lines[len(lines)*i/steps:len(lines)*(i+1)/steps])
		}
	}
	for name, lines := range r.siege.logs {
		if err := fleet.Poll(ctx, func() (bool, error) { return lag(name) >= len(lines), nil }); err != nil {
			t.Fatalf("%s recorded %d of %d lines: %v", name, lag(name), len(lines), err)
		}
	}
}

func appendLines(t *testing.T, path string, lines []string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for _, line := range lines {
		_, _ = w.WriteString(line + "\n")
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func (r *siegeRig) copyStates(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range append(r.siege.hosts(), "collector") {
		target := filepath.Join(to, name, "state")
		if err := os.RemoveAll(target); err != nil {
			t.Fatal(err)
		}
		if err := copyTree(filepath.Join(from, name, "state"), target); err != nil {
			t.Fatal(err)
		}
	}
}

// copyTree copies folders and regular files with their modes: a key stays private.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(target, info.Mode().Perm())
		}
		if !info.Mode().IsRegular() {
			return nil // a socket of a process that has ended
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, info.Mode().Perm())
	})
}

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
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		for _, p := range x.alerters { // a failed test may leave one stopped
			_ = p.Signal(syscall.SIGCONT)
		}
		if err := r.fleet.Close(ctx); err != nil && !strings.Contains(err.Error(), "signal: killed") {
			t.Error(err)
		}
	})
	up(t, r.fleet, r.fleet.Collector())
	x.js = jetStream(t, r.fleet)
	for i := range alerters {
		x.alerters = append(x.alerters, up(t, r.fleet, x.alerter(t, i)))
	}
	return x
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
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
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
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
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
