package route

import (
	"cmp"
	"slices"
	"time"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
)

// What a group remembers of alerts that are over and told: a later message may
// still list them, and they are not to be told again. A notification must fit
// into a message of 1 MiB; an entry takes up to 80 bytes.
const (
	rememberFor = 48 * time.Hour
	rememberMax = 4000
	showMax     = 6000
)

// Group is the alerts that one receiver is told of together, and what it was
// last told. It is not safe for concurrent use.
type Group struct {
	Target
	// SendResolved tells the end of told alerts, too.
	SendResolved bool
	// Since is the TOCSIN_ALERTS sequence at which the receiver first appeared:
	// what was over by then is not told.
	Since uint64

	head    *alertv1.Notification
	entries map[string]*alertv1.AlertRevision // of head, by alert id
	members map[string]member                 // by alert id
}

type member struct {
	alert    *alertv1.Alert
	revision uint64
}

// NewGroup is a group that was last told head, which is nil for never.
func NewGroup(t Target, head *alertv1.Notification) *Group {
	g := &Group{Target: t, members: make(map[string]member)}
	g.Settle(head)
	return g
}

// Head is what the group was last told, or is about to be told; nil for nothing.
func (g *Group) Head() *alertv1.Notification { return g.head }

// Pending says whether the head is intended, and not known to have been sent.
func (g *Group) Pending() bool {
	return g.head.GetOutcome() == alertv1.Outcome_OUTCOME_PENDING
}

// Settle makes n what the group was last told.
func (g *Group) Settle(n *alertv1.Notification) {
	g.head = n
	g.entries = make(map[string]*alertv1.AlertRevision, len(n.GetAlerts()))
	for _, e := range n.GetAlerts() {
		g.entries[e.GetAlertId()] = e
	}
	if n == nil || g.Pending() {
		return
	}
	for id, m := range g.members {
		if g.entries[id] == nil && g.told(id, m) {
			delete(g.members, id)
		}
	}
}

// Put takes an alert as it stands at a revision, the sequence of its message.
func (g *Group) Put(a *alertv1.Alert, revision uint64) {
	id := a.GetId()
	m := member{alert: a, revision: revision}
	switch {
	case a.GetState() == alertv1.AlertState_ALERT_STATE_MERGED:
		delete(g.members, id)
	case g.members[id].revision > revision:
	case g.told(id, m) && !open(a) && g.entries[id] == nil:
	default:
		g.members[id] = m
	}
}

// Len is the number of alerts held.
func (g *Group) Len() int { return len(g.members) }

// Remove forgets an alert that now belongs to another group.
func (g *Group) Remove(id string) { delete(g.members, id) }

// told says whether the head, or one before it, told of an alert.
func (g *Group) told(id string, m member) bool {
	if g.entries[id] != nil {
		return true
	}
	return m.revision <= g.head.GetThrough() || !open(m.alert) && m.revision <= g.Since
}

func open(a *alertv1.Alert) bool {
	return a.GetState() == alertv1.AlertState_ALERT_STATE_FIRING ||
		a.GetState() == alertv1.AlertState_ALERT_STATE_ACKNOWLEDGED
}

// ended says whether the end of a told alert is still to be told.
func (g *Group) ended(id string, m member) bool {
	e := g.entries[id]
	return g.SendResolved && e != nil && !e.GetResolved() && !open(m.alert)
}

// Due is when the next notification is to be made; false while nothing waits for
// one. It depends on stream times alone.
func (g *Group) Due() (time.Time, bool) {
	var opened, due int64
	var news, change, ongoing, firing bool
	for id, m := range g.members {
		switch at := int64(m.alert.GetOpened()); {
		case !g.told(id, m):
			if !news || at < opened {
				opened, news = at, true
			}
		case g.ended(id, m):
			change = true
		case open(m.alert):
			ongoing = true
			firing = firing || m.alert.GetState() == alertv1.AlertState_ALERT_STATE_FIRING
		}
	}
	last := int64(g.head.GetIntended())
	found := false
	sooner := func(at int64) {
		if !found || at < due {
			due, found = at, true
		}
	}
	if news {
		at := opened + int64(g.Wait)
		if g.head != nil && (ongoing || change) {
			at = max(at, last+int64(g.Interval))
		}
		sooner(at)
	}
	if change {
		sooner(last + int64(g.Interval))
	}
	if firing && g.Repeat > 0 {
		sooner(last + int64(g.Repeat))
	}
	return time.Unix(0, due), found
}

