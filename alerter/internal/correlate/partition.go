package correlate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

const (
	// flushEvery is the usual OwnerOptions.FlushEvery.
	flushEvery = time.Second
	// checkpointEvery is how often the place is written up to which alerts are.
	checkpointEvery = 5 * time.Second
	// behind is by how much our clock stays behind the server's: a message must not
	// come to be older than time itself.
	behind = 2 * time.Second
	// maxGroups bounds the groups of one partition, so that those of all are at
	// most a million, wherever they are counted.
	maxGroups = 1_000_000 / finding.Partitions
	// maxBytes bounds in the same way what their findings take.
	maxBytes = (2 << 30) / finding.Partitions
	// atOnce bounds the messages counted before openings are written.
	atOnce = 256
	// pullExpiry bounds how long a request for signals that was lost with its
	// connection is waited for.
	pullExpiry = 10 * time.Second
)

// partition counts one partition under one lease. It belongs to one goroutine.
type partition struct {
	owner    *Owner
	number   uint32
	token    uint64
	roots    []*rule.Root
	lateness time.Duration
	log      *slog.Logger
	live     func(bool)

	engine *Engine
	writer *writer
	seen   Stats
	// mourned is what of the engine's losses was told, or cost a former owner.
	mourned uint64
	// last is the sequence that has to be passed before anything is written, at
	// the time of the last message counted.
	last uint64
	at   time.Time
	// pending is how many more signals there were when the last was counted.
	pending uint64
	// told is the server's time as it told it when our clock showed heard.
	told, heard time.Time
	// saved is the checkpoint as it stands.
	saved    checkpoint
	savedRev uint64
	savedAt  time.Time
}

// run follows the partition until ctx ends or the lease is gone.
func (p *partition) run(ctx context.Context) {
	for wait := 100 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 5*time.Second) {
		p.live(false)
		err := p.follow(ctx)
		switch {
		case ctx.Err() != nil || errors.Is(err, errNotOwner):
			return
		case errors.Is(err, errStale):
			p.log.Info("partition is read anew", "reason", err)
		default:
			p.log.Warn("partition is read anew", "error", err)
		}
		p.owner.counts.rebuilt.Inc()
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// follow rebuilds the partition's state and goes on counting: both are one read.
func (p *partition) follow(ctx context.Context) error {
	start, err := p.takeOver(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages, stop, err := p.subscribe(ctx, start)
	if err != nil {
		return err
	}
	defer stop()
	if p.last == 0 {
		p.rebuilt()
	}
	tick := time.NewTicker(p.owner.o.FlushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return p.finish()
		case m := <-messages:
			if err := p.count(m, messages); err != nil {
				return err
			}
			if p.last == 0 {
				if err := p.flush(ctx, true); err != nil {
					return err
				}
			}
		case <-tick.C:
			if p.last > 0 {
				continue // still rebuilding: nothing is judged, resolved or written
			}
			p.advance(len(messages))
			if err := p.flush(ctx, false); err != nil {
				return err
			}
			p.mourn(ctx)
			if err := p.save(ctx); err != nil {
				return err
			}
		}
	}
}

// rebuilt notes that everything up to the takeover has been counted.
func (p *partition) rebuilt() {
	stats := p.engine.Stats()
	p.mourned = stats.dropped()
	p.live(true)
}

// mourn tells what the bounds cost since it was told last. What does not succeed
// is told with the next tick.
func (p *partition) mourn(ctx context.Context) {
	stats := p.engine.Stats()
	total := stats.dropped()
	if total == p.mourned || p.owner.o.Lost == nil {
		return
	}
	loss := Loss{Partition: p.number, Count: total - p.mourned, Sequence: p.engine.seq, At: p.at}
	if err := p.owner.o.Lost(ctx, loss); err != nil {
		p.log.Warn("a loss cannot be told yet", "error", err)
		return
	}
	p.mourned = total
}

// takeOver loads what the last owner left, and tells from when signals have to
// be read: one horizon to know what is held, and one more to know which of it
// was counted already, as that depends on what was held then.
func (p *partition) takeOver(ctx context.Context) (start time.Time, err error) {
	asked := time.Now()
	if err := p.load(ctx); err != nil {
		return start, err
	}
	p.seen = Stats{}
	p.writer = &writer{partition: p, heads: make(map[string]uint64)}
	horizon := Horizon(p.roots, p.lateness)
	heads, err := p.owner.heads.take(ctx, p.number, asked)
	if err != nil {
		return start, err
	}
	var over time.Time
	if p.saved.Time > 0 {
		start = time.Unix(0, p.saved.Time).Add(-2 * horizon)
		over = start.Add(-horizon)
	}
	p.engine = New(Options{Roots: p.roots, Lateness: p.lateness, MaxGroups: maxGroups, MaxHeld: p.owner.o.MaxHeld, MaxBytes: maxBytes, Since: start})
	for _, h := range heads {
		p.writer.heads[h.fingerprint] = h.sequence
		p.engine.Restore(current(h.alerts, over))
	}
	p.heard = p.owner.o.Now()
	stream, err := p.owner.o.JetStream.Stream(ctx, subject.SignalsStream)
	if err != nil {
		return start, fmt.Errorf("look up signals: %w", err)
	}
	p.told = stream.CachedInfo().TimeStamp
	p.last, p.pending = 0, 0
	last, err := stream.GetLastMsgForSubject(ctx, subject.Signals(p.number))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
	case err != nil:
		return start, fmt.Errorf("look up the last signals: %w", err)
	case last.Time.After(start):
		p.last = last.Sequence
	}
	return start, nil
}

