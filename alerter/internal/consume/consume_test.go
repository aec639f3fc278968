package consume_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/consume"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo signals every event, to a partition that the event's number names.
type echo struct{ panicOn []byte }

func (d echo) Detect(e *finding.Event, emit func(finding.Signal)) {
	if d.panicOn != nil && bytes.Contains(e.Original, d.panicOn) {
		panic("the event that no rule survives") //nolint:forbidigo // what the worker has to survive
	}
	emit(finding.Signal{Partition: uint32(e.Ordinal % finding.Partitions), Signal: &alertv1.Signal{
		Root: bytes.Repeat([]byte{1}, 32), Group: []string{e.Host},
		Finding: &alertv1.Finding{EventId: e.EventID(), Agent: e.Agent, Time: uint64(e.Corrected), Original: bytes.Clone(e.Original)},
	}})
}

func (echo) Flush() {}

type fleet struct {
	t     testing.TB
	js    jetstream.JetStream
	codec *event.Codec
	agent string
	next  uint64
	// ackWait is that of the consumers that run; theirs unless set.
	ackWait time.Duration
}

func newFleet(t testing.TB, js jetstream.JetStream) *fleet {
	t.Helper()
	codec, err := event.NewCodec()
	if err != nil {
		t.Fatal(err)
	}
	return &fleet{t: t, js: js, codec: codec, agent: event.HashID("an agent"), next: 1}
}

