package alerter

import (
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/correlate"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/alerter/rules"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestALossIsASignalOfTheShippedRule(t *testing.T) {
	set, err := rule.Load(rule.Options{Shipped: rules.Shipped()})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{js: natstest.Start(t).JetStream(), log: slog.New(slog.DiscardHandler)}
	s.set.Store(set)
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	loss := correlate.Loss{Partition: 7, Count: 10_000, Sequence: 42, At: at}
	if err := s.lost(t.Context(), loss); err == nil {
		t.Error("a loss is told without a stream to tell it on")
	}
	stream, err := s.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: subject.SignalsStream, Subjects: []string{subject.SignalsFilter}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.lost(t.Context(), loss); err != nil {
		t.Fatal(err)
	}
	message, err := stream.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var signals alertv1.Signals
	if err := proto.Unmarshal(message.Data, &signals); err != nil {
		t.Fatal(err)
	}
	signal := signals.GetSignals()[0]
	root := set.Root(rule.Hash(signal.GetRoot()))
	if root == nil || root.Name != "Counting forgot signals" || message.Subject != subject.Signals(finding.Partition(root.ID, []string{"correlation"})) {
		t.Fatalf("%s holds a signal of %+v", message.Subject, root)
	}
	e := correlate.New(correlate.Options{Roots: set.Roots(), Lateness: time.Hour})
	e.Add(1, at, signals.GetSignals())
	changes := e.Take(false)
	if len(changes) != 1 || changes[0].Alerts[0].GetLastEvent() != uint64(at.UnixNano()) {
		t.Errorf("counted as %v", changes)
	}
}
