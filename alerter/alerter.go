// Package alerter puts an alerter together: it is the only package that sees
// more than one stage.
//
// consume takes batches of events and has detect look at them; what detect finds
// goes through TOCSIN_SIGNALS to whoever owns its partition, where correlate
// counts it into alerts; notify tells people of those. The other entry points
// are what a rule writer or an administrator asks: explain, rules, receivers,
// report.
package alerter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sys/unix"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/consume"
	"github.com/tocsin-security/tocsin/alerter/internal/correlate"
	"github.com/tocsin-security/tocsin/alerter/internal/detect"
	"github.com/tocsin-security/tocsin/alerter/internal/handover"
	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/internal/list"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/rules"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/shell/admin"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// Options are what a running alerter needs beside its configuration.
type Options struct {
	// Load reads the configuration anew, for a reload.
	Load func() (*config.Config, error)
	// Reload asks for a reload with each value; nil for never.
	Reload <-chan os.Signal
	// ListInterval is how often the files of lists are looked at; 0 for five seconds.
	ListInterval time.Duration
	Log          *slog.Logger
}

// service is an alerter while it runs.
type service struct {
	o       Options
	cfg     *config.Config
	log     *slog.Logger
	metrics *prometheus.Registry
	down    teardown
	failed  chan error
	conn    *nats.Conn
	js      jetstream.JetStream
	set     atomic.Pointer[rule.Set]
	// running are the rules that are asked, next those that were loaded last; settle tells
	// when running is to be counted. Only serve's goroutine uses them.
	running, next *loaded
	settle        *time.Timer
	turn          *turn
	// stamps are the lists' files as they were when they were last read.
	stamps map[string]list.Stamp

	handover *handover.Member
	lease    *lease.Owner
	owner    *correlate.Owner
	consumer *consume.Consumer

	mu      sync.Mutex // guards what follows
	waiting error
	telling *telling
}

// Run looks at events and tells of alerts until ctx ends, and then stops in
// order: the intake first, NATS last. It returns early only with an error.
func Run(ctx context.Context, cfg *config.Config, o Options) error {
	stamps := stampsOf(cfg)
	set, err := loadRules(cfg)
	if err != nil {
		return err
	}
	if o.ListInterval <= 0 {
		o.ListInterval = 5 * time.Second
	}
	s := &service{
		o: o, cfg: cfg, log: o.Log, metrics: prometheus.NewRegistry(), down: teardown{log: o.Log},
		failed: make(chan error, 1), waiting: errors.New("starting"), stamps: stamps, turn: newTurn(),
	}
	s.set.Store(set)
	s.next = newLoaded(set, time.Duration(cfg.Lateness))
	s.running = s.next
	s.warnOfUnfed(set)
	defer s.down.run()
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := s.metrics.Register(c); err != nil {
			return fmt.Errorf("register metrics: %w", err)
		}
	}
	if err := s.connect(cfg.NATS); err != nil {
		return err
	}
	endpoint := &admin.Server{Listen: cfg.HTTP.Listen, Registry: s.metrics, Ready: s.ready, Log: s.log}
	s.start(ctx, "admin endpoint", endpoint.Run)
	s.tell(daemon.SdNotifyReady)
	s.log.Info("alerter runs", "version", command.Version(), "rules", len(set.Rules()), "nats", settings.Redact(cfg.NATS.URL))
	err = s.serve(ctx)
	s.tell(daemon.SdNotifyStopping)
	s.log.Info("alerter stops")
	return err
}

// start runs a part until the teardown.
func (s *service) start(ctx context.Context, name string, run func(context.Context) error) {
	s.down.add(name, startPart(ctx, name, run, s.failed).stop)
}

// serve starts the stages, the last of the data's way first, and waits.
func (s *service) serve(ctx context.Context) error {
	if err := s.ensure(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to stop before NATS was there
		}
		return err
	}
	if err := s.makeStages(); err != nil {
		return err
	}
	s.settle = time.NewTimer(settleTime)
	s.settle.Stop()
	defer s.settle.Stop()
	s.joinRules(ctx)
	s.start(ctx, "leases", s.turn.during(s.lease.Run))
	s.start(ctx, "correlation", s.owner.Run)
	if err := s.renotify(ctx, s.cfg); err != nil {
		return err
	}
	s.down.add("notifications", s.stopNotifying)
	s.start(ctx, "intake", s.turn.during(s.consumer.Run))
	s.setWaiting(errors.New("asking which rules the other alerters run"))
	lists := time.NewTicker(s.o.ListInterval)
	defer lists.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-s.failed:
			return err
		case <-s.o.Reload:
			s.reload(ctx)
		case <-s.handover.Changes():
			s.followRules()
		case <-s.settle.C:
			s.recount()
		case <-lists.C:
			// What is wrong with a list is told once, not at every look.
			if !maps.Equal(stampsOf(s.cfg), s.stamps) {
				s.reload(ctx)
			}
		}
	}
}

