package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
)

// TestNATSDown runs on a NATS outside that is away at the start, and goes away
// later. Who needs it says so and waits; what was written meanwhile arrives once,
// and alerts.
func TestNATSDown(t *testing.T) {
	t.Parallel()
	server := natstest.Start(t)
	js := server.JetStream()
	f := newFleet(t)
	env := map[string]string{"TOCSIN_NATS_URL": server.URL(), "TOCSIN_NATS_NKEY": ""}
	collector, alerter := f.Collector(), f.Alerter("alerter", env)
	collector.Config = variant(t, "collector", "collector.yaml", "nats:\n", "nats:\n  url: "+server.URL()+"\n")
	collector.Env = map[string]string{"TOCSIN_NATS_MAX_BYTES": "64MiB"} // each stream's is set aside
	first := up(t, f, collector)
	host := f.Agent("host-1")
	enrolAt(t, f, collector, host)
	stops(t, first)

	server.Stop()
	said := map[string]*ear{"collector": listen(t, f, "collector"), "alerter": listen(t, f, "alerter"), "host-1": listen(t, f, "host-1")}
	running := []*fleet.Process{begin(t, f, collector), begin(t, f, host), begin(t, f, alerter)}
	said["host-1"].hears(t, "msg=running")
	down := down{f: f, js: js, running: running}
	at := regexp.QuoteMeta(server.URL())
	fails(t, f, collector, 1, "connect to NATS", "token", "create", "--allow-loopback", "--config", collector.Config)
	fails(t, f, collector, 1, "connect to NATS", "events", "--config", collector.Config)
	said["host-1"].hears(t, "level=WARN.*no stream to the collector; everything is kept.*events cannot be stored now")
	said["alerter"].hears(t, `msg="waiting for NATS" error="nats: no servers available`)
	said["collector"].hears(t, `level=WARN msg="NATS cannot be reached; it is tried again" error="nats: no servers available`)
	lines := down.write(t, 1)
	unready(t, running[0], "NATS at "+at+" is not connected")
	unready(t, running[1], "not connected to a collector")
	unready(t, running[2], "waiting for NATS")
	server.Restart()
	down.recovers(t, lines)

	server.Stop()
	said["collector"].hears(t, "level=WARN.*disconnected from NATS")
	said["alerter"].hears(t, "level=WARN.*connection to NATS lost")
	lines = append(lines, down.write(t, 2)...)
	said["collector"].hears(t, `level=WARN msg="batches wait" class=auth why="NATS is not connected"`)
	unready(t, running[0], "not connected")
	unready(t, running[2], "not connected to NATS")
	server.Restart()
	down.recovers(t, lines)
	said["collector"].hears(t, `level=INFO msg="batches wait no more" class=auth`)
	for _, p := range []int{2, 1, 0} {
		stops(t, running[p])
	}
}

// TestReportWithoutNATS asks for a report where no NATS is: exit code 1.
func TestReportWithoutNATS(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	out := fails(t, f, f.Alerter("alerter", map[string]string{"TOCSIN_NATS_URL": "nats://127.0.0.1:1", "TOCSIN_NATS_NKEY": ""}),
		1, "reach NATS at nats://127.0.0.1:1: ", "report", "--config", "../deploy/config/alerter.yaml")
	if out != "" {
		t.Errorf("report prints %q", out)
	}
}

// down are services whose NATS is away.
type down struct {
	f       *fleet.Fleet
	js      jetstream.JetStream
	running []*fleet.Process
}

func (d *down) write(t *testing.T, n int) []string {
	t.Helper()
	address := fmt.Sprintf("203.0.113.%d", n)
	line, attack := good("host-1", address), injection(address)
	write(t, d.f, "host-1", authLog, line)
	write(t, d.f, "host-1", webLog, attack)
	return []string{line, attack}
}

// recovers holds when every line is in the streams once, the last alerted and
// everybody is ready.
func (d *down) recovers(t *testing.T, lines []string) {
	t.Helper()
	arrive(t, d.js, lines...)
	alerted(t, d.js, lines[len(lines)-1])
	for _, p := range d.running {
		ready(t, p)
	}
	l, err := readLedger(t.Context(), d.js)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.compare(lines); err != nil {
		t.Error(err)
	}
}

// enrolAt makes an agent a member by a collector of its own configuration.
func enrolAt(t *testing.T, f *fleet.Fleet, collector, agent fleet.Service) {
	t.Helper()
	for _, log := range []string{authLog, webLog} {
		path := filepath.Join(f.Root(agent.Name), log)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		appendTo(t, path)
	}
	token, err := f.Run(t.Context(), collector, "token", "create", "--allow-loopback", "--config", collector.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Run(t.Context(), agent, enrolment(agent, token)...); err != nil {
		t.Fatal(err)
	}
}

// TestFullStream fills one events stream. Its class waits on the agents' disks,
// the other classes go on; with a larger bound everything arrives once, in order.
func TestFullStream(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	small := f.Collector()
	small.Env = map[string]string{"TOCSIN_NATS_MAX_BYTES": "64KiB"}
	collector := up(t, f, small)
	agent := up(t, f, member(t, f, "host-1", authLog, appLog))
	js := jetStream(t, f)
	said := listen(t, f, "collector")

	r := rand.New(rand.NewPCG(1, 1))
	var lines []string
	for i := range 100 {
		noise := make([]byte, 3000) // does not compress
		for j := range noise {
			noise[j] = byte('!' + r.IntN(90))
		}
		lines = append(lines, fmt.Sprintf("2026-11-22 10:00:00,000 - shop.orders - INFO - %d %s", i, noise))
	}
	write(t, f, "host-1", appLog, lines...)
	said.hears(t, `level=WARN msg="batches wait" class=app why="stream TOCSIN_EVENTS_APP is full`)
	unready(t, collector, "events of class app wait, of 1 agents: stream TOCSIN_EVENTS_APP is full")
	line := good("host-1", "203.0.113.1")
	write(t, f, "host-1", authLog, line)
	arrive(t, js, line)
	status, err := f.Run(t.Context(), f.Agent("host-1"), "status", "--json", "--config", "../deploy/config/agent.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l, err := readLedger(t.Context(), js)
	if err != nil {
		t.Fatal(err)
	}
	// The agent keeps what is not stored; an ack may be on its way.
	if kept := pendingOf(t, status); kept == 0 || l.total()+kept < len(lines)+1 {
		t.Errorf("%d of %d lines are stored and %d kept", l.total(), len(lines)+1, kept)
	}

	stops(t, collector)
	collector = up(t, f, f.Collector())
	after := good("host-1", "203.0.113.2")
	write(t, f, "host-1", authLog, after)
	eventually(t, "NATS is back", func() (bool, error) { return js.Conn().Status() == nats.CONNECTED, nil })
	lines = append(lines, line, after)
	arrive(t, js, lines...)
	if l, err = readLedger(t.Context(), js); err != nil {
		t.Fatal(err)
	}
	if err := l.compare(lines); err != nil {
		t.Error(err)
	}
	ready(t, collector)
	ready(t, agent)
	stops(t, agent)
	stops(t, collector)
}
