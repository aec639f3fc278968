package journald

import (
	"context"
	"slices"
	"sync"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// maxOpen bounds the entries that were read and are no events yet: the parsers
// hold them back. The source waits when there are so many.
const maxOpen = 2048

// Ledger makes the positions of a journal's entries. They become events in
// another order than they are read in: a line that may be the beginning of a
// traceback waits, others go on. The ledger knows which are open, and gives each
// event a position that says so, in the same moment in which the event goes to the
// spool.
type Ledger struct {
	key string

	// mu guards what follows. It is held while an event goes to the spool, so that
	// no later position can be appended before an earlier one.
	mu sync.Mutex
	// base is what was restored: of its holes, those not read again yet.
	base state
	// last is the last entry read, open or not.
	last cursor
	// high is the last entry that became an event, of all runs.
	high cursor
	// open are the entries that are no events yet, in order.
	open    []openEntry
	spare   []openEntry
	serials uint64
	// declaring is a loss that is being declared: its serial, and the id of the
	// entry after it.
	declaring [2]uint64
	// gone counts the holes that could not be read again.
	gone int
	// shrunk, when not nil, is closed as soon as fewer are open.
	shrunk chan struct{}
	arena  []byte
	one    [1]record.Position
}

type openEntry struct {
	serial uint64
	at     cursor
	// before is the entry read before it.
	before cursor
	// below says that it is a hole: a later one has become an event.
	below bool
}

func newLedger(key string, selection [8]byte) *Ledger {
	return &Ledger{key: key, base: state{selection: selection}}
}

// restore takes up what the last run left. It returns the entry after which to
// read; the zero value is none.
func (l *Ledger) restore(s *state) cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	selection := l.base.selection
	l.base = *s
	l.base.selection = selection
	l.last, l.high = s.low, s.high
	if l.high == (cursor{}) {
		l.high = s.low
	}
	return s.low
}

// begin is the position of a journal that is seen for the first time.
func (l *Ledger) begin(since uint64, end, backfill cursor) record.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.base.since, l.base.backfill = since, backfill
	l.last, l.high = end, end
	return l.position()
}

// take says whether an entry that was read is to become a record, and gives it
// its serial. What an earlier run has made an event is not.
func (l *Ledger) take(c *cursor) (serial uint64, backfill, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.last
	l.last = *c
	if l.base.backfill != (cursor{}) && c.after(&l.base.backfill) {
		l.base.backfill = cursor{}
	}
	below := false
	if l.base.high != (cursor{}) {
		at := slices.Index(l.base.holes, c.id())
		switch past := c.after(&l.base.high); {
		case past: // the last run is behind us
			l.passed()
		case c.same(&l.base.high):
			l.passed()
			return 0, false, false
		case at < 0:
			return 0, false, false
		default:
			l.base.holes = slices.Delete(l.base.holes, at, at+1)
			below = true
		}
	}
	l.serials++
	l.open = append(l.open, openEntry{serial: l.serials, at: *c, before: before, below: below})
	return l.serials, l.base.backfill != (cursor{}), true
}

// passed ends the reading again of what an earlier run left.
func (l *Ledger) passed() {
	l.base.high = cursor{}
	l.gone += len(l.base.holes)
	l.base.holes = nil
}

// missing is how many holes were not there any more when they should have been
// read again. It tells so once.
func (l *Ledger) missing() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.gone
	l.gone = 0
	return n
}

// declaration gives a serial to the event that declares a loss before an entry,
// unless that was declared already: then it is 0.
func (l *Ledger) declaration(before *cursor) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if before.id() == l.base.declared {
		return 0
	}
	l.serials++
	l.declaring = [2]uint64{l.serials, before.id()}
	return l.serials
}

// lastRead is the last entry read.
func (l *Ledger) lastRead() cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// room waits until there are few enough open entries.
func (l *Ledger) room(ctx context.Context) error {
	for {
		l.mu.Lock()
		if len(l.open)+len(l.base.holes) < maxOpen {
			l.mu.Unlock()
			return nil
		}
		if l.shrunk == nil {
			l.shrunk = make(chan struct{})
		}
		shrunk := l.shrunk
		l.mu.Unlock()
		select {
		case <-shrunk:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Append gives an event on, with its position. An event of no record of this
// source goes on as it is. It may be called from any goroutine.
func (l *Ledger) Append(ctx context.Context, e *record.Event, next func(context.Context, *record.Event) error) error {
	if len(e.Serials) == 0 {
		return next(ctx, e)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = append(l.spare[:0], l.open...)
	high, declared := l.high, l.base.declared
	l.close(e.Serials)
	l.one[0] = l.position()
	e.Positions = l.one[:]
	if err := next(ctx, e); err != nil {
		l.open, l.spare = l.spare, l.open
		l.high, l.base.declared = high, declared
		return err
	}
	if l.shrunk != nil {
		close(l.shrunk)
		l.shrunk = nil
	}
	return nil
}

// close takes entries off those that are open, and marks as holes what is left
// before them.
func (l *Ledger) close(serials []uint64) {
	highest := uint64(0)
	l.open = slices.DeleteFunc(l.open, func(o openEntry) bool {
		if !slices.Contains(serials, o.serial) {
			return false
		}
		if highest = max(highest, o.serial); !o.below {
			l.high = o.at
		}
		return true
	})
	for i := range l.open {
		l.open[i].below = l.open[i].below || l.open[i].serial < highest
	}
	if slices.Contains(serials, l.declaring[0]) {
		l.base.declared = l.declaring[1]
	}
}

// position is what holds now.
func (l *Ledger) position() record.Position {
	s := state{
		selection: l.base.selection, since: l.base.since, backfill: l.base.backfill, declared: l.base.declared, low: l.high,
	}
	for i := range l.open {
		if l.open[i].below {
			s.holes = append(s.holes, l.open[i].at.id())
		}
	}
	s.holes = append(s.holes, l.base.holes...)
	if len(s.holes) > 0 {
		s.low, s.high = l.last, l.high
		if len(l.open) > 0 {
			s.low = l.open[0].before
		}
	}
	if need := 256 + 8*len(s.holes); cap(l.arena)-len(l.arena) < need {
		l.arena = make([]byte, 0, max(16<<10, need)) // positions outlive this call
	}
	from := len(l.arena)
	l.arena = s.append(l.arena)
	return record.Position{Key: l.key, State: l.arena[from:len(l.arena):len(l.arena)]}
}
