package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// savePositions is how often a dry run writes its positions down.
const savePositions = time.Second

// printer is the sink of a dry run: it prints events, and remembers positions in
// a file of its own, so that it neither disturbs the agent's nor starts anew
// each time.
type printer struct {
	file string

	mu        sync.Mutex // guards all below
	out       *bufio.Writer
	buffer    []byte
	positions map[string][]byte
	dirty     bool
	// committed are to be called after the positions are saved.
	committed []func()
}

func newPrinter(out io.Writer, file string) (*printer, error) {
	p := &printer{file: file, out: bufio.NewWriterSize(out, 64<<10), positions: make(map[string][]byte)}
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read positions: %w", err)
	default:
		if err := json.Unmarshal(data, &p.positions); err != nil {
			return nil, fmt.Errorf("read positions %s: %w", file, err)
		}
	}
	return p, nil
}

// Append prints one event. A record without a class is a position that moved.
func (p *printer) Append(_ context.Context, e *record.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Class != eventv1.Class_CLASS_UNSPECIFIED {
		// The same line may come again, in this run or in the next one.
		meta := event.Meta{ID: event.NewID(), Class: e.Class}
		p.buffer = append(event.AppendJSON(p.buffer[:0], &e.Event, meta), '\n')
		if _, err := p.out.Write(p.buffer); err != nil {
			return writeError{err}
		}
	}
	for _, position := range e.Positions {
		if position.State == nil {
			delete(p.positions, position.Key)
		} else {
			p.positions[position.Key] = position.State
		}
		p.dirty = true
	}
	p.committed = append(p.committed, e.Committed...)
	return nil
}

// save makes what was printed so far visible, and the positions durable.
func (p *printer) save() error {
	p.mu.Lock()
	committed, err := p.saveLocked()
	p.mu.Unlock()
	for _, call := range committed {
		call()
	}
	return err
}

func (p *printer) saveLocked() ([]func(), error) {
	if err := p.out.Flush(); err != nil {
		return nil, writeError{err}
	}
	if p.dirty {
		data, err := json.Marshal(p.positions)
		if err != nil {
			return nil, fmt.Errorf("encode positions: %w", err)
		}
		if err := statedir.WriteFile(p.file, data, 0o600); err != nil {
			return nil, fmt.Errorf("save positions: %w", err)
		}
		p.dirty = false
	}
	committed := p.committed
	p.committed = nil
	return committed, nil
}

// Run shows and saves what was printed, now and then, until ctx ends.
func (p *printer) Run(ctx context.Context) error {
	ticker := time.NewTicker(savePositions)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return p.save()
		case <-ticker.C:
			if err := p.save(); err != nil {
				return err
			}
		}
	}
}

// Positions are a copy of where every source is.
func (p *printer) Positions() map[string][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	positions := make(map[string][]byte, len(p.positions))
	for key, state := range p.positions {
		positions[key] = state
	}
	return positions
}
