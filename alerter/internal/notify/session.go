package notify

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/route"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// gather lets messages that come together be weighed together; partitions are
// gained one after another, and gainTogether lets them be read together.
const (
	gather       = 50 * time.Millisecond
	gainTogether = 300 * time.Millisecond
	// watchOver is how often a session looks on its own: a lease that had run out
	// and was prolonged is no change.
	watchOver = 5 * time.Second
	// pullExpiry bounds how long a request for alerts that was lost with its
	// connection is waited for.
	pullExpiry = 10 * time.Second
)

// session is one reading of TOCSIN_ALERTS, from the last message of every subject
// on. One goroutine holds its state; sending goes on in others.
type session struct {
	*Manager
	owned     map[uint32]bool
	gained    map[uint32]bool   // while these are read, no other matters; else nil
	groups    map[string]*group // by outbox subject
	where     map[string][]string
	receivers map[string]*receiver
	results   chan result
	sending   int // mails under way, each of which puts one result

	// through is the last sequence read; nothing is told before it reaches target.
	through, target uint64
	current         bool
}

// group is a route's group with its place in the outbox.
type group struct {
	*route.Group
	id       string
	outbox   string
	sequence uint64 // of the head
	receiver *receiver
	dirty    bool
	due      time.Time // zero for never
	retryAt  time.Time
	attempts int
	sending  context.CancelFunc // nil while nothing is being said
	// failed says that every attempt so far ended before the receiver can have
	// taken anything: only then may the intent grow.
	failed bool
	// settled is an outcome that is not stored yet, settledBy whose it is, fallback
	// who is told next of what was refused.
	settled   *alertv1.Notification
	settledBy *receiver
	fallback  string
	buried    bool
}

type receiver struct {
	name     string
	sender   Sender
	since    uint64
	busy     int
	failures int
	retryAt  time.Time
}

func newSession(m *Manager) *session {
	return &session{
		Manager: m, groups: make(map[string]*group), where: make(map[string][]string),
		receivers: make(map[string]*receiver), results: make(chan result, together),
	}
}

// run reads and tells until something fails or the context ends.
func (s *session) run(ctx context.Context, changes <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.owned = s.Manager.owned()
	messages, err := s.open(ctx)
	if err != nil {
		return err
	}
	incoming := make(chan jetstream.Msg)
	failed := make(chan error, 1)
	var reading sync.WaitGroup
	reading.Go(func() { failed <- read(ctx, messages, incoming) })
	defer reading.Wait()
	defer messages.Stop()
	defer cancel()
	s.fault("", nil)
	defer s.drain(ctx)
	return s.loop(ctx, incoming, failed, changes)
}

// open starts to read TOCSIN_ALERTS.
func (s *session) open(ctx context.Context) (jetstream.MessagesContext, error) {
	stream, err := s.JetStream.Stream(ctx, subject.AlertsStream)
	if err != nil {
		return nil, fmt.Errorf("open alerts: %w", err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("open alerts: %w", err)
	}
	s.target = info.State.LastSeq
	s.current = info.State.Msgs == 0
	since, err := s.since(ctx, slices.Sorted(maps.Keys(s.Senders)), s.target)
	if err != nil {
		return nil, err
	}
	for name, sender := range s.Senders {
		s.receivers[name] = &receiver{name: name, sender: sender, since: since[name]}
	}
	if err := s.resume(ctx); err != nil {
		return nil, err
	}
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject.AlertsFilter},
		DeliverPolicy:  jetstream.DeliverLastPerSubjectPolicy,
	})
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	messages, err := consumer.Messages(jetstream.PullExpiry(pullExpiry))
	if err != nil {
		return nil, fmt.Errorf("read alerts: %w", err)
	}
	return messages, nil
}

