// Package file reads the lines of log files as they are written.
//
// In flow files matched by globs; out flow one record.Raw a line, in order for
// each file, with the position that covers it. A source that is started again
// with the positions it gave out repeats and skips nothing.
//
// A file is an inode, not a name: device, inode and birth time make its key, and
// the hash of its first bytes (at most 1 KiB, whatever exists) tells a new
// content under an old key. So a rotated file is read to its end under whatever
// name of its directory it has, a truncated one from its beginning, and a reused
// inode is a new file. See position.go for what a position holds, and tail.go
// for how a last line without a newline is treated.
//
// One goroutine reads everything, file after file, a block at a time. While Put
// blocks nothing is read: the log files are the buffer.
package file

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/agent/internal/source/dirwatch"
	"github.com/tocsin-security/tocsin/proto/event"
)

// Start says where a file that exists when its input is first seen is read from.
type Start string

// Where reading begins.
const (
	// StartEnd reads only what is written from then on.
	StartEnd Start = "end"
	// StartBeginning reads all of it and marks what was there as backfill.
	StartBeginning Start = "beginning"
)

// Input is one set of files that are read in the same way.
type Input struct {
	// Paths are absolute globs: * ? [] {} within a name, ** for any folders.
	Paths []string
	// Exclude are globs of files and folders to leave alone; one without a slash
	// is matched against names. An excluded folder is not even watched.
	Exclude []string
	// Parser is passed on with every record.
	Parser string
	// Start is StartEnd when empty.
	Start Start
	// MaxLine caps a line in bytes; event.DefaultMaxLine when 0.
	MaxLine int
	// Encoding names what the files are written in; they are UTF-8, taken as it
	// is, when empty.
	Encoding string
	// Multiline says which lines make one record; each is its own where nil.
	Multiline *Multiline
}

// Multiline joins lines. Its record ends before the first line that does not go
// on with it, at MaxLines or the line cap, or when nothing followed for Timeout.
type Multiline struct {
	// Start is what a record's first line matches. Every other line belongs to the
	// record before it.
	Start *regexp.Regexp
	// Indent, where Start is nil, joins lines that begin with a space or a tab.
	Indent bool
	// MaxLines is 500 when 0.
	MaxLines int
	// Timeout is Config.Pause when 0.
	Timeout time.Duration
}

// Config is what a Source reads. A file that several inputs match belongs to the
// first of them.
type Config struct {
	Inputs []Input
	// Pause is how long a last line without a newline must have rested before it
	// is given out; 2 s when 0.
	Pause time.Duration
	// Poll is how often everything is looked at in case a notification was
	// missed, and what failed is tried again; 10 s when 0.
	Poll time.Duration
	// RemotePoll is how often files on file systems that other hosts write to are
	// looked at, of whose writes there are no notifications; 2 s when 0.
	RemotePoll time.Duration
	// Linger is how long a rotated or deleted file is followed after its last
	// growth; 1 min when 0.
	Linger time.Duration
	// MaxOpen bounds the open files; 256 when 0.
	MaxOpen int
}

// Options are what a Source uses of its surroundings.
type Options struct {
	// Log is slog.Default() when nil.
	Log *slog.Logger
	// Clock is time.Now when nil.
	Clock func() time.Time
	// Refuse tells of a file, by device and inode, that it must not be read: what
	// this process itself writes.
	Refuse func(device, inode uint64) bool
	// Ready, when set, is called once: what exists has had its first sight, so
	// that everything written from then on is read.
	Ready func()

	// watcher replaces the kernel's notifications in tests.
	watcher *dirwatch.Watcher
	// remote replaces the look at a folder's file system in tests.
	remote func(dir string) bool
}

// Sink takes what a Source read. Put is called from one goroutine; it blocks
// while there is no room, and its error ends Run.
type Sink interface {
	Put(ctx context.Context, r *record.Raw) error
}

// Source reads files. Run it once.
type Source struct {
	inputs []input
	cfg    Config
	opts   Options
	status statusBoard
}

// New checks a configuration.
func New(cfg Config, opts Options) (*Source, error) {
	s := &Source{cfg: cfg, opts: opts}
	setDuration(&s.cfg.Pause, 2*time.Second)
	setDuration(&s.cfg.Poll, 10*time.Second)
	setDuration(&s.cfg.RemotePoll, 2*time.Second)
	setDuration(&s.cfg.Linger, time.Minute)
	if s.cfg.MaxOpen <= 0 {
		s.cfg.MaxOpen = 256
	}
	if s.opts.Log == nil {
		s.opts.Log = slog.Default()
	}
	if s.opts.Clock == nil {
		s.opts.Clock = time.Now
	}
	if s.opts.remote == nil {
		s.opts.remote = isRemote
	}
	if s.opts.Refuse == nil {
		s.opts.Refuse = func(uint64, uint64) bool { return false }
	}
	if s.opts.Ready == nil {
		s.opts.Ready = func() {}
	}
	for i := range cfg.Inputs {
		in, err := compile(cfg.Inputs[i])
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		s.inputs = append(s.inputs, in)
	}
	return s, nil
}

// Run reads until ctx ends, which is no error. positions are all that the spool
// holds; those of other sources are left alone.
func (s *Source) Run(ctx context.Context, positions map[string][]byte, sink Sink) error {
	r, err := newRunner(s, positions, sink)
	if err != nil {
		return err
	}
	err = r.run(ctx)
	if closeErr := r.close(); err == nil {
		err = closeErr
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// Status tells how far each file has been read. It may be called while Run runs.
func (s *Source) Status() Status { return s.status.snapshot() }

func setDuration(d *time.Duration, otherwise time.Duration) {
	if *d <= 0 {
		*d = otherwise
	}
}

func (in *Input) maxLine() (int, error) {
	switch {
	case in.MaxLine == 0:
		return event.DefaultMaxLine, nil
	case in.MaxLine < 0 || in.MaxLine > event.MaxLine:
		return 0, fmt.Errorf("max_line %d is not between 1 and %d", in.MaxLine, event.MaxLine)
	default:
		return in.MaxLine, nil
	}
}
