package alerter

import (
	"context"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
)

// telling is everything that tells people, as one configuration wants it. A
// reload replaces the whole of it.
type telling struct {
	manager *notify.Manager
	scope   *scope
	part    *part
}

// newTelling makes what tells people, without starting it.
func (s *service) newTelling(cfg *config.Config, sc *scope) (*telling, error) {
	options := notify.Options{Config: cfg, JetStream: s.js, Owner: s.lease, Log: s.log, Hints: s.hints}
	if sc != nil {
		options.Registry = sc
	}
	manager, err := notify.New(options)
	if err != nil {
		return nil, err
	}
	return &telling{manager: manager, scope: sc}, nil
}

// renotify tells people by this configuration, in the place of the one before.
func (s *service) renotify(ctx context.Context, cfg *config.Config) error {
	if _, err := s.newTelling(cfg, nil); err != nil {
		return err // before the one that works is stopped
	}
	s.stopNotifying()
	t, err := s.newTelling(cfg, &scope{Registerer: s.metrics})
	if err != nil {
		return err
	}
	t.part = startPart(ctx, "notifications", t.manager.Run, s.failed)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telling = t
	return nil
}

func (s *service) stopNotifying() {
	s.mu.Lock()
	t := s.telling
	s.telling = nil
	s.mu.Unlock()
	if t != nil {
		t.part.stop()
		t.scope.close()
	}
}

// hints are what a rule's author has to say to who is told of its alerts.
func (s *service) hints(ruleID string) (email.Hints, bool) { return hintsOf(s.set.Load(), ruleID) }

func hintsOf(set *rule.Set, ruleID string) (email.Hints, bool) {
	for _, r := range set.Rules() {
		if r.ID == ruleID {
			return email.Hints{
				Description: r.Description, FalsePositives: r.FalsePositives, References: r.References,
			}, true
		}
	}
	return email.Hints{}, false
}
