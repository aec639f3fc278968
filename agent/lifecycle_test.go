package agent

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-security/tocsin/agent/internal/config"
)

func TestLifecycleEndsLastFirst(t *testing.T) {
	var order []string
	broken := errors.New("broken")
	life := newLifecycle(slog.New(slog.DiscardHandler))
	for _, name := range []string{"first", "second", "third"} {
		life.onEnd(name, func() error {
			order = append(order, name)
			if name == "second" {
				return broken
			}
			return nil
		})
	}
	err := life.end()
	if diff := cmp.Diff([]string{"third", "second", "first"}, order); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "end second") {
		t.Errorf("got %v", err)
	}
}

func TestLifecycleTellsOfAPartThatEndsOnItsOwn(t *testing.T) {
	tests := map[string]struct {
		give error
		want string
	}{
		"with an error": {errors.New("no disk"), "reader: no disk"},
		"without one":   {nil, "reader: it ended"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			life := newLifecycle(slog.New(slog.DiscardHandler))
			life.start("reader", func(context.Context) error { return test.give }, nil)
			if err := <-life.failed; err.Error() != test.want {
				t.Errorf("got %v", err)
			}
			if err := life.end(); err != nil {
				t.Errorf("its error is told twice: %v", err)
			}
		})
	}
}

func TestLifecycleWaitsBeforeItCancels(t *testing.T) {
	life := newLifecycle(slog.New(slog.DiscardHandler))
	asked, sent := make(chan struct{}), make(chan error, 1)
	life.start("sender", func(ctx context.Context) error {
		<-asked
		sent <- ctx.Err()
		<-ctx.Done()
		return ctx.Err()
	}, func() {
		close(asked)
		if err := <-sent; err != nil {
			t.Errorf("it was cancelled before it had sent: %v", err)
		}
	})
	if err := life.end(); err != nil {
		t.Error(err)
	}
}

func TestSwapHandlerReachesDerivedLoggers(t *testing.T) {
	var first, second lockedBuffer
	plain := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	handler := newSwapHandler(slog.NewTextHandler(&first, plain))
	log := slog.New(handler).With("stage", "spool").WithGroup("g").With("a", 1)
	log.Info("one")
	handler.swap(slog.NewTextHandler(&second, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: plain.ReplaceAttr}))
	log.Info("two")
	log.Warn("three")
	if diff := cmp.Diff("level=INFO msg=one stage=spool g.a=1\n", first.String()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("level=WARN msg=three stage=spool g.a=1\n", second.String()); diff != "" {
		t.Error(diff)
	}
}

func TestZoneIsThatOfTheFirstGroupThatReadsTheFile(t *testing.T) {
	zone := zones([]config.File{
		{Paths: []string{"/srv/*/app.log"}, Exclude: []string{"/srv/b"}, Timezone: "Asia/Seoul"},
		{Paths: []string{"/srv/**"}, Timezone: "America/New_York"},
	})
	for path, want := range map[string]string{
		"/srv/a/app.log": "Asia/Seoul", "/srv/b/app.log": "America/New_York", "/var/log/syslog": "UTC",
	} {
		if got := zone(path).String(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
