package agent

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/parse"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// stdinName is what standard input is called, on the command line and in log.file.path.
const stdinName = "-"

// ExplainOptions say how raw lines are to be read.
type ExplainOptions struct {
	// Source is one of ExplainSources: a parser's name, "auto", or "journald"; or
	// that of one in Patterns.
	Source string
	// Patterns are users' own; nil for none.
	Patterns *Patterns
	// Location is the zone of times that name none; nil is UTC.
	Location *time.Location
	// Year is that of the first time that names none.
	Year int
	// Stdin is read where a file is called "-".
	Stdin  io.Reader
	Stdout io.Writer
	// Stats writes, instead of the records, how many of them each parser understood
	// and which shapes of lines none did.
	Stats bool
	// Failed is told of each file that could not be read to its end; the others
	// are read all the same.
	Failed func(error)
}

// ErrIncomplete says that some input could not be explained; Failed was told what.
var ErrIncomplete = errors.New("some input could not be read")

// Explain writes one JSON object for each record of the files, in their order;
// no files means standard input. The same input gives the same bytes.
func Explain(ctx context.Context, files []string, o ExplainOptions) error {
	if len(files) == 0 {
		files = []string{stdinName}
	}
	out := bufio.NewWriterSize(o.Stdout, 64<<10)
	var stats *explainStats
	if o.Stats {
		stats = newExplainStats()
	}
	complete := true
	for _, name := range files {
		err := explainFile(ctx, name, o, explainer{name: name, out: out, stats: stats})
		var lost writeError
		switch {
		case errors.As(err, &lost):
			return lost
		case ctx.Err() != nil:
			return errors.Join(ctx.Err(), out.Flush())
		case err != nil:
			complete = false
			o.Failed(err)
		}
	}
	if stats != nil {
		stats.skipped = o.Patterns.Skipped()
		if err := stats.write(out); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return writeError{err}
	}
	if !complete {
		return ErrIncomplete
	}
	return nil
}

// writeError is a failure of the output: there is no point in reading on.
type writeError struct{ error }

func (e writeError) Error() string { return "write events: " + e.error.Error() }
func (e writeError) Unwrap() error { return e.error }

func explainFile(ctx context.Context, name string, o ExplainOptions, e explainer) error {
	in := o.Stdin
	if name != stdinName {
		file, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("explain: %w", err)
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	parser := o.Source
	if parser == sourceJournald {
		parser = "auto"
	}
	stream, err := parse.New(parser, parse.Options{Location: o.Location, Year: o.Year, Patterns: o.Patterns})
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	if o.Source == sourceJournald {
		return explainJournal(ctx, name, in, stream, &e)
	}
	lines := newLineReader(in, event.DefaultMaxLine)
	raw := record.Raw{Stream: name, Parser: o.Source, Path: name, Observed: time.Unix(0, 0)}
	for e.err == nil && ctx.Err() == nil {
		if lines.wouldBlock() && e.out.Flush() != nil {
			break // the next write says so again
		}
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(fmt.Errorf("explain %s: %w", name, err), e.finish(stream))
		}
		raw.Line++
		if e.stats != nil {
			e.stats.lines++
		}
		raw.Text, raw.Offset, raw.Truncated = line.text, line.offset, line.truncated
		stream.Push(&raw, e.emit)
	}
	return e.finish(stream)
}

// explainer writes the events of one input.
type explainer struct {
	name    string
	out     *bufio.Writer
	buffer  []byte
	stats   *explainStats // what to count in instead of writing; may be nil
	ordinal uint64
	err     error
}

func (e *explainer) finish(stream *parse.Stream) error {
	stream.Flush(e.emit)
	if e.err != nil {
		return writeError{e.err}
	}
	return nil
}

func (e *explainer) emit(r *record.Event) {
	if e.err != nil || r.Class == eventv1.Class_CLASS_UNSPECIFIED {
		return // an empty line is a position, no record
	}
	if e.stats != nil {
		e.stats.add(r)
		return
	}
	e.ordinal++
	id := offlineID(e.name, e.ordinal, &r.Event)
	e.buffer = event.AppendJSON(e.buffer[:0], &r.Event, event.Meta{ID: id, Class: r.Class})
	e.buffer = append(e.buffer, '\n')
	_, e.err = e.out.Write(e.buffer)
}

// offlineID is the id of an event that no spool ever numbered. It depends on
// nothing but the input; the text is in it so that the outputs of two runs over
// different standard inputs can be put together.
func offlineID(name string, ordinal uint64, e *event.Event) string {
	text := name + "\x00" + string(e.Get(eventv1.FieldId_FIELD_ID_LOG_LINE)) + "\x00" +
		strconv.FormatUint(ordinal, 10) + "\x00" + string(e.Original)
	return event.HashID(text)
}
