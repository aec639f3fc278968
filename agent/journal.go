package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tocsin-security/tocsin/agent/internal/parse"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/agent/internal/source/journald"
	"github.com/tocsin-security/tocsin/proto/event"
)

// sourceJournald is what a journal's entries are called among the parsers.
const sourceJournald = "journald"

// journal is what sources have of a journal; nil where none is configured.
type journal struct {
	// source is nil where files are read in its place.
	source *journald.Source
	// instead says why they are.
	instead string
	// covers are the globs of the files that are not read because it is.
	covers []string
}

// newJournal decides whether the journal is read, or the files that hold the same
// (docs/adr/0013): one of the two, for as long as the sources run. A journal that
// has been read before is read again, whatever there is now: what is in it waits.
func newJournal(cfg *Config, known map[string][]byte, log *slog.Logger, ready func() func()) (*journal, error) {
	c := &cfg.Sources.Journald
	if !c.Enabled {
		return &journal{}, nil
	}
	inner := journald.Config{
		Start: journald.Start(c.Start), Units: c.Units, Identifiers: c.Identifiers, Priority: c.Priority, Matches: c.Matches,
		Directory: c.Directory, Namespace: c.Namespace, MaxLine: int(c.MaxLine),
	}
	if len(c.Covers) > 0 {
		asked, err := journald.New(inner, journald.Options{Log: log})
		if err != nil {
			return nil, fmt.Errorf("journald source: %w", err)
		}
		if file := existing(c.Covers); file != "" && !asked.Has(known) {
			if err := asked.Probe(context.Background()); err != nil {
				log.Warn("the journal cannot be read; the files that it covers are read instead", "file", file, "error", err)
				return &journal{instead: err.Error()}, nil
			}
		}
	}
	source, err := journald.New(inner, journald.Options{Log: log.With("source", sourceJournald), Ready: ready()})
	if err != nil {
		return nil, fmt.Errorf("journald source: %w", err)
	}
	return &journal{source: source, covers: c.Covers}, nil
}

// existing is a file that matches one of the globs, if any.
func existing(globs []string) string {
	for _, glob := range globs {
		if found, err := doublestar.FilepathGlob(glob, doublestar.WithFilesOnly()); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	return ""
}

// sink gives the journal's events their positions.
func (j *journal) sink(to sink) sink {
	if j.source == nil {
		return to
	}
	return ledgerSink{to: to, ledger: j.source.Ledger()}
}

type ledgerSink struct {
	to     sink
	ledger *journald.Ledger
}

// Append implements sink.
func (s ledgerSink) Append(ctx context.Context, e *record.Event) error {
	return s.ledger.Append(ctx, e, s.to.Append)
}

// status is a line of the agent's status.
func (j *journal) status() []sourceStatus {
	if j.source == nil {
		if j.instead == "" {
			return nil
		}
		return []sourceStatus{{Source: sourceJournald, Path: "(journal)", Note: "not read: files are, instead", Error: j.instead}}
	}
	s := j.source.Status()
	one := sourceStatus{
		Source: sourceJournald, Path: "(journal)", Offset: int64(s.Number), Lag: int64(s.Lag), Read: s.Entries, Error: s.Error,
	}
	var notes []string
	if !s.At.IsZero() {
		notes = append(notes, "read to "+s.At.UTC().Format(time.RFC3339))
	}
	if len(j.covers) > 0 {
		notes = append(notes, "instead of "+strings.Join(j.covers, " "))
	}
	for _, count := range []struct {
		n    uint64
		what string
	}{{s.Restarts, "restarts of journalctl"}, {s.Lost, "entries lost"}, {s.Broken, "lines not understood"}} {
		if count.n > 0 {
			notes = append(notes, fmt.Sprintf("%d %s", count.n, count.what))
		}
	}
	one.Note = strings.Join(notes, ", ")
	return []sourceStatus{one}
}

// explainJournal explains the output of "journalctl --output=json".
func explainJournal(ctx context.Context, name string, in io.Reader, stream *parse.Stream, e *explainer) error {
	entries := journald.NewReader(in, event.DefaultMaxLine)
	var skipped []error
	for e.err == nil && ctx.Err() == nil {
		raw, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, journald.ErrEntry) {
			skipped = append(skipped, fmt.Errorf("explain %s: %w", name, err))
			continue
		}
		if err != nil {
			return errors.Join(fmt.Errorf("explain %s: %w", name, err), e.finish(stream))
		}
		raw.Path, raw.Observed = name, time.Unix(0, raw.Envelope.Time)
		stream.Push(raw, e.emit)
	}
	return errors.Join(e.finish(stream), errors.Join(skipped...))
}