func read(ctx context.Context, messages jetstream.MessagesContext, out chan<- jetstream.Msg) error {
	for {
		message, err := messages.Next()
		if err != nil {
			return fmt.Errorf("read alerts: %w", err)
		}
		select {
		case out <- message:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *session) loop(ctx context.Context, incoming <-chan jetstream.Msg, failed <-chan error, changes <-chan struct{}) error {
	// What changed before the channel was made is looked at once.
	watch := time.NewTimer(0)
	defer watch.Stop()
	wake := time.NewTimer(0)
	defer wake.Stop()
	soon := false // the timer is set to gather
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-failed:
			return err
		case message := <-incoming:
			if err := s.take(message); err != nil {
				return err
			}
			if !soon {
				soon = true
				wake.Reset(gather)
			}
		case r := <-s.results:
			s.settle(r)
			soon = true
			wake.Reset(0)
		case <-changes:
			s.lose(s.Manager.owned())
			watch.Reset(gainTogether)
		case <-watch.C:
			if err := s.gain(ctx); err != nil {
				return err
			}
			watch.Reset(watchOver)
			soon = true
			wake.Reset(0)
		case <-wake.C:
			soon = false
			next, err := s.advance(ctx)
			if err != nil {
				return err
			}
			wake.Reset(next)
		}
	}
}

// lose drops the groups of partitions that went.
func (s *session) lose(now map[uint32]bool) {
	for p := range s.owned {
		if !now[p] {
			delete(s.owned, p)
		}
	}
	for outbox, g := range s.groups {
		if !s.owned[route.Partition(g.Receiver, g.id)] {
			if g.sending != nil {
				g.sending()
			}
			delete(s.groups, outbox)
		}
	}
}

// take sorts the alerts of one message into their groups.
func (s *session) take(message jetstream.Msg) error {
	meta, err := message.Metadata()
	if err != nil {
		return fmt.Errorf("read alerts: %w", err)
	}
	alerts := new(alertv1.Alerts)
	if err := proto.Unmarshal(message.Data(), alerts); err != nil {
		s.Log.Error("alerts message is unreadable", "sequence", meta.Sequence.Stream, "error", err)
	}
	for _, a := range alerts.GetAlerts() {
		s.put(a, meta.Sequence.Stream)
	}
	s.through = meta.Sequence.Stream
	if s.through >= s.target || meta.NumPending == 0 {
		if !s.current {
			s.Log.Debug("alerts read", "through", s.through, "groups", len(s.groups))
		}
		s.current = true
	}
	return nil
}

func (s *session) put(a *alertv1.Alert, revision uint64) {
	a.EventIds = nil // a mail names none, and there may be a thousand
	var places []string
	for _, target := range s.tree.Match(a) {
		r := s.receivers[target.Receiver]
		if r == nil || a.GetBackfill() || a.GetRule().GetShadow() {
			continue // a report; or what goes to reports alone: old records, and rules on trial
		}
		g := s.group(target, r)
		if g == nil {
			continue
		}
		if g.Len() > 100 {
			a.Samples = nil // a storm is told as a table
		}
		g.Put(a, revision)
		g.dirty = true
		places = append(places, g.outbox)
	}
	for _, outbox := range s.where[a.GetId()] {
		g := s.groups[outbox]
		switch {
		case g == nil || slices.Contains(places, outbox):
		case s.gained != nil: // of the other partitions nothing is read now
			places = append(places, outbox)
		default:
			g.Remove(a.GetId())
			g.dirty = true
		}
	}
	if a.GetState() == alertv1.AlertState_ALERT_STATE_FIRING && len(places) > 0 {
		s.where[a.GetId()] = places
	} else {
		delete(s.where, a.GetId())
	}
}

// cares says whether the groups of a partition are this session's to keep, and
// to read now.
func (s *session) cares(partition uint32) bool {
	return s.owned[partition] && (s.gained == nil || s.gained[partition])
}

// group is the owned group of a target; nil where another alerter owns it.
func (s *session) group(target route.Target, r *receiver) *group {
	id := target.ID()
	if !s.cares(route.Partition(target.Receiver, id)) {
		return nil
	}
	outbox := subject.Outbox(target.Receiver, id)
	if g := s.groups[outbox]; g != nil {
		g.Target = target // it may be known by its head alone
		return g
	}
	return s.add(target, id, r, nil, 0)
}

// add begins a group with its head. A head that has changed since it was read is
// noticed when the next one is written.
func (s *session) add(target route.Target, id string, r *receiver, head *alertv1.Notification, sequence uint64) *group {
	g := &group{
		Group: route.NewGroup(target, head), id: id, outbox: subject.Outbox(target.Receiver, id),
		sequence: sequence, receiver: r, dirty: true,
	}
	g.Since = r.since
	if cfg, ok := s.Config.Receiver(target.Receiver); ok && cfg.Email != nil {
		g.SendResolved = cfg.Email.SendResolved
	}
	s.groups[g.outbox] = g
	return g
}
