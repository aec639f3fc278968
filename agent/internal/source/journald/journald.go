// Package journald reads the journal of systemd through journalctl, which it
// supervises.
//
// In flow the entries that "journalctl --output=json --follow" prints; out flow
// one record.Raw an entry, in the journal's order, each with a serial of which
// Ledger makes the position. A source that is started again with the positions it
// gave out repeats and skips nothing.
//
// journalctl may end, hang or go on looking at a deleted file, all of which
// happens when journals are rotated and vacuumed. So it is started anew after the
// last entry read whenever it ends, whenever a newer entry is there that it does
// not print (see watch.go), and whenever the sequence numbers of two entries leave
// a gap (see session.go). It is always started at the last entry itself, which it
// prints first: if it does not, the entry was vacuumed away, and what may have
// gone with it is declared.
//
// Supported are journalctl 236 and later, for --output-fields; namespaces need 245.
package journald

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
)

// Start says where a journal that is seen for the first time is read from.
type Start string

// Where reading begins.
const (
	// StartEnd reads only what is written from then on.
	StartEnd Start = "end"
	// StartBeginning reads all of it and marks what was there as backfill.
	StartBeginning Start = "beginning"
)

// Config is what a Source reads. Without Units, Identifiers, Priority and Matches
// it is the whole journal.
type Config struct {
	// Start is StartEnd when empty.
	Start Start
	// Units, Identifiers and Priority are what journalctl's options of these names
	// take; Matches are FIELD=VALUE.
	Units, Identifiers []string
	Priority           string
	Matches            []string
	// Directory holds journal files; the system's journal when empty.
	Directory string
	// Namespace is that of a journal, "" for the default one.
	Namespace string
	// MaxLine caps a message in bytes; event.DefaultMaxLine when 0.
	MaxLine int
	// Check is how often it is looked at whether journalctl prints all there is;
	// 1 min when 0.
	Check time.Duration
	// Recheck is how long journalctl may be behind then; 10 s when 0.
	Recheck time.Duration
}

// Options are what a Source uses of its surroundings.
type Options struct {
	// Log is slog.Default() when nil.
	Log *slog.Logger
	// Clock is time.Now when nil.
	Clock func() time.Time
	// Ready, when set, is called once: the journal has had its first sight, or
	// cannot be read.
	Ready func()

	// start replaces the running of journalctl in tests, denied the looking at files.
	start  starter
	denied func() (denied []string, readable int)
}

// Sink takes what a Source read. Put is called from one goroutine; it blocks
// while there is no room, and its error ends Run.
type Sink interface {
	Put(ctx context.Context, r *record.Raw) error
}

// Source reads one journal. Run it once.
type Source struct {
	cfg    Config
	opts   Options
	limit  int
	key    string
	ledger *Ledger
	status statusBoard
}

// New checks a configuration.
func New(cfg Config, opts Options) (*Source, error) {
	s := &Source{cfg: cfg, opts: opts, limit: cfg.MaxLine, key: cfg.key()}
	switch {
	case s.limit == 0:
		s.limit = event.DefaultMaxLine
	case s.limit < 0 || s.limit > event.MaxLine:
		return nil, fmt.Errorf("max_line %d is not between 1 and %d", s.limit, event.MaxLine)
	}
	if s.cfg.Check <= 0 {
		s.cfg.Check = time.Minute
	}
	if s.cfg.Recheck <= 0 {
		s.cfg.Recheck = 10 * time.Second
	}
	if s.opts.Log == nil {
		s.opts.Log = slog.Default()
	}
	if s.opts.Clock == nil {
		s.opts.Clock = time.Now
	}
	if s.opts.Ready == nil {
		s.opts.Ready = func() {}
	}
	if s.opts.start == nil {
		s.opts.start = execute
	}
	if s.opts.denied == nil {
		s.opts.denied = cfg.denied
	}
	s.ledger = newLedger(s.key, cfg.selection())
	return s, nil
}

// Ledger makes the positions of what this source reads.
func (s *Source) Ledger() *Ledger { return s.ledger }

// Has says whether positions tell of an entry of this journal.
func (s *Source) Has(positions map[string][]byte) bool {
	st, err := decodeState(positions[s.key])
	return err == nil && (st.low != (cursor{}) || st.high != (cursor{}))
}

// Status tells how far the journal has been read. It may be called while Run runs.
func (s *Source) Status() Status { return s.status.snapshot() }

// Probe says whether there is a journal to read: journalctl can be run, is allowed
// to read, and prints an entry.
func (s *Source) Probe(ctx context.Context) error {
	newest, err := s.newest(ctx)
	if err != nil {
		return err
	}
	if newest == (cursor{}) {
		return errors.New("the journal has no entry")
	}
	return nil
}

// Run reads until ctx ends, which is no error. positions are all that the spool
// holds; those of other sources are left alone.
func (s *Source) Run(ctx context.Context, positions map[string][]byte, sink Sink) error {
	r := &runner{s: s, sink: sink, log: s.opts.Log, self: fmt.Sprint(os.Getpid()), origins: origins{}}
	err := r.run(ctx, positions[s.key])
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
