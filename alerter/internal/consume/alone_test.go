package consume

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/natstest"
	"github.com/tocsin-security/tocsin/proto/subject"
)

func TestABatchThatAProcessDiedOnIsNotTriedAgain(t *testing.T) {
	js := natstest.Start(t).JetStream()
	kv, err := lease.Ensure(t.Context(), js, "LEASES", "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{JetStream: js, Bucket: "LEASES", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	noted := false
	read := func() error {
		_, err := kv.Get(t.Context(), "suspect.EVENTS.7")
		noted = err == nil
		return nil
	}
	if err := c.readAlone(t.Context(), "EVENTS.7", 5, read); err != nil || !noted {
		t.Fatalf("read: %v; noted beforehand: %v", err, noted)
	}
	if _, err := kv.Get(t.Context(), "suspect.EVENTS.7"); !errors.Is(err, jetstream.ErrKeyNotFound) {
		t.Fatalf("the note of a batch that was survived: %v", err)
	}
	if err := c.readAlone(t.Context(), "EVENTS.7", 5, read); err != nil {
		t.Fatalf("a batch that was survived once: %v", err)
	}
	// A process that dies leaves its note.
	if _, err := kv.Create(t.Context(), "suspect.EVENTS.8", []byte("another 6")); err != nil {
		t.Fatal(err)
	}
	err = c.readAlone(t.Context(), "EVENTS.8", 9, func() error { t.Error("read again"); return nil })
	if !errors.Is(err, errDeadly) {
		t.Fatalf("a batch that a process died on: %v", err)
	}
}

func TestANoteOfWhoLivesBuriesNothing(t *testing.T) {
	js := natstest.Start(t).JetStream()
	kv, err := lease.Ensure(t.Context(), js, "LEASES", "")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{JetStream: js, Bucket: "LEASES", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	// We read it, and could not take the note back.
	if _, err := kv.Create(t.Context(), "suspect.EVENTS.1", []byte(c.process+" 5")); err != nil {
		t.Fatal(err)
	}
	if err := c.readAlone(t.Context(), "EVENTS.1", 6, func() error { return nil }); err != nil {
		t.Errorf("our own note: %v", err)
	}
	// Another reads it, and is slow.
	if _, err := kv.Create(t.Context(), "suspect.EVENTS.2", []byte("another 5")); err != nil {
		t.Fatal(err)
	}
	err = c.readAlone(t.Context(), "EVENTS.2", 6, func() error { t.Error("read by two"); return nil })
	if !errors.Is(err, errUnavailable) {
		t.Errorf("the note of another: %v", err)
	}
}

func TestMoreMessagesThanAGroupTakesAreStored(t *testing.T) {
	js := natstest.Start(t).JetStream()
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "SIGNALS", Subjects: []string{subject.SignalsFilter}, AllowAtomicPublish: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	messages := make([]*nats.Msg, maxAtomic+100)
	for i := range messages {
		messages[i] = nats.NewMsg(subject.Signals(uint32(i % 64)))
	}
	if err := publish(t.Context(), js, messages); err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context())
	if err != nil || info.State.Msgs != uint64(len(messages)) {
		t.Fatalf("%d of %d messages are stored (%v)", info.State.Msgs, len(messages), err)
	}
}
