package alerter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/tocsin-security/tocsin/alerter/internal/stored"
	"github.com/tocsin-security/tocsin/proto/event"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// readAhead is how many batches of each class wait to be merged, 1 MiB each at most.
const readAhead = 4

// batchAt is a batch and when it was stored.
type batchAt struct {
	message jetstream.Msg
	at      time.Time
}

// replay gives take the batches of all classes that are there now and were stored
// after a time, in the order in which they were stored.
func replay(ctx context.Context, js jetstream.JetStream, since time.Time, take func(jetstream.Msg, time.Time) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	var sources []<-chan batchAt
	for _, class := range event.Classes() {
		stream, err := js.Stream(ctx, subject.EventsStream(class))
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("open %s: %w", subject.EventsStream(class), err)
		}
		batches := make(chan batchAt, readAhead)
		sources = append(sources, batches)
		from := stored.From{Filter: subject.EventsFilter(class), Policy: jetstream.DeliverByStartTimePolicy, Time: &since}
		g.Go(func() error {
			defer close(batches)
			return stored.Read(ctx, stream, from, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
				select {
				case batches <- batchAt{m, meta.Timestamp}:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
	}
	if len(sources) == 0 {
		return errors.New("this NATS has no events: no collector has run on it yet")
	}
	err := merge(sources, take)
	if err != nil {
		cancel() // who reads ahead waits for nobody any more
		_ = g.Wait()
		return err
	}
	return g.Wait()
}

// merge takes what comes from the sources, each in the order of time, in the order of
// time.
func merge(sources []<-chan batchAt, take func(jetstream.Msg, time.Time) error) error {
	type head struct {
		batchAt
		more <-chan batchAt
	}
	var heads []head
	for _, source := range sources {
		if first, ok := <-source; ok {
			heads = append(heads, head{first, source})
		}
	}
	for len(heads) > 0 {
		first := 0
		for i := range heads {
			if heads[i].at.Before(heads[first].at) {
				first = i
			}
		}
		if err := take(heads[first].message, heads[first].at); err != nil {
			return err
		}
		next, ok := <-heads[first].more
		if ok {
			heads[first].batchAt = next
			continue
		}
		heads = append(heads[:first], heads[first+1:]...)
	}
	return nil
}
