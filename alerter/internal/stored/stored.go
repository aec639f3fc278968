// Package stored reads what a stream holds now, to its end.
//
// In flow a stream and where to begin; out flow its messages in order, each once,
// or an error. It is for whoever has to know a state before going on: where NATS
// goes away meanwhile, the read fails within seconds and is begun anew by its
// caller. An ordered consumer would instead go on by itself, but waits half a
// minute for a reply that was lost, and takes no context for it.
package stored

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// expiry is how long one request for messages stands; the server says every
	// half of it that it is still there, and is given up after two silent ones.
	expiry = 6 * time.Second
	// requestTimeout bounds the making of the consumer.
	requestTimeout = 5 * time.Second
	// silence bounds the wait for one message. Without it a read whose connection
	// broke while it waited would wait until there is one again: the client stops
	// to count missed heartbeats once it knows. It also ends the read of messages
	// that were removed after they had been counted.
	silence = 2 * expiry
	// inactive is after which rest the server forgets the consumer.
	inactive = time.Minute
)

// ErrEnough ends a read early, and well, when take returns it.
var ErrEnough = errors.New("enough was read")

// From says where a read begins: Filter is the subjects', Policy, Sequence and
// Time are those of a JetStream consumer.
type From struct {
	Filter   string
	Policy   jetstream.DeliverPolicy
	Sequence uint64
	Time     *time.Time
}

// Read gives take all messages that are there when it begins. take is called by
// this goroutine; its error, but ErrEnough, ends the read and is returned.
func Read(ctx context.Context, stream jetstream.Stream, from From, take func(jetstream.Msg, *jetstream.MsgMetadata) error) error {
	err := read(ctx, stream, from, take)
	if errors.Is(err, ErrEnough) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", from.Filter, err)
	}
	return nil
}

func read(ctx context.Context, stream jetstream.Stream, from From, take func(jetstream.Msg, *jetstream.MsgMetadata) error) error {
	asked, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	consumer, err := stream.CreateConsumer(asked, jetstream.ConsumerConfig{
		FilterSubject: from.Filter, DeliverPolicy: from.Policy, OptStartSeq: from.Sequence, OptStartTime: from.Time,
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: inactive,
	})
	if err != nil {
		return err
	}
	left := consumer.CachedInfo().NumPending
	if left == 0 {
		return nil
	}
	messages, err := consumer.Messages(jetstream.PullExpiry(expiry), jetstream.PullHeartbeat(expiry/2))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for n := uint64(1); n <= left; n++ {
		m, err := next(ctx, messages)
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Consumer != n {
			return fmt.Errorf("message %d came where %d was due", meta.Sequence.Consumer, n)
		}
		if err := take(m, meta); err != nil {
			return err
		}
		if meta.NumPending == 0 {
			return nil
		}
	}
	return nil
}

func next(ctx context.Context, messages jetstream.MessagesContext) (jetstream.Msg, error) {
	waited, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	m, err := messages.Next(jetstream.NextContext(waited))
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("no message came within %v", silence)
	}
	return m, err
}
