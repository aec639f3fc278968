package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// lifecycle ends what was begun, last first. Everything that needs an end
// registers it when it begins, under a name.
type lifecycle struct {
	log *slog.Logger
	// failed gets the first part that ended on its own.
	failed  chan error
	endings []ending
}

type ending struct {
	name string
	end  func() error
}

func newLifecycle(log *slog.Logger) *lifecycle {
	return &lifecycle{log: log, failed: make(chan error, 1)}
}

// onEnd registers how something ends. The function bounds its own time.
func (l *lifecycle) onEnd(name string, end func() error) {
	l.endings = append(l.endings, ending{name, end})
}

// start runs a part until it is ended. Wait is called first thing at its end,
// while the part still runs; nil means not to wait for anything. A part that
// ends before is a failure of the whole.
func (l *lifecycle) start(name string, run func(context.Context) error, wait func()) {
	p := startPart(name, run, l.fail)
	l.onEnd(name, func() error {
		if wait != nil {
			wait()
		}
		return p.end()
	})
}

func (l *lifecycle) fail(err error) {
	select {
	case l.failed <- err:
	default: // the first one counts
	}
}

// end ends everything, last first, and joins what went wrong.
func (l *lifecycle) end() error {
	var errs []error
	for i := len(l.endings) - 1; i >= 0; i-- {
		e := l.endings[i]
		l.log.Debug("ending", "part", e.name)
		if err := e.end(); err != nil {
			errs = append(errs, fmt.Errorf("end %s: %w", e.name, err))
		}
	}
	l.endings = nil
	return errors.Join(errs...)
}

// part is one running goroutine.
type part struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex // guards below
	ended bool
	err   error
}

// startPart runs something. If it returns before end was called, failed is told.
func startPart(name string, run func(context.Context) error, failed func(error)) *part {
	ctx, cancel := context.WithCancel(context.Background())
	p := &part{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		err := run(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.ended {
			p.err = err
			return
		}
		if err == nil {
			err = errors.New("it ended")
		}
		failed(fmt.Errorf("%s: %w", name, err))
	}()
	return p
}

// expect says that the part is to end soon: from now on its end is no failure.
func (p *part) expect() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
}

// end cancels and waits. An error that failed was told is not returned again.
func (p *part) end() error {
	p.expect()
	p.cancel()
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	if errors.Is(p.err, context.Canceled) {
		return nil
	}
	return p.err
}
