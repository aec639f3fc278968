package fim

import (
	"context"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/packages"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// change is one thing that happened to a path.
type change struct {
	action string
	path   string
	// from is the path before, of a renamed one.
	from string
	// was and now are nil for what was or is not.
	was, now *entry
	since    time.Time
	// pkg is the package that the path came from, pkgState what its content is to
	// the package's.
	pkg      *packages.Package
	pkgState string
	// diff is what differs, of a text of which that is wanted.
	diff string
}

// report makes a change part of the baseline in memory and puts its event, unless
// it is part of what a package manager does.
func (r *runner) report(ctx context.Context, c *change) error {
	if r.packaged(ctx, c) {
		return nil
	}
	positions := make([]record.Position, 0, 2)
	if c.from != "" {
		r.tree.remove(c.from)
		delete(r.held, c.from)
		positions = append(positions, record.Position{Key: keyPrefix + c.from, State: encodePosition(nil)})
	}
	if c.now == nil {
		r.tree.remove(c.path)
	} else {
		r.takeIn(c.path, c.now)
	}
	positions = append(positions, record.Position{Key: keyPrefix + c.path, State: encodePosition(c.now)})
	for _, p := range positions {
		r.overlay[p.Key] = struct{}{}
	}
	now := r.s.opts.Clock()
	e := &record.Event{Class: eventv1.Class_CLASS_FILE}
	e.Observed = now.UnixNano()
	e.Time = e.Observed
	if !c.since.IsZero() && !r.scanning {
		e.Time -= time.Since(c.since).Nanoseconds()
	}
	e.Fields = c.fields()
	if why := c.hashMissing(r.s.opts.MaxHash); why != "" {
		e.Fields = append(e.Fields, event.Field{Key: []byte(noHash), Value: []byte(why)})
	}
	r.dirty = true
	r.s.status.change(func(s *Status) { s.Events++ })
	return r.send(ctx, &record.Raw{Stream: keyPrefix, Observed: now, Event: e, Positions: positions})
}

// send puts a record whose commit has to be awaited before the next baseline.
func (r *runner) send(ctx context.Context, raw *record.Raw) error {
	r.put++
	raw.Committed = func() { r.committed.Add(1) }
	return r.sink.Put(ctx, raw)
}

func (c *change) fields() []event.Field {
	e := event.Event{Fields: make([]event.Field, 0, 28)}
	add := func(id eventv1.FieldId, value string) {
		if value != "" {
			e.Add(id, []byte(value))
		}
	}
	kind := map[string]string{"created": "creation", "deleted": "deletion"}[c.action]
	if kind == "" {
		kind = "change"
	}
	add(eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, "file")
	add(eventv1.FieldId_FIELD_ID_EVENT_TYPE, kind)
	add(eventv1.FieldId_FIELD_ID_EVENT_ACTION, c.action)
	add(eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, "success")
	add(eventv1.FieldId_FIELD_ID_MESSAGE, c.message())
	add(eventv1.FieldId_FIELD_ID_FILE_PATH, c.path)
	name := filepath.Base(c.path)
	add(eventv1.FieldId_FIELD_ID_FILE_NAME, name)
	add(eventv1.FieldId_FIELD_ID_FILE_DIRECTORY, filepath.Dir(c.path))
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		add(eventv1.FieldId_FIELD_ID_FILE_EXTENSION, name[dot+1:])
	}
	if is := c.now; is != nil {
		is.describe(add)
	} else {
		add(eventv1.FieldId_FIELD_ID_FILE_TYPE, c.was.kindName())
	}
	if c.was != nil {
		c.was.describePrevious(add)
	}
	if c.was != nil && c.now != nil {
		for _, what := range c.was.changed(c.now) {
			add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_CHANGED, what)
		}
	}
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_PATH, c.from)
	if c.pkg != nil {
		add(eventv1.FieldId_FIELD_ID_PACKAGE_NAME, c.pkg.Name)
		add(eventv1.FieldId_FIELD_ID_PACKAGE_VERSION, c.pkg.Version)
	}
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PACKAGE_STATE, c.pkgState)
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_DIFF, c.diff)
	return e.Fields
}

