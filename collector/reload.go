package collector

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// reloads takes the configuration over again at each SIGHUP, until ctx ends.
func (s *service) reloads(ctx context.Context, load func() (*Config, error)) error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	defer signal.Stop(signals)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-signals:
		}
		if err := s.reload(load); err != nil {
			s.log.Error("reload configuration: all stays as it is", "error", err)
			continue
		}
		s.log.Info("configuration reloaded", "advertise", s.live.Load().Advertise)
	}
}

// reload takes over where collectors are reached and how often agents say that
// they live. The rest is looked at once, at the start.
func (s *service) reload(load func() (*Config, error)) error {
	cfg, err := load()
	if err != nil {
		return err
	}
	fixed := *cfg
	fixed.Advertise, fixed.Heartbeat = s.cfg.Advertise, s.cfg.Heartbeat
	if fmt.Sprintf("%+v", fixed) != fmt.Sprintf("%+v", *s.cfg) {
		s.log.Warn("the configuration holds changes that need a restart: all but advertise and heartbeat do")
	}
	if err := s.certificate.For(addressesOf(cfg)); err != nil {
		return err
	}
	s.live.Store(cfg)
	return nil
}

// addressesOf are those that a collector's certificate is for.
func addressesOf(cfg *Config) []string {
	return append([]string{cfg.Listen, cfg.NATS.Embedded.Listen}, cfg.Advertise...)
}