// Flush is the notification to intend now, with everything of TOCSIN_ALERTS up
// to a sequence read. A head that is still pending is taken up into it. The
// caller gives it a Message-ID and, once it is stored, settles the group on it.
func (g *Group) Flush(now time.Time, through uint64) *alertv1.Notification {
	n := &alertv1.Notification{
		Receiver: g.Receiver, Route: g.Path, Group: g.Values,
		Flush: g.head.GetFlush() + 1, Outcome: alertv1.Outcome_OUTCOME_PENDING,
		Intended: uint64(now.UnixNano()), Through: through,
	}
	var remembered []*alertv1.AlertRevision
	for id, m := range g.members {
		e := &alertv1.AlertRevision{
			AlertId: id, Revision: m.revision, Resolved: !open(m.alert), Count: m.alert.GetCount(),
		}
		if g.shows(id, m) {
			e.Again = g.again(id, m)
			n.Alerts = append(n.Alerts, e)
		} else if now.Sub(time.Unix(0, int64(m.alert.GetUpdated()))) < rememberFor {
			e.Remembered = true
			remembered = append(remembered, e)
		}
	}
	for id, e := range g.entries {
		if _, ok := g.members[id]; !ok && g.Pending() && owed(e) {
			n.Alerts = append(n.Alerts, e) // intended once, and still to be told
		}
	}
	fit(n)
	slices.SortFunc(remembered, newestFirst)
	n.Alerts = append(n.Alerts, remembered[:min(len(remembered), rememberMax)]...)
	return n
}

func newestFirst(a, b *alertv1.AlertRevision) int {
	return cmp.Or(cmp.Compare(b.GetRevision(), a.GetRevision()), cmp.Compare(a.GetAlertId(), b.GetAlertId()))
}

// fit bounds what one notification tells of. The latest of too many news are left
// to the next one, which is why it does not reach through to them; of what is
// told again the latest are named.
func fit(n *alertv1.Notification) {
	slices.SortFunc(n.Alerts, func(a, b *alertv1.AlertRevision) int {
		switch {
		case a.GetAgain() != b.GetAgain() && b.GetAgain():
			return -1
		case a.GetAgain() != b.GetAgain():
			return 1
		case a.GetAgain():
			return newestFirst(a, b)
		default:
			return newestFirst(b, a)
		}
	})
	if len(n.Alerts) <= showMax {
		return
	}
	if left := n.GetAlerts()[showMax]; !left.GetAgain() {
		n.Through = min(n.GetThrough(), left.GetRevision()-1)
	}
	n.Alerts = n.GetAlerts()[:showMax]
}

// shows says whether the next notification tells of a member.
func (g *Group) shows(id string, m member) bool {
	e := g.entries[id]
	return !g.told(id, m) || open(m.alert) || g.ended(id, m) ||
		g.Pending() && e != nil && owed(e)
}

// owed says whether a pending entry must be told even if nothing else speaks for
// it: a beginning, or an end.
func owed(e *alertv1.AlertRevision) bool {
	return !e.GetRemembered() && (!e.GetAgain() || e.GetResolved())
}

// again says whether a member that is shown was told before.
func (g *Group) again(id string, m member) bool {
	if e := g.entries[id]; g.Pending() && e != nil && !e.GetRemembered() {
		return e.GetAgain()
	}
	return g.told(id, m)
}

// Shown are the alerts that a notification of this group tells of and that are
// still held, the oldest first.
func (g *Group) Shown(n *alertv1.Notification) []*alertv1.Alert {
	var alerts []*alertv1.Alert
	for _, e := range n.GetAlerts() {
		if m, ok := g.members[e.GetAlertId()]; ok && !e.GetRemembered() {
			alerts = append(alerts, m.alert)
		}
	}
	slices.SortFunc(alerts, func(a, b *alertv1.Alert) int {
		return cmp.Or(cmp.Compare(a.GetOpened(), b.GetOpened()), cmp.Compare(a.GetId(), b.GetId()))
	})
	return alerts
}

// Missing are the entries of a notification whose alerts are not held: they have
// to be read again from their revisions.
func (g *Group) Missing(n *alertv1.Notification) []*alertv1.AlertRevision {
	var missing []*alertv1.AlertRevision
	for _, e := range n.GetAlerts() {
		if _, ok := g.members[e.GetAlertId()]; !ok && !e.GetRemembered() {
			missing = append(missing, e)
		}
	}
	return missing
}
