// Package fleet runs the real binaries together on one machine, on loopback and
// below one folder: a collector with its embedded NATS, any number of agents and
// alerters, each with the example configuration that ships. The demonstration,
// the end-to-end tests and the benchmarks drive Tocsin through it.
package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
)

// Options say what to run, and where.
type Options struct {
	// Bin holds the three binaries.
	Bin string
	// Dir takes everything that the fleet writes.
	Dir string
	// Config holds the example configurations, deploy/config of the source tree.
	Config string
}

// Fleet is a running fleet.
type Fleet struct {
	o         Options
	addresses map[string]string // fixed over restarts: a name to host:port
	processes []*Process
}

// New makes the folders of a fleet; nothing runs yet.
func New(o Options) (*Fleet, error) {
	if err := os.MkdirAll(filepath.Join(o.Dir, "log"), 0o700); err != nil {
		return nil, fmt.Errorf("create folder: %w", err)
	}
	return &Fleet{o: o, addresses: make(map[string]string)}, nil
}

// Path is a name below the fleet's folder.
func (f *Fleet) Path(names ...string) string {
	return filepath.Join(append([]string{f.o.Dir}, names...)...)
}

// Binary is one of the three: agent, collector or alerter.
func (f *Fleet) Binary(command string) string {
	return filepath.Join(f.o.Bin, "tocsin-"+command)
}

// Address is a free loopback address, the same one for a name at each call.
func (f *Fleet) Address(name string) (string, error) {
	if address, ok := f.addresses[name]; ok {
		return address, nil
	}
	address, err := freeAddress()
	if err != nil {
		return "", err
	}
	f.addresses[name] = address
	return address, nil
}

// freeAddress finds a port below those that the kernel gives to outgoing
// connections (32768 to 60999 on Linux): while a service is down, whoever tries
// to reach it could otherwise be given its very port, and keep it from coming back.
func freeAddress() (string, error) {
	const lowest, above = 12_000, 32_000
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+rand.IntN(above-lowest)) //nolint:gosec // any will do
		listener, err := net.Listen("tcp", address)                            //nolint:noctx // at once
		if err != nil {
			continue // taken
		}
		if err := listener.Close(); err != nil {
			return "", fmt.Errorf("free a port: %w", err)
		}
		return address, nil
	}
	return "", errors.New("find a free port: 100 were taken")
}

// Service is one command to run: what it is called, and what it is told.
type Service struct {
	// Name is unique in the fleet; Command is agent, collector or alerter.
	Name, Command string
	// Env are the variables of its configuration, over those of the fleet.
	Env map[string]string
	// Config is its configuration file; the shipped example unless set.
	Config string
	// Args come behind "run"; "run" alone unless set.
	Args []string
}

// Start starts a service, or starts it again. Ready tells when it does its job.
func (f *Fleet) Start(s Service) (*Process, error) {
	env, err := f.env(s)
	if err != nil {
		return nil, err
	}
	args := append([]string{"run", "--config", f.config(s)}, s.Args...)
	cmd := exec.Command(f.Binary(s.Command), args...) //nolint:noctx // ends by signal
	cmd.Env = environ(env)
	p, err := start(s.Name, f.Path("log"), env["TOCSIN_HTTP"], cmd)
	if err != nil {
		return nil, err
	}
	f.processes = append(f.processes, p)
	return p, nil
}

// Run runs a service's command to its end and returns what it printed.
func (f *Fleet) Run(ctx context.Context, s Service, args ...string) (stdout string, err error) {
	env, err := f.env(s)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, f.Binary(s.Command), args...)
	cmd.Env = environ(env)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w: %s", s.Command, strings.Join(args, " "), err, strings.TrimSpace(problem.String()))
	}
	return out.String(), nil
}

// Collector is the service of the fleet's collector.
func (f *Fleet) Collector() Service { return Service{Name: "collector", Command: "collector"} }

// Alerter is the service of an alerter.
func (f *Fleet) Alerter(name string, env map[string]string) Service {
	return Service{Name: name, Command: "alerter", Env: env}
}

// Agent is the service of an agent. Its host is the folder Root(name).
func (f *Fleet) Agent(name string) Service { return Service{Name: name, Command: "agent"} }

// Root is the folder that stands for an agent's host: its /var/log, /etc and so on.
func (f *Fleet) Root(agent string) string { return f.Path(agent, "root") }

// Enrol makes an agent a member, with a fresh join token of the running collector.
func (f *Fleet) Enrol(ctx context.Context, agent Service) error {
	collector := f.Collector()
	token, err := f.Run(ctx, collector, "token", "create", "--allow-loopback", "--config", f.config(collector))
	if err != nil {
		return err
	}
	_, err = f.Run(ctx, agent, "enroll", "--config", f.config(agent), "--name", agent.Name, "--token", strings.TrimSpace(token))
	return err
}

// NATS connects to the embedded NATS as one of its generated users: alerter or
// consumer.
func (f *Fleet) NATS(user string) (*nats.Conn, error) {
	address, err := f.Address("nats")
	if err != nil {
		return nil, err
	}
	key, err := nats.NkeyOptionFromSeed(f.nkey(user))
	if err != nil {
		return nil, fmt.Errorf("read nkey: %w", err)
	}
	conn, err := nats.Connect("nats://"+address, key)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return conn, nil
}

// Close stops what still runs: agents first, the collector last.
func (f *Fleet) Close(ctx context.Context) error {
	var errs []error
	for _, p := range slices.Backward(f.processes) {
		select {
		case <-p.Done():
		default:
			errs = append(errs, p.Stop(ctx))
		}
	}
	f.processes = nil
	return errors.Join(errs...)
}

func (f *Fleet) nkey(user string) string { return f.Path("collector", "state", "nats", user+".nkey") }

func (f *Fleet) config(s Service) string {
	if s.Config != "" {
		return s.Config
	}
	return filepath.Join(f.o.Config, s.Command+".yaml")
}

// env fills the variables that the example configurations read.
func (f *Fleet) env(s Service) (map[string]string, error) {
	env := map[string]string{"TOCSIN_STATE_DIR": f.Path(s.Name, "state")}
	for variable, name := range map[string]string{
		"TOCSIN_HTTP": s.Name + " http", "TOCSIN_LISTEN": "collector", "TOCSIN_ADVERTISE": "collector", "TOCSIN_NATS_LISTEN": "nats",
	} {
		address, err := f.Address(name)
		if err != nil {
			return nil, err
		}
		env[variable] = address
	}
	env["TOCSIN_ROOT"] = f.Root(s.Name)
	env["TOCSIN_JOURNAL"] = "false" // that of this machine is nobody's business
	env["TOCSIN_NATS_URL"] = "nats://" + env["TOCSIN_NATS_LISTEN"]
	env["TOCSIN_NATS_NKEY"] = f.nkey("alerter")
	env["TOCSIN_SMTP_PASSWORD"] = "nobody listens unless told where"
	env["TOCSIN_SMTP_PORT"] = "1" // where nobody listens
	env["TOCSIN_REPORT_FOLDER"] = f.Path(s.Name, "reports")
	maps.Copy(env, s.Env)
	return env, nil
}

func environ(env map[string]string) []string {
	all := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
	for name, value := range env {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return all
}
