package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/shell/statedir"
)

// RunOptions are what an agent runs with.
type RunOptions struct {
	// Load reads the configuration: at the start and at every reload.
	Load func() (*Config, error)
	// Reload asks for a reload; nil never does.
	Reload <-chan os.Signal
	// Log makes the log of a configuration. Its handler is replaced at a reload.
	Log func(level, format string) (*slog.Logger, error)
	// Version is what the agent tells collectors about itself.
	Version string
	// DryRun, when set, gets every event as a JSON object instead of a collector.
	// Then nothing is sent, and no identity is needed.
	DryRun io.Writer
}

// readyWait bounds how long a start waits for the sources to take stock.
const readyWait = 15 * time.Second

// runner is one run of an agent.
type runner struct {
	options   RunOptions
	cfg       *Config
	log       *slog.Logger
	handler   *swapHandler
	life      *lifecycle
	registry  *prometheus.Registry
	count     *counters
	state     *statedir.Dir
	store     store
	sending   *sending
	started   time.Time
	reading   atomic.Pointer[sources]
	fimFolder string
	draining  atomic.Bool
}

// store is where events go: the spool, or a dry run's output.
type store interface {
	sink
	Positions() map[string][]byte
	Run(ctx context.Context) error
}

// Run reads, keeps and sends until ctx ends, and then drains in order: the
// sources stop, the parsers let go what they hold, the spool seals and syncs, and
// the uplink gets a few seconds to send it. It returns nil when all of that went
// well. A second agent on the same state folder is refused.
func Run(ctx context.Context, o RunOptions) (err error) {
	cfg, err := o.Load()
	if err != nil {
		return err
	}
	log, err := o.Log(cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return err
	}
	r := &runner{options: o, cfg: cfg, handler: newSwapHandler(log.Handler()), started: time.Now()}
	r.log = slog.New(r.handler)
	r.life = newLifecycle(r.log)
	defer func() { err = errors.Join(err, r.life.end()) }()
	if err := r.begin(); err != nil {
		return err
	}
	if err := r.settleSources(ctx); err != nil {
		return err
	}
	r.notify(daemon.SdNotifyReady)
	r.log.Info("running", "version", o.Version, "state", cfg.StateDir)
	return r.wait(ctx)
}

// begin starts every part. What is started later is ended earlier.
func (r *runner) begin() error {
	r.life.onEnd("limits", limit(r.cfg.Resources))
	state, err := openState(r.cfg.StateDir)
	if err != nil {
		return err
	}
	r.state = state
	r.life.onEnd("state folder", state.Close)
	r.registry = prometheus.NewRegistry()
	r.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	r.count = newCounters(r.registry)
	r.registry.MustRegister(r.skippedPatterns())
	if r.options.DryRun != nil {
		err = r.beginDryRun()
	} else {
		err = r.beginSending()
	}
	if err != nil {
		return err
	}
	next, err := r.newSources(r.cfg)
	if err != nil {
		return err
	}
	r.startSources(next)
	r.life.onEnd("sources", func() error { return r.reading.Load().end() })
	return nil
}

// beginDryRun makes the output what events go to. Its state lies beside the
// agent's own, which it leaves alone.
func (r *runner) beginDryRun() error {
	folder := r.state.Path(dryRunFolder)
	r.fimFolder = filepath.Join(folder, fimFolder)
	if err := os.MkdirAll(r.fimFolder, 0o700); err != nil {
		return fmt.Errorf("create dry run folder: %w", err)
	}
	out, err := newPrinter(r.options.DryRun, filepath.Join(folder, "positions.json"))
	if err != nil {
		return err
	}
	r.store = out
	r.life.start("output", out.Run, nil)
	return r.serve()
}

// serve answers those who ask how the agent is.
func (r *runner) serve() error {
	status, err := listenStatus(r.state.Path(), r.Status, r.log)
	if err != nil {
		return err
	}
	r.life.start("status socket", status.run, nil)
	return nil
}

func (r *runner) newSources(cfg *Config) (*sources, error) {
	return newSources(cfg, r.fimFolder, r.store.Positions(), r.store, r.count, r.log)
}

func (r *runner) startSources(next *sources) {
	next.start(r.store.Positions(), r.count, r.life.fail)
	r.reading.Store(next)
}

// wait serves reloads until the end.
func (r *runner) wait(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			r.draining.Store(true)
			r.log.Info("draining")
			r.notify(daemon.SdNotifyStopping)
			return nil
		case err := <-r.life.failed:
			r.notify(daemon.SdNotifyStopping)
			return err
		case <-r.options.Reload:
			r.notify(daemon.SdNotifyReloading + "\n" + monotonic())
			if err := r.reload(ctx); err != nil {
				r.log.Error("the configuration was not reloaded; the old one stays", "error", err)
			}
			r.notify(daemon.SdNotifyReady)
		}
	}
}

// reload takes up a new configuration: log and sources at once, all else at the
// next start. Until it is known to be good, nothing changes.
func (r *runner) reload(ctx context.Context) error {
	cfg, err := r.options.Load()
	if err != nil {
		return err
	}
	log, err := r.options.Log(cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return err
	}
	r.warnUnchanged(cfg)
	cfg.StateDir = r.cfg.StateDir
	if !reflect.DeepEqual(cfg.Sources, r.cfg.Sources) || !cfg.PatternSet.Equal(r.cfg.PatternSet) {
		next, err := r.newSources(cfg)
		if err != nil {
			return err
		}
		if err := r.reading.Load().end(); err != nil {
			r.log.Warn("the old sources ended badly", "error", err)
		}
		if err := r.settle(ctx); err != nil {
			return err
		}
		r.startSources(next)
		if err := r.settleSources(ctx); err != nil {
			return err
		}
	}
	r.handler.swap(log.Handler())
	r.cfg = cfg
	r.log.Info("configuration reloaded")
	return nil
}

// settleSources waits until whatever is written from now on is seen, and durably
// so, but no longer than readyWait: a large baseline takes its time.
func (r *runner) settleSources(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	for _, ready := range r.reading.Load().ready {
		select {
		case <-ready:
		case err := <-r.life.failed:
			r.life.fail(err) // it ends the run, not only the start
			return nil
		case <-ctx.Done():
			r.log.Warn("not all that exists has been looked at yet")
			return nil
		}
	}
	if err := r.settle(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// settle waits until everything appended so far is durable, positions included.
func (r *runner) settle(ctx context.Context) error {
	done := make(chan struct{})
	mark := &record.Event{Committed: []func(){func() { close(done) }}}
	if err := r.store.Append(ctx, mark); err != nil {
		return fmt.Errorf("wait for the old sources' events: %w", err)
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// warnUnchanged names what only a restart takes up.
func (r *runner) warnUnchanged(cfg *Config) {
	for _, part := range []struct {
		key      string
		old, new any
	}{
		{"state_dir", r.cfg.StateDir, cfg.StateDir},
		{"spool", r.cfg.Spool, cfg.Spool},
		{"resources", r.cfg.Resources, cfg.Resources},
		{"http", r.cfg.HTTP, cfg.HTTP},
		{"collectors", r.cfg.Collectors, cfg.Collectors},
	} {
		if !reflect.DeepEqual(part.old, part.new) {
			r.log.Warn("a change that needs a restart", "key", part.key)
		}
	}
}
