package consume

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/lease"
	"github.com/tocsin-security/tocsin/alerter/natstest"
)

func TestABatchThatAProcessDiedOnIsNotTriedAgain(t *testing.T) {
	js := natstest.Start(t).JetStream()
	kv, err := lease.Ensure(t.Context(), js, "LEASES")
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
	if err := c.readAlone(t.Context(), "EVENTS.7", read); err != nil || !noted {
		t.Fatalf("read: %v; noted beforehand: %v", err, noted)
	}
	if _, err := kv.Get(t.Context(), "suspect.EVENTS.7"); !errors.Is(err, jetstream.ErrKeyNotFound) {
		t.Fatalf("the note of a batch that was survived: %v", err)
	}
	if err := c.readAlone(t.Context(), "EVENTS.7", read); err != nil {
		t.Fatalf("a batch that was survived once: %v", err)
	}
	// A process that dies leaves its note.
	if _, err := kv.Create(t.Context(), "suspect.EVENTS.8", nil); err != nil {
		t.Fatal(err)
	}
	err = c.readAlone(t.Context(), "EVENTS.8", func() error { t.Error("read again"); return nil })
	if !errors.Is(err, errDeadly) {
		t.Fatalf("a batch that a process died on: %v", err)
	}
}
