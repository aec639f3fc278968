// Package dirwatch tells which directories' entries changed.
//
// In flow the kernel's notifications by way of fsnotify; out flow a queue that
// its owner empties when it has time. The queue is bounded: what does not fit is
// an overflow, after which the owner has to look at everything itself. A pump
// goroutine always takes what fsnotify offers, because fsnotify may report an
// error while it holds the lock that Add and Remove need.
//
// A path is a name, not a file: by the time a notification is read the name may
// mean something else. Owners use it as a hint where to look.
package dirwatch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/sys/unix"
)

// queueLimit bounds the notifications that wait; past it they are an overflow.
const queueLimit = 1 << 16

// ErrLimit says that the kernel allows no further watch: fs.inotify.max_user_watches
// or max_user_instances is reached.
var ErrLimit = errors.New("inotify limit reached (raise fs.inotify.max_user_watches or fs.inotify.max_user_instances)")

// Event is one change of a directory's entry.
type Event struct {
	Path string
	// Appeared says that the name was created or renamed to.
	Appeared bool
	// From is the name before, of one that was renamed to Path within the watched
	// folders; empty where that is not known.
	From string
	// Vanished says that the name was removed or renamed away.
	Vanished bool
	// Touched says that content or attributes changed.
	Touched bool
}

// Backend sets watches. fsnotify's watcher is one; a test may wrap it.
type Backend interface {
	Add(dir string) error
	Remove(dir string) error
	Close() error
}

// Watcher queues changes of the watched directories. Its methods may be called
// from any goroutine.
type Watcher struct {
	backend Backend
	wake    chan struct{}
	done    chan struct{}

	// mu guards what follows.
	mu       sync.Mutex
	queue    []Event
	overflow bool
}

// New opens a watcher on the kernel's notifications.
func New() (*Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		if errors.Is(err, unix.EMFILE) {
			return nil, fmt.Errorf("open inotify: %w", ErrLimit)
		}
		return nil, fmt.Errorf("open inotify: %w", err)
	}
	return Wrap(w, w.Events, w.Errors), nil
}

// Wrap makes a watcher of a backend and its channels, which the backend's Close
// has to close.
func Wrap(b Backend, events <-chan fsnotify.Event, errs <-chan error) *Watcher {
	w := &Watcher{backend: b, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go w.pump(events, errs)
	return w
}

// Wake has an element whenever there may be something to Take.
func (w *Watcher) Wake() <-chan struct{} { return w.wake }

// Take hands over what has queued up, appended to dst, and whether notifications
// were lost since the last call.
func (w *Watcher) Take(dst []Event) ([]Event, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dst = append(dst, w.queue...)
	if cap(w.queue) > 4096 {
		w.queue = nil // a burst's memory is not kept for ever
	} else {
		w.queue = w.queue[:0]
	}
	overflow := w.overflow
	w.overflow = false
	return dst, overflow
}

// Add watches one directory, not what is below it. The error is ErrLimit when
// the kernel allows no more.
func (w *Watcher) Add(dir string) error {
	err := w.backend.Add(dir)
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EMFILE) {
		return fmt.Errorf("watch %s: %w", dir, ErrLimit)
	}
	if err != nil {
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	return nil
}

// Remove ends the watch of a directory. One that is not watched, or is gone, is
// no error.
func (w *Watcher) Remove(dir string) {
	// The kernel drops the watch of a removed directory by itself and then
	// refuses to remove it again; nothing is left to do in that case.
	_ = w.backend.Remove(dir)
}

// Close ends all watches and waits for the pump.
func (w *Watcher) Close() error {
	err := w.backend.Close()
	<-w.done
	if err != nil {
		return fmt.Errorf("close inotify: %w", err)
	}
	return nil
}

func (w *Watcher) pump(events <-chan fsnotify.Event, errs <-chan error) {
	defer close(w.done)
	for events != nil || errs != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			w.push(e)
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			if err != nil {
				w.lose()
			}
		}
	}
}

func (w *Watcher) push(e fsnotify.Event) {
	if e.Name == "" || e.Op == 0 {
		return
	}
	next := Event{
		Path:     e.Name,
		Appeared: e.Has(fsnotify.Create),
		Vanished: e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename),
		Touched:  e.Has(fsnotify.Write) || e.Has(fsnotify.Chmod),
	}
	if next.Appeared {
		next.From = renamedFrom(e)
	}
	w.mu.Lock()
	switch n := len(w.queue); {
	case n > 0 && w.queue[n-1] == next: // a file being written says so over and over
	case n >= queueLimit:
		w.overflow = true
	default:
		w.queue = append(w.queue, next)
	}
	w.mu.Unlock()
	w.signal()
}

// renamedFrom is the name before. fsnotify pairs the kernel's two halves of a
// rename, but shows what it found in the event's text only: OP "new" ← "old".
func renamedFrom(e fsnotify.Event) string {
	text := e.String()
	begin := strings.IndexByte(text, '"')
	if begin < 0 {
		return ""
	}
	to, err := strconv.QuotedPrefix(text[begin:])
	if err != nil {
		return ""
	}
	quoted, ok := strings.CutPrefix(text[begin+len(to):], " ← ")
	if !ok {
		return ""
	}
	from, err := strconv.Unquote(quoted)
	if err != nil {
		return ""
	}
	return from
}

// lose is for every error of the backend, not only an overflow: whatever went
// wrong with reading, notifications may be missing.
func (w *Watcher) lose() {
	w.mu.Lock()
	w.overflow = true
	w.mu.Unlock()
	w.signal()
}

func (w *Watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
