package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

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

// recovered notes that a file can be read, and says so where the contrary was.
func (r *runner) recovered(ctx context.Context, t *tail) error {
	t.failure = ""
	if !t.declared {
		return nil
	}
	t.declared = false
	return r.declareReadable(ctx, t.name(), t.key, t.input)
}

// deny notes a name that may not even be looked at.
func (r *runner) deny(ctx context.Context, path string, in int, err error) error {
	r.s.status.set(path, Progress{Path: path, Error: err.Error()})
	if _, declared := r.denied[path]; declared {
		return nil
	}
	r.denied[path] = in
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

// allow notes that a name may be looked at again.
func (r *runner) allow(ctx context.Context, path string) error {
	in, denied := r.denied[path]
	if !denied {
		return nil
	}
	delete(r.denied, path)
	r.s.status.remove(path)
	return r.declareReadable(ctx, path, keyPrefix+path, in)
}

// allowFolders looks at the denied folders that this walk did not meet again.
// Files are looked at when their names are.
func (r *runner) allowFolders(ctx context.Context, failed map[string]bool) error {
	for path := range r.denied {
		if failed[path] {
			continue
		}
		l, err := lookAt(path)
		if errors.Is(err, fs.ErrNotExist) {
			delete(r.denied, path)
			r.s.status.remove(path)
			continue
		}
		if err != nil || l.regular {
			continue
		}
		if f, err := os.Open(path); err == nil {
			_ = f.Close() // opened to see whether it can be
			if err := r.allow(ctx, path); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner) declareReadable(ctx context.Context, path, stream string, in int) error {
	r.log.Info("file can be read again", "path", path)
	return r.declare(ctx, declaration{
		action: "file_readable", path: path, stream: stream, input: in, message: path + " can be read again",
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
	action, path, stream, message string
	// reason is why something was not read; empty where that is over.
	reason    string
	input     int
	bytes     int64
	positions []record.Position
}

func (r *runner) declare(ctx context.Context, d declaration) error {
	now := r.s.opts.Clock()
	outcome := "failure"
	if d.reason == "" {
		outcome = "success"
	}
	e := &record.Event{Class: eventv1.Class_CLASS_AGENT}
	e.Time, e.Observed = now.UnixNano(), now.UnixNano()
	e.Fields = []event.Field{
		{ID: eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, Value: []byte("file")},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_ACTION, Value: []byte(d.action)},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, Value: []byte(outcome)},
		{ID: eventv1.FieldId_FIELD_ID_MESSAGE, Value: []byte(d.message)},
		{ID: eventv1.FieldId_FIELD_ID_LOG_FILE_PATH, Value: []byte(d.path)},
	}
	if d.reason != "" {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, []byte(d.reason))
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE, []byte(d.path))
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
