package notify

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/notify/delivery"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/route"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// A session sleeps between pause and idle; at its end it waits up to grace for the
// mails that are under way.
const (
	pause = 5 * time.Millisecond
	idle  = time.Minute
	grace = 10 * time.Second
)

// result is how an attempt ended, and who was spoken to.
type result struct {
	group *group
	by    *receiver
	err   error
}

// advance does everything that is due and returns how long there is nothing to do.
func (s *session) advance(ctx context.Context) (time.Duration, error) {
	if !s.current {
		return idle, nil
	}
	now := s.Now()
	for _, g := range s.groups {
		if g.dirty {
			g.dirty = false
			g.due = time.Time{}
			if at, ok := g.Due(); ok {
				g.due = at
			}
		}
		if g.settled != nil && !now.Before(g.retryAt) {
			s.conclude(ctx, g)
		}
		if g.mayFlush(now) {
			s.flush(ctx, g, now)
		}
	}
	if err := s.dispatch(ctx, now); err != nil {
		return 0, err
	}
	return s.next(s.Now()), nil
}

// mayFlush says whether the next notification is due and may be intended: not
// while the last one may still be on its way.
func (g *group) mayFlush(now time.Time) bool {
	if g.due.IsZero() || now.Before(g.due) || now.Before(g.retryAt) {
		return false
	}
	return g.settled == nil && g.sending == nil && (!g.Pending() || g.failed)
}

// flush intends the next notification of a group.
func (s *session) flush(ctx context.Context, g *group, now time.Time) {
	if g.Pending() {
		if _, err := s.readBack(ctx, g, g.Head()); err != nil {
			s.Log.Warn("alerts cannot be read again", "receiver", g.Receiver, "error", err)
			return
		}
	}
	n := g.Flush(now, s.through)
	if !slices.ContainsFunc(n.GetAlerts(), func(e *alertv1.AlertRevision) bool { return !e.GetRemembered() }) {
		g.due = time.Time{}
		return
	}
	n.MessageId = email.MessageID(g.Receiver, g.id, n.GetFlush(), s.from(g.Receiver))
	if s.store(ctx, g, n) {
		g.failed, g.buried = false, false
	}
}

func (s *session) from(name string) string {
	if r, ok := s.Config.Receiver(name); ok && r.Email != nil {
		return r.Email.From
	}
	return ""
}

