package file

import (
	"slices"
	"sync"
	"testing"

	"github.com/fsnotify/fsnotify"

	"github.com/tocsin-security/tocsin/agent/internal/source/dirwatch"
)

// deaf is a backend that notifies of nothing.
type deaf struct {
	mu     sync.Mutex
	added  []string
	events chan fsnotify.Event
	errors chan error
}

func (d *deaf) Add(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.added = append(d.added, dir)
	return nil
}

func (d *deaf) Remove(string) error { return nil }

func (d *deaf) Close() error {
	close(d.events)
	close(d.errors)
	return nil
}

func newDeaf() *deaf {
	return &deaf{events: make(chan fsnotify.Event), errors: make(chan error)}
}

// deafWatcher notifies of overflows only, when told to.
func deafWatcher(testing.TB) (*dirwatch.Watcher, func()) {
	d := newDeaf()
	return dirwatch.Wrap(d, d.events, d.errors), func() { d.errors <- fsnotify.ErrEventOverflow }
}

// recordingWatcher tells which folders were watched.
func recordingWatcher(testing.TB) (*dirwatch.Watcher, func() []string) {
	d := newDeaf()
	return dirwatch.Wrap(d, d.events, d.errors), func() []string {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.Clone(d.added)
	}
}
