package fim

import (
	"context"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

const (
	// overlayLimit is how many positions the spool holds before the baseline is
	// written early; for a large baseline it is a part of it.
	overlayLimit = 1024
	// forgetBatch is how many positions one record forgets.
	forgetBatch = 256
)

// checkpoint writes the baseline when it is time and everything put is on disk.
func (r *runner) checkpoint(ctx context.Context) error {
	if !r.dirty || r.s.opts.Dir == "" {
		r.dirty = false
		return nil
	}
	// A large baseline is not written all the time however often it changes.
	wait := max(r.s.opts.Checkpoint, 20*r.saveTime)
	if time.Since(r.saved) < wait && len(r.overlay) < max(overlayLimit, r.tree.count/8) {
		return nil
	}
	if r.committed.Load() != r.put {
		return nil // some next tick
	}
	return r.save(ctx)
}

// save writes the baseline, then forgets the positions that it makes needless.
func (r *runner) save(ctx context.Context) error {
	r.dirty = false
	if r.s.opts.Dir == "" {
		return nil
	}
	began := time.Now()
	if err := saveBaseline(r.s.opts.Dir, r.tree, &r.s.scope); err != nil {
		return err
	}
	if err := r.s.texts.sweep(r.tree); err != nil {
		r.log.Warn("texts cannot be swept", "error", err)
	}
	r.saved = time.Now()
	r.saveTime = r.saved.Sub(began)
	var positions []record.Position
	for key := range r.overlay {
		positions = append(positions, record.Position{Key: key})
		delete(r.overlay, key)
		if len(positions) == forgetBatch || len(r.overlay) == 0 {
			raw := record.Raw{Stream: keyPrefix, Observed: r.s.opts.Clock(), Positions: positions}
			if err := r.sink.Put(ctx, &raw); err != nil {
				return err
			}
			positions = nil
		}
	}
	return nil
}

// waitCommitted waits until everything put is on disk.
func (r *runner) waitCommitted(ctx context.Context) error {
	t := time.NewTicker(5 * time.Millisecond)
	defer t.Stop()
	for r.committed.Load() != r.put {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
	return nil
}

func (r *runner) show() {
	unwatched := 0
	if r.polled {
		for _, f := range r.tree.all() {
			if f.polled {
				unwatched++
			}
		}
	}
	r.s.status.change(func(s *Status) {
		s.Files, s.Folders, s.Unwatched = r.tree.count, r.tree.watches, unwatched
		s.Pending = len(r.pending) + len(r.busy) + len(r.held)
		for _, b := range r.bases {
			s.Pending += len(b.deferred)
		}
	})
}
