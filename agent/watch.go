package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/agent/internal/source/fim"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/shell/command"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// The state folder of watch is not an agent's: it holds a baseline, no identity.
const (
	watchKind    = "tocsin-watch"
	watchVersion = 1
	// watchCheckpoint is how soon what was printed becomes part of the baseline on
	// disk: with no spool between, a kill repeats what was printed since.
	watchCheckpoint = time.Second
)

// WatchOptions are what Watch needs.
type WatchOptions struct {
	// StateDir keeps the baseline from one run to the next; with none every run
	// is a first one.
	StateDir string
	// Exclude are globs of absolute paths that are left alone.
	Exclude []string
	// Paths are the folders and files to watch.
	Paths []string
	// Stdout takes one JSON event a line; Stderr the line "ready", once the
	// baseline stands and the watches are set.
	Stdout, Stderr io.Writer
	Log            *slog.Logger
}

// Watch prints the changes of files until ctx ends, then what changed until then.
// Its errors are usage errors for what no run could watch, statedir's for a
// folder that another process holds, and of standard output.
func Watch(ctx context.Context, o WatchOptions) (err error) {
	if len(o.Paths) == 0 {
		return command.Usage(errors.New("no path to watch"))
	}
	paths := make([]string, len(o.Paths))
	for i, p := range o.Paths {
		if paths[i], err = filepath.Abs(p); err != nil {
			return fmt.Errorf("find %s: %w", p, err)
		}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	var folder string
	if o.StateDir != "" {
		dir, openErr := statedir.Open(o.StateDir, watchKind, watchVersion)
		if openErr != nil {
			return fmt.Errorf("open state: %w", openErr)
		}
		defer func() {
			if closeErr := dir.Close(); err == nil {
				err = closeErr
			}
		}()
		folder = dir.Path()
	}
	source, err := fim.New(fim.Config{Paths: paths, Exclude: o.Exclude}, fim.Options{
		Log: o.Log, Dir: folder, Refuse: ownFiles().has, Checkpoint: watchCheckpoint,
		Ready: func() { reportReady(o.Stderr, o.Log) },
	})
	if err != nil {
		return command.Usage(err)
	}
	return source.Run(ctx, nil, newChangePrinter(o.Stdout))
}

func reportReady(w io.Writer, log *slog.Logger) {
	if _, err := io.WriteString(w, "ready\n"); err != nil {
		log.Warn("standard error cannot be written", "error", err)
	}
}

// changePrinter prints events as they come. What is printed is as committed as it
// gets.
type changePrinter struct {
	to   io.Writer
	host string
	line []byte
}

func newChangePrinter(to io.Writer) *changePrinter {
	host, err := os.Hostname()
	if err != nil {
		host = "" // an event without a host name is still an event
	}
	return &changePrinter{to: to, host: host}
}

// Put prints a record's event, if it is a change of a file. What the source says of
// itself, a folder that it cannot read for one, is in the log.
func (p *changePrinter) Put(_ context.Context, r *record.Raw) error {
	if r.Event != nil && r.Event.Class == eventv1.Class_CLASS_FILE {
		p.line = event.AppendJSON(p.line[:0], &r.Event.Event, event.Meta{
			ID: event.NewID(), Class: r.Event.Class, HostName: p.host,
		})
		p.line = append(p.line, '\n')
		if _, err := p.to.Write(p.line); err != nil {
			return fmt.Errorf("write event: %w", err)
		}
	}
	if r.Committed != nil {
		r.Committed()
	}
	return nil
}
