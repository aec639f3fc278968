package consume

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// maxSignals bounds the encoded signals of one message.
const maxSignals = event.MaxMessage - event.MaxHeaders - 4096

// outgoing collects the signals of one batch.
type outgoing struct {
	class   eventv1.Class
	origin  *alertv1.Origin
	ruleSet []byte
	signals []finding.Signal
	// events and count are how many events there were, and signals of them.
	events, count int
	messages      []*nats.Msg
}

func (o *outgoing) begin(class eventv1.Class, meta *jetstream.MsgMetadata, ruleSet []byte) {
	clear(o.signals)
	*o = outgoing{
		class: class, ruleSet: ruleSet, signals: o.signals[:0],
		origin: &alertv1.Origin{
			Class: class, StreamSequence: meta.Sequence.Stream, StreamTime: uint64(meta.Timestamp.UnixNano()),
		},
	}
}

func (o *outgoing) add(s finding.Signal) { o.signals = append(o.signals, s) }

// end makes messages: one for each partition, or more where one would be too long.
func (o *outgoing) end() error {
	slices.SortStableFunc(o.signals, func(a, b finding.Signal) int { return int(a.Partition) - int(b.Partition) })
	all := o.signals
	o.count = len(all)
	defer func() { o.signals = all }()
	for len(o.signals) > 0 {
		partition, size, n := o.signals[0].Partition, 0, 0
		for n < len(o.signals) && o.signals[n].Partition == partition {
			size += proto.Size(o.signals[n].Signal) + 8
			if n > 0 && size > maxSignals {
				break
			}
			n++
		}
		if err := o.message(partition, o.signals[:n]); err != nil {
			return err
		}
		o.signals = o.signals[n:]
	}
	return nil
}

func (o *outgoing) message(partition uint32, signals []finding.Signal) error {
	content := &alertv1.Signals{Origin: o.origin, RuleSet: o.ruleSet}
	for _, s := range signals {
		content.Signals = append(content.Signals, s.Signal)
	}
	data, err := proto.Marshal(content)
	if err != nil {
		return fmt.Errorf("encode signals: %w", err)
	}
	m := nats.NewMsg(subject.Signals(partition))
	m.Data = data
	o.messages = append(o.messages, m)
	return nil
}

// result is what the batch came to.
func (o *outgoing) result(m jetstream.Msg) *result {
	r := &result{message: m, class: o.class, signals: o.messages, events: o.events, findings: o.count}
	for _, message := range o.messages {
		r.bytes += len(message.Data)
	}
	return r
}

// maxAtomic is how many messages JetStream takes as one group.
const maxAtomic = 1000

// publish stores messages of one stream, all or none; more than JetStream takes
// as one group, one group after the other: what is stored again is recognised.
func publish(ctx context.Context, js jetstream.JetStream, messages []*nats.Msg) error {
	for group := range slices.Chunk(messages, maxAtomic) {
		if err := publishGroup(ctx, js, group); err != nil {
			return err
		}
	}
	return nil
}

func publishGroup(ctx context.Context, js jetstream.JetStream, messages []*nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if len(messages) == 1 {
		if _, err := js.PublishMsg(ctx, messages[0], jetstream.WithRetryAttempts(0)); err != nil {
			return fmt.Errorf("publish a message: %w", err)
		}
		return nil
	}
	group := make([]*nats.Msg, len(messages)) // publishing marks its messages
	for i, m := range messages {
		group[i] = nats.NewMsg(m.Subject)
		group[i].Data = m.Data
	}
	_, err := jetstreamext.PublishMsgBatch(ctx, js, group,
		jetstreamext.BatchFlowControl{AckFirst: true, AckTimeout: 5 * time.Second})
	if err != nil {
		return fmt.Errorf("publish a group of %d messages: %w", len(messages), err)
	}
	return nil
}

// metrics are the stage's counts.
type metrics struct {
	batches, events, signals *prometheus.CounterVec
	retries, failures, dead  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	vector := func(name, help string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_consume_" + name, Help: help}, []string{"class"})
		if reg != nil {
			reg.MustRegister(v)
		}
		return v
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "tocsin_consume_" + name, Help: help})
		if reg != nil {
			reg.MustRegister(c)
		}
		return c
	}
	return &metrics{
		batches:  vector("batches_total", "Batches handled."),
		events:   vector("events_total", "Events handled."),
		signals:  vector("signals_total", "Signals published."),
		retries:  counter("publish_retries_total", "Publishes of signals that did not succeed at once."),
		failures: counter("failures_total", "Failures to read a batch."),
		dead:     counter("deadletters_total", "Batches put among the dead letters."),
	}
}

func (m *metrics) done(r *result) {
	class := event.ClassName(r.class)
	m.batches.WithLabelValues(class).Inc()
	m.events.WithLabelValues(class).Add(float64(r.events))
	m.signals.WithLabelValues(class).Add(float64(r.findings))
}
