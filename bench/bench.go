package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/alerter/smtptest"
	"github.com/tocsin-security/tocsin/e2e/fleet"
)

const (
	agentName = "bench-1"
	authLog   = "var/log/auth.log"
	accessLog = "var/log/nginx/access.log"
)

type options struct {
	bin, dir, config      string
	lines, alerts, single int
	idle                  time.Duration
	agentOnly             bool
}

func run(ctx context.Context, o options, out io.Writer) error {
	for _, path := range []*string{&o.bin, &o.dir, &o.config} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("find folder: %w", err)
		}
		*path = absolute
	}
	_, _ = fmt.Fprintf(out, "%s, %d cores, which everything here shares; load before: %s\n", runtime.Version(), runtime.NumCPU(), load())
	for _, m := range []measurement{
		{name: "weight", wanted: o.lines > 0, config: weightConfig, with: weight},
		{name: "idle", wanted: o.idle > 0, config: idleConfig, prepare: makeQuietHost, with: idle},
		{name: "ack", wanted: o.single > 0, config: weightConfig, with: ackLatency},
		{name: "throughput", wanted: o.lines > 0 && !o.agentOnly, alerter: true, with: throughput},
		{name: "latency", wanted: o.alerts > 0 && !o.agentOnly, alerter: true, with: latency},
	} {
		if !m.wanted {
			continue
		}
		if err := measure(ctx, o, m, out); err != nil {
			return fmt.Errorf("measure %s: %w", m.name, err)
		}
	}
	return nil
}

// load is what the machine was doing before anything was measured: its load
// averages over 1, 5 and 15 minutes.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(data)); err == nil && len(fields) > 2 {
		return strings.Join(fields[:3], " ")
	}
	return "unknown"
}

// measurement is one rig and what to do with it.
type measurement struct {
	name   string
	wanted bool
	// alerter says whether one runs, with a mail server.
	alerter bool
	// config is the agent's configuration; the shipped example if it is empty.
	config string
	// prepare makes what the agent finds; nil makes two empty logs alone.
	prepare func(root string) error
	with    func(context.Context, *rig, io.Writer) error
}

// rig is one running fleet: a collector, an alerter, an agent and a mail server.
type rig struct {
	o         options
	fleet     *fleet.Fleet
	smtp      *smtptest.Server
	processes map[string]*fleet.Process // by command
}

func (r *rig) log(name string) string { return filepath.Join(r.fleet.Root(agentName), name) }

// measure sets a rig up in a folder of its own, and takes it down.
func measure(ctx context.Context, o options, m measurement, out io.Writer) (err error) {
	dir := filepath.Join(o.dir, m.name)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear folder: %w", err)
	}
	r := &rig{o: o, processes: make(map[string]*fleet.Process)}
	if r.fleet, err = fleet.New(fleet.Options{Bin: o.bin, Dir: dir, Config: o.config}); err != nil {
		return err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, r.fleet.Close(stop))
		if r.smtp != nil {
			err = errors.Join(err, r.smtp.Close())
		}
	}()
	if err := r.setUp(ctx, m); err != nil {
		return err
	}
	return m.with(ctx, r, out)
}

func (r *rig) setUp(ctx context.Context, m measurement) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	if err := r.makeHost(m); err != nil {
		return err
	}
	agent := r.fleet.Agent(agentName)
	if m.config != "" {
		agent.Config = r.fleet.Path("agent.yaml")
		if err := os.WriteFile(agent.Config, []byte(m.config), 0o600); err != nil {
			return fmt.Errorf("write configuration: %w", err)
		}
	}
	services := []fleet.Service{r.fleet.Collector(), agent}
	if m.alerter {
		alerter, err := r.alerter()
		if err != nil {
			return err
		}
		services = append(services, alerter)
	}
	for _, s := range services {
		if s.Command == "agent" {
			if err := r.fleet.Enrol(ctx, s); err != nil {
				return err
			}
		}
		p, err := r.fleet.Start(s)
		if err != nil {
			return err
		}
		if err := p.Ready(ctx); err != nil {
			return err
		}
		r.processes[s.Command] = p
	}
	return nil
}

func (r *rig) makeHost(m measurement) error {
	for _, name := range []string{authLog, accessLog} {
		if err := os.MkdirAll(filepath.Dir(r.log(name)), 0o755); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
		if err := os.WriteFile(r.log(name), nil, 0o644); err != nil {
			return fmt.Errorf("create log: %w", err)
		}
	}
	if m.prepare == nil {
		return nil
	}
	return m.prepare(r.fleet.Root(agentName))
}

// alerter is one that mails to a server of the rig's own.
func (r *rig) alerter() (s fleet.Service, err error) {
	if r.smtp, err = smtptest.Start(smtptest.Options{Username: "tocsin", Password: "a password"}); err != nil {
		return s, fmt.Errorf("start mail server: %w", err)
	}
	ca := r.fleet.Path("smtp-ca.pem")
	if err := os.WriteFile(ca, r.smtp.CA(), 0o600); err != nil {
		return s, fmt.Errorf("write certificate: %w", err)
	}
	return r.fleet.Alerter("alerter", map[string]string{
		"TOCSIN_SMTP_HOST": "127.0.0.1", "TOCSIN_SMTP_PORT": strconv.Itoa(r.smtp.Port()), "TOCSIN_SMTP_CA": ca,
		"TOCSIN_SMTP_PASSWORD": "a password", "TOCSIN_GROUP_WAIT": "0s", "TOCSIN_GROUP_INTERVAL": "1m",
	}), nil
}
