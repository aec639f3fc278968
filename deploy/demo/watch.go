package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// watcher follows the streams as any subscriber may: the alerts, and the outbox
// that says which mail told of which alert.
type watcher struct {
	say func(format string, args ...any)

	mu       sync.Mutex
	alerts   map[string]*alertv1.Alert // by id, the newest state
	messages map[string]string         // alert id to the Message-ID that told of it first
	changed  chan struct{}             // closed and replaced at each change
}

func newWatcher(say func(string, ...any)) *watcher {
	return &watcher{
		say: say, alerts: make(map[string]*alertv1.Alert), messages: make(map[string]string), changed: make(chan struct{}),
	}
}

// follow reads both streams until stop is called.
func (w *watcher) follow(ctx context.Context, conn *nats.Conn) (stop func(), err error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("open JetStream: %w", err)
	}
	var contexts []jetstream.ConsumeContext
	stop = func() {
		for _, c := range contexts {
			c.Stop()
			<-c.Closed()
		}
	}
	for stream, handle := range map[string]func(jetstream.Msg){
		subject.AlertsStream: w.alert, subject.OutboxStream: w.notification,
	} {
		consumer, err := js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{})
		if err != nil {
			stop()
			return nil, fmt.Errorf("read %s: %w", stream, err)
		}
		c, err := consumer.Consume(handle)
		if err != nil {
			stop()
			return nil, fmt.Errorf("read %s: %w", stream, err)
		}
		contexts = append(contexts, c)
	}
	return stop, nil
}

func (w *watcher) alert(m jetstream.Msg) {
	var all alertv1.Alerts
	if err := proto.Unmarshal(m.Data(), &all); err != nil {
		w.say("unreadable alert on %s: %v", m.Subject(), err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, a := range all.GetAlerts() {
		if _, known := w.alerts[a.GetId()]; !known {
			w.say("  alert   %-8s %s %s", levelName(a.GetRule().GetLevel()), a.GetRule().GetName(), groupText(a))
		}
		w.alerts[a.GetId()] = a
	}
	w.wake()
}

func (w *watcher) notification(m jetstream.Msg) {
	var n alertv1.Notification
	if err := proto.Unmarshal(m.Data(), &n); err != nil {
		w.say("unreadable notification on %s: %v", m.Subject(), err)
		return
	}
	if n.GetReceiver() != mailReceiver || n.GetMessageId() == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, told := range n.GetAlerts() {
		if _, known := w.messages[told.GetAlertId()]; !known {
			w.messages[told.GetAlertId()] = n.GetMessageId()
		}
	}
	w.wake()
}

func (w *watcher) wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// state is what is known now, and a channel that closes when more is.
func (w *watcher) state() ([]*alertv1.Alert, map[string]string, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.alerts)), maps.Clone(w.messages), w.changed
}

func levelName(l alertv1.Level) string {
	return strings.ToLower(strings.TrimPrefix(l.String(), "LEVEL_"))
}

func groupText(a *alertv1.Alert) string {
	parts := make([]string, 0, len(a.GetGroup()))
	for _, g := range a.GetGroup() {
		parts = append(parts, g.GetField()+"="+g.GetValue())
	}
	return strings.Join(parts, " ")
}
