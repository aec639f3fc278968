// Package collector puts a collector together: it is the only package that sees
// more than one stage.
//
// Agents' streams come in by ingest, publish stores their batches on the bus,
// fleet says who the agents are. The other entry points are what an
// administrator asks a running collector: join tokens, agents, events.
package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-security/tocsin/collector/internal/bus"
	"github.com/tocsin-security/tocsin/collector/internal/config"
	"github.com/tocsin-security/tocsin/collector/internal/fleet"
	"github.com/tocsin-security/tocsin/collector/internal/ingest"
	"github.com/tocsin-security/tocsin/collector/internal/publish"
	"github.com/tocsin-security/tocsin/shell/admin"
	"github.com/tocsin-security/tocsin/shell/settings"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// Config is a collector's configuration.
type Config = config.Config

// LoadConfig reads a configuration file and checks it. Its errors name the file,
// the line and the key.
func LoadConfig(path string) (*Config, error) { return config.Load(path) }

// The state folder's format.
const (
	stateKind    = "tocsin-collector"
	stateVersion = 1
)

// service is a collector while it runs.
type service struct {
	cfg *Config
	// live is the configuration as last reloaded, for what can change meanwhile.
	live    atomic.Pointer[Config]
	log     *slog.Logger
	metrics *prometheus.Registry
	down    teardown

	ca          *fleet.CA
	certificate *fleet.ServerCertificate
	server      *bus.Server // nil where NATS is outside
	bus         *bus.Bus
	registry    *fleet.Registry
	publisher   *publish.Publisher
	ingest      *ingest.Server
}

// Run serves agents until ctx ends, and then stops in order: agents first, NATS
// last. It returns early only with an error. At SIGHUP it calls reload and takes
// over what can change while it runs; where reload fails, all stays as it is.
func Run(ctx context.Context, cfg *Config, reload func() (*Config, error), log *slog.Logger) error {
	s := &service{cfg: cfg, log: log, metrics: prometheus.NewRegistry(), down: teardown{log: log}}
	s.live.Store(cfg)
	defer s.down.run()
	for _, make := range []func() error{s.openState, s.openBus, s.makeStages} {
		if err := make(); err != nil {
			return err
		}
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen for agents: %w", err)
	}
	agents, err := s.grpcServer()
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	// Everything runs until the agents' streams have ended, whatever ends first.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	parts, failed := errgroup.WithContext(background)
	s.startParts(failed, parts)
	parts.Go(func() error { return s.reloads(failed, reload) })
	parts.Go(func() error { return agents.Serve(listener) })
	s.notify(daemon.SdNotifyReady)
	log.Info("collector runs", "listen", listener.Addr().String(), "advertise", cfg.Advertise)

	select {
	case <-ctx.Done():
	case <-failed.Done():
	}
	s.notify(daemon.SdNotifyStopping)
	log.Info("collector stops")
	s.stopAgents(agents)
	stop()
	return parts.Wait()
}

func (s *service) openState() error {
	dir, err := statedir.Open(s.cfg.StateDir, stateKind, stateVersion)
	if err != nil {
		return err
	}
	s.down.add("state folder", dir.Close)
	if s.ca, err = fleet.OpenCA(authorityFolder(s.cfg), time.Now); err != nil {
		return err
	}
	// Made before the next file is written: that syncs the state folder, and a
	// power cut cannot take the folder of what NATS has acknowledged.
	if err := os.MkdirAll(natsFolder(s.cfg), 0o700); err != nil {
		return fmt.Errorf("create NATS folder: %w", err)
	}
	if err := statedir.WriteFile(authorityFile(s.cfg), s.ca.PEM(), 0o644); err != nil {
		return err
	}
	s.certificate, err = fleet.NewServerCertificate(s.ca, addressesOf(s.cfg), time.Duration(s.cfg.Certificates.Lifetime), s.log)
	return err
}

