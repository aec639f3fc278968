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
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// resume reads the heads of all groups that are owned: those that are pending go
// on even if none of their alerts is heard of again.
func (s *session) resume(ctx context.Context) error {
	stream, err := s.JetStream.Stream(ctx, subject.OutboxStream)
	if err != nil {
		return fmt.Errorf("open outbox: %w", err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("open outbox: %w", err)
	}
	if info.State.Msgs == 0 {
		return nil
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject.OutboxFilter},
		DeliverPolicy:  jetstream.DeliverLastPerSubjectPolicy,
	})
	if err != nil {
		return fmt.Errorf("read outbox: %w", err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("read outbox: %w", err)
	}
	defer messages.Stop()
	for {
		message, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("read outbox: %w", err)
		}
		meta, err := message.Metadata()
		if err != nil {
			return fmt.Errorf("read outbox: %w", err)
		}
		s.restore(message, meta.Sequence.Stream)
		if meta.Sequence.Stream >= info.State.LastSeq || meta.NumPending == 0 {
			return nil
		}
	}
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
	if r == nil || id == sinceGroup() || !s.owned[route.Partition(n.GetReceiver(), id)] {
		return
	}
	target := route.Target{Receiver: n.GetReceiver(), Path: n.GetRoute(), Values: n.GetGroup()}
	s.add(target, id, r, n, sequence)
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
