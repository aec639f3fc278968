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
	bin, dir, config string
	lines, alerts    int
}

func run(ctx context.Context, o options, out io.Writer) error {
	for _, path := range []*string{&o.bin, &o.dir, &o.config} {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return fmt.Errorf("find folder: %w", err)
		}
		*path = absolute
	}
	_, _ = fmt.Fprintf(out, "%s, %d cores, which the three commands, the mail server and the generator share\n", runtime.Version(), runtime.NumCPU())
	if o.lines > 0 {
		if err := measure(ctx, o, "throughput", out, throughput); err != nil {
			return fmt.Errorf("measure throughput: %w", err)
		}
	}
	if o.alerts > 0 {
		if err := measure(ctx, o, "latency", out, latency); err != nil {
			return fmt.Errorf("measure latency: %w", err)
		}
	}
	return nil
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
func measure(ctx context.Context, o options, name string, out io.Writer, with func(context.Context, *rig, io.Writer) error) (err error) {
	dir := filepath.Join(o.dir, name)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear folder: %w", err)
	}
	r := &rig{o: o, processes: make(map[string]*fleet.Process)}
	if r.fleet, err = fleet.New(fleet.Options{Bin: o.bin, Dir: dir, Config: o.config}); err != nil {
		return err
	}
	if r.smtp, err = smtptest.Start(smtptest.Options{Username: "tocsin", Password: "a password"}); err != nil {
		return fmt.Errorf("start mail server: %w", err)
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, r.fleet.Close(stop), r.smtp.Close())
	}()
	if err := r.setUp(ctx); err != nil {
		return err
	}
	return with(ctx, r, out)
}

func (r *rig) setUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for _, name := range []string{authLog, accessLog} {
		if err := os.MkdirAll(filepath.Dir(r.log(name)), 0o755); err != nil {
			return fmt.Errorf("create folder: %w", err)
		}
		if err := os.WriteFile(r.log(name), nil, 0o644); err != nil {
			return fmt.Errorf("create log: %w", err)
		}
	}
	ca := r.fleet.Path("smtp-ca.pem")
	if err := os.WriteFile(ca, r.smtp.CA(), 0o600); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	alerter := r.fleet.Alerter("alerter", map[string]string{
		"TOCSIN_SMTP_HOST": "127.0.0.1", "TOCSIN_SMTP_PORT": strconv.Itoa(r.smtp.Port()), "TOCSIN_SMTP_CA": ca,
		"TOCSIN_SMTP_PASSWORD": "a password", "TOCSIN_GROUP_WAIT": "0s", "TOCSIN_GROUP_INTERVAL": "1m",
	})
	for _, s := range []fleet.Service{r.fleet.Collector(), r.fleet.Agent(agentName), alerter} {
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
