package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/config"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/agent/internal/source/file"
	"github.com/tocsin-security/tocsin/agent/internal/source/fim"
)

// releaseWait bounds how long sources that are to stop wait for room for what
// they have in hand. What finds none is read again at the next start.
const releaseWait = 3 * time.Second

// sources read what a configuration names, through one pipeline of their own.
// They are replaced as a whole when the configuration changes.
type sources struct {
	file    *file.Source
	fim     *fim.Source
	journal *journal
	pipe    *pipeline

	// ready are closed one by one as the sources have taken stock.
	ready []chan struct{}
	parts []*part
	// giveUp ends appends that wait for room.
	giveUp context.CancelFunc
}

// newSources checks that a configuration can be read, without reading yet. Known
// are the positions of what was read before.
func newSources(cfg *Config, fimState string, known map[string][]byte, to sink, count *counters, log *slog.Logger) (*sources, error) {
	s := &sources{}
	own := ownFiles()
	var err error
	if s.journal, err = newJournal(cfg, known, log, s.expect); err != nil {
		return nil, err
	}
	s.pipe = newPipeline(s.journal.sink(to), zones(cfg.Sources.Files), count.stage(stageParse))
	s.pipe.patterns = cfg.PatternSet
	if len(cfg.Sources.Files) > 0 {
		s.file, err = file.New(fileConfig(cfg, s.journal.covers), file.Options{
			Log: log.With("source", "file"), Refuse: own.has, Ready: s.expect(),
		})
		if err != nil {
			return nil, fmt.Errorf("file source: %w", err)
		}
	}
	if len(cfg.Sources.FIM.Paths) > 0 {
		s.fim, err = fim.New(fimConfig(cfg), fim.Options{
			Log: log.With("source", "fim"), Dir: fimState, Refuse: own.has, Ready: s.expect(),
			GroupPackages: true, MaxHash: int64(cfg.Sources.FIM.MaxHash),
		})
		if err != nil {
			return nil, fmt.Errorf("fim source: %w", err)
		}
	}
	return s, nil
}

// expect is to be called by a source that has taken stock of what exists.
func (s *sources) expect() func() {
	ready := make(chan struct{})
	s.ready = append(s.ready, ready)
	return func() { close(ready) }
}

// fileConfig leaves out the files that are covered by another source.
func fileConfig(cfg *Config, covered []string) file.Config {
	var c file.Config
	for i := range cfg.Sources.Files {
		f := &cfg.Sources.Files[i]
		c.Inputs = append(c.Inputs, file.Input{
			Paths: f.Paths, Exclude: slices.Concat(f.Exclude, below(cfg.StateDir), covered),
			Parser: f.Parser, Start: file.Start(f.Start), MaxLine: int(f.MaxLine),
			Encoding: f.Encoding, Multiline: multiline(f.Multiline),
		})
	}
	return c
}

func multiline(m *config.Multiline) *file.Multiline {
	if m == nil {
		return nil
	}
	return &file.Multiline{Start: m.Expression(), Indent: m.Indent, MaxLines: m.MaxLines, Timeout: time.Duration(m.Timeout)}
}

func fimConfig(cfg *Config) fim.Config {
	f := &cfg.Sources.FIM
	return fim.Config{
		Paths: f.Paths, Exclude: append(slices.Clone(f.Exclude), below(cfg.StateDir)...),
		Rescan: time.Duration(f.Rescan), Diff: f.Diff, HashRate: int64(f.HashRate),
	}
}

// below are globs for a folder and everything in it. The agent's own state
// changes with every event, so reading it would be a loop.
func below(folder string) []string {
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return nil
	}
	return []string{absolute, absolute + "/**"}
}

// zones finds the zone of a file: that of the first group that it belongs to.
func zones(files []config.File) func(path string) *time.Location {
	return func(path string) *time.Location {
		for i := range files {
			if files[i].Reads(path) {
				return files[i].Location()
			}
		}
		return time.UTC
	}
}

// start begins to read after the given positions. Failed is told of a source
// that ends on its own.
func (s *sources) start(positions map[string][]byte, count *counters, failed func(error)) {
	appending, giveUp := context.WithCancel(context.Background())
	s.giveUp = giveUp
	put := func(stage string) putFunc {
		c := count.stage(stage)
		return func(r *record.Raw) error {
			if isRecord(r) {
				c.received.Inc()
			}
			if err := s.pipe.Put(appending, r); err != nil {
				c.errors.Inc()
				return err
			}
			if isRecord(r) {
				c.sent.Inc()
			}
			return nil
		}
	}
	if s.file != nil {
		s.parts = append(s.parts, startPart(stageFile, func(ctx context.Context) error {
			return s.file.Run(ctx, positions, put(stageFile))
		}, failed))
	}
	if source := s.journal.source; source != nil {
		s.parts = append(s.parts, startPart(stageJournald, func(ctx context.Context) error {
			return source.Run(ctx, positions, put(stageJournald))
		}, failed))
	}
	if s.fim != nil {
		s.parts = append(s.parts, startPart(stageFIM, func(ctx context.Context) error {
			return s.fim.Run(ctx, positions, put(stageFIM))
		}, failed))
	}
	s.parts = append(s.parts, startPart(stageParse, func(ctx context.Context) error {
		return s.pipe.run(ctx, appending)
	}, failed))
}

// end stops the sources and lets go what the parsers hold.
func (s *sources) end() error {
	for _, p := range s.parts {
		p.expect() // giving up ends them all, in any order
	}
	timer := time.AfterFunc(releaseWait, s.giveUp)
	defer timer.Stop()
	defer s.giveUp()
	var errs []error
	for _, p := range s.parts {
		errs = append(errs, p.end())
	}
	drain, cancel := context.WithTimeout(context.Background(), releaseWait)
	defer cancel()
	if err := s.pipe.drain(drain); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// putFunc is a source's sink. Whether a put may be given up is not the source's
// to say: it ends with the append, not with the source.
type putFunc func(r *record.Raw) error

// Put implements the sources' sinks.
func (f putFunc) Put(_ context.Context, r *record.Raw) error { return f(r) }