func (s *service) openBus() error {
	o := bus.Options{Endpoint: externalEndpoint(s.cfg), Bounds: bus.Even(int64(s.cfg.NATS.MaxBytes)), Log: s.log}
	if s.cfg.NATS.URL == "" {
		server, err := bus.StartServer(bus.ServerOptions{
			Folder: natsFolder(s.cfg), Listen: s.cfg.NATS.Embedded.Listen, TLS: s.certificate.PlainTLS(), Log: s.log,
		})
		if err != nil {
			return err
		}
		s.down.add("embedded NATS", func() error { server.Close(); return nil })
		o.Endpoint, o.Room, s.server = server.Endpoint(), server.Room, server
		if o.Bounds, err = s.bounds(); err != nil {
			return err
		}
	} else {
		s.log.Warn("NATS is outside: whether it syncs to disk before it acknowledges is not checked", "url", settings.Redact(s.cfg.NATS.URL))
	}
	var err error
	if s.bus, err = bus.Open(o); err != nil {
		return err
	}
	s.down.add("NATS connection", func() error { s.bus.Close(); return nil })
	return nil
}

// bounds are those of the embedded server's events streams: what the
// configuration says, else their shares of the disk.
func (s *service) bounds() (bus.Bounds, error) {
	shares, err := s.server.Bounds()
	if err != nil {
		return bus.Bounds{}, err
	}
	given := int64(s.cfg.NATS.MaxBytes)
	if given == 0 {
		s.log.Info("events streams are bounded by their shares of the disk", "bounds", shares)
		return shares, nil
	}
	bounds := bus.Even(given)
	if bounds.Sum() > shares.Sum() {
		s.log.Warn("nats.max_bytes, once for each class, is more than 60 % of the disk: without it each class has its share", "shares", shares)
	}
	return bounds, nil
}

func (s *service) makeStages() error {
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := s.metrics.Register(c); err != nil {
			return fmt.Errorf("register metrics: %w", err)
		}
	}
	s.registry = fleet.NewRegistry(s.bus, time.Now)
	var err error
	if s.publisher, err = publish.New(publish.Options{Streams: s.bus, Log: s.log, Metrics: s.metrics}); err != nil {
		return err
	}
	s.ingest, err = ingest.New(ingest.Options{
		Fleet: &members{ca: s.ca, registry: s.registry, log: s.log},
		Open: func(ctx context.Context, agent string, skew time.Duration) (ingest.Lanes, error) {
			return s.publisher.Open(ctx, agent, skew)
		},
		Heartbeat: func() time.Duration { return time.Duration(s.live.Load().Heartbeat) },
		Log:       s.log, Metrics: s.metrics, Now: time.Now,
	})
	return err
}

// startParts starts what runs beside the agents' streams.
func (s *service) startParts(ctx context.Context, parts *errgroup.Group) {
	liveness := &fleet.Liveness{
		Collector: s.cfg.Advertise[0], Conn: s.bus.Conn(), Sightings: s.ingest.Sightings, Log: s.log, Now: time.Now,
	}
	endpoint := &admin.Server{Listen: s.cfg.HTTP.Listen, Registry: s.metrics, Ready: s.ready, Log: s.log}
	if s.server != nil {
		parts.Go(func() error { return s.server.Run(ctx) })
	}
	parts.Go(func() error { return s.bus.Run(ctx) })
	parts.Go(func() error { return s.certificate.Run(ctx) })
	parts.Go(func() error { return liveness.Run(ctx) })
	parts.Go(func() error { return endpoint.Run(ctx) })
}

// ready is nil while events of every class can be stored, else why not.
func (s *service) ready() error {
	if err := s.bus.Ready(); err != nil {
		return err
	}
	return s.publisher.Ready()
}

// notify tells systemd, where it asked to be told.
func (s *service) notify(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("notify service manager", "error", err)
	}
}

func natsFolder(cfg *Config) string { return cfg.StateDir + string(os.PathSeparator) + "nats" }
func authorityFolder(cfg *Config) string {
	return cfg.StateDir + string(os.PathSeparator) + "ca"
}

func authorityFile(cfg *Config) string {
	return cfg.StateDir + string(os.PathSeparator) + "ca.pem"
}

func externalEndpoint(cfg *Config) bus.Endpoint {
	return bus.Endpoint{
		URL: cfg.NATS.URL, NKeyFile: cfg.NATS.NKeyFile,
		CredentialsFile: cfg.NATS.CredentialsFile, CAFile: cfg.NATS.CAFile,
	}
}
