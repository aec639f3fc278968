package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// errFenced means that somebody else has written the group's head since it was read.
var errFenced = errors.New("the head was written by another alerter")

// codeWrongSequence and codeWrongSequenceConstant are what JetStream answers to
// a stale expected last subject sequence.
const (
	codeWrongSequence         = 10071
	codeWrongSequenceConstant = 10164
)

const notificationType = "application/x-protobuf; messageType=tocsin.alert.v1.Notification"

// head reads the last notification of a subject; nil and 0 for none.
func (m *Manager) head(ctx context.Context, outbox string) (*alertv1.Notification, uint64, error) {
	stream, err := m.JetStream.Stream(ctx, subject.OutboxStream)
	if err != nil {
		return nil, 0, fmt.Errorf("open outbox: %w", err)
	}
	message, err := stream.GetLastMsgForSubject(ctx, outbox)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read outbox: %w", err)
	}
	n := new(alertv1.Notification)
	if err := proto.Unmarshal(message.Data, n); err != nil {
		return nil, 0, fmt.Errorf("decode outbox message %d: %w", message.Sequence, err)
	}
	return n, message.Sequence, nil
}

// write appends a notification if the subject's last sequence is still last, and
// returns the new one.
func (m *Manager) write(ctx context.Context, outbox string, n *alertv1.Notification, last uint64) (uint64, error) {
	data, err := proto.Marshal(n)
	if err != nil {
		return 0, fmt.Errorf("encode notification: %w", err)
	}
	message := &nats.Msg{Subject: outbox, Data: data, Header: nats.Header{}}
	message.Header.Set(subject.HeaderContentType, notificationType)
	ack, err := m.JetStream.PublishMsg(ctx, message, jetstream.WithExpectLastSequencePerSubject(last))
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == codeWrongSequence || api.ErrorCode == codeWrongSequenceConstant) {
		return 0, errFenced
	}
	if err != nil {
		return 0, fmt.Errorf("write outbox: %w", err)
	}
	return ack.Sequence, nil
}

// bury puts a refused notification, with what the receiver said, where people
// find it.
func (m *Manager) bury(ctx context.Context, n *alertv1.Notification) error {
	data, err := proto.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notification: %w", err)
	}
	message := &nats.Msg{Subject: subject.DeadLetter("notify"), Data: data, Header: nats.Header{}}
	message.Header.Set(subject.HeaderContentType, notificationType)
	if _, err := m.JetStream.PublishMsg(ctx, message); err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	return nil
}

// since is the sequence of TOCSIN_ALERTS at which each receiver first appeared:
// what was over by then is none of its business. The receivers of the very first
// start are told everything; whoever sees a later one first writes it down.
func (m *Manager) since(ctx context.Context, names []string, last uint64) (map[string]uint64, error) {
	first, err := m.firstSight(ctx, &alertv1.Notification{Group: names})
	if err != nil {
		return nil, err
	}
	since := make(map[string]uint64, len(names))
	for _, name := range names {
		if slices.Contains(first.GetGroup(), name) {
			continue
		}
		n, err := m.firstSight(ctx, &alertv1.Notification{Receiver: name, Through: last})
		if err != nil {
			return nil, err
		}
		since[name] = n.GetThrough()
	}
	return since, nil
}

// firstSight stores a record unless there is one already, and returns the stored.
func (m *Manager) firstSight(ctx context.Context, n *alertv1.Notification) (*alertv1.Notification, error) {
	outbox := subject.Outbox(n.GetReceiver(), sinceGroup())
	stored, _, err := m.head(ctx, outbox)
	if err != nil || stored != nil {
		return stored, err
	}
	n.Intended, n.Outcome = uint64(m.Now().UnixNano()), alertv1.Outcome_OUTCOME_SENT
	_, err = m.write(ctx, outbox, n, 0)
	if errors.Is(err, errFenced) {
		stored, _, err = m.head(ctx, outbox)
		return stored, err
	}
	return n, err
}

// sinceGroup is the group under which the outbox remembers when a receiver first
// appeared.
func sinceGroup() string { return event.HashID("since") }

// alert reads an alert again as it stood at a revision; nil where it is gone.
func (m *Manager) alert(ctx context.Context, e *alertv1.AlertRevision) (*alertv1.Alert, error) {
	stream, err := m.JetStream.Stream(ctx, subject.AlertsStream)
	if err != nil {
		return nil, fmt.Errorf("open alerts: %w", err)
	}
	message, err := stream.GetMsg(ctx, e.GetRevision())
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read alert: %w", err)
	}
	alerts := new(alertv1.Alerts)
	if err := proto.Unmarshal(message.Data, alerts); err != nil {
		return nil, fmt.Errorf("decode alerts message %d: %w", e.GetRevision(), err)
	}
	for _, a := range alerts.GetAlerts() {
		if a.GetId() == e.GetAlertId() {
			return a, nil
		}
	}
	return nil, nil
}
