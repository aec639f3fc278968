package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

var (
	// errUnavailable says that NATS did not let us note or look up a suspicion.
	errUnavailable = errors.New("suspicions cannot be noted")
	// errDeadly says that a process ended while it handled the batch alone.
	errDeadly = errors.New("an alerter died while it handled this batch alone")
)

// readAlone reads a batch that was delivered so often that it may be what ends
// processes: no other is read meanwhile, and what happens is noted beforehand.
func (c *Consumer) readAlone(ctx context.Context, key string, delivery uint64, read func() error) error {
	c.alone.Lock()
	defer c.alone.Unlock()
	kv, err := c.o.JetStream.KeyValue(ctx, c.o.Bucket)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnavailable, err)
	}
	note := "suspect." + key
	text := fmt.Sprintf("%s %d", c.process, delivery)
	_, err = kv.Create(ctx, note, []byte(text), jetstream.KeyTTL(24*time.Hour))
	if errors.Is(err, jetstream.ErrKeyExists) {
		err = c.noted(ctx, kv, note, delivery)
	} else if err != nil {
		err = fmt.Errorf("%w: %w", errUnavailable, err)
	}
	if err != nil {
		return err
	}
	err = read()
	// Whatever it was, the process lives. Publishing is not part of the suspicion.
	if purgeErr := kv.Purge(ctx, note, jetstream.PurgeTTL(time.Minute)); purgeErr != nil {
		return fmt.Errorf("%w: %w", errUnavailable, purgeErr)
	}
	return err
}

// patience is how many more deliveries a note of another process is taken for one
// of somebody who is merely slow, or who could not take it back.
const patience = 3

// noted is nil if a note says nothing against the batch: it is our own, and we
// live.
func (c *Consumer) noted(ctx context.Context, kv jetstream.KeyValue, note string, delivery uint64) error {
	entry, err := kv.Get(ctx, note)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnavailable, err)
	}
	var process string
	var at uint64
	if _, err := fmt.Sscanf(string(entry.Value()), "%s %d", &process, &at); err != nil {
		return errDeadly
	}
	switch {
	case process == c.process:
		return nil
	case delivery < at+patience:
		return fmt.Errorf("%w: another alerter reads the batch alone", errUnavailable)
	default:
		return errDeadly
	}
}
