package e2e

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
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
		// On a busy machine all may be handled before we see the victim at work.
		for attempt := 1; ; attempt++ {
			x := r.run(t, 3)
			if x.killWhileTheyLag(t) {
				x.settled(t, one)
				return
			}
			if attempt == 5 {
				t.Fatal("nothing lagged when it was killed, five times")
			}
			x.close(t)
		}
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

// killWhileTheyLag delivers the siege and kills the first alerter after a batch of
// its own; it reports whether the consumers lagged then.
func (x *siegeRun) killWhileTheyLag(t *testing.T) bool {
	t.Helper()
	for _, p := range x.alerters {
		signal(t, p, syscall.SIGSTOP)
	}
	x.deliver(t)
	for _, p := range x.alerters {
		signal(t, p, syscall.SIGCONT)
	}
	x.await(t, "a batch handled by the victim", func() (bool, error) { return handledBy(t.Context(), x.alerters[0]) })
	x.alerters[0].Kill()
	done, err := handled(t.Context(), x.js)
	if err != nil {
		t.Fatal(err)
	}
	return !done
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
		ctx, cancel := context.WithTimeout(t.Context(), patience)
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
	ctx, cancel := context.WithTimeout(t.Context(), patience)
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
