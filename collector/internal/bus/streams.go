package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// streamConfig is what an events stream has to be: on disk, full means full, and
// nothing goes by age, for that would delete what nobody has read yet.
func streamConfig(class eventv1.Class, maxBytes int64) jetstream.StreamConfig {
	if maxBytes == 0 {
		maxBytes = -1
	}
	return jetstream.StreamConfig{
		Name:               subject.EventsStream(class),
		Description:        "Sealed batches of class " + event.ClassName(class),
		Subjects:           []string{subject.EventsFilter(class)},
		Retention:          jetstream.LimitsPolicy,
		Storage:            jetstream.FileStorage,
		Discard:            jetstream.DiscardNew,
		MaxMsgs:            -1,
		MaxBytes:           maxBytes,
		MaxMsgsPerSubject:  -1,
		MaxMsgSize:         event.MaxMessage,
		MaxConsumers:       -1,
		Replicas:           1,
		AllowDirect:        true,
		AllowAtomicPublish: true,
	}
}

// ensureStream creates a stream, or brings an existing one back to what the
// promise stands on. What an operator may choose (replicas, placement and so
// on) stays as it is.
func ensureStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = js.CreateStream(ctx, want)
		if err != nil {
			return nil, fmt.Errorf("create stream %s: %w", want.Name, err)
		}
		return stream, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up stream %s: %w", want.Name, err)
	}
	have := stream.CachedInfo().Config
	if have.Storage != jetstream.FileStorage || have.Retention != jetstream.LimitsPolicy {
		return nil, fmt.Errorf("stream %s must keep its messages in files, by limits", want.Name)
	}
	right := have.Discard == want.Discard && have.MaxAge == 0 && have.MaxMsgs == -1 &&
		have.MaxMsgsPerSubject == -1 && have.MaxBytes == want.MaxBytes && !have.NoAck &&
		have.AllowDirect && have.AllowAtomicPublish
	if right {
		return stream, nil
	}
	have.Discard, have.MaxAge, have.MaxMsgs = want.Discard, 0, -1
	have.MaxMsgsPerSubject, have.MaxBytes, have.NoAck = -1, want.MaxBytes, false
	have.AllowDirect, have.AllowAtomicPublish = true, true
	stream, err = js.UpdateStream(ctx, have)
	if err != nil {
		return nil, fmt.Errorf("update stream %s: %w", want.Name, err)
	}
	return stream, nil
}
