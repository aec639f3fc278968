package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/route"
	"github.com/tocsin-security/tocsin/alerter/internal/stored"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// resume reads the heads of all groups that are owned: those that are pending go
// on even if none of their alerts is heard of again.
func (s *session) resume(ctx context.Context) error {
	return s.lastMessages(ctx, subject.OutboxStream, subject.OutboxFilter, s.restore)
}

// restore begins the group of a head, if it is owned and its receiver is still
// configured.
func (s *session) restore(message jetstream.Msg, sequence uint64) {
	n := new(alertv1.Notification)
	if err := proto.Unmarshal(message.Data(), n); err != nil {
		s.Log.Error("outbox message is unreadable", "sequence", sequence, "error", err)
		return
	}
	id := message.Subject()[strings.LastIndexByte(message.Subject(), '.')+1:]
	r := s.receivers[n.GetReceiver()]
	if r == nil || id == sinceGroup() || !s.cares(route.Partition(n.GetReceiver(), id)) {
		return
	}
	target := route.Target{Receiver: n.GetReceiver(), Path: n.GetRoute(), Values: n.GetGroup()}
	s.add(target, id, r, n, sequence)
}

// gain reads what there is of the groups of partitions that came, while those of
// the others stand as they are.
func (s *session) gain(ctx context.Context) error {
	gained := make(map[uint32]bool)
	now := s.Manager.owned()
	s.lose(now)
	for p := range now {
		if !s.owned[p] {
			gained[p], s.owned[p] = true, true
		}
	}
	if len(gained) == 0 {
		return nil
	}
	s.gained = gained
	defer func() { s.gained = nil }()
	if err := s.resume(ctx); err != nil {
		return err
	}
	s.Log.Debug("partitions gained", "partitions", len(gained))
	return s.lastMessages(ctx, subject.AlertsStream, subject.AlertsFilter, func(message jetstream.Msg, sequence uint64) {
		alerts := new(alertv1.Alerts)
		if err := proto.Unmarshal(message.Data(), alerts); err != nil {
			s.Log.Error("alerts message is unreadable", "sequence", sequence, "error", err)
			return
		}
		for _, a := range alerts.GetAlerts() {
			s.put(a, sequence)
		}
	})
}

// lastMessages gives the last message of every subject as of now.
func (s *session) lastMessages(ctx context.Context, stream, filter string, take func(jetstream.Msg, uint64)) error {
	open, err := s.JetStream.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("open %s: %w", stream, err)
	}
	from := stored.From{Filter: filter, Policy: jetstream.DeliverLastPerSubjectPolicy}
	return stored.Read(ctx, open, from, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		take(m, meta.Sequence.Stream)
		return nil
	})
}

// fenced reads a head that somebody else has written, and goes on from there.
func (s *session) fenced(ctx context.Context, g *group) error {
	head, sequence, err := s.head(ctx, g.outbox)
	if err != nil {
		return err
	}
	g.Settle(head)
	g.sequence, g.dirty, g.settled = sequence, true, nil
	return nil
}

// store writes a group's head; it reports whether the group may go on with it.
// Whatever fails is tried again later.
func (s *session) store(ctx context.Context, g *group, n *alertv1.Notification) bool {
	sequence, err := s.write(ctx, g.outbox, n, g.sequence)
	if errors.Is(err, errFenced) {
		if err = s.fenced(ctx, g); err == nil {
			s.fault("", nil)
			return false
		}
	}
	s.fault("", err)
	if err != nil {
		g.retryAt = s.Now().Add(retryStore)
		s.Log.Warn("outbox cannot be written", "receiver", g.Receiver, "error", err)
		return false
	}
	g.sequence = sequence
	g.Settle(n)
	g.dirty = true
	return true
}

// readBack reads the alerts of a pending notification that are not held, and
// returns how many cannot be read any more.
func (s *session) readBack(ctx context.Context, g *group, n *alertv1.Notification) (lost int, err error) {
	for _, e := range g.Missing(n) {
		a, err := s.alert(ctx, e)
		if err != nil {
			return 0, err
		}
		if a == nil {
			lost++
			continue
		}
		a.EventIds = nil
		g.Put(a, e.GetRevision())
	}
	return lost, nil
}

// longestDelay is by how much the latest of some alerts was delayed.
func longestDelay(alerts []*alertv1.Alert) time.Duration {
	var most time.Duration
	for _, a := range alerts {
		most = max(most, route.Delay(a))
	}
	return most
}
