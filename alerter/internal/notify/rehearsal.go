package notify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/route"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Preview is a notification that would be sent.
type Preview struct {
	// Time is when, as RFC 3339 has it; "" where no time is known.
	Time     string   `json:"@timestamp,omitempty"`
	Receiver string   `json:"receiver"`
	Subject  string   `json:"subject"`
	To       []string `json:"to"`
	Text     string   `json:"text"`
}

// Rehearsal says what the mail receivers would be told of alerts, on a clock that
// its caller drives: groups, waits and repetitions are those of a session, every
// mail is taken at once. It is pure: Message-IDs and times come from the alerts.
type Rehearsal struct {
	config   *config.Config
	hints    func(ruleID string) (email.Hints, bool)
	tree     *route.Tree
	groups   map[string]*rehearsed
	where    map[string][]string // the keys of an alert's groups
	revision uint64
	next     time.Time // when the first group is due; zero for never
	stale    bool      // next is to be found anew
}

// rehearsed is a group, and when it is due; zero for never.
type rehearsed struct {
	*route.Group
	due time.Time
}

// NewRehearsal prepares a rehearsal. hints may be nil.
func NewRehearsal(cfg *config.Config, hints func(ruleID string) (email.Hints, bool)) *Rehearsal {
	return &Rehearsal{
		config: cfg, hints: hints, tree: route.New(&cfg.Route),
		groups: make(map[string]*rehearsed), where: make(map[string][]string),
	}
}

// Put takes an alert as it stands at a time, which is not before those given so far.
func (r *Rehearsal) Put(a *alertv1.Alert, at time.Time) {
	r.revision++
	r.stale = true
	var places []string
	for _, target := range r.tree.Match(a) {
		receiver, ok := r.config.Receiver(target.Receiver)
		if !ok || receiver.Email == nil || a.GetBackfill() || a.GetRule().GetShadow() {
			continue
		}
		key := target.Receiver + "/" + target.ID()
		g := r.groups[key]
		if g == nil {
			g = &rehearsed{Group: route.NewGroup(target, nil)}
			g.SendResolved = receiver.Email.SendResolved
			r.groups[key] = g
		}
		g.Put(a, r.revision)
		g.look(at)
		places = append(places, key)
	}
	for _, key := range r.where[a.GetId()] {
		if !slices.Contains(places, key) {
			r.groups[key].Remove(a.GetId())
			r.groups[key].look(at)
		}
	}
	r.where[a.GetId()] = places
}

// look finds when the group is due: not before what made it so is known.
func (g *rehearsed) look(now time.Time) {
	g.due = time.Time{}
	if at, ok := g.Due(); ok {
		g.due = at
		if at.Before(now) {
			g.due = now
		}
	}
}

// Advance gives tell every mail that is due up to now, in the order of their times.
func (r *Rehearsal) Advance(now time.Time, tell func(Preview) error) error {
	for {
		if r.stale {
			r.next, r.stale = time.Time{}, false
			for _, g := range r.groups {
				if !g.due.IsZero() && (r.next.IsZero() || g.due.Before(r.next)) {
					r.next = g.due
				}
			}
		}
		if r.next.IsZero() || r.next.After(now) {
			return nil
		}
		at := r.next
		for _, key := range slices.Sorted(maps.Keys(r.groups)) {
			g := r.groups[key]
			if !g.due.Equal(at) {
				continue
			}
			if err := r.flush(g, at, tell); err != nil {
				return err
			}
		}
		r.stale = true
	}
}

// flush tells what a group has to say, and takes it as told.
func (r *Rehearsal) flush(g *rehearsed, at time.Time, tell func(Preview) error) error {
	n := g.Flush(at, r.revision)
	if slices.ContainsFunc(n.GetAlerts(), func(e *alertv1.AlertRevision) bool { return !e.GetRemembered() }) {
		p, err := r.render(g, n)
		if err != nil {
			return err
		}
		p.Time = at.UTC().Format(time.RFC3339Nano)
		if err := tell(p); err != nil {
			return err
		}
	}
	n.Outcome = alertv1.Outcome_OUTCOME_SENT
	g.Settle(n)
	if g.look(at); !g.due.After(at) {
		g.due = time.Time{} // nothing is told twice at one time
	}
	return nil
}

func (r *Rehearsal) render(g *rehearsed, n *alertv1.Notification) (Preview, error) {
	receiver, _ := r.config.Receiver(g.Receiver)
	id := g.ID()
	n.MessageId = email.MessageID(g.Receiver, id, n.GetFlush(), receiver.Email.From)
	content := email.Content{Notification: n, GroupID: id, Alerts: g.Shown(n), Hints: r.hints, News: make(map[string]bool)}
	for _, e := range n.GetAlerts() {
		content.News[e.GetAlertId()] = !e.GetAgain()
	}
	if g.Delayed() {
		content.Delay = longestDelay(content.Alerts)
	}
	mail, err := email.Render(style(r.config, receiver.Email), content)
	if err != nil {
		return Preview{}, fmt.Errorf("preview receiver %s: %w", g.Receiver, err)
	}
	return Preview{Receiver: g.Receiver, Subject: mail.Subject, To: mail.To, Text: mail.Text}, nil
}

// PreviewAlerts renders what the mail receivers would be told of some alerts, one
// notification a group, as if all had opened before the first was sent. hints may
// be nil.
func PreviewAlerts(cfg *config.Config, alerts []*alertv1.Alert, hints func(ruleID string) (email.Hints, bool)) ([]Preview, error) {
	r := NewRehearsal(cfg, hints)
	var order []*rehearsed
	for _, a := range alerts {
		known := len(r.groups)
		r.Put(a, time.Time{})
		if len(r.groups) == known {
			continue
		}
		for _, key := range r.where[a.GetId()] {
			if g := r.groups[key]; !slices.Contains(order, g) {
				order = append(order, g)
			}
		}
	}
	slices.SortStableFunc(order, func(a, b *rehearsed) int { return cmp.Compare(a.due.UnixNano(), b.due.UnixNano()) })
	var previews []Preview
	for _, g := range order {
		p, err := r.render(g, g.Flush(g.due, r.revision))
		if err != nil {
			return nil, err
		}
		previews = append(previews, p)
	}
	return previews, nil
}
