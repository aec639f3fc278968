package alerter

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// stopTime bounds how long one part may take to stop.
const stopTime = 15 * time.Second

// teardown stops what was started, the last first.
type teardown struct {
	log   *slog.Logger
	steps []step
}

type step struct {
	name string
	stop func()
}

func (t *teardown) add(name string, stop func()) { t.steps = append(t.steps, step{name, stop}) }

func (t *teardown) run() {
	for _, s := range slices.Backward(t.steps) {
		done := make(chan struct{})
		go func() { defer close(done); s.stop() }()
		select {
		case <-done:
		case <-time.After(stopTime):
			t.log.Error("part does not stop", "part", s.name)
		}
	}
	t.steps = nil
}

// part is something that runs until it is told to stop.
type part struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

// startPart runs a part apart from ctx, whose end only begins the teardown. The
// part's error, if it ends with one, is put on failed.
func startPart(ctx context.Context, name string, run func(context.Context) error, failed chan<- error) *part {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p := &part{name: name, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if err := run(ctx); err != nil && ctx.Err() == nil {
			select {
			case failed <- fmt.Errorf("%s: %w", name, err):
			default: // one failure is enough to end
			}
		}
	}()
	return p
}

// stop ends the part and waits for it.
func (p *part) stop() {
	p.cancel()
	<-p.done
}

// scope is a registerer whose metrics leave together: a part that a reload makes
// anew registers the same names again.
type scope struct {
	prometheus.Registerer

	mu         sync.Mutex // guards collectors
	collectors []prometheus.Collector
}

// Register implements prometheus.Registerer.
func (s *scope) Register(c prometheus.Collector) error {
	if err := s.Registerer.Register(c); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collectors = append(s.collectors, c)
	return nil
}

// MustRegister implements prometheus.Registerer.
func (s *scope) MustRegister(list ...prometheus.Collector) {
	s.Registerer.MustRegister(list...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.collectors = append(s.collectors, list...)
}

func (s *scope) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.collectors {
		s.Unregister(c)
	}
	s.collectors = nil
}
