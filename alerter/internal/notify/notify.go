// Package notify tells receivers of alerts: at least once each, through an
// outbox in which what is to be said is written before it is said.
//
// In flow the alerts of TOCSIN_ALERTS, out flow mails, and in TOCSIN_OUTBOX the
// intent before and the outcome after each. Every alerter reads all alerts and
// keeps the groups whose partition it owns; whoever takes a partition over reads
// the heads of its groups and goes on. A head that was intended and has no
// outcome is sent again with the same Message-ID.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/report"
	"github.com/tocsin-security/tocsin/alerter/internal/route"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Bounds of trying again.
const (
	backoffBase = time.Second
	backoffMax  = 5 * time.Minute
	retryStore  = time.Second
	// together is how many mails one receiver is handed at once.
	together = 4
)

// Owner knows which partitions this alerter owns now. It is called concurrently.
type Owner interface {
	Owns(partition uint32) (token uint64, ok bool)
	// Changes returns a channel that gets a value after the partitions changed,
	// until ctx ends.
	Changes(ctx context.Context) <-chan struct{}
}

// Sender hands a mail to a receiver. Its errors are those of package delivery;
// any other is the receiver's own fault. It is called concurrently.
type Sender interface {
	Send(ctx context.Context, m *email.Mail) error
}

// Options are what a Manager needs.
type Options struct {
	Config    *config.Config
	JetStream jetstream.JetStream
	Owner     Owner
	// Senders are by receiver; those of the configured mail receivers unless set.
	Senders map[string]Sender
	// Hints looks up what a rule's author has to say; nil knows nothing.
	Hints func(ruleID string) (email.Hints, bool)
	Log   *slog.Logger
	// Now is the clock, time.Now unless set. Jitter draws a wait up to a bound.
	Now      func() time.Time
	Jitter   func(most time.Duration) time.Duration
	Registry prometheus.Registerer
}

// Manager tells the groups whose partition it owns.
type Manager struct {
	Options
	tree    *route.Tree
	metrics *metrics
	reports map[string]*report.Daily

	mu sync.Mutex // guards faults
	// faults say what keeps from telling, by receiver; "" is the outbox itself.
	faults map[string]error
}

// New is a manager for a valid configuration.
func New(o Options) (*Manager, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = func(most time.Duration) time.Duration { return rand.N(most + 1) }
	}
	if o.Senders == nil {
		o.Senders = make(map[string]Sender)
		for i := range o.Config.Receivers {
			r := &o.Config.Receivers[i]
			if r.Email == nil {
				continue
			}
			client, err := email.NewClient(r.Email)
			if err != nil {
				return nil, fmt.Errorf("prepare receiver %s: %w", r.Name, err)
			}
			o.Senders[r.Name] = client
		}
	}
	m := &Manager{
		Options: o, tree: route.New(&o.Config.Route), reports: make(map[string]*report.Daily),
		metrics: newMetrics(o.Registry), faults: make(map[string]error),
	}
	for i := range o.Config.Receivers {
		if r := &o.Config.Receivers[i]; r.Report != nil {
			m.reports[r.Name] = report.NewDaily(m.reportOptions(r))
		}
	}
	return m, nil
}

// reportOptions make one alerter write a receiver's files: the owner of the
// partition of the group that all its alerts are in.
func (m *Manager) reportOptions(r *config.Receiver) report.Options {
	partition := route.Partition(r.Name, event.HashID("report"))
	return report.Options{
		Folder: r.Report.Folder, JetStream: m.JetStream, Log: m.Log, Now: m.Now,
		Locale: m.Config.Locale, Location: m.Config.Location(),
		Keep: func(a *alertv1.Alert) bool {
			return slices.ContainsFunc(m.tree.Match(a), func(t route.Target) bool { return t.Receiver == r.Name })
		},
		Owns: func() bool {
			_, ok := m.Owner.Owns(partition)
			return ok
		},
	}
}

// Run tells and reports until the context ends, and then waits for what is being
// said.
func (m *Manager) Run(ctx context.Context) error {
	parts, ctx := errgroup.WithContext(ctx)
	for _, daily := range m.reports {
		parts.Go(func() error { return daily.Run(ctx) })
	}
	parts.Go(func() error { return m.tell(ctx) })
	return parts.Wait()
}

func (m *Manager) tell(ctx context.Context) error {
	changes := m.Owner.Changes(ctx)
	for failures := 0; ; failures++ {
		began := m.Now()
		err := newSession(m).run(ctx, changes)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop
		}
		if m.Now().Sub(began) > backoffMax {
			failures = 0 // it worked for long
		}
		m.fault("", err)
		m.Log.Warn("notifications interrupted", "error", err)
		if !m.sleep(ctx, m.backoff(failures)) {
			return nil
		}
	}
}

// Ready is nil while every receiver can be told; otherwise it says why not.
func (m *Manager) Ready() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var texts []string
	for name, err := range m.faults {
		if name == "" {
			texts = append(texts, fmt.Sprintf("outbox: %v", err))
		} else {
			texts = append(texts, fmt.Sprintf("receiver %s: %v", name, err))
		}
	}
	for name, daily := range m.reports {
		if err := daily.Ready(); err != nil {
			texts = append(texts, fmt.Sprintf("receiver %s: %v", name, err))
		}
	}
	if texts == nil {
		return nil
	}
	slices.Sort(texts)
	return errors.New(strings.Join(texts, "; "))
}

// fault notes what keeps a receiver from being told; nil for nothing.
func (m *Manager) fault(name string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		delete(m.faults, name)
	} else {
		m.faults[name] = err
	}
}

// backoff is a full-jitter wait after a number of failures.
func (m *Manager) backoff(failures int) time.Duration {
	most := backoffMax
	if failures >= 0 && failures < 16 {
		most = min(most, backoffBase<<failures)
	}
	return m.Jitter(most)
}

func (m *Manager) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// owned is the set of partitions owned now.
func (m *Manager) owned() map[uint32]bool {
	set := make(map[uint32]bool)
	for p := range uint32(finding.Partitions) {
		if _, ok := m.Owner.Owns(p); ok {
			set[p] = true
		}
	}
	return set
}

// style is how a receiver's mails look.
func style(cfg *config.Config, r *config.Email) email.Style {
	return email.Style{
		Locale: cfg.Locale, Location: cfg.Location(), BaseURL: cfg.BaseURL,
		DigestOver: r.DigestOver, From: r.From, To: r.To,
	}
}
