package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"

	fleetv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/fleet/v1"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// LivenessQuery is where anybody may ask: every collector answers at once with
// what it would say in its next digest.
const LivenessQuery = subject.Liveness + ".query"

const (
	livenessInterval = 5 * time.Second
	// sightingsAMessage keeps a digest far below NATS's largest message.
	sightingsAMessage = 2000
	// Collectors that answer do so within an answerGap of one another.
	answerGap = 300 * time.Millisecond
)

// Liveness tells who was seen, every few seconds and when asked.
type Liveness struct {
	// Collector names this collector.
	Collector string
	Conn      *nats.Conn
	// Sightings are the agents with a stream here; called from several goroutines.
	Sightings func() []*fleetv1.Sighting
	Log       *slog.Logger
	Now       func() time.Time
}

// Run tells until ctx ends. What NATS cannot take now is not kept: the next
// digest says it again.
func (l *Liveness) Run(ctx context.Context) error {
	sub, err := l.Conn.Subscribe(LivenessQuery, func(m *nats.Msg) { l.tell(m.Reply) })
	if err != nil {
		return fmt.Errorf("subscribe to liveness queries: %w", err)
	}
	defer func() {
		if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			l.Log.Debug("unsubscribe from liveness queries", "error", err)
		}
	}()
	ticker := time.NewTicker(livenessInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			l.tell(subject.Liveness)
		}
	}
}

func (l *Liveness) tell(to string) {
	if to == "" {
		return
	}
	sightings := l.Sightings()
	for first := true; first || len(sightings) > 0; first = false {
		n := min(len(sightings), sightingsAMessage)
		data, err := proto.Marshal(&fleetv1.Liveness{
			Collector: l.Collector, Time: uint64(l.Now().UnixNano()), Agents: sightings[:n],
		})
		if err == nil {
			err = l.Conn.Publish(to, data)
		}
		if err != nil {
			l.Log.Debug("publish liveness", "error", err)
			return
		}
		sightings = sightings[n:]
	}
}

// Sightings asks every collector and returns the newest sighting of each agent.
// Without a collector it returns none.
func Sightings(ctx context.Context, conn *nats.Conn) (map[string]*fleetv1.Sighting, error) {
	inbox := conn.NewRespInbox()
	sub, err := conn.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("subscribe to liveness answers: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := conn.PublishRequest(LivenessQuery, inbox, nil); err != nil {
		return nil, fmt.Errorf("ask for liveness: %w", err)
	}
	newest := make(map[string]*fleetv1.Sighting)
	// The first answer may take longer than the gap between two.
	for wait := 3 * answerGap; ; wait = answerGap {
		next, cancel := context.WithTimeout(ctx, wait)
		m, err := sub.NextMsgWithContext(next)
		cancel()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("ask for liveness: %w", ctx.Err())
		}
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrNoResponders) {
			return newest, nil
		}
		if err != nil {
			return nil, fmt.Errorf("ask for liveness: %w", err)
		}
		if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
			return newest, nil
		}
		var digest fleetv1.Liveness
		if err := proto.Unmarshal(m.Data, &digest); err != nil {
			return nil, fmt.Errorf("decode liveness: %w", err)
		}
		for _, s := range digest.GetAgents() {
			if old := newest[s.GetAgentId()]; old == nil || old.GetSeen() < s.GetSeen() {
				newest[s.GetAgentId()] = s
			}
		}
	}
}
