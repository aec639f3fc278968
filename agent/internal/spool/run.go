package spool

import (
	"context"
	"fmt"
	"time"
)

// Run seals and commits what is appended until ctx ends, then commits the rest.
// It returns an error only when the disk leaves it no way on; then the spool has
// stopped, and a new Open starts from what is there.
func (s *Spool) Run(ctx context.Context) error {
	failing := false
	for {
		wait, timed := s.due(time.Now())
		if timed && wait <= 0 {
			err := s.flush()
			if err := s.stopped(); err != nil {
				return fmt.Errorf("run spool: %w", err)
			}
			if err == nil {
				failing = false
				if ctx.Err() == nil {
					continue
				}
			} else {
				if !failing {
					s.o.Log.Error("spool cannot write, and waits", "error", err)
				}
				failing, wait, timed = true, retryAfter, true
			}
		}
		if ctx.Err() != nil {
			return s.drain()
		}
		s.pause(ctx, wait, timed, failing)
		if err := s.stopped(); err != nil {
			return fmt.Errorf("run spool: %w", err)
		}
	}
}

func (s *Spool) drain() error {
	if err := s.flush(); err != nil {
		return fmt.Errorf("run spool: %w", err)
	}
	return nil
}

// pause waits for work. While the disk fails new work does not cut the pause short.
func (s *Spool) pause(ctx context.Context, wait time.Duration, timed, failing bool) {
	var timer <-chan time.Time
	if timed {
		t := time.NewTimer(wait)
		defer t.Stop()
		timer = t.C
	}
	kick := s.kick
	if failing {
		kick = nil
	}
	select {
	case <-ctx.Done():
	case <-timer:
	case <-kick:
	}
}

// stopped is why the spool stopped, nil while it works.
func (s *Spool) stopped() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// due tells when the next flush is due, and whether one is at all.
func (s *Spool) due(now time.Time) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || s.inflight != nil || s.resealable() || s.reclaimable() {
		return 0, true
	}
	p := s.pending
	if !p.empty() {
		if s.starved > 0 || s.acked && p.events > 0 {
			return 0, true
		}
		for i := range p.lanes {
			if n := len(p.lanes[i]); n > 0 && (n > 1 || p.lanes[i][0].full() || s.state.lanes[i].idle()) {
				return 0, true
			}
		}
		return sealAfter - now.Sub(p.since), true
	}
	if s.acked {
		return ackAfter - now.Sub(s.ackedAt), true
	}
	return 0, false
}
