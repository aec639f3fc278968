package lease

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tocsin-security/tocsin/alerter/internal/finding"
)

// Keys of the bucket. A member's key expires unless it is beaten; a partition's
// key does not, and is worth what the member it names is worth.
const (
	memberPrefix    = "member."
	partitionPrefix = "partition."
)

// acquireAtOnce bounds how many partitions are asked for before the heartbeat
// is looked after again.
const acquireAtOnce = 8

var errLost = errors.New("membership expired")

// claim is what a partition's key says.
type claim struct {
	member   string
	revision uint64
}

// session is used by one goroutine.
type session struct {
	owner *Owner
	kv    jetstream.KeyValue
	id    string
	// beat is the revision of our member key.
	beat  uint64
	alive map[string]bool
	taken map[uint32]claim
	// ready says that the bucket's state has been read once.
	ready bool
}

func (s *session) run(ctx context.Context, updates <-chan jetstream.KeyValueEntry) error {
	tick := time.NewTicker(s.owner.ttl / 3)
	defer tick.Stop()
	again := make(chan struct{}, 1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.heartbeat(ctx); err != nil {
				return err
			}
		case entry, open := <-updates:
			if !open {
				return errors.New("watch ended")
			}
			s.apply(entry)
		case <-again:
		}
		if !s.ready || len(updates) > 0 {
			continue
		}
		if more := s.balance(ctx); more {
			select {
			case again <- struct{}{}:
			default:
			}
		}
	}
}

// heartbeat writes our member key anew, with its time to live: an update through
// the key-value API would drop it, and the key would stay for ever.
func (s *session) heartbeat(ctx context.Context) error {
	start := s.owner.now()
	ctx, cancel := context.WithTimeout(ctx, s.owner.ttl/3)
	defer cancel()
	msg := nats.NewMsg("$KV." + s.owner.bucket + "." + memberPrefix + s.id)
	ack, err := s.owner.js.PublishMsg(ctx, msg,
		jetstream.WithMsgTTL(s.owner.ttl), jetstream.WithExpectLastSequencePerSubject(s.beat),
		jetstream.WithRetryAttempts(0))
	if err == nil {
		s.beat = ack.Sequence
		s.owner.extend(start)
		return nil
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && isFence(api) {
		// Either it expired, or a heartbeat that seemed to fail was stored.
		entry, getErr := s.kv.Get(ctx, memberPrefix+s.id)
		if getErr != nil {
			return fmt.Errorf("renew membership: %w", errLost)
		}
		s.beat = entry.Revision()
		return nil
	}
	if s.owner.now().After(start) && s.expired() {
		return fmt.Errorf("renew membership: %w", err)
	}
	return nil
}

func (s *session) expired() bool {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	return !s.owner.now().Before(s.owner.deadline)
}

// isFence tells a refused expected sequence from any other refusal.
func isFence(err *jetstream.APIError) bool {
	return err.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || err.ErrorCode == 10164
}

// apply takes one entry of the watch; nil says that the state as of its start
// has been read.
func (s *session) apply(entry jetstream.KeyValueEntry) {
	if entry == nil {
		s.ready = true
		return
	}
	gone := entry.Operation() != jetstream.KeyValuePut
	key := entry.Key()
	if id, ok := strings.CutPrefix(key, memberPrefix); ok {
		if gone && id != s.id {
			delete(s.alive, id)
		} else {
			s.alive[id] = true
		}
		return
	}
	text, ok := strings.CutPrefix(key, partitionPrefix)
	if !ok {
		return
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n >= finding.Partitions {
		return
	}
	c := claim{revision: entry.Revision()}
	if !gone {
		c.member = string(entry.Value())
	}
	p := uint32(n)
	if c.revision >= s.taken[p].revision {
		s.taken[p] = c
	}
	if token, held := s.owner.held[p]; held && c.revision > token {
		s.owner.set(p, 0) // somebody else took it
		s.owner.notify()
	}
}

// balance gives back what is above our share and takes what is free below it. It
// tells whether there may be more to do.
func (s *session) balance(ctx context.Context) (more bool) {
	o := s.owner
	o.mu.Lock()
	o.members = len(s.alive)
	o.mu.Unlock()
	share := quota(len(s.alive))
	held := o.count()
	switch {
	case held > share:
		s.release(ctx, s.mine()[share:])
	case held < share:
		more = s.acquire(ctx, min(share-held, acquireAtOnce))
	}
	return more
}

// mine lists our partitions in order.
func (s *session) mine() []uint32 {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	list := make([]uint32, 0, len(s.owner.held))
	for p := range s.owner.held {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// acquire takes up to n free partitions, beginning at a place of our own so that
// members do not all ask for the same ones.
func (s *session) acquire(ctx context.Context, n int) (more bool) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.id)) // never fails (hash.Hash)
	first := h.Sum32()
	var got int
	for i := range uint32(finding.Partitions) {
		p := (first + i) % finding.Partitions
		c := s.taken[p]
		if c.member != "" && s.alive[c.member] {
			continue
		}
		if got == n {
			more = true
			break
		}
		key := partitionPrefix + strconv.FormatUint(uint64(p), 10)
		var revision uint64
		var err error
		if c.member == "" {
			revision, err = s.kv.Create(ctx, key, []byte(s.id))
		} else {
			revision, err = s.kv.Update(ctx, key, []byte(s.id), c.revision)
		}
		if err != nil {
			// Somebody was faster, and the watch will say who; or NATS is away.
			s.owner.log.Debug("partition not acquired", "partition", p, "error", err)
			continue
		}
		s.taken[p] = claim{member: s.id, revision: revision}
		s.owner.set(p, revision)
		got++
	}
	if got > 0 {
		s.owner.notify()
	}
	return more
}

// release stops owning before the key says so.
func (s *session) release(ctx context.Context, partitions []uint32) {
	for _, p := range partitions {
		s.owner.set(p, 0)
	}
	s.owner.notify()
	for _, p := range partitions {
		c := s.taken[p]
		if c.member != s.id {
			continue
		}
		key := partitionPrefix + strconv.FormatUint(uint64(p), 10)
		if err := s.kv.Delete(ctx, key, jetstream.LastRevision(c.revision)); err != nil {
			s.owner.log.Debug("partition not released", "partition", p, "error", err)
		}
	}
}

// leave gives everything back at once: without our member key, every partition
// that names us is free.
func (s *session) leave() {
	s.owner.drop()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.kv.Purge(ctx, memberPrefix+s.id, jetstream.PurgeTTL(time.Minute)); err != nil {
		s.owner.log.Debug("membership not given back; it expires", "error", err)
	}
}
