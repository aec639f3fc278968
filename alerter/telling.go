package alerter

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/notify"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/report"
	"github.com/tocsin-security/tocsin/alerter/internal/route"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// telling is everything that tells people, as one configuration wants it. A
// reload replaces the whole of it.
type telling struct {
	manager *notify.Manager
	dailies []*report.Daily
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
	t := &telling{manager: manager, scope: sc}
	tree := route.New(&cfg.Route)
	for i := range cfg.Receivers {
		r := &cfg.Receivers[i]
		if r.Report == nil {
			continue
		}
		t.dailies = append(t.dailies, report.NewDaily(report.Options{
			Folder: r.Report.Folder, JetStream: s.js, Locale: cfg.Locale, Location: cfg.Location(),
			Keep: func(a *alertv1.Alert) bool {
				return slices.ContainsFunc(tree.Match(a), func(t route.Target) bool { return t.Receiver == r.Name })
			},
			// One alerter writes: whoever owns the partition that the receiver's name
			// falls into.
			Owns: func() bool {
				_, ok := s.lease.Owns(finding.Partition("report", []string{r.Name}))
				return ok
			},
			Log: s.log, Now: time.Now,
		}))
	}
	return t, nil
}

func (t *telling) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return t.manager.Run(ctx) })
	for _, d := range t.dailies {
		g.Go(func() error { return d.Run(ctx) })
	}
	return g.Wait()
}

func (t *telling) ready() error {
	for _, d := range t.dailies {
		if err := d.Ready(); err != nil {
			return err
		}
	}
	return t.manager.Ready()
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
	t.part = startPart(ctx, "notifications", t.run, s.failed)
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