func (s *service) makeStages() error {
	s.lease = lease.New(lease.Options{
		JetStream: s.js, Bucket: subject.LeasesBucket, Log: s.log, Registerer: s.metrics,
	})
	s.owner = correlate.NewOwner(correlate.OwnerOptions{
		JetStream: s.js, Leases: s.lease, Bucket: subject.LeasesBucket, Roots: s.set.Load().Roots(),
		Lateness: time.Duration(s.cfg.Lateness), Log: s.log, Registerer: s.metrics, Lost: s.lost,
	})
	var err error
	s.consumer, err = consume.New(consume.Options{
		JetStream: s.js, Bucket: subject.LeasesBucket, Detector: s.detectors(), Log: s.log, Registerer: s.metrics,
	})
	return err
}

// detectors makes each worker's detector, and makes it anew after a reload.
func (s *service) detectors() func(worker int) (consume.Detector, []byte) {
	type made struct {
		set      *rule.Set
		detector tallying
	}
	costs := newRuleCosts(s.metrics)
	var workers sync.Map // of *made by worker, each used by that worker only
	return func(worker int) (consume.Detector, []byte) {
		set := s.set.Load()
		value, _ := workers.LoadOrStore(worker, &made{})
		m, _ := value.(*made)
		if m.set != set {
			m.set, m.detector = set, tallying{detect.New(set), costs}
		}
		hash := set.Hash()
		return m.detector, hash[:]
	}
}

// reload reads configuration and rules anew, and takes all of it or nothing.
func (s *service) reload(ctx context.Context) {
	s.tell(daemon.SdNotifyReloading + "\n" + monotonic())
	defer s.tell(daemon.SdNotifyReady)
	s.stamps = stampsOf(s.cfg) // before they are read: a change in between is seen later
	cfg, err := s.o.Load()
	if err != nil {
		s.log.Error("configuration not reloaded; the old one stays", "error", err)
		return
	}
	now := stampsOf(cfg)
	set, err := loadRules(cfg)
	if err != nil {
		s.log.Error("rules not reloaded; the old ones stay", "error", err)
		return
	}
	if err := s.renotify(ctx, cfg); err != nil {
		s.log.Error("configuration not reloaded; the old one stays", "error", err)
		return
	}
	if cfg.NATS != s.cfg.NATS || cfg.HTTP != s.cfg.HTTP || cfg.Log != s.cfg.Log {
		s.log.Warn("what changed of nats, http and log takes a restart")
	}
	s.cfg, s.stamps = cfg, now
	if set.Hash() != s.next.set.Hash() {
		s.warnOfUnfed(set)
	}
	s.offer(newLoaded(set, time.Duration(cfg.Lateness)))
	s.log.Info("configuration reloaded", "rules", len(set.Rules()))
}

func (s *service) setWaiting(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = err
}

// ready is nil while the alerter does its job, else what it waits for.
func (s *service) ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting != nil {
		return s.waiting
	}
	// The stages were made before waiting became nil.
	if !s.conn.IsConnected() {
		return errors.New("not connected to NATS")
	}
	if s.lease.Members() == 0 {
		return errors.New("joining the alerters")
	}
	if err := s.owner.Ready(); err != nil {
		return err
	}
	if err := s.consumer.Ready(); err != nil {
		return err
	}
	if s.telling == nil {
		return errors.New("reloading")
	}
	return s.telling.manager.Ready()
}

// loadRules compiles the rules that a configuration names. Its error is one of
// configuration.
func loadRules(cfg *config.Config) (*rule.Set, error) {
	o := rule.Options{Paths: cfg.Rules.Paths, Disable: cfg.Rules.Disable, Shadow: cfg.Rules.Shadow, Pipelines: cfg.Rules.Pipelines}
	var err error
	if o.Lists, err = loadLists(cfg.Rules.Lists); err != nil {
		return nil, err
	}
	if cfg.Rules.Shipped {
		o.Shipped = rules.Shipped()
	}
	for _, e := range cfg.Rules.Exceptions {
		match := make(map[string][]string, len(e.Match))
		for field, values := range e.Match {
			match[field] = values
		}
		o.Exceptions = append(o.Exceptions, rule.Exception{Rule: e.Rule, Match: match})
	}
	set, err := rule.Load(o)
	var option *rule.OptionError
	if errors.As(err, &option) {
		err = cfg.Fault("rules."+option.Key, "%s", option.Message)
	}
	if err != nil {
		return nil, command.Config(err)
	}
	return set, nil
}

// warnOfUnfed tells of the rules that nothing will ever satisfy here.
func (s *service) warnOfUnfed(set *rule.Set) {
	var unfed []*rule.Info
	for _, r := range set.Rules() {
		if r.Unfed != "" {
			unfed = append(unfed, r)
		}
	}
	if len(unfed) > 0 {
		first := unfed[0]
		s.log.Warn("rules that no event can reach; rules check names them",
			"rules", len(unfed), "first", first.Name, "file", first.Path, "line", first.Line, "why", first.Unfed)
	}
}

// tell tells systemd, where it asked to be told.
func (s *service) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("notify service manager", "error", err)
	}
}

// monotonic is the moment of a reload, as the service manager wants it.
func monotonic() string {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return "MONOTONIC_USEC=0"
	}
	return fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000)
}
