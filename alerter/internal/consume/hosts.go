package consume

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// hosts follows the registry of agents: which name each was enrolled under.
type hosts struct {
	js     jetstream.JetStream
	log    *slog.Logger
	loaded chan struct{}
	once   sync.Once

	mu    sync.RWMutex // guards names
	names map[string]string
}

func newHosts(js jetstream.JetStream, log *slog.Logger) *hosts {
	return &hosts{js: js, log: log, loaded: make(chan struct{}), names: make(map[string]string)}
}

// name is the host's name. An agent that the registry does not know, as it is
// enrolled but not yet seen here, goes by its id.
func (h *hosts) name(agent string) string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if name, ok := h.names[agent]; ok {
		return name
	}
	return agent
}

func (h *hosts) ready() error {
	select {
	case <-h.loaded:
		return nil
	default:
		return fmt.Errorf("%s: not yet read", subject.AgentsBucket)
	}
}

// wait returns when the registry has been read once: before that, groups that
// hold a host's name would be other groups.
func (h *hosts) wait(ctx context.Context) error {
	select {
	case <-h.loaded:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hosts) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := h.follow(ctx); err != nil && ctx.Err() == nil {
			h.log.Debug("waiting for the registry of agents", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

func (h *hosts) follow(ctx context.Context) error {
	kv, err := h.js.KeyValue(ctx, subject.AgentsBucket)
	if err != nil {
		return fmt.Errorf("look up bucket %s: %w", subject.AgentsBucket, err)
	}
	watch, err := kv.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch bucket %s: %w", subject.AgentsBucket, err)
	}
	defer func() { _ = watch.Stop() }() // the context ends it as well
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, open := <-watch.Updates():
			if !open {
				return errors.New("watch ended")
			}
			h.apply(entry)
		}
	}
}

// apply takes one entry; nil says that what there was has been read. A name
// stays known after its agent left, as its events are still there.
func (h *hosts) apply(entry jetstream.KeyValueEntry) {
	if entry == nil {
		h.once.Do(func() { close(h.loaded) })
		return
	}
	if entry.Operation() != jetstream.KeyValuePut {
		return
	}
	var agent fleetv1.Agent
	if err := proto.Unmarshal(entry.Value(), &agent); err != nil {
		h.log.Error("agent's entry skipped", "agent", entry.Key(), "error", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names[entry.Key()] = agent.GetName()
}
