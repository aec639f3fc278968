// Package fim tells which watched files changed.
//
// In flow folders and files to watch; out flow one event of class file a change,
// with the position that makes the change part of the baseline. The baseline is
// what every watched file was when it was last reported (FORMAT.md); changes made
// while nothing ran are found by comparing with it, and reported before Ready.
//
// Notifications are hints where to look. A name that was touched is looked at
// once it has rested for Settle, and compared with its entry; so an editor's save
// is one change, however it writes. Nothing is told apart by name alone: a name
// is opened without following links anywhere below its root, identified by its
// descriptor, and only a regular file is ever opened for reading.
//
// One goroutine owns all state; a few others hash.
package fim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/tocsin-security/tocsin/agent/internal/record"
)

// Config is what a Source watches.
type Config struct {
	// Paths are folders, watched with all that is below them, or files. One that
	// is missing is watched for.
	Paths []string
	// Exclude are globs of absolute paths; one without a slash is matched against
	// names. Nothing below an excluded folder is looked at or watched.
	Exclude []string
	// Diff are globs of the paths, or folders, of whose small text files an event
	// says which lines differ, secrets masked. Their texts are kept in Dir.
	Diff []string
	// HashRate bounds how many bytes a second are read; 0 for no bound.
	HashRate int64
	// Rescan is how often everything is compared with the baseline; 1 h when 0.
	Rescan time.Duration
}

// Options are what a Source uses of its surroundings.
type Options struct {
	// Log is slog.Default() when nil.
	Log *slog.Logger
	// Clock is time.Now when nil.
	Clock func() time.Time
	// Dir is the folder that holds the baseline. It is never watched. Without it
	// every start is a first one.
	Dir string
	// Ready, when set, is called once: the baseline is on disk, the watches are
	// set, and what changed since the last run has been put.
	Ready func()
	// Refuse tells of a file, by device and inode, that this process itself
	// writes; its changes are not reported.
	Refuse func(device, inode uint64) bool
	// Settle is how long a name must have rested before it is looked at; 250 ms
	// when 0. MaxSettle bounds how long a name that never rests is waited for;
	// 1 s when 0.
	Settle, MaxSettle time.Duration
	// MaxHash is the size in bytes past which a file is not hashed, so that one
	// huge file delays nothing; 512 MiB when 0. Such a file counts as modified when
	// its size or one of its times changes, and its events say that no hash was made.
	MaxHash int64
	// Checkpoint is how long changes stay out of the baseline's file; 5 min when
	// 0. Until then the spool's positions hold them.
	Checkpoint time.Duration

	// GroupPackages makes one event of what a package manager changes in the files
	// of one package; without, each change is told, and marked with its package.
	GroupPackages bool

	// notifier replaces the kernel's notifications in tests.
	notifier *notifier
}

// Sink takes what a Source saw. Put is called from one goroutine; it blocks
// while there is no room, and its error ends Run. After Run's context has ended
// it is still called for a few seconds, to flush.
type Sink interface {
	Put(ctx context.Context, r *record.Raw) error
}

// Status is what a source watches and has seen.
type Status struct {
	// Files and Folders are what the baseline holds and what is watched;
	// Unwatched folders did not fit the kernel's limit and are polled.
	Files, Folders, Unwatched int
	// Pending are the changes that still settle.
	Pending int
	// Events were put; Overflows is how often notifications were lost.
	Events, Overflows uint64
	// Ready says that changes are reported as they happen.
	Ready bool
	// Error is the last thing that went wrong with watching or reading.
	Error string
}

// Source watches files. Run it once.
type Source struct {
	scope  scope
	opts   Options
	rescan time.Duration
	status statusBoard
	texts  texts
	// rate, when set, bounds the bytes a second that all hashers read.
	rate *rate.Limiter
	// linked are the roots that are links; set when Run begins.
	linked map[string]bool
	// old says that the kernel has no openat2.
	old atomic.Bool
}

// New checks a configuration.
func New(cfg Config, opts Options) (*Source, error) {
	s := &Source{opts: opts, rescan: cfg.Rescan, texts: texts{globs: cfg.Diff}}
	if cfg.HashRate > 0 {
		s.rate = rate.NewLimiter(rate.Limit(cfg.HashRate), max(hashBlock, int(min(cfg.HashRate, 1<<30))))
	}
	setDuration(&s.rescan, time.Hour)
	setDuration(&s.opts.Settle, 250*time.Millisecond)
	setDuration(&s.opts.MaxSettle, time.Second)
	setDuration(&s.opts.Checkpoint, 5*time.Minute)
	if s.opts.MaxHash <= 0 {
		s.opts.MaxHash = 512 << 20
	}
	if s.opts.Log == nil {
		s.opts.Log = slog.Default()
	}
	if s.opts.Clock == nil {
		s.opts.Clock = time.Now
	}
	if s.opts.Refuse == nil {
		s.opts.Refuse = func(uint64, uint64) bool { return false }
	}
	var own []string
	if opts.Dir != "" {
		dir, err := filepath.Abs(opts.Dir)
		if err != nil {
			return nil, fmt.Errorf("find state folder: %w", err)
		}
		s.opts.Dir = dir
		s.texts.dir = filepath.Join(dir, textsName)
		own = append(own, dir)
	}
	if len(cfg.Paths) == 0 {
		return nil, errors.New("no paths")
	}
	var err error
	s.scope, err = newScope(cfg.Paths, cfg.Exclude, own)
	return s, err
}

// Run watches until ctx ends, then flushes what is known to have changed; that
// is no error. positions are all that the spool holds; those of other sources are
// left alone.
func (s *Source) Run(ctx context.Context, positions map[string][]byte, sink Sink) error {
	s.findLinks()
	r, err := newRunner(s, sink)
	if err != nil {
		return err
	}
	err = r.run(ctx, positions)
	if closeErr := r.close(); err == nil {
		err = closeErr
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// Status may be called while Run runs.
func (s *Source) Status() Status { return s.status.get() }

func setDuration(d *time.Duration, otherwise time.Duration) {
	if *d <= 0 {
		*d = otherwise
	}
}
