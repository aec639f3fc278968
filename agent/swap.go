package agent

import (
	"context"
	"log/slog"
	"sync/atomic"
)

// swapHandler is a log handler that another can take the place of, under every
// logger that was made of it.
type swapHandler struct {
	current *atomic.Pointer[slog.Handler]
	// derive makes of the current handler what this one stands for.
	derive func(slog.Handler) slog.Handler
}

func newSwapHandler(h slog.Handler) *swapHandler {
	s := &swapHandler{current: new(atomic.Pointer[slog.Handler]), derive: func(h slog.Handler) slog.Handler { return h }}
	s.swap(h)
	return s
}

func (s *swapHandler) swap(h slog.Handler) { s.current.Store(&h) }

// Enabled implements slog.Handler.
func (s *swapHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return (*s.current.Load()).Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (s *swapHandler) Handle(ctx context.Context, r slog.Record) error {
	return s.derive(*s.current.Load()).Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s *swapHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &swapHandler{s.current, func(h slog.Handler) slog.Handler { return s.derive(h).WithAttrs(attrs) }}
}

// WithGroup implements slog.Handler.
func (s *swapHandler) WithGroup(name string) slog.Handler {
	return &swapHandler{s.current, func(h slog.Handler) slog.Handler { return s.derive(h).WithGroup(name) }}
}