// dispatch hands pending notifications to receivers that may be spoken to, the
// oldest first.
func (s *session) dispatch(ctx context.Context, now time.Time) error {
	var waiting []*group
	counts := make(map[string]int)
	for _, g := range s.groups {
		if !g.Pending() {
			continue
		}
		counts[g.Receiver]++
		if g.sending == nil && g.settled == nil && !now.Before(g.retryAt) {
			waiting = append(waiting, g)
		}
	}
	for name := range s.receivers {
		s.metrics.pending.WithLabelValues(name).Set(float64(counts[name]))
	}
	slices.SortFunc(waiting, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.Head().GetIntended(), b.Head().GetIntended()), cmp.Compare(a.outbox, b.outbox))
	})
	for _, g := range waiting {
		if !s.speaksTo(g).free(now) {
			continue
		}
		if _, ok := s.Owner.Owns(route.Partition(g.Receiver, g.id)); !ok {
			continue // watch drops it
		}
		if err := s.send(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// speaksTo is the receiver that is told of a group now.
func (s *session) speaksTo(g *group) *receiver {
	if r := s.receivers[g.Head().GetVia()]; r != nil {
		return r
	}
	return g.receiver
}

// fallback is who is told what a receiver refused; "" for nobody.
func (s *session) fallback(by *receiver) string {
	cfg, ok := s.Config.Receiver(by.name)
	if !ok || s.receivers[cfg.Fallback] == nil {
		return ""
	}
	return cfg.Fallback
}

// free says whether a receiver takes another conversation: one at a time while it
// is failing.
func (r *receiver) free(now time.Time) bool {
	limit := together
	if r.failures > 0 {
		limit = 1
	}
	return r.busy < limit && !now.Before(r.retryAt)
}

// send begins an attempt.
func (s *session) send(ctx context.Context, g *group) error {
	head := g.Head()
	lost, err := s.readBack(ctx, g, head)
	if err != nil {
		return err
	}
	by := s.speaksTo(g)
	mail, err := s.render(g, by, lost)
	if err != nil {
		return err
	}
	// A mail begun is ended even when the session is: drain waits for it.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	g.sending = cancel
	g.attempts++
	by.busy++
	s.sending++
	go func() {
		defer cancel()
		s.results <- result{group: g, by: by, err: by.sender.Send(ctx, mail)}
	}()
	return nil
}

// drain waits for the mails that are under way, and stores how they ended. After
// a while it breaks them off: their heads stay pending, and whoever owns them
// next sends the same mails again.
func (s *session) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	for s.sending > 0 {
		select {
		case r := <-s.results:
			s.settle(r)
			if r.group.settled != nil {
				s.conclude(ctx, r.group)
			}
		case <-ctx.Done():
			for _, g := range s.groups {
				if g.sending != nil {
					g.sending()
				}
			}
			for ; s.sending > 0; s.sending-- {
				<-s.results
			}
		}
	}
}

// render makes the mail of a group's head for who is spoken to.
func (s *session) render(g *group, by *receiver, lost int) (*email.Mail, error) {
	head := g.Head()
	cfg, _ := s.Config.Receiver(by.name)
	content := email.Content{
		Notification: head, GroupID: g.id, Alerts: g.Shown(head), Lost: lost, Hints: s.Hints,
		News: make(map[string]bool),
	}
	for _, e := range head.GetAlerts() {
		content.News[e.GetAlertId()] = !e.GetAgain()
	}
	if by != g.receiver {
		content.Refusal = head.GetError()
	}
	if g.Delayed() {
		content.Delay = longestDelay(content.Alerts)
	}
	return email.Render(style(s.Config, cfg.Email), content)
}

// settle decides by how an attempt ended.
func (s *session) settle(r result) {
	g, now := r.group, s.Now()
	g.sending = nil
	r.by.busy--
	s.sending--
	if s.groups[g.outbox] != g {
		return // lost meanwhile
	}
	outcome, again := s.judge(g, r.by, r.err)
	if again {
		s.metrics.failures.WithLabelValues(r.by.name).Inc()
		s.Log.Warn("notification not accepted", "receiver", r.by.name,
			"message_id", g.Head().GetMessageId(), "attempt", g.attempts, "error", r.err)
		return
	}
	r.by.failures, r.by.retryAt = 0, time.Time{}
	s.fault(r.by.name, nil)
	n, ok := proto.Clone(g.Head()).(*alertv1.Notification)
	if !ok {
		return // a clone has the type of its original
	}
	n.Outcome, n.Attempts, n.Settled, n.Error = outcome, uint32(g.attempts), uint64(now.UnixNano()), ""
	g.settledBy, g.fallback = r.by, ""
	if r.err != nil {
		n.Error = strings.ToValidUTF8(r.err.Error(), "\uFFFD") // a server says what it likes
		g.fallback = s.fallback(r.by)
	}
	g.settled, g.attempts, g.retryAt = n, 0, time.Time{}
}

// judge says how an attempt ended, or that it is to be made again, and when.
func (s *session) judge(g *group, by *receiver, err error) (outcome alertv1.Outcome, again bool) {
	var refused *delivery.RefusedError
	var deferred *delivery.DeferredError
	var uncertain *delivery.UncertainError
	switch {
	case err == nil:
		return alertv1.Outcome_OUTCOME_SENT, false
	case errors.As(err, &refused) && refused.Partly:
		return alertv1.Outcome_OUTCOME_SENT, false
	case errors.As(err, &refused):
		return alertv1.Outcome_OUTCOME_REFUSED, false
	case errors.As(err, &deferred):
		by.failures, by.retryAt = 0, time.Time{}
		s.fault(by.name, nil)
		g.retryAt = s.Now().Add(s.backoff(g.attempts - 1))
		g.failed = by == g.receiver && !deferred.Partly && (g.failed || g.attempts == 1)
		return 0, true
	}
	g.failed = by == g.receiver && !errors.As(err, &uncertain) && (g.failed || g.attempts == 1)
	by.retryAt = s.Now().Add(s.backoff(by.failures))
	by.failures++
	s.fault(by.name, err)
	return 0, true
}

// conclude stores an outcome: first the dead letter of what was refused, then
// the head. What has a fallback goes on as a pending head: it is told until
// somebody takes it, or everybody has refused it.
func (s *session) conclude(ctx context.Context, g *group) {
	n, by := g.settled, g.settledBy.name
	if n.GetError() != "" && !g.buried {
		if err := s.bury(ctx, n); err != nil {
			s.fault("", err)
			g.retryAt = s.Now().Add(retryStore)
			return
		}
		g.buried = true
		s.Log.Error("notification refused", "receiver", by, "message_id", n.GetMessageId(), "error", n.GetError(), "fallback", g.fallback)
	}
	outcome, attempts := "sent", n.GetAttempts()
	if n.GetOutcome() == alertv1.Outcome_OUTCOME_REFUSED {
		outcome = "refused"
	}
	if g.fallback != "" {
		n, _ = proto.Clone(n).(*alertv1.Notification)
		n.Outcome, n.Via, n.Attempts, n.Settled = alertv1.Outcome_OUTCOME_PENDING, g.fallback, 0, 0
	}
	if !s.store(ctx, g, n) {
		return
	}
	g.settled, g.buried, g.failed = nil, false, false
	s.metrics.settled.WithLabelValues(by, outcome).Inc()
	s.Log.Info("notification settled", "outcome", outcome, "receiver", by, "message_id", n.GetMessageId(),
		"alerts", len(n.GetAlerts()), "attempts", attempts)
}

// next is how long nothing is due.
func (s *session) next(now time.Time) time.Duration {
	wait := idle
	sooner := func(at time.Time) { wait = min(wait, max(at.Sub(now), pause)) }
	for _, g := range s.groups {
		switch {
		case g.sending != nil:
		case g.settled != nil:
			sooner(g.retryAt)
		case g.Pending():
			at, by := g.retryAt, s.speaksTo(g)
			if at.Before(by.retryAt) {
				at = by.retryAt
			}
			if by.busy == 0 || at.After(now) {
				sooner(at)
			}
			if g.failed && g.due.After(g.retryAt) {
				sooner(g.due)
			}
		case !g.due.IsZero():
			at := g.due
			if at.Before(g.retryAt) {
				at = g.retryAt
			}
			sooner(at)
		}
		if g.dirty {
			sooner(now)
		}
	}
	return wait
}
