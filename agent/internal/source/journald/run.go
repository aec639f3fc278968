package journald

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// Pauses before journalctl is started again: it dies of rotations, which is no
// reason to wait, and of what does not go away.
const (
	minPause = 100 * time.Millisecond
	maxPause = 30 * time.Second
)

// runner is one run of a source. All but what progress holds belongs to one
// goroutine.
type runner struct {
	s    *Source
	sink Sink
	log  *slog.Logger
	self string // this process's id

	// strange says that other entries were selected when the position was written:
	// that its entry is not printed says nothing.
	strange  bool
	since    uint64
	boot     string // read from this boot's beginning: the cursor leads nowhere
	entry    entry
	raw      record.Raw
	envelope record.Envelope
	origins  origins
	gaps     gaps
	progress progress
	// declared says that it was declared that the journal cannot be read.
	declared bool
	ready    bool
}

func (r *runner) run(ctx context.Context, saved []byte) error {
	if err := r.restore(saved); err != nil {
		r.log.Error("position is unreadable; the journal counts as new", "error", err)
		saved = nil
	}
	if saved == nil {
		if err := r.firstSight(ctx); err != nil {
			return err
		}
	}
	if err := r.partial(ctx); err != nil {
		return err
	}
	r.becomeReady()
	pause := minPause
	for {
		before, began := r.progress.entries.Load(), r.s.opts.Clock()
		err := r.session(ctx)
		var stop *stopError
		switch {
		case errors.As(err, &stop):
			return stop.error
		case ctx.Err() != nil:
			return ctx.Err()
		case r.progress.entries.Load() != before, r.s.opts.Clock().Sub(began) > maxPause:
			pause = minPause
		case !errors.Is(err, errGap):
			pause = min(2*pause, maxPause)
		}
		if err := r.ended(ctx, err, pause); err != nil {
			return err
		}
	}
}

// ended tells what happened and rests.
func (r *runner) ended(ctx context.Context, err error, pause time.Duration) error {
	switch {
	case errors.Is(err, errGap):
		r.log.Debug("entries are missing; reading them again", "error", err)
		return nil
	case errors.Is(err, errStale):
		r.log.Warn("journalctl does not print what is there; starting it anew")
	case pause <= 4*minPause:
		r.log.Info("journalctl ended; starting it anew", "error", err)
	default:
		if err == nil {
			err = errors.New("journalctl ended at once")
		}
		if err := r.unreadable(ctx, err); err != nil {
			return err
		}
	}
	r.s.status.restarted()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *runner) becomeReady() {
	if !r.ready {
		r.ready = true
		r.s.opts.Ready()
	}
}

// restore takes up a position.
func (r *runner) restore(saved []byte) error {
	if saved == nil {
		return nil
	}
	st, err := decodeState(saved)
	if err != nil {
		return err
	}
	r.strange = st.selection != r.s.cfg.selection()
	r.since = st.since
	low := r.s.ledger.restore(&st)
	r.s.status.at(&low)
	return nil
}

// firstSight finds where to begin in a journal that was never read, and makes
// that durable. Where nothing can be asked yet, the beginning is now.
func (r *runner) firstSight(ctx context.Context) error {
	now := uint64(r.s.opts.Clock().UnixMicro())
	end, err := r.s.newest(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		if err := r.unreadable(ctx, err); err != nil {
			return err
		}
	}
	var position record.Position
	switch {
	case r.s.cfg.Start == StartBeginning && end == (cursor{}):
		position = r.s.ledger.begin(0, end, cursor{realtime: now})
	case r.s.cfg.Start == StartBeginning:
		position = r.s.ledger.begin(0, cursor{}, end)
	default:
		r.since = now
		position = r.s.ledger.begin(now, end, cursor{})
	}
	r.s.status.at(&end)
	return r.sink.Put(ctx, &record.Raw{Stream: streamName, Observed: r.s.opts.Clock(), Positions: []record.Position{position}})
}

// stopError ends the run: the sink takes no more.
type stopError struct{ error }

func (e *stopError) Unwrap() error { return e.error }

var (
	errGap   = errors.New("a gap in the numbers of the entries")
	errStale = errors.New("journalctl does not print what is there")
)

// session runs journalctl once, to its end.
func (r *runner) session(ctx context.Context) error {
	session, end := context.WithCancelCause(ctx)
	defer end(nil)
	last := r.s.ledger.lastRead()
	output, wait, err := r.s.opts.start(session, r.s.following(&last, r.since, r.boot))
	if err != nil {
		return err
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		r.watch(session, end)
	}()
	reading := r.read(session, newDecoder(output, r.s.limit), last)
	if reading != nil {
		end(reading)
	}
	late := time.AfterFunc(killWait, func() { end(nil) }) // its output has ended, and it has not
	ended := wait()
	late.Stop()
	end(nil)
	<-watched
	switch cause := context.Cause(session); {
	case errors.Is(cause, errStale):
		return r.afterStale(ctx, cause)
	case reading != nil:
		return reading
	default:
		return ended
	}
}

// afterStale finds another way to go on where the last entry's place leads
// nowhere twice in a row: after a start of the system whose clock is behind, with
// a journal that did not outlive it, journalctl waits for a time to come. All of
// a boot that is not the last entry's is new.
func (r *runner) afterStale(ctx context.Context, cause error) error {
	newest, last := r.progress.newest(), r.s.ledger.lastRead()
	if r.progress.fruitless.Add(1) < 2 || newest == (cursor{}) || last == (cursor{}) || newest.boot == last.boot {
		return cause
	}
	r.boot = hex.EncodeToString(newest.boot[:])
	r.log.Warn("the last entry leads nowhere; reading the journal of this boot from its beginning")
	if err := r.declareGap(ctx, &newest, gap{reason: "position_gone"}, fmt.Sprintf(
		"the journal's entries after %s are lost as far as they were written before this boot", describe(&last))); err != nil {
		return err
	}
	return cause
}