// advance lets time pass where no signal comes. While some wait, theirs is the
// time: what was stored before a window was over has to count before it is judged.
func (p *partition) advance(waiting int) {
	if p.pending == 0 && waiting == 0 {
		p.engine.Advance(p.clock())
	}
}

// clock is a time that the server has passed: what it last told, and what has
// gone by here since. This host's own idea of the time does not matter.
func (p *partition) clock() time.Time {
	now := p.told.Add(p.owner.o.Now().Sub(p.heard) - behind)
	if now.Before(p.at) {
		return p.at
	}
	return now
}

// current leaves out the alerts that ended so long ago that nothing that is read
// can change them.
func current(alerts []*alertv1.Alert, before time.Time) []*alertv1.Alert {
	var list []*alertv1.Alert
	for _, a := range alerts {
		if a.GetState() == alertv1.AlertState_ALERT_STATE_FIRING || before.IsZero() ||
			int64(a.GetUpdated()) >= before.UnixNano() {
			list = append(list, a)
		}
	}
	return list
}

// subscribe reads the partition's signals from a time on.
func (p *partition) subscribe(ctx context.Context, start time.Time) (<-chan jetstream.Msg, func(), error) {
	config := jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject.Signals(p.number)}, DeliverPolicy: jetstream.DeliverAllPolicy,
	}
	if !start.IsZero() {
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &start
	}
	consumer, err := p.owner.o.JetStream.OrderedConsumer(ctx, subject.SignalsStream, config)
	if err != nil {
		return nil, nil, fmt.Errorf("read signals: %w", err)
	}
	messages := make(chan jetstream.Msg, atOnce)
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		select {
		case messages <- m:
		case <-ctx.Done():
		}
	}, jetstream.PullExpiry(pullExpiry), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		p.log.Debug("reading signals", "error", err)
	}))
	if err != nil {
		return nil, nil, fmt.Errorf("read signals: %w", err)
	}
	return messages, func() { consuming.Stop(); <-consuming.Closed() }, nil
}

// count adds a message and what else is there already.
func (p *partition) count(m jetstream.Msg, more <-chan jetstream.Msg) error {
	for range atOnce {
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read a signals message's metadata: %w", err)
		}
		var signals alertv1.Signals
		if err := proto.Unmarshal(m.Data(), &signals); err != nil {
			// Only alerters write here, and what one cannot read no retry will.
			p.log.Error("signals message skipped", "sequence", meta.Sequence.Stream, "error", err)
		}
		p.engine.Add(meta.Sequence.Stream, meta.Timestamp, signals.GetSignals())
		p.at, p.pending = meta.Timestamp, meta.NumPending
		if p.last > 0 && meta.Sequence.Stream >= p.last {
			p.last = 0
			p.rebuilt()
		}
		select {
		case m = <-more:
		default:
			return nil
		}
	}
	return nil
}

// flush writes what changed: all of it, or only what opened.
func (p *partition) flush(ctx context.Context, onlyOpened bool) error {
	now := p.engine.Stats()
	if dropped := p.owner.counts.add(p.seen, now); dropped > 0 {
		p.log.Error("bounds of correlation reached: signals or groups dropped", "dropped", dropped)
	}
	p.seen = now
	changed, opened := p.engine.Pending()
	if changed == 0 || onlyOpened && opened == 0 {
		return nil
	}
	changes := p.engine.Take(onlyOpened)
	for i := range changes {
		for _, a := range changes[i].Opened {
			p.owner.counts.opened.WithLabelValues(a.GetRule().GetId(), a.GetRule().GetName()).Inc()
		}
	}
	return p.writer.write(ctx, changes)
}

// finish writes what is left when the process ends or the lease is given back.
// What does not succeed, the next owner does again.
func (p *partition) finish() error {
	if p.last > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := p.flush(ctx, false); err != nil {
		return err
	}
	p.savedAt = time.Time{}
	return p.save(ctx)
}