func (c *change) message() string {
	switch c.action {
	case "renamed":
		return c.from + " was renamed to " + c.path
	case "attributes_modified":
		return "attributes of " + c.path + " were modified"
	default:
		return c.path + " was " + c.action
	}
}

func (e *entry) kindName() string {
	if e.kind == kindLink {
		return "symlink"
	}
	return "file"
}

func (e *entry) describe(add func(eventv1.FieldId, string)) {
	add(eventv1.FieldId_FIELD_ID_FILE_TYPE, e.kindName())
	add(eventv1.FieldId_FIELD_ID_FILE_SIZE, strconv.FormatInt(e.size, 10))
	add(eventv1.FieldId_FIELD_ID_FILE_MODE, e.modeText())
	add(eventv1.FieldId_FIELD_ID_FILE_UID, strconv.FormatUint(uint64(e.uid), 10))
	add(eventv1.FieldId_FIELD_ID_FILE_GID, strconv.FormatUint(uint64(e.gid), 10))
	add(eventv1.FieldId_FIELD_ID_FILE_MTIME, timeText(e.mtime))
	add(eventv1.FieldId_FIELD_ID_FILE_INODE, strconv.FormatUint(e.id.inode, 10))
	add(eventv1.FieldId_FIELD_ID_FILE_HASH_SHA256, e.hashText())
	add(eventv1.FieldId_FIELD_ID_FILE_TARGET_PATH, e.target)
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_CAPABILITIES, capsText(e.caps))
}

// noHash says why a file's event has no hash, under this name.
const noHash = "tocsin.file.hash.missing"

func (c *change) hashMissing(limit int64) string {
	switch {
	case c.now == nil || c.now.hashed || c.now.kind == kindLink:
		return ""
	case c.now.size > limit:
		return "size"
	default:
		return "unreadable"
	}
}

func (e *entry) describePrevious(add func(eventv1.FieldId, string)) {
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_SIZE, strconv.FormatInt(e.size, 10))
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_MODE, e.modeText())
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_UID, strconv.FormatUint(uint64(e.uid), 10))
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_GID, strconv.FormatUint(uint64(e.gid), 10))
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_MTIME, timeText(e.mtime))
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_HASH_SHA256, e.hashText())
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_TARGET_PATH, e.target)
	add(eventv1.FieldId_FIELD_ID_TOCSIN_FILE_PREVIOUS_CAPABILITIES, capsText(e.caps))
}

func (e *entry) modeText() string { return fmt.Sprintf("%04o", e.mode) }

func (e *entry) hashText() string {
	if !e.hashed {
		return ""
	}
	return hex.EncodeToString(e.hash[:])
}

func timeText(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// declare puts something the source has to say about its own watching.
func (r *runner) declare(ctx context.Context, action, path, reason, message string) error {
	now := r.s.opts.Clock()
	e := &record.Event{Class: eventv1.Class_CLASS_AGENT}
	e.Time, e.Observed = now.UnixNano(), now.UnixNano()
	e.Fields = []event.Field{
		{ID: eventv1.FieldId_FIELD_ID_EVENT_CATEGORY, Value: []byte("file")},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_ACTION, Value: []byte(action)},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, Value: []byte("failure")},
		{ID: eventv1.FieldId_FIELD_ID_MESSAGE, Value: []byte(message)},
		{ID: eventv1.FieldId_FIELD_ID_FILE_PATH, Value: []byte(path)},
		{ID: eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, Value: []byte(reason)},
		{ID: eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE, Value: []byte(path)},
	}
	return r.send(ctx, &record.Raw{Stream: keyPrefix, Observed: now, Event: e})
}
