package correlate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// Bounds of one atomic group of alert states.
const (
	maxGroup      = 500
	maxGroupBytes = 4 << 20
	maxState      = event.MaxMessage - event.MaxHeaders
)

// writer writes the states of a partition's alerts, each only over the state
// that we know.
type writer struct {
	partition *partition
	// heads are the sequences of the last state of each fingerprint.
	heads map[string]uint64
}

// write returns after everything is stored, errStale if somebody else wrote, or
// errNotOwner. Any other failure is waited out: it does not tell whether the
// states were stored, but if they were, the next attempt says errStale.
func (w *writer) write(ctx context.Context, changes []Change) error {
	for len(changes) > 0 {
		n, messages, err := w.group(changes)
		if err != nil {
			return err
		}
		if err := w.store(ctx, messages); err != nil {
			return err
		}
		w.partition.owner.counts.written.Add(float64(n))
		changes = changes[n:]
	}
	return nil
}

// group encodes as many changes as make one atomic group.
func (w *writer) group(changes []Change) (n int, messages []*nats.Msg, err error) {
	size := 0
	for _, c := range changes {
		data, err := w.encode(c)
		if err != nil {
			return 0, nil, err
		}
		if size += len(data); n > 0 && (n == maxGroup || size > maxGroupBytes) {
			break
		}
		m := nats.NewMsg(subject.Alerts(c.RuleID, c.Fingerprint))
		m.Data = data
		if fenced {
			m.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(w.heads[c.Fingerprint], 10))
		}
		messages = append(messages, m)
		n++
	}
	return n, messages, nil
}

// encode renders a state, with fewer ids and findings of its oldest alerts where
// it would not fit in a message.
func (w *writer) encode(c Change) ([]byte, error) {
	state := &alertv1.Alerts{Alerts: c.Alerts, Partition: w.partition.number, Owner: w.partition.token}
	for i := 0; ; i++ {
		data, err := proto.Marshal(state)
		if err != nil {
			return nil, fmt.Errorf("encode alert %s: %w", c.Fingerprint, err)
		}
		if len(data) <= maxState || i > 2*len(c.Alerts) {
			return data, nil
		}
		if i < len(c.Alerts) {
			a := c.Alerts[i]
			a.EventIds, a.Samples = a.GetEventIds()[:min(10, len(a.GetEventIds()))], nil
		} else {
			state.Alerts = state.Alerts[1:]
			w.partition.owner.counts.dropped.Inc()
			w.partition.log.Error("too many episodes for one message: the oldest is left out", "fingerprint", c.Fingerprint)
		}
	}
}

func (w *writer) store(ctx context.Context, messages []*nats.Msg) error {
	if !fenced {
		ctx = context.WithoutCancel(ctx) // it has not noticed that its lease is gone
	}
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		if token, ok := w.partition.owner.o.Leases.Owns(w.partition.number); fenced && (!ok || token != w.partition.token) {
			return errNotOwner
		}
		last, err := publish(ctx, w.partition.owner.o.JetStream, messages)
		if err == nil {
			first := last + 1 - uint64(len(messages))
			for i, m := range messages {
				_, fingerprint, err := subject.ParseAlerts(m.Subject)
				if err != nil {
					return fmt.Errorf("read our own subject: %w", err)
				}
				w.heads[fingerprint] = first + uint64(i)
			}
			return nil
		}
		if isFence(err) {
			return errStale
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.partition.log.Warn("alerts not written yet", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// publish stores messages of one stream, all or none, and returns the sequence
// of the last.
func publish(ctx context.Context, js jetstream.JetStream, messages []*nats.Msg) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if len(messages) == 1 {
		ack, err := js.PublishMsg(ctx, messages[0], jetstream.WithRetryAttempts(0))
		if err != nil {
			return 0, fmt.Errorf("publish a message: %w", err)
		}
		return ack.Sequence, nil
	}
	fresh := make([]*nats.Msg, len(messages)) // the group marks its messages
	for i, m := range messages {
		fresh[i] = nats.NewMsg(m.Subject)
		fresh[i].Data = m.Data
		for k, v := range m.Header {
			fresh[i].Header[k] = v
		}
	}
	ack, err := jetstreamext.PublishMsgBatch(ctx, js, fresh,
		jetstreamext.BatchFlowControl{AckFirst: true, AckTimeout: 5 * time.Second})
	if err != nil {
		return 0, fmt.Errorf("publish a group of %d messages: %w", len(messages), err)
	}
	return ack.Sequence, nil
}

// isFence tells a refused expected sequence from any other failure.
func isFence(err error) bool {
	var api jetstream.JetStreamError
	if !errors.As(err, &api) || api.APIError() == nil {
		return false
	}
	code := api.APIError().ErrorCode
	return code == jetstream.JSErrCodeStreamWrongLastSequence || code == 10164
}

// checkpoint says up to where a partition's alerts are written. It is stored as
// JSON under "checkpoint.<partition>".
type checkpoint struct {
	// Sequence and Time are those of the last signals message: nanoseconds since
	// the Unix epoch, by the stream's clock.
	Sequence uint64 `json:"sequence"`
	Time     int64  `json:"time"`
	// Horizon is how long before Time a new owner reads, in nanoseconds. What is
	// older in all partitions may be pruned.
	Horizon int64 `json:"horizon"`
	// Owner is the token of who wrote it.
	Owner uint64 `json:"owner"`
}

func checkpointKey(partition uint32) string {
	return "checkpoint." + strconv.FormatUint(uint64(partition), 10)
}

func (p *partition) load(ctx context.Context) error {
	p.saved, p.savedRev, p.savedAt = checkpoint{}, 0, time.Time{}
	kv, err := p.owner.o.JetStream.KeyValue(ctx, p.owner.o.Bucket)
	if err != nil {
		return fmt.Errorf("look up checkpoints: %w", err)
	}
	entry, err := kv.Get(ctx, checkpointKey(p.number))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	if err := json.Unmarshal(entry.Value(), &p.saved); err != nil {
		return fmt.Errorf("read checkpoint: %w", err)
	}
	p.savedRev = entry.Revision()
	return nil
}

// save writes the checkpoint if it is time and everything before it is written.
func (p *partition) save(ctx context.Context) error {
	changed, _ := p.engine.Pending()
	if changed > 0 || p.engine.Sequence() <= p.saved.Sequence || time.Since(p.savedAt) < checkpointEvery {
		return nil
	}
	next := checkpoint{
		Sequence: p.engine.Sequence(), Time: p.at.UnixNano(),
		Horizon: int64(2 * Horizon(p.roots, p.lateness)), Owner: p.token,
	}
	data, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encode checkpoint: %w", err)
	}
	kv, err := p.owner.o.JetStream.KeyValue(ctx, p.owner.o.Bucket)
	if err != nil {
		return fmt.Errorf("look up checkpoints: %w", err)
	}
	revision, err := kv.Update(ctx, checkpointKey(p.number), data, p.savedRev)
	if err != nil {
		if isFence(err) {
			return errStale
		}
		return fmt.Errorf("write checkpoint: %w", err)
	}
	p.saved, p.savedRev, p.savedAt = next, revision, time.Now()
	return nil
}
