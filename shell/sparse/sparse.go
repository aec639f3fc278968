// Package sparse keeps a log readable, and a disk from filling, where strangers
// decide how often something is logged.
package sparse

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// What is let through: a burst, and then a record each interval.
const (
	burst    = 30
	interval = 2 * time.Second
)

// Logger is a logger that passes on what log would, but only so often; how many
// records were left out is said with the next that is not.
func Logger(log *slog.Logger) *slog.Logger {
	return slog.New(&handler{Handler: log.Handler(), budget: &budget{left: burst}})
}

type handler struct {
	slog.Handler
	*budget
}

// budget is shared by the handlers that were made from one another.
type budget struct {
	mu      sync.Mutex // guards the fields below
	left    int
	refill  time.Time
	omitted int
}

// take says whether a record of a time may pass, and how many did not before it.
func (b *budget) take(now time.Time) (omitted int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if since := now.Sub(b.refill); since >= interval {
		b.left = min(burst, b.left+int(min(since/interval, burst)))
		b.refill = now
	}
	if b.left == 0 {
		b.omitted++
		return 0, false
	}
	b.left--
	omitted, b.omitted = b.omitted, 0
	return omitted, true
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	omitted, ok := h.take(r.Time)
	if !ok {
		return nil
	}
	if omitted > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("omitted", omitted))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.Handler.WithAttrs(attrs), h.budget}
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name), h.budget}
}
