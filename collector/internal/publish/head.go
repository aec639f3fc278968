package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/grpc/codes"

	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	ingestv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/ingest/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
	"github.com/tocsin-security/tocsin/proto/wireerr"
)

// head is the last stored batch of a lane; the zero value stands for a lane of
// which nothing is stored.
type head struct {
	epoch [event.EpochSize]byte
	first uint64
	count uint32
	hash  [event.HashSize]byte
	// stream is its sequence in JetStream: the fence of what follows.
	stream uint64
}

func headOf(h *event.Header, sealed []byte) head {
	return head{epoch: h.Epoch, first: h.FirstSequence, count: h.Count, hash: event.Hash(sealed)}
}

// same tells whether two heads are the same batch, wherever they are stored.
func (h *head) same(other *head) bool {
	return h.epoch == other.epoch && h.first == other.first && h.hash == other.hash
}

func (h *head) wire(class eventv1.Class) *ingestv1.LaneHead {
	return &ingestv1.LaneHead{
		Class: class, Epoch: h.epoch[:], FirstSequence: h.first, Count: h.count, Hash: h.hash[:],
	}
}

// follows refuses a batch that is not the next of its lane: an epoch goes on
// without a gap and with the previous batch's hash, and a new one begins at 1.
func follows(last *head, h *event.Header) error {
	name := event.ClassName(h.Class)
	if last.stream == 0 || last.epoch != h.Epoch {
		if h.FirstSequence != 1 {
			return refused("lane %s: a new epoch begins at %d, not at 1", name, h.FirstSequence)
		}
		return nil
	}
	if want := last.first + uint64(last.count); h.FirstSequence != want {
		return refused("lane %s: sequence %d where %d is next", name, h.FirstSequence, want)
	}
	if h.Previous != last.hash {
		return refused("lane %s: sequence %d does not follow the batch that is stored before it", name, h.FirstSequence)
	}
	return nil
}

func refused(format string, args ...any) error {
	return wireerr.New(codes.FailedPrecondition, wireerr.BatchRefused, fmt.Sprintf(format, args...))
}

func (p *Publisher) readHead(ctx context.Context, class eventv1.Class, agent string) (head, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	stream, err := p.o.Streams.Stream(class)
	if err != nil {
		return head{}, err
	}
	message, err := stream.GetLastMsgForSubject(ctx, subject.Events(class, agent))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return head{}, nil
	}
	if err != nil {
		return head{}, fmt.Errorf("read head of lane: %w", err)
	}
	h, err := subject.ParseHeader(message.Header.Get)
	if err != nil {
		return head{}, fmt.Errorf("read head of lane: %w", err)
	}
	return head{epoch: h.Epoch, first: h.FirstSequence, count: h.Count, hash: h.Hash, stream: message.Sequence}, nil
}
