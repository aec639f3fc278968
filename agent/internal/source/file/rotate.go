package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// detach takes a file's name away: it was renamed or deleted, or another took
// the name. It is still read to its end.
func (r *runner) detach(t *tail) {
	if r.byPath[t.path] == t {
		delete(r.byPath, t.path)
	}
	if t.detached.IsZero() {
		t.detached = time.Now()
	}
	t.path = ""
	r.nameless[t] = struct{}{}
	r.enqueue(t)
}

// rename gives a file its new name.
func (r *runner) rename(t *tail, path string) {
	if r.byPath[t.path] == t {
		delete(r.byPath, t.path)
	}
	delete(r.nameless, t)
	t.path = path
	r.byPath[path] = t
	r.enqueue(t)
}

// findNameless looks in their folders for the files that lost their names.
func (r *runner) findNameless(ctx context.Context) error {
	folders := map[string]bool{}
	for t := range r.nameless {
		folders[filepath.Dir(t.at.path)] = true
	}
	for dir := range folders {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			if !e.Type().IsRegular() {
				continue
			}
			path := filepath.Join(dir, e.Name())
			l, err := lookAt(path)
			if err != nil {
				continue
			}
			if t := r.byID[l.id]; t != nil && t.path == "" {
				r.rename(t, path)
			}
		}
	}
	for t := range r.nameless {
		delete(r.nameless, t)
		if t.file == nil && t.path == "" {
			if err := r.finish(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// poll looks at everything in case a notification was missed.
func (r *runner) poll(ctx context.Context) error {
	for _, t := range r.byID {
		if t.failure != "" || !t.detached.IsZero() {
			r.enqueue(t)
		}
	}
	if err := r.discover(ctx); err != nil {
		return err
	}
	if err := r.serveQueue(ctx); err != nil {
		return err
	}
	for _, t := range r.byID {
		rested := time.Since(t.grew) >= r.s.cfg.Linger && time.Since(t.detached) >= r.s.cfg.Linger
		if t.detached.IsZero() || !rested || t.queued || t.failure != "" {
			continue
		}
		if err := r.finish(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// finish ends the reading of a rotated or deleted file.
func (r *runner) finish(ctx context.Context, t *tail) error {
	if t.waiting && t.file != nil {
		if err := r.putRest(ctx, t); err != nil {
			return err
		}
	}
	lost := t.seen.size - t.at.offset
	r.setWaiting(t, false)
	r.closeFile(t)
	delete(r.byID, t.id)
	delete(r.nameless, t)
	if r.byPath[t.path] == t {
		delete(r.byPath, t.path)
	}
	r.s.status.remove(t)
	if lost <= 0 || t.at.open && lost <= 1 {
		return r.putForget(ctx, t.key, t.input, t.at.path)
	}
	return r.declare(ctx, declaration{
		action: "file_missing", path: t.at.path, stream: t.key, input: t.input, reason: "missing", bytes: lost,
		message:   fmt.Sprintf("%s was removed before it was read; at least %d bytes after offset %d are lost", t.at.path, lost, t.at.offset),
		positions: []record.Position{{Key: t.key}},
	})
}

// fail notes why a file cannot be read; poll tries again.
func (r *runner) fail(ctx context.Context, t *tail, err error) error {
	if t.failure == "" {
		r.log.Warn("file cannot be read; trying again", "path", t.name(), "error", err)
	}
	t.failure = err.Error()
	r.show(t)
	if t.declared {
		return nil
	}
	t.declared = true
	return r.declareUnreadable(ctx, t.name(), t.key, t.input, err)
}

// deny notes a name that may not even be looked at.
func (r *runner) deny(ctx context.Context, path string, in int, err error) error {
	r.s.status.set(path, Progress{Path: path, Error: err.Error()})
	if r.denied[path] {
		return nil
	}
	r.denied[path] = true
	r.log.Warn("path cannot be read; trying again", "path", path, "error", err)
	return r.declareUnreadable(ctx, path, keyPrefix+path, in, err)
}

func (r *runner) declareUnreadable(ctx context.Context, path, stream string, in int, err error) error {
	reason := "unreadable"
	if errors.Is(err, fs.ErrPermission) {
		reason = "permission_denied"
	}
	return r.declare(ctx, declaration{
		action: "file_unreadable", path: path, stream: stream, input: in, reason: reason,
		message: fmt.Sprintf("%s cannot be read: %v", path, err),
	})
}

// refuse leaves a file alone that this process writes: reading it would make a
// line of every line for ever.
func (r *runner) refuse(ctx context.Context, path string, in int) error {
	if r.refused[path] {
		return nil
	}
	r.refused[path] = true
	message := path + " is refused: it is this agent's own output"
	r.s.status.set(path, Progress{Path: path, Refused: true, Error: message})
	r.log.Error("file is refused: it is this agent's own output", "path", path)
	return r.declare(ctx, declaration{
		action: "file_refused", path: path, stream: keyPrefix + path, input: in, reason: "own_output", message: message,
	})
}

// declaration is something the source has to say about its own reading.
type declaration struct {
	action, path, stream, message, reason string
	input                                 int
	bytes                                 int64
	positions                             []record.Position
}

func (r *runner) declare(ctx context.Context, d declaration) error {
	now := r.s.opts.Clock()
	e := &record.Event{Class: eventv1.Class_CLASS_AGENT}
	e.Time, e.Observed = now.UnixNano(), now.UnixNano()
	e.Fields = []event.Field{
		{ID: eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, Value: []byte("file")},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_ACTION, Value: []byte(d.action)},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, Value: []byte("failure")},
		{ID: eventv1.FieldId_FIELD_ID_MESSAGE, Value: []byte(d.message)},
		{ID: eventv1.FieldId_FIELD_ID_LOG_FILE_PATH, Value: []byte(d.path)},
		{ID: eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, Value: []byte(d.reason)},
		{ID: eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE, Value: []byte(d.path)},
	}
	if d.bytes > 0 {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_BYTES, strconv.AppendInt(nil, d.bytes, 10))
	}
	return r.sink.Put(ctx, &record.Raw{
		Stream: d.stream, Input: d.input, Path: d.path, Observed: now, Event: e, Positions: d.positions,
	})
}

func (r *runner) putPositions(ctx context.Context, t *tail, positions []record.Position) error {
	return r.sink.Put(ctx, &record.Raw{
		Stream: t.key, Input: t.input, Path: t.at.path, Observed: r.s.opts.Clock(), Positions: positions,
	})
}

func (r *runner) putForget(ctx context.Context, key string, in int, path string) error {
	return r.sink.Put(ctx, &record.Raw{
		Stream: key, Input: in, Path: path, Observed: r.s.opts.Clock(), Positions: []record.Position{{Key: key}},
	})
}

func (r *runner) watchFolder(dir string) {
	if r.watched[dir] {
		return
	}
	if err := r.watch.Add(dir); err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !r.denied["watch "+dir] {
			r.denied["watch "+dir] = true
			r.log.Warn("folder cannot be watched; looking at it every now and then", "path", dir, "every", r.s.cfg.Poll, "error", err)
		}
		return
	}
	r.watched[dir] = true
}

// watchTarget watches the folder of what a link leads to, where writes are told.
func (r *runner) watchTarget(path string) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return
	}
	r.targets[target] = path
	r.watchFolder(filepath.Dir(target))
}

func (r *runner) unwatch(dir string) {
	r.watch.Remove(dir)
	delete(r.watched, dir)
}

// unwatchBelow ends the watches of a folder that went and of those in it, whose
// notifications would come under their old names.
func (r *runner) unwatchBelow(dir string) {
	for d := range r.watched {
		if d == dir || strings.HasPrefix(d, dir+"/") {
			r.unwatch(d)
		}
	}
}
