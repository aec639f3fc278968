package correlate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/stored"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// head is the last state of one fingerprint.
type head struct {
	fingerprint string
	sequence    uint64
	alerts      []*alertv1.Alert
}

// headReader reads the heads of all alerts once for all the partitions that are
// taken over at the same time.
type headReader struct {
	js jetstream.JetStream
	// owns tells whose heads are worth the memory.
	owns func(partition uint32) bool

	mu      sync.Mutex // guards what follows, and makes readers wait for the one that reads
	started time.Time
	heads   map[uint32][]head // of the partitions that were read and not yet taken
}

// take returns a partition's heads as they stood at a time or later.
func (r *headReader) take(ctx context.Context, partition uint32, since time.Time) ([]head, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	heads, read := r.heads[partition]
	if !read || r.started.Before(since) {
		r.started = time.Now()
		r.heads = map[uint32][]head{partition: nil}
		for other := range uint32(finding.Partitions) {
			if r.owns(other) {
				r.heads[other] = nil
			}
		}
		if err := readHeads(ctx, r.js, r.heads); err != nil {
			r.heads = nil
			return nil, err
		}
		heads = r.heads[partition]
	}
	delete(r.heads, partition)
	return heads, nil
}

// readHeads adds the heads of those partitions that the map has.
func readHeads(ctx context.Context, js jetstream.JetStream, heads map[uint32][]head) error {
	stream, err := js.Stream(ctx, subject.AlertsStream)
	if err != nil {
		return fmt.Errorf("open alerts: %w", err)
	}
	from := stored.From{Filter: subject.AlertsFilter, Policy: jetstream.DeliverLastPerSubjectPolicy}
	return stored.Read(ctx, stream, from, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		var state alertv1.Alerts
		if err := proto.Unmarshal(m.Data(), &state); err != nil {
			return fmt.Errorf("decode alert %s: %w", m.Subject(), err)
		}
		_, fingerprint, err := subject.ParseAlerts(m.Subject())
		if err != nil {
			return fmt.Errorf("decode alert %s: %w", m.Subject(), err)
		}
		if list, wanted := heads[state.GetPartition()]; wanted {
			heads[state.GetPartition()] = append(list, head{
				fingerprint: fingerprint, sequence: meta.Sequence.Stream, alerts: state.GetAlerts(),
			})
		}
		return nil
	})
}
