package consume_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/natstest"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestABatchWhoseSignalsAreRefusedHoldsUpNobody(t *testing.T) {
	f := newFleet(t, natstest.Start(t).JetStream())
	f.prepare()
	f.own()
	settings := jetstream.StreamConfig{
		Name: subject.SignalsStream, Subjects: []string{subject.SignalsFilter}, AllowAtomicPublish: true, MaxMsgSize: 4096,
	}
	if _, err := f.js.UpdateStream(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	const good, size = 40, 5
	for i := range good {
		if i == good/2 {
			f.send(eventv1.Class_CLASS_AUTH, 0, strings.Repeat("x", 8192))
		}
		f.send(eventv1.Class_CLASS_AUTH, 0, texts(f.next, size)...)
	}
	f.run(echo{}, nil)
	natstest.Eventually(t, 2*time.Minute, "the others are signalled", func() bool { return len(f.findings()) == good*size })
	if f.acked(eventv1.Class_CLASS_AUTH) {
		t.Error("a batch was acked whose signals are not stored")
	}
	settings.MaxMsgSize = -1
	if _, err := f.js.UpdateStream(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	natstest.Eventually(t, 2*time.Minute, "all is acked", func() bool { return f.acked(eventv1.Class_CLASS_AUTH) })
	if got := len(f.stored(subject.SignalsStream)); got < good*size+1 {
		t.Errorf("%d messages of signals", got)
	}
}

func TestWhatIsNotStoredWhenItStopsIsGivenBack(t *testing.T) {
	f := newFleet(t, natstest.Start(t).JetStream())
	f.prepare()
	f.ackWait = time.Hour // what is not given back does not come again while we wait
	const batches = 8
	for range batches {
		f.send(eventv1.Class_CLASS_AUTH, 0, texts(f.next, 2)...)
	}
	var handled atomic.Int64
	_, stop := f.run(echo{}, &handled)
	// There is no stream for signals yet.
	natstest.Eventually(t, 2*time.Minute, "all batches wait", func() bool { return handled.Load() == batches })
	stop()
	f.own()
	f.run(echo{}, nil)
	natstest.Eventually(t, 2*time.Minute, "all is acked", func() bool { return f.acked(eventv1.Class_CLASS_AUTH) })
	if got := len(f.findings()); got != 2*batches {
		t.Errorf("%d events signalled, want %d", got, 2*batches)
	}
}
