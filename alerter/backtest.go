package alerter

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/consume"
	"github.com/tocsin-security/tocsin/alerter/internal/correlate"
	"github.com/tocsin-security/tocsin/alerter/internal/detect"
	"github.com/tocsin-security/tocsin/alerter/internal/finding"
	"github.com/tocsin-security/tocsin/alerter/internal/notify"
	"github.com/tocsin-security/tocsin/alerter/internal/notify/email"
	"github.com/tocsin-security/tocsin/proto/event"
	alertv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/alert/v1"
	"github.com/tocsin-security/tocsin/shell/settings"
)

// In stream time: joinEvery is how often what joins an alert is taken up, as in a
// running alerter, and quietStep how far the clock goes at once while nothing comes.
const (
	joinEvery = time.Second
	quietStep = time.Minute
)

// BacktestOptions say what is replayed, and by which rules.
type BacktestOptions struct {
	// Rules are files and folders, in the place of the configured rules; Lists are
	// files of values by name, beside those configured.
	Rules []string
	Lists map[string]string
	// Pipelines are files that change rules as they are read, beside those configured.
	Pipelines []string
	// Since is how far back it reaches, by when the events were stored.
	Since time.Duration
	Out   io.Writer
	Log   *slog.Logger
}

// Backtest replays the events that NATS still has, without a mark on them or on who
// consumes them, and writes as JSON lines what an alerter would have made of them:
// findings when they open, notifications when they were due, and the alerts as they
// are in the end. Time is the streams'.
func Backtest(ctx context.Context, cfg *Config, o BacktestOptions) error {
	set, err := (&Explanation{Rules: o.Rules, Config: cfg, Lists: o.Lists, Pipelines: o.Pipelines}).load()
	if err != nil {
		return err
	}
	s := &service{log: o.Log, down: teardown{log: o.Log}}
	defer s.down.run()
	if err := s.connect(cfg.NATS); err != nil {
		return err
	}
	reach, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := s.conn.FlushWithContext(reach); err != nil {
		return fmt.Errorf("reach NATS at %s: %w", settings.Redact(cfg.NATS.URL), err)
	}
	codec, err := event.NewCodec()
	if err != nil {
		return fmt.Errorf("make codec: %w", err)
	}
	host, err := consume.Hosts(ctx, s.js)
	if err != nil {
		return err
	}
	now := time.Now()
	b := &backtest{
		log: o.Log, reader: consume.NewReader(codec, host), detector: detect.New(set),
		engine: correlate.New(correlate.Options{
			Roots: set.Roots(), Lateness: time.Duration(cfg.Lateness), Since: now.Add(-o.Since), MaxGroups: backtestGroups,
		}),
		rehearsal: notify.NewRehearsal(cfg, func(id string) (email.Hints, bool) { return hintsOf(set, id) }),
		out:       json.NewEncoder(o.Out), alerts: make(map[string]*alertv1.Alert), clock: now.Add(-o.Since),
	}
	b.out.SetEscapeHTML(false)
	if err := replay(ctx, s.js, now.Add(-o.Since), b.take); err != nil {
		return err
	}
	return b.finish(now)
}

// backtestGroups bounds the groups of all partitions, which fleets of alerters share.
const backtestGroups = 4_000_000

// backtest runs stored events through the stages of an alerter.
type backtest struct {
	log       *slog.Logger
	reader    *consume.Reader
	detector  *detect.Detector
	engine    *correlate.Engine
	rehearsal *notify.Rehearsal
	out       *json.Encoder
	signals   []*alertv1.Signal
	sequence  uint64
	clock     time.Time
	joined    time.Time // when joins were last taken up
	// alerts are as they last were, by id.
	alerts map[string]*alertv1.Alert

	events, findings, mails int
}

// take takes one batch, stored at a time.
func (b *backtest) take(m jetstream.Msg, at time.Time) error {
	b.signals = b.signals[:0]
	err := b.reader.Read(m, func(e *finding.Event) {
		b.events++
		b.detector.Detect(e, func(s finding.Signal) { b.signals = append(b.signals, s.Signal) })
	})
	if err != nil {
		b.log.Error("batch not read", "subject", m.Subject(), "stored", at, "error", err)
	}
	if err := b.wait(at); err != nil {
		return err
	}
	b.sequence++
	return b.advance(at, b.signals)
}

// wait lets the clock go on to a time while nothing comes: alerts end, mails are due.
func (b *backtest) wait(until time.Time) error {
	for at := b.clock.Add(quietStep); at.Before(until); at = at.Add(quietStep) {
		if err := b.advance(at, nil); err != nil {
			return err
		}
	}
	return nil
}

// advance counts what was found at a time, having told what was due before.
func (b *backtest) advance(at time.Time, signals []*alertv1.Signal) error {
	if err := b.rehearsal.Advance(at.Add(-1), b.tell); err != nil {
		return err
	}
	b.clock = at
	b.engine.Add(b.sequence, at, signals)
	if _, opened := b.engine.Pending(); opened > 0 {
		if err := b.write(b.engine.Take(true)); err != nil {
			return err
		}
	}
	if at.Sub(b.joined) < joinEvery {
		return nil
	}
	b.joined = at
	return b.write(b.engine.Take(false))
}

func (b *backtest) write(changes []correlate.Change) error {
	for _, change := range changes {
		for _, a := range change.Alerts {
			b.alerts[a.GetId()] = a
			b.rehearsal.Put(a, b.clock)
		}
		for _, a := range change.Opened {
			b.findings++
			if err := b.out.Encode(findingOf(a)); err != nil {
				return fmt.Errorf("write finding: %w", err)
			}
		}
	}
	return nil
}

func (b *backtest) tell(p notify.Preview) error {
	b.mails++
	if err := b.out.Encode(map[string]notify.Preview{"notification": p}); err != nil {
		return fmt.Errorf("write notification: %w", err)
	}
	return nil
}

// finish brings everything up to now, writes the alerts, and logs what was read.
func (b *backtest) finish(now time.Time) error {
	if err := b.wait(now); err != nil {
		return err
	}
	b.joined = time.Time{}
	if err := b.advance(now, nil); err != nil {
		return err
	}
	if err := b.rehearsal.Advance(now, b.tell); err != nil {
		return err
	}
	list := slices.SortedFunc(maps.Values(b.alerts), func(a, b *alertv1.Alert) int {
		return cmp.Or(cmp.Compare(a.GetOpened(), b.GetOpened()), cmp.Compare(a.GetId(), b.GetId()))
	})
	for _, a := range list {
		if a.GetState() == alertv1.AlertState_ALERT_STATE_MERGED {
			continue
		}
		if err := b.out.Encode(map[string]object{"alert": alertOf(a)}); err != nil {
			return fmt.Errorf("write alert: %w", err)
		}
	}
	stats := b.engine.Stats()
	b.log.Info("backtest", "batches", b.sequence, "events", b.events, "findings", b.findings, "alerts", len(list), "notifications", b.mails,
		"late", stats.Late, "dropped", stats.GroupsDropped+stats.SignalsDropped)
	return nil
}

// alertOf renders an alert as it is.
func alertOf(a *alertv1.Alert) object {
	shown := findingOf(a)
	shown["id"] = a.GetId()
	shown["state"] = finding.StateName(a.GetState())
	shown["opened"] = event.FormatTime(int64(a.GetOpened()))
	shown["first_event"] = event.FormatTime(int64(a.GetFirstEvent()))
	shown["last_event"] = event.FormatTime(int64(a.GetLastEvent()))
	return shown
}