// prepare makes what the collector makes.
func (f *fleet) prepare() {
	f.t.Helper()
	for _, class := range event.Classes() {
		f.stream(subject.EventsStream(class), subject.EventsFilter(class))
	}
	kv, err := f.js.CreateKeyValue(f.t.Context(), jetstream.KeyValueConfig{Bucket: subject.AgentsBucket})
	if err != nil {
		f.t.Fatal(err)
	}
	data, err := proto.Marshal(&fleetv1.Agent{Id: f.agent, Name: "web1"})
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := kv.Put(f.t.Context(), f.agent, data); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) stream(name, filter string) {
	f.t.Helper()
	if _, err := f.js.CreateStream(f.t.Context(), jetstream.StreamConfig{
		Name: name, Subjects: []string{filter}, AllowAtomicPublish: true,
	}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) own() {
	f.stream(subject.SignalsStream, subject.SignalsFilter)
	f.stream(subject.DeadLetterStream, subject.DeadLetterFilter)
	if _, err := lease.Ensure(f.t.Context(), f.js, subject.LeasesBucket, ""); err != nil {
		f.t.Fatal(err)
	}
}

// send publishes one batch of events of these texts.
func (f *fleet) send(class eventv1.Class, skew time.Duration, texts ...string) {
	f.t.Helper()
	h := event.Header{Agent: f.agent, Class: class, Epoch: [event.EpochSize]byte{1}, FirstSequence: f.next, Count: uint32(len(texts))}
	batch := event.AppendHeader(nil, &h)
	for i, text := range texts {
		batch = event.AppendEvent(batch, &event.Event{
			Time: time.Now().UnixNano(), Observed: time.Now().UnixNano(), Ordinal: f.next + uint64(i), Original: []byte(text),
		})
	}
	f.next += uint64(len(texts))
	f.put(class, skew, f.codec.Seal(nil, batch), &h)
}

func (f *fleet) put(class eventv1.Class, skew time.Duration, sealed []byte, h *event.Header) {
	f.t.Helper()
	stored := subject.Header{
		Epoch: h.Epoch, FirstSequence: h.FirstSequence, Count: h.Count, Hash: event.Hash(sealed),
		Received: time.Now().UnixNano(), Skew: int64(skew),
	}
	m := nats.NewMsg(subject.Events(class, f.agent))
	m.Data, m.Header = sealed, stored.Format(f.agent, class)
	if _, err := f.js.PublishMsg(f.t.Context(), m); err != nil {
		f.t.Fatal(err)
	}
}

// run starts a consumer that ends with the test or before.
func (f *fleet) run(d consume.Detector, handled *atomic.Int64) (c *consume.Consumer, stop func()) {
	f.t.Helper()
	c, err := consume.New(consume.Options{
		JetStream: f.js, Bucket: subject.LeasesBucket, Workers: 2, AckWait: f.ackWait, Log: slog.New(slog.DiscardHandler),
		Detector: func(int) (consume.Detector, []byte) {
			if handled != nil {
				handled.Add(1)
			}
			return d, []byte("rules")
		},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Run(ctx); err != nil && ctx.Err() == nil {
			f.t.Error(err)
		}
	}()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	f.t.Cleanup(stop)
	return c, stop
}

// stored reads a stream.
func (f *fleet) stored(name string) []*jetstream.RawStreamMsg {
	f.t.Helper()
	stream, err := f.js.Stream(f.t.Context(), name)
	if err != nil {
		return nil
	}
	var list []*jetstream.RawStreamMsg
	for seq := stream.CachedInfo().State.FirstSeq; seq > 0 && seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(f.t.Context(), seq)
		if err != nil {
			f.t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

func (f *fleet) findings() map[string]*alertv1.Finding {
	f.t.Helper()
	found := make(map[string]*alertv1.Finding)
	for _, m := range f.stored(subject.SignalsStream) {
		var signals alertv1.Signals
		if err := proto.Unmarshal(m.Data, &signals); err != nil {
			f.t.Fatal(err)
		}
		for _, s := range signals.GetSignals() {
			if m.Subject != subject.Signals(uint32(orderOf(s.GetFinding())%finding.Partitions)) {
				f.t.Errorf("%s holds %q", m.Subject, s.GetFinding().GetOriginal())
			}
			found[s.GetFinding().GetEventId()] = s.GetFinding()
		}
	}
	return found
}

// orderOf reads the number that a test wrote into an event's text.
func orderOf(f *alertv1.Finding) (n uint64) {
	_, _ = fmt.Sscanf(string(f.GetOriginal()), "event %d", &n)
	return n
}

func texts(from uint64, n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("event %d", from+uint64(i))
	}
	return list
}

func (f *fleet) acked(class eventv1.Class) bool {
	f.t.Helper()
	c, err := f.js.Consumer(f.t.Context(), subject.EventsStream(class), "alerter-"+event.ClassName(class))
	if err != nil {
		return false
	}
	info := c.CachedInfo()
	return info.NumPending == 0 && info.NumAckPending == 0
}

func TestThreeConsumersShareAndEveryEventIsSignalled(t *testing.T) {
	f := newFleet(t, natstest.Start(t).JetStream())
	f.prepare()
	f.own()
	for range 300 {
		f.send(eventv1.Class_CLASS_AUTH, 0, texts(f.next, 3)...)
	}
	var handled [3]atomic.Int64
	for i := range handled {
		f.run(echo{}, &handled[i])
	}
	natstest.Eventually(t, 2*time.Minute, "all is acked", func() bool { return f.acked(eventv1.Class_CLASS_AUTH) })
	if got := len(f.findings()); got != 900 {
		t.Errorf("%d of 900 events were signalled", got)
	}
	for i := range handled {
		if handled[i].Load() < 30 {
			t.Errorf("consumer %d handled %d of 300 batches", i, handled[i].Load())
		}
	}
}

func TestTimesAreCorrectedAndHostsNamed(t *testing.T) {
	f := newFleet(t, natstest.Start(t).JetStream())
	f.prepare()
	f.own()
	f.run(echo{}, nil)
	began := time.Now()
	f.send(eventv1.Class_CLASS_WEB, -time.Hour, texts(f.next, 1)...) // claims to be an hour ahead after correction
	f.send(eventv1.Class_CLASS_WEB, time.Hour, texts(f.next, 1)...)
	natstest.Eventually(t, 2*time.Minute, "all is acked", func() bool { return f.acked(eventv1.Class_CLASS_WEB) })
	for _, found := range f.findings() {
		ahead := time.Unix(0, int64(found.GetTime())).Sub(began)
		want := 5 * time.Minute
		if orderOf(found) == 2 {
			want = -time.Hour
		}
		if (ahead - want).Abs() > 30*time.Second {
			t.Errorf("event %d is %v ahead, want %v", orderOf(found), ahead, want)
		}
	}
	for _, m := range f.stored(subject.SignalsStream) {
		var signals alertv1.Signals
		if err := proto.Unmarshal(m.Data, &signals); err != nil {
			t.Fatal(err)
		}
		if o := signals.GetOrigin(); o.GetClass() != eventv1.Class_CLASS_WEB || o.GetStreamSequence() == 0 || o.GetStreamTime() == 0 {
			t.Errorf("origin %v", o)
		}
		if got := signals.GetSignals()[0].GetGroup()[0]; got != "web1" {
			t.Errorf("host %q", got)
		}
	}
}

func TestPoisonGoesToTheDeadLettersAndTheRestGoesOn(t *testing.T) {
	f := newFleet(t, natstest.Start(t).JetStream())
	f.prepare()
	f.own()
	f.run(echo{panicOn: []byte("boom")}, nil)
	h := event.Header{Agent: f.agent, Class: eventv1.Class_CLASS_APP, FirstSequence: 1, Count: 1}
	f.put(eventv1.Class_CLASS_APP, 0, []byte("this is no batch"), &h)
	f.send(eventv1.Class_CLASS_APP, 0, "boom")
	f.send(eventv1.Class_CLASS_APP, 0, texts(f.next, 1)...)
	natstest.Eventually(t, 2*time.Minute, "all is acked or terminated", func() bool {
		return f.acked(eventv1.Class_CLASS_APP) && len(f.stored(subject.DeadLetterStream)) == 2
	})
	letters := f.stored(subject.DeadLetterStream)
	if len(letters) != 2 {
		t.Fatalf("%d dead letters", len(letters))
	}
	for _, m := range letters {
		if m.Subject != subject.DeadLetter("consume") || m.Header.Get("Tocsin-Dead-Reason") == "" ||
			m.Header.Get("Tocsin-Dead-Subject") != subject.Events(eventv1.Class_CLASS_APP, f.agent) {
			t.Errorf("dead letter %s %v", m.Subject, m.Header)
		}
	}
	if got := len(f.findings()); got != 1 {
		t.Errorf("%d findings of the good batch", got)
	}
}

func TestMissingStreamsAndOutagesAreWaitedFor(t *testing.T) {
	s := natstest.Start(t)
	f := newFleet(t, s.JetStream())
	f.own()
	c, _ := f.run(echo{}, nil)
	if err := c.Ready(); err == nil {
		t.Fatal("ready without any stream")
	}
	f.prepare()
	natstest.Eventually(t, 2*time.Minute, "the consumer is ready", func() bool { return c.Ready() == nil })
	f.send(eventv1.Class_CLASS_FILE, 0, texts(f.next, 1)...)
	natstest.Eventually(t, 2*time.Minute, "the first is signalled", func() bool { return len(f.findings()) == 1 })
	s.Stop()
	s.Restart()
	natstest.Eventually(t, 2*time.Minute, "the client is back", f.js.Conn().IsConnected)
	f.send(eventv1.Class_CLASS_FILE, 0, texts(f.next, 1)...)
	natstest.Eventually(t, 2*time.Minute, "the second is signalled", func() bool { return len(f.findings()) == 2 })
}

// An alerter that stood by takes its part again.
func TestAConsumerRunsAgain(t *testing.T) {
	f := newFleet(t, natstest.Start(t).JetStream())
	f.prepare()
	f.own()
	c, stop := f.run(echo{}, nil)
	f.send(eventv1.Class_CLASS_AUTH, 0, texts(f.next, 3)...)
	natstest.Eventually(t, 2*time.Minute, "the first is acked", func() bool { return len(f.findings()) == 3 && f.acked(eventv1.Class_CLASS_AUTH) })
	stop()
	f.send(eventv1.Class_CLASS_AUTH, 0, texts(f.next, 3)...)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	natstest.Eventually(t, 2*time.Minute, "the second is acked", func() bool { return len(f.findings()) == 6 && f.acked(eventv1.Class_CLASS_AUTH) })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
