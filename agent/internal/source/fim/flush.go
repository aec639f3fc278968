package fim

import (
	"context"
	"errors"
	"fmt"
)

// drain waits until nothing is being hashed, then reports what is gone.
func (r *runner) drain(ctx context.Context) error {
	if err := r.finishJobs(ctx); err != nil {
		return err
	}
	return r.release(ctx, true)
}

// finishJobs waits until nothing is being hashed.
func (r *runner) finishJobs(ctx context.Context) error {
	for len(r.busy) > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case j := <-r.results:
			if err := r.finish(ctx, j); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush reports, after Run's context has ended, all that has changed until now.
func (r *runner) flush(ctx context.Context) error {
	clear(r.pending) // a look at everything finds them all
	err := r.compareAll(ctx)
	if err == nil {
		err = r.drain(ctx)
	}
	if err == nil && len(r.pending) > 0 { // changed while they were hashed
		if err = r.settle(ctx, true); err == nil {
			err = r.drain(ctx)
		}
	}
	if err == nil && r.dirty {
		if err = r.waitCommitted(ctx); err == nil {
			err = r.save(ctx)
		}
	}
	if err != nil && errors.Is(err, ctx.Err()) {
		r.log.Warn("not all changes were reported before the end; the next start will")
		return nil
	}
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	return nil
}
