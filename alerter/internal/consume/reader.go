package consume

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/stored"
	"github.com/tocsin-security/tocsin/proto/event"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// maxAhead is by how much an event may claim to be newer than its reception.
const maxAhead = 5 * time.Minute

// Reader reads stored batches, event by event. It belongs to one goroutine.
type Reader struct {
	codec  *event.Codec
	host   func(agent string) string
	walker event.Walker
	batch  []byte
	event  finding.Event
}

// NewReader makes a reader; host names the host of an agent.
func NewReader(codec *event.Codec, host func(agent string) string) *Reader {
	return &Reader{codec: codec, host: host}
}

// Read gives visit every event of a batch. The event is valid during the call only.
// After an error, events before it may have been visited.
func (r *Reader) Read(m jetstream.Msg, visit func(*finding.Event)) error {
	class, agent, err := subject.ParseEvents(m.Subject())
	if err != nil {
		return err
	}
	header, err := subject.ParseHeader(m.Headers().Get)
	if err != nil {
		return err
	}
	if r.batch, err = r.codec.Open(r.batch[:0], m.Data()); err != nil {
		return fmt.Errorf("open batch: %w", err)
	}
	opened, err := r.walker.Open(r.batch)
	if err != nil {
		return fmt.Errorf("read batch: %w", err)
	}
	if opened.Agent != agent || opened.Class != class {
		return fmt.Errorf("batch of %s and class %s stored under %s", opened.Agent, event.ClassName(opened.Class), m.Subject())
	}
	r.event = finding.Event{
		Event: event.Event{Fields: r.event.Fields}, Class: class, Agent: agent,
		Host: r.host(agent), Header: &opened, Received: header.Received,
	}
	for ; ; r.event.Index++ {
		more, err := r.walker.Next(&r.event.Event)
		if err != nil {
			return fmt.Errorf("read batch: %w", err)
		}
		if !more {
			return nil
		}
		r.event.Corrected = min(r.event.Time-header.Skew, header.Received+int64(maxAhead))
		visit(&r.event)
	}
}

// Hosts reads the registry of agents once: it gives the name that each was enrolled
// under, and the agent's id for one that the registry does not know.
func Hosts(ctx context.Context, js jetstream.JetStream) (func(agent string) string, error) {
	names := make(map[string]string)
	prefix := "$KV." + subject.AgentsBucket + "."
	stream, err := js.Stream(ctx, "KV_"+subject.AgentsBucket)
	if err == nil {
		err = stored.Read(ctx, stream, stored.From{Filter: prefix + ">", Policy: jetstream.DeliverLastPerSubjectPolicy}, func(m jetstream.Msg, _ *jetstream.MsgMetadata) error {
			var agent fleetv1.Agent
			if err := proto.Unmarshal(m.Data(), &agent); err != nil {
				return fmt.Errorf("%s: %w", m.Subject(), err)
			}
			names[m.Subject()[len(prefix):]] = agent.GetName()
			return nil
		})
	}
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("read bucket %s: %w", subject.AgentsBucket, err)
	}
	return func(agent string) string {
		if name := names[agent]; name != "" {
			return name
		}
		return agent
	}, nil
}
