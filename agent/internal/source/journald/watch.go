package journald

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// progress is what the reading and its watch share.
type progress struct {
	// entries counts what was read.
	entries atomic.Uint64
	// putting is set while an entry is being given out, which may wait for room.
	putting atomic.Bool
	// fruitless counts the runs of journalctl that were ended for printing nothing.
	fruitless atomic.Int32

	mu  sync.Mutex // guards end
	end cursor     // the newest entry when last asked
}

func (p *progress) read() {
	p.entries.Add(1)
	p.fruitless.Store(0)
}

func (p *progress) newest() cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.end
}

// watch looks every now and then whether journalctl prints all there is, and ends
// a run that does not. A journalctl that follows a file that was deleted, or that
// hangs, looks just like one with nothing to print: only another one can tell.
func (r *runner) watch(ctx context.Context, end context.CancelCauseFunc) {
	timer := time.NewTimer(r.s.cfg.Check)
	defer timer.Stop()
	suspect := ^uint64(0) // how many entries had been read when it was found behind
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		before := r.progress.entries.Load()
		if r.progress.putting.Load() || !r.behind(ctx) || r.progress.entries.Load() != before {
			suspect = ^uint64(0)
			timer.Reset(r.s.cfg.Check)
			continue
		}
		if suspect == before {
			end(errStale)
			return
		}
		suspect = before
		timer.Reset(r.s.cfg.Recheck)
	}
}

// behind says whether there is an entry after the last one read.
func (r *runner) behind(ctx context.Context) bool {
	newest, err := r.s.newest(ctx)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		r.s.status.failed(err.Error())
		return false
	}
	r.progress.mu.Lock()
	r.progress.end = newest
	r.progress.mu.Unlock()
	r.s.status.newest(&newest)
	last := r.s.ledger.lastRead()
	switch {
	case newest == (cursor{}) || newest.same(&last):
		return false
	case last == (cursor{}):
		return newest.realtime > r.since
	default:
		return newest.after(&last) || newest.boot != last.boot
	}
}
