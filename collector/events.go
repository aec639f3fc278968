package collector

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/collector/internal/fleet"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// EventsOptions says which stored events to read.
type EventsOptions struct {
	// Classes are those to read; all where empty.
	Classes []eventv1.Class
	// Agent is an agent's id or name; all where empty.
	Agent string
	// Since reads only what was stored in the last while; everything where
	// negative, and nothing but what is still to come where zero.
	Since time.Duration
	// Follow goes on with what is stored later, until ctx ends.
	Follow bool
}

// Events writes stored events to w, decoded, one JSON object a line: those of a
// lane in order, classes one after another, or mixed while following.
func Events(ctx context.Context, cfg *Config, o EventsOptions, w io.Writer) error {
	c, err := dial(cfg)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	r := &reader{o: o, js: c.js, out: bufio.NewWriterSize(w, 64<<10), names: make(map[string]string), began: time.Now()}
	if r.agents, err = c.bucket(ctx, subject.AgentsBucket); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	classes := o.Classes
	if len(classes) == 0 {
		classes = event.Classes()
	}
	group, ctx := errgroup.WithContext(ctx)
	if !o.Follow {
		group.SetLimit(1)
	}
	for _, class := range classes {
		group.Go(func() error { return r.read(ctx, class) })
	}
	return group.Wait()
}

// reader decodes streams to one output.
type reader struct {
	o      EventsOptions
	js     jetstream.JetStream
	agents jetstream.KeyValue
	agent  string // id, where one was chosen
	began  time.Time

	mu    sync.Mutex // guards the fields below
	out   *bufio.Writer
	line  []byte
	names map[string]string
}

func (r *reader) open(ctx context.Context) error {
	agents, err := fleet.Agents(ctx, r.agents)
	if err != nil {
		return err
	}
	for _, a := range agents {
		r.names[a.GetId()] = a.GetName()
		if r.o.Agent != a.GetId() && r.o.Agent != a.GetName() || r.o.Agent == "" {
			continue
		}
		if r.agent != "" {
			return fmt.Errorf("two agents are named %q: give the id", r.o.Agent)
		}
		r.agent = a.GetId()
	}
	if r.o.Agent != "" && r.agent == "" {
		return fmt.Errorf("no agent has the name or id %q", r.o.Agent)
	}
	return nil
}

func (r *reader) read(ctx context.Context, class eventv1.Class) error {
	filter := subject.EventsFilter(class)
	if r.agent != "" {
		filter = subject.Events(class, r.agent)
	}
	config := jetstream.OrderedConsumerConfig{FilterSubjects: []string{filter}, DeliverPolicy: jetstream.DeliverAllPolicy}
	if r.o.Since >= 0 {
		start := r.began.Add(-r.o.Since)
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &start
	}
	consumer, err := r.js.OrderedConsumer(ctx, subject.EventsStream(class), config)
	if err != nil {
		return fmt.Errorf("read %s: %w", subject.EventsStream(class), err)
	}
	if !r.o.Follow && consumer.CachedInfo().NumPending == 0 {
		return nil
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("read %s: %w", subject.EventsStream(class), err)
	}
	defer messages.Stop()
	codec, err := event.NewCodec()
	if err != nil {
		return err
	}
	d := &decoder{codec: codec}
	for {
		message, err := messages.Next(jetstream.NextContext(ctx))
		if ctx.Err() != nil {
			return nil // being asked to stop is no error
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", subject.EventsStream(class), err)
		}
		if err := r.write(ctx, d, message); err != nil {
			return err
		}
		meta, err := message.Metadata()
		if err != nil {
			return fmt.Errorf("read %s: %w", subject.EventsStream(class), err)
		}
		if meta.NumPending == 0 && !r.o.Follow {
			return nil
		}
	}
}

// decoder holds what decoding one class's batches reuses.
type decoder struct {
	codec  *event.Codec
	buffer []byte
	walker event.Walker
	event  event.Event
}

func (r *reader) write(ctx context.Context, d *decoder, message jetstream.Msg) error {
	class, agent, err := subject.ParseEvents(message.Subject())
	if err != nil {
		return err
	}
	if d.buffer, err = d.codec.Open(d.buffer[:0], message.Data()); err != nil {
		return fmt.Errorf("decode batch %s: %w", message.Headers().Get(subject.HeaderID), err)
	}
	header, err := d.walker.Open(d.buffer)
	if err != nil {
		return fmt.Errorf("decode batch %s: %w", message.Headers().Get(subject.HeaderID), err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	host := r.hostName(ctx, agent)
	for index := 0; ; index++ {
		more, err := d.walker.Next(&d.event)
		if err != nil {
			return fmt.Errorf("decode batch %s: %w", message.Headers().Get(subject.HeaderID), err)
		}
		if !more {
			break
		}
		meta := event.Meta{ID: event.ID(&header, index), Class: class, AgentID: agent, HostName: host}
		r.line = append(event.AppendJSON(r.line[:0], &d.event, meta), '\n')
		if _, err := r.out.Write(r.line); err != nil {
			return fmt.Errorf("write events: %w", err)
		}
	}
	if err := r.out.Flush(); err != nil {
		return fmt.Errorf("write events: %w", err)
	}
	return nil
}

// hostName is the registry's name of an agent; r.mu is held. A failed look-up
// leaves the name empty and is tried again with the next batch.
func (r *reader) hostName(ctx context.Context, agent string) string {
	if name, ok := r.names[agent]; ok {
		return name
	}
	entry, err := r.agents.Get(ctx, agent)
	if err != nil {
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			r.names[agent] = ""
		}
		return ""
	}
	var a fleetv1.Agent
	if err := proto.Unmarshal(entry.Value(), &a); err != nil {
		return ""
	}
	r.names[agent] = a.GetName()
	return a.GetName()
}
