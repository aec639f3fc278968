package dirwatch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a backend that only closes.
type fake struct {
	add    error
	events chan fsnotify.Event
	errors chan error
}

func (f *fake) Add(string) error    { return f.add }
func (f *fake) Remove(string) error { return nil }
func (f *fake) Close() error {
	close(f.events)
	close(f.errors)
	return nil
}

func newFake(t *testing.T) (*fake, *Watcher) {
	f := &fake{events: make(chan fsnotify.Event), errors: make(chan error)}
	w := Wrap(f, f.events, f.errors)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, w
}

func awake(t *testing.T, w *Watcher) {
	t.Helper()
	select {
	case <-w.Wake():
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
	}
}

func TestRenameTellsBothNames(t *testing.T) {
	dir := t.TempDir()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := w.Add(dir); err != nil {
		t.Fatal(err)
	}
	from, to := filepath.Join(dir, "a \"b\"\n"), filepath.Join(dir, "c ← d")
	if err := os.WriteFile(from, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	var events []Event
	for len(events) == 0 || events[len(events)-1].From == "" {
		awake(t, w)
		events, _ = w.Take(events)
	}
	want := []Event{{Path: from, Appeared: true}, {Path: from, Vanished: true}, {Path: to, Appeared: true, From: from}}
	if fmt.Sprint(events) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", events, want)
	}
}

func TestOverflowIsToldOnce(t *testing.T) {
	f, w := newFake(t)
	f.errors <- fsnotify.ErrEventOverflow
	awake(t, w)
	if _, overflow := w.Take(nil); !overflow {
		t.Error("no overflow")
	}
	if _, overflow := w.Take(nil); overflow {
		t.Error("told twice")
	}
}

func TestQueueIsBoundedAndRepetitionsAreOne(t *testing.T) {
	f, w := newFake(t)
	for range 10 {
		f.events <- fsnotify.Event{Name: "/a", Op: fsnotify.Write}
	}
	for i := range queueLimit {
		f.events <- fsnotify.Event{Name: fmt.Sprint("/", i), Op: fsnotify.Write}
	}
	f.events <- fsnotify.Event{} // received after all before were queued
	events, overflow := w.Take(nil)
	if len(events) != queueLimit || !overflow || events[1].Path != "/0" {
		t.Errorf("%d events, overflow %v, second %q", len(events), overflow, events[1].Path)
	}
}

func TestLimitIsNamed(t *testing.T) {
	f, w := newFake(t)
	f.add = unix.ENOSPC
	if err := w.Add("/a"); !errors.Is(err, ErrLimit) {
		t.Errorf("got %v", err)
	}
	f.add = unix.EACCES
	if err := w.Add("/a"); errors.Is(err, ErrLimit) || !errors.Is(err, unix.EACCES) {
		t.Errorf("got %v", err)
	}
}
