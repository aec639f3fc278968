package alerter

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/tocsin-security/tocsin/alerter/internal/handover"
	"github.com/tocsin-security/tocsin/alerter/internal/rule"
	"github.com/tocsin-security/tocsin/proto/subject"
)

// settleTime is how long after a change of rules the old ones are still counted: what
// was found by them just before is on its way. What the new ones find meanwhile is
// counted when their partitions are read anew.
const settleTime = 5 * time.Second

// loaded is a set of rules as one configuration wants it counted.
type loaded struct {
	set      *rule.Set
	lateness time.Duration
	// id names what all alerters must have alike.
	id string
}

func newLoaded(set *rule.Set, lateness time.Duration) *loaded {
	hash := set.Hash()
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(hash[:], uint64(lateness))) //nolint:gosec // only its bits
	return &loaded{set: set, lateness: lateness, id: hex.EncodeToString(sum[:8])}
}

// joinRules begins to take part in what all alerters run.
func (s *service) joinRules(ctx context.Context) {
	s.handover = handover.New(handover.Options{JetStream: s.js, Bucket: subject.RulesBucket, Log: s.log}, s.next.id)
	s.start(ctx, "rules", s.handover.Run)
}

// offer has loaded rules run as soon as the other alerters have them too.
func (s *service) offer(next *loaded) {
	if next.id == s.running.id { // only lists have changed, if anything
		s.running = next
		s.set.Store(next.set)
	}
	s.next = next
	s.handover.Load(next.id)
	s.followRules()
}

// followRules runs the active rules, or stands by where this alerter does not have them.
func (s *service) followRules() {
	switch active := s.handover.Active(); active {
	case "":
		return
	case s.next.id:
		if s.running != s.next {
			s.change()
		}
	case s.running.id:
		s.log.Info("new rules wait until most alerters have loaded them", "active", active, "loaded", s.next.id)
	default:
		s.log.Warn("standing by: the other alerters run other rules", "active", active, "loaded", s.next.id)
		s.turn.set(false)
		s.setWaiting(fmt.Errorf("standing by: the other alerters run rules %s, this one has loaded %s", active, s.next.id))
		return
	}
	if !s.turn.is() {
		s.log.Info("all alerters run these rules", "id", s.running.id)
	}
	s.turn.set(true)
	s.setWaiting(nil)
}

// change runs the rules that were loaded last.
func (s *service) change() {
	s.running = s.next
	s.set.Store(s.running.set)
	s.log.Info("rules changed", "rules", len(s.running.set.Rules()), "id", s.running.id)
	if s.turn.is() {
		s.settle.Reset(settleTime)
		return
	}
	s.recount() // nothing is being counted
}

// recount has the running rules counted.
func (s *service) recount() { s.owner.Reload(s.running.set.Roots(), s.running.lateness) }

// turn says whether this alerter may work: whether it has the rules that all run.
type turn struct {
	mu      sync.Mutex // guards what follows
	open    bool
	changed chan struct{}
}

func newTurn() *turn { return &turn{changed: make(chan struct{})} }

func (t *turn) set(open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open != open {
		t.open = open
		close(t.changed)
		t.changed = make(chan struct{})
	}
}

func (t *turn) is() bool {
	open, _ := t.now()
	return open
}

// now is whether it is our turn, and what is closed when that changes.
func (t *turn) now() (open bool, changed <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open, t.changed
}

// during makes of a part one that runs whenever it is our turn.
func (t *turn) during(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for ctx.Err() == nil {
			open, changed := t.now()
			if !open {
				select {
				case <-ctx.Done():
				case <-changed:
				}
				continue
			}
			if err := runUntil(ctx, changed, run); err != nil {
				return err
			}
		}
		return nil
	}
}

// runUntil runs a part until ctx ends or the channel is closed.
func runUntil(ctx context.Context, end <-chan struct{}, run func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer func() { <-done }()
	go func() {
		defer close(done)
		select {
		case <-end:
			cancel()
		case <-ctx.Done():
		}
	}()
	defer cancel()
	return run(ctx)
}
