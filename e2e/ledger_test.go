package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// ledger is what the events streams hold.
type ledger struct {
	// contents counts each raw line.
	contents map[string]int
	// batches counts the messages read.
	batches int
}

// readLedger reads every events stream from its beginning, and refuses what
// breaks a promise: an event id twice, a lane out of order, a broken chain.
func readLedger(ctx context.Context, js jetstream.JetStream) (*ledger, error) {
	l := &ledger{contents: make(map[string]int)}
	codec, err := event.NewCodec()
	if err != nil {
		return nil, err
	}
	ids := make(map[string]bool)
	var errs []error
	for _, class := range event.Classes() {
		lanes := make(map[string]*lane)
		err := eachMessage(ctx, js, subject.EventsStream(class), func(m jetstream.Msg) error {
			l.batches++
			return l.batch(codec, lanes, ids, m)
		})
		errs = append(errs, err)
	}
	return l, errors.Join(errs...)
}

// lane is how far one agent's sequence of one class has been read.
type lane struct {
	epoch   [event.EpochSize]byte
	next    uint64
	hash    [event.HashSize]byte
	ordinal uint64
}

func (l *ledger) batch(codec *event.Codec, lanes map[string]*lane, ids map[string]bool, m jetstream.Msg) error {
	batch, err := codec.Open(nil, m.Data())
	if err != nil {
		return err
	}
	var w event.Walker
	h, err := w.Open(batch)
	if err != nil {
		return err
	}
	at := lanes[m.Subject()]
	if at == nil || at.epoch != h.Epoch {
		if at != nil {
			return fmt.Errorf("%s: a new epoch", m.Subject()) // nothing here loses a spool
		}
		at = &lane{epoch: h.Epoch, next: 1}
		lanes[m.Subject()] = at
	}
	if h.FirstSequence != at.next || h.Previous != at.hash {
		return fmt.Errorf("%s: batch of %d where %d was due", m.Subject(), h.FirstSequence, at.next)
	}
	at.next, at.hash = h.FirstSequence+uint64(h.Count), event.Hash(m.Data())
	var e event.Event
	for index := 0; ; index++ {
		more, err := w.Next(&e)
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		id := event.ID(&h, index)
		if ids[id] {
			return fmt.Errorf("%s: event %s twice", m.Subject(), id)
		}
		ids[id] = true
		if e.Ordinal <= at.ordinal {
			return fmt.Errorf("%s: ordinal %d after %d", m.Subject(), e.Ordinal, at.ordinal)
		}
		at.ordinal = e.Ordinal
		if h.Class != eventv1.Class_CLASS_AGENT {
			l.contents[string(e.Original)]++
		}
	}
}

// compare holds the contents against the lines that were written, each once.
func (l *ledger) compare(written []string) error {
	want := make(map[string]int, len(written))
	for _, line := range written {
		want[line]++
	}
	missing, repeated, foreign := 0, 0, 0
	var example string
	for line, n := range want {
		switch got := l.contents[line]; {
		case got < n:
			missing += n - got
			example = line
		case got > n:
			repeated += got - n
			example = line
		}
	}
	for line := range l.contents {
		if want[line] == 0 {
			foreign++
			example = line
		}
	}
	if missing+repeated+foreign > 0 {
		return fmt.Errorf("of %d lines %d are missing, %d repeated, %d never written; for example %q",
			len(written), missing, repeated, foreign, example)
	}
	return nil
}

// total is how many events of agents' sources there are.
func (l *ledger) total() int {
	n := 0
	for _, count := range l.contents {
		n += count
	}
	return n
}

// eachMessage reads a stream from its beginning to what is now its end.
func eachMessage(ctx context.Context, js jetstream.JetStream, stream string, do func(jetstream.Msg) error) error {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return fmt.Errorf("open %s: %w", stream, err)
	}
	state := s.CachedInfo().State
	if state.Msgs == 0 {
		return nil
	}
	consumer, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return fmt.Errorf("read %s: %w", stream, err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("read %s: %w", stream, err)
	}
	defer func() {
		messages.Stop()
		// A stream allows so many consumers, and a forgotten one stays for minutes.
		_ = s.DeleteConsumer(context.WithoutCancel(ctx), consumer.CachedInfo().Name)
	}()
	var errs []error
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read %s: %w", stream, err)
		}
		if err := do(m); err != nil && len(errs) < 3 {
			errs = append(errs, fmt.Errorf("%s %d: %w", stream, meta.Sequence.Stream, err))
		}
		if meta.Sequence.Stream >= state.LastSeq {
			return errors.Join(slices.Clip(errs)...)
		}
	}
}
