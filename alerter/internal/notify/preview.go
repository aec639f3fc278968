package notify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/config"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/alerter/internal/route"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// Preview is a notification that would be sent.
type Preview struct {
	Receiver string   `json:"receiver"`
	Subject  string   `json:"subject"`
	To       []string `json:"to"`
	Text     string   `json:"text"`
}

// PreviewAlerts renders what the mail receivers would be told of some alerts, one
// notification a group, as if all had opened before the first was sent. It is
// pure: Message-IDs and times come from the alerts. hints may be nil.
func PreviewAlerts(cfg *config.Config, alerts []*alertv1.Alert, hints func(ruleID string) (email.Hints, bool)) ([]Preview, error) {
	tree := route.New(&cfg.Route)
	groups := make(map[string]*route.Group)
	var order []string
	for i, a := range alerts {
		if a.GetBackfill() || a.GetRule().GetShadow() {
			continue
		}
		for _, target := range tree.Match(a) {
			r, ok := cfg.Receiver(target.Receiver)
			if !ok || r.Email == nil {
				continue
			}
			key := target.Receiver + "/" + target.ID()
			if groups[key] == nil {
				groups[key] = route.NewGroup(target, nil)
				order = append(order, key)
			}
			groups[key].Put(a, uint64(i+1))
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(dueOf(groups[a]), dueOf(groups[b])) })
	var previews []Preview
	for _, key := range order {
		p, err := preview(cfg, groups[key], uint64(len(alerts)), hints)
		if err != nil {
			return nil, err
		}
		previews = append(previews, p)
	}
	return previews, nil
}

func dueOf(g *route.Group) int64 {
	at, _ := g.Due()
	return at.UnixNano()
}

func preview(cfg *config.Config, g *route.Group, through uint64, hints func(string) (email.Hints, bool)) (Preview, error) {
	n := g.Flush(time.Unix(0, dueOf(g)), through)
	r, _ := cfg.Receiver(g.Receiver)
	id := g.ID()
	n.MessageId = email.MessageID(g.Receiver, id, n.GetFlush(), r.Email.From)
	content := email.Content{Notification: n, GroupID: id, Alerts: g.Shown(n), Hints: hints}
	if g.Delayed() {
		content.Delay = longestDelay(content.Alerts)
	}
	mail, err := email.Render(style(cfg, r.Email), content)
	if err != nil {
		return Preview{}, fmt.Errorf("preview receiver %s: %w", g.Receiver, err)
	}
	return Preview{Receiver: g.Receiver, Subject: mail.Subject, To: mail.To, Text: mail.Text}, nil
}
