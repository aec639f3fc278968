package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// Buckets gives the key-value buckets by name, or says why they cannot be had
// now. The bus implements it; calls may come from any goroutine.
type Buckets interface {
	Bucket(name string) (jetstream.KeyValue, error)
}

// Registry is what is known of each agent. It is written on change only: when an
// agent was last seen lives in the collectors' memory.
type Registry struct {
	buckets Buckets
	now     func() time.Time
}

// NewRegistry keeps agents in bucket TOCSIN_AGENTS.
func NewRegistry(buckets Buckets, now func() time.Time) *Registry {
	return &Registry{buckets: buckets, now: now}
}

// Connected notes that an agent opened a stream, and what it said of itself. The
// result identifies this stream to Disconnected.
func (r *Registry) Connected(ctx context.Context, id Identity, version, platform string) (uint64, error) {
	stamp := uint64(r.now().UnixNano())
	err := r.change(ctx, id.AgentID, func(a *fleetv1.Agent) bool {
		if a.GetName() == "" { // the bucket was lost; the certificate still knows
			a.Name = id.Name
		}
		a.Version, a.Platform = version, platform
		a.CertificateExpires = uint64(id.Expires.UnixNano())
		a.Connected, a.Disconnected = stamp, 0
		return true
	})
	return stamp, err
}

// Disconnected notes that the stream that Connected stamped ended. It changes
// nothing where a later stream has opened since, here or at another collector.
func (r *Registry) Disconnected(ctx context.Context, agent string, stamp uint64) error {
	return r.change(ctx, agent, func(a *fleetv1.Agent) bool {
		if a.GetConnected() != stamp {
			return false
		}
		a.Disconnected = uint64(r.now().UnixNano())
		return true
	})
}

func (r *Registry) enrolled(ctx context.Context, id, name string, expires time.Time) error {
	return r.change(ctx, id, func(a *fleetv1.Agent) bool {
		if a.GetEnrolled() == 0 {
			a.Enrolled = uint64(r.now().UnixNano())
		}
		a.Name, a.CertificateExpires = name, uint64(expires.UnixNano())
		return true
	})
}

func (r *Registry) renewed(ctx context.Context, id string, expires time.Time) error {
	return r.change(ctx, id, func(a *fleetv1.Agent) bool {
		a.CertificateExpires = uint64(expires.UnixNano())
		return true
	})
}

// change applies a change to an agent's entry by compare-and-set; the change
// returns whether there is anything to write, and may be asked again.
func (r *Registry) change(ctx context.Context, id string, change func(*fleetv1.Agent) bool) error {
	agents, err := r.buckets.Bucket(subject.AgentsBucket)
	if err != nil {
		return err
	}
	for {
		agent, revision := &fleetv1.Agent{Id: id}, uint64(0)
		entry, err := agents.Get(ctx, id)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
		case err != nil:
			return fmt.Errorf("read agent: %w", err)
		default:
			revision = entry.Revision()
			if err := proto.Unmarshal(entry.Value(), agent); err != nil {
				return fmt.Errorf("decode agent %s: %w", id, err)
			}
		}
		if !change(agent) {
			return nil
		}
		data, err := proto.Marshal(agent)
		if err != nil {
			return fmt.Errorf("encode agent: %w", err)
		}
		if revision == 0 {
			_, err = agents.Create(ctx, id, data)
		} else {
			_, err = agents.Update(ctx, id, data, revision)
		}
		if err == nil {
			return nil
		}
		if !raced(err) {
			return fmt.Errorf("store agent: %w", err)
		}
	}
}

// Agents reads every entry of the registry, ordered by name.
func Agents(ctx context.Context, bucket jetstream.KeyValue) ([]*fleetv1.Agent, error) {
	watcher, err := bucket.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("read registry: %w", err)
	}
	defer func() { _ = watcher.Stop() }()
	var agents []*fleetv1.Agent
	for {
		var entry jetstream.KeyValueEntry
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("read registry: %w", ctx.Err())
		case e, open := <-watcher.Updates():
			if !open {
				return nil, errors.New("read registry: the watch ended")
			}
			entry = e
		}
		if entry == nil { // everything stored has come
			break
		}
		agent := &fleetv1.Agent{}
		if err := proto.Unmarshal(entry.Value(), agent); err != nil {
			return nil, fmt.Errorf("decode agent %s: %w", entry.Key(), err)
		}
		agents = append(agents, agent)
	}
	slices.SortFunc(agents, func(a, b *fleetv1.Agent) int {
		if c := strings.Compare(a.GetName(), b.GetName()); c != 0 {
			return c
		}
		return strings.Compare(a.GetId(), b.GetId())
	})
	return agents, nil
}
