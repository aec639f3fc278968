package journald

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/proto/event"
	eventv1 "github.com/tocsin-security/tocsin/proto/gen/tocsin/event/v1"
)

// unreadable says that the journal cannot be read: once, until it can again.
func (r *runner) unreadable(ctx context.Context, err error) error {
	r.s.status.failed(err.Error())
	r.becomeReady() // it will not be soon
	if r.declared {
		return nil
	}
	r.declared = true
	reason := "unreadable"
	switch {
	case errors.Is(err, exec.ErrNotFound):
		reason = "journalctl_missing"
	case errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "insufficient permissions"):
		reason = "permission_denied"
	}
	r.log.Error("the journal cannot be read; trying again", "reason", reason, "error", err)
	return r.declare(ctx, "journal_unreadable", "failure", "the journal cannot be read: "+err.Error(), gap{reason: reason})
}

// readable takes that back.
func (r *runner) readable(ctx context.Context) error {
	r.s.status.failed("")
	if !r.declared {
		return nil
	}
	r.declared = false
	r.log.Info("the journal can be read again")
	return r.declare(ctx, "journal_readable", "success", "the journal can be read again", gap{})
}

// gap is how much is lost.
type gap struct {
	count  uint64 // 0 where it is not known
	reason string
	serial uint64
}

// lost declares what is missing between the last entry of an earlier run, which is
// gone, and the first one that is there.
func (r *runner) lost(ctx context.Context, last, c *cursor) error {
	g := gap{reason: "vacuumed"}
	if c.file == last.file && r.s.cfg.whole() {
		g.count = c.number - last.number - 1
	}
	number := "an unknown number of entries"
	if g.count > 0 {
		number = strconv.FormatUint(g.count, 10) + " entries"
	}
	return r.declareGap(ctx, c, g, fmt.Sprintf("%s of the journal were deleted before they were read: between %s and %s",
		number, describe(last), describe(c)))
}

// describe says when an entry was written.
func describe(c *cursor) string {
	return c.time().UTC().Format(time.RFC3339Nano)
}

// declareGap declares a loss before an entry, unless an earlier run has.
func (r *runner) declareGap(ctx context.Context, before *cursor, g gap, message string) error {
	if g.serial = r.s.ledger.declaration(before); g.serial == 0 {
		return nil
	}
	r.log.Warn("entries of the journal are lost", "count", g.count, "reason", g.reason)
	r.s.status.lost(g.count)
	return r.declare(ctx, "journal_gap", "failure", message, g)
}

func (r *runner) declare(ctx context.Context, action, outcome, message string, g gap) error {
	now := r.s.opts.Clock()
	e := &record.Event{Class: eventv1.Class_CLASS_AGENT}
	e.Time, e.Observed = now.UnixNano(), now.UnixNano()
	e.Fields = []event.Field{
		{ID: eventv1.FieldId_FIELD_ID_EVENT_ACTION, Value: []byte(action)},
		{ID: eventv1.FieldId_FIELD_ID_EVENT_OUTCOME, Value: []byte(outcome)},
		{ID: eventv1.FieldId_FIELD_ID_MESSAGE, Value: []byte(message)},
	}
	if g.reason != "" {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_REASON, []byte(g.reason))
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_SOURCE, []byte(streamName))
	}
	if g.count > 0 {
		e.Add(eventv1.FieldId_FIELD_ID_TOCSIN_LOSS_COUNT, strconv.AppendUint(nil, g.count, 10))
	}
	err := r.sink.Put(ctx, &record.Raw{Stream: streamName, Observed: now, Event: e, Serial: g.serial})
	if err != nil {
		return &stopError{err}
	}
	return nil
}
