package journald

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// gaps tells a gap in the numbers that reading again may fill from one that it
// does not. A journal numbers all its entries, over all its files; so a gap is
// entries that journalctl missed, entries that were vacuumed away, or, which is no
// loss, entries of a file that this process may not read or numbers that journald
// gave and did not use.
type gaps struct {
	// seen are the sequences that this run of journalctl has printed.
	seen map[[16]byte]bool
	// from and to are the gap that is being read again.
	from, to cursor
	// pause is how long gaps are let be after one that stayed, until quiet.
	pause time.Duration
	quiet time.Time
}

// Bounds of a pause.
const (
	minQuiet = time.Second
	maxQuiet = time.Hour
	maxSeen  = 64
)

// begin forgets what the last run of journalctl printed.
func (g *gaps) begin(last *cursor) {
	g.seen = map[[16]byte]bool{last.file: true}
}

// between says whether entries seem to be missing between two that were printed
// one after the other.
func (g *gaps) between(last, c *cursor) bool {
	if *last == (cursor{}) || last.boot != c.boot || c.number <= last.number+1 {
		return false
	}
	return g.seen[last.file] && g.seen[c.file]
}

func (g *gaps) saw(c *cursor) {
	if !g.seen[c.file] && len(g.seen) < maxSeen {
		g.seen[c.file] = true
	}
}

// read reads what one run of journalctl prints.
func (r *runner) read(ctx context.Context, d *decoder, last cursor) error {
	resuming := last != (cursor{}) && r.boot == ""
	resumed := last
	found := false
	r.gaps.begin(&last)
	for {
		err := d.next(&r.entry)
		switch {
		case err == nil:
		case errors.Is(err, errBroken):
			r.log.Warn("a line of journalctl's is skipped", "error", err)
			r.s.status.broken()
			continue
		case errors.Is(err, io.EOF) || ctx.Err() != nil:
			return nil //nolint:nilerr // how it ended says more
		default:
			return fmt.Errorf("read journalctl's output: %w", err)
		}
		c := &r.entry.at
		if resuming {
			if c.same(&resumed) {
				found = true
				continue
			}
			if c.file == resumed.file && c.boot == resumed.boot && c.number < resumed.number {
				continue
			}
			if c.file == resumed.file && c.number == resumed.number {
				// A power cut took the end of the journal, which was read, and its numbers
				// were given again. All of this boot is new.
				r.boot = hex.EncodeToString(c.boot[:])
				return errGap
			}
			resuming = false
			if err := r.resume(ctx, &resumed, c, found); err != nil {
				return &stopError{err}
			}
		} else if r.suspicious(&last, c) {
			return errGap
		}
		r.gaps.saw(c)
		last = *c
		if err := r.put(ctx, c); err != nil {
			return &stopError{err}
		}
	}
}

// resume looks at the first entry after the last one of an earlier run.
func (r *runner) resume(ctx context.Context, last, c *cursor, found bool) error {
	g := &r.gaps
	again := g.from != (cursor{})
	stayed := again && g.from == *last && g.to.same(c) && found
	switch {
	case stayed: // nothing more is on disk: leave it at that for a while
		g.pause = min(max(2*g.pause, minQuiet), maxQuiet)
		g.quiet = r.s.opts.Clock().Add(g.pause)
	case again:
		g.pause = 0
	}
	g.from, g.to = cursor{}, cursor{}
	strange := r.strange
	r.strange = false
	if found || strange || (last.boot == c.boot && c.number == last.number+1) {
		return nil
	}
	return r.lost(ctx, last, c)
}

// suspicious says whether to read again after the last entry, because entries may
// be missing before this one.
func (r *runner) suspicious(last, c *cursor) bool {
	if !r.s.cfg.whole() || !r.gaps.between(last, c) {
		return false
	}
	if now := r.s.opts.Clock(); now.Before(r.gaps.quiet) {
		return false
	}
	r.gaps.from, r.gaps.to = *last, *c
	return true
}

// put gives out the entry that was read.
func (r *runner) put(ctx context.Context, c *cursor) error {
	r.progress.putting.Store(true)
	defer r.progress.putting.Store(false)
	if err := r.s.ledger.room(ctx); err != nil {
		return err
	}
	serial, backfill, ok := r.s.ledger.take(c)
	if n := r.s.ledger.missing(); n > 0 {
		if err := r.declareGap(ctx, c, gap{count: uint64(n), reason: "vacuumed"},
			fmt.Sprintf("%d entries of the journal that had been read and were waiting for their next line are gone", n)); err != nil {
			return err
		}
	}
	r.boot = ""
	r.progress.read()
	r.s.status.at(c)
	if err := r.readable(ctx); err != nil || !ok {
		return err
	}
	now := r.s.opts.Clock()
	raw := &r.raw
	r.entry.record(raw, &r.envelope, r.origins)
	raw.Serial, raw.Backfill, raw.Observed = serial, backfill, now
	if string(r.entry.get(fieldPID)) == r.self {
		// What this agent says of an entry would be an entry, and so on.
		raw.Text, raw.Envelope = nil, nil
	}
	if len(raw.Text) == 0 {
		raw.Envelope = nil
	}
	if len(raw.Text) > 0 {
		r.s.status.counted(len(raw.Text), raw.Truncated)
	}
	return r.sink.Put(ctx, raw)
}
