package fim

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// tick is how often settling names are looked through.
	tick = 50 * time.Millisecond
	// pollEvery is how often folders that could not be watched are looked at, if
	// that takes no more than a fiftieth of the time.
	pollEvery = time.Second
	// pendingLimit bounds the names that settle; past it everything is compared.
	pendingLimit = 1 << 16
	// overflowEvery spaces the comparisons while notifications are being lost.
	overflowEvery = 500 * time.Millisecond
	// flushTime bounds what is done after Run's context has ended.
	flushTime = 5 * time.Second
	// hashBlock is how much of a file is read at a time.
	hashBlock = 256 << 10
	// stockGC is GOGC while stock is taken: that makes much that is not kept, and
	// what is kept has no pointers and is marked at no cost.
	stockGC = 20
	// jobLimit bounds the files that wait to be hashed, each with a descriptor.
	jobLimit = 32
)

// runner is one run of a source. What is in it belongs to one goroutine, but for
// committed and the channels.
type runner struct {
	s    *Source
	sink Sink
	log  *slog.Logger
	// watch is nil when inotify cannot be had.
	watch *notifier

	tree *tree
	// wds are the folders by their watch's number, of several the first.
	wds map[int32]uint32
	// polled says that there are folders that are not watched, limited that the
	// kernel's limit is why; pollAt is when they are next compared.
	polled, limited bool
	pollAt          time.Time
	// before is the scope of the baseline that was loaded: what it did not cover
	// is taken in silently by the first scan.
	before scope
	// silent is set while a first run takes in what exists; scanning, while the
	// scan at the start runs.
	silent, scanning bool
	scan             uint32

	// pending are the names that settle; held, the names found gone that may
	// still turn out to have been renamed.
	pending map[string]pending
	held    map[string]time.Time
	busy    map[string]*job
	// again is set when everything has to be compared; compared and compareTime
	// are when that was last done and how long it took.
	again       bool
	compared    time.Time
	compareTime time.Duration

	// bases are the package databases, as found at basesAt; told are the packages
	// whose event was put before a crash, by their keys.
	bases   []*packageBase
	basesAt time.Time
	told    map[string]bool

	jobs    chan *job
	results chan *job
	// hasher is the runner's own.
	hasher  *hasher
	stop    context.CancelFunc
	hashers sync.WaitGroup

	// overlay are the keys of positions that the spool holds for changes which
	// the baseline's file does not.
	overlay    map[string]struct{}
	saved      time.Time
	saveTime   time.Duration
	dirty      bool
	put        uint64
	committed  atomic.Uint64
	complained map[string]bool
}

type pending struct {
	first, last time.Time
	// force says that the content has to be read whatever the attributes say.
	force bool
}

// job is a file being hashed.
type job struct {
	o   *observation
	err error
	// since is when its change was noticed.
	since time.Time
	// again is set when it changed meanwhile.
	again bool
	// keep is how many bytes of its content are wanted.
	keep int
	// digest says that a package's digest is to be made too.
	digest bool
}

func newRunner(s *Source, sink Sink) (*runner, error) {
	w := s.opts.notifier
	if w == nil {
		var err error
		if w, err = openNotifier(); err != nil && !errors.Is(err, errLimit) {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &runner{
		s: s, sink: sink, log: s.opts.Log, watch: w, tree: newTree(), wds: map[int32]uint32{},
		pending: map[string]pending{}, held: map[string]time.Time{}, busy: map[string]*job{},
		jobs: make(chan *job, jobLimit), hasher: newHasher(s.opts.MaxHash), results: make(chan *job, 2*jobLimit), stop: stop,
		overlay: map[string]struct{}{}, told: map[string]bool{}, complained: map[string]bool{}, saved: time.Now(),
	}
	for range min(runtime.GOMAXPROCS(0), 4) {
		r.hashers.Add(1)
		go r.hash(ctx)
	}
	return r, nil
}

func (r *runner) hash(ctx context.Context) {
	defer r.hashers.Done()
	h := newHasher(r.s.opts.MaxHash)
	defer h.close()
	if r.s.rate != nil {
		h.wait = r.s.rate.WaitN
	}
	for j := range r.jobs {
		h.do(ctx, j)
		r.results <- j // has room for every job there can be
	}
}

func (r *runner) close() error {
	r.stop()
	close(r.jobs)
	r.hashers.Wait()
	r.hasher.close()
	if r.watch == nil {
		return nil
	}
	return r.watch.close()
}

func (r *runner) run(ctx context.Context, positions map[string][]byte) error {
	if err := r.start(ctx, positions); err != nil {
		return err
	}
	// A step that has begun is finished although ctx ends in its middle: a change
	// that is in the tree but was not put would be lost.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(flushTime, cancel) })()
	return r.loop(ctx, work)
}

// loop reports changes until ended ends, then flushes.
func (r *runner) loop(ended, ctx context.Context) error {
	rescan := time.NewTicker(r.s.rescan)
	defer rescan.Stop()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var wake chan struct{}
	if r.watch != nil {
		wake = r.watch.wake
	}
	settle := time.NewTicker(tick)
	defer settle.Stop()
	for {
		var settling <-chan time.Time
		if r.unsettled() {
			settling = settle.C
		}
		var err error
		select {
		case <-ended.Done():
			return r.flush(ctx)
		case <-wake:
			err = r.takeEvents(ctx)
		case j := <-r.results:
			err = r.finish(ctx, j)
		case <-settling:
			if err = r.settle(ctx, false); err == nil {
				err = r.closeTransactions(ctx)
			}
			if err == nil {
				err = r.compareAgain(ctx)
			}
		case <-rescan.C:
			err = r.compareAll(ctx)
		case <-poll.C:
			err = r.pollUnwatched(ctx)
		}
		if err == nil {
			err = r.checkpoint(ctx)
		}
		if err != nil {
			return err
		}
		r.show()
	}
}

// unsettled tells whether time alone makes something to do.
func (r *runner) unsettled() bool {
	return len(r.pending) > 0 || len(r.held) > 0 || r.dirty || r.again ||
		slices.ContainsFunc(r.bases, func(b *packageBase) bool { return len(b.deferred) > 0 || b.index != nil })
}

// start loads the baseline, sets the watches and reports what changed since.
func (r *runner) start(ctx context.Context, positions map[string][]byte) error {
	defer debug.SetGCPercent(debug.SetGCPercent(stockGC))
	if err := r.load(ctx, positions); err != nil {
		return err
	}
	r.scanning = true
	if err := r.scanAtStart(ctx); err != nil {
		return err
	}
	first := r.silent
	r.silent, r.scanning, r.before = false, false, scope{}
	if first || r.dirty {
		if err := r.waitCommitted(ctx); err != nil {
			return err
		}
		if err := r.save(ctx); err != nil {
			return err
		}
	}
	r.s.status.change(func(s *Status) { s.Ready = true })
	r.show()
	if r.s.opts.Ready != nil {
		r.s.opts.Ready()
	}
	debug.FreeOSMemory() // what reading the baseline and the first scan left behind
	return nil
}

// scanAtStart takes in what exists, or reports what changed since the last run;
// what packages changed as theirs.
func (r *runner) scanAtStart(ctx context.Context) error {
	r.findBases()
	if r.silent {
		r.preload(ctx)
	} else {
		r.learnOwners(ctx)
		for _, b := range r.bases {
			if r.s.opts.GroupPackages && !b.isBusy() {
				if index := r.packageIndex(ctx, b); index != nil {
					b.group = r.newGroup(b, index)
				}
			}
		}
	}
	if err := r.compareAll(ctx); err != nil {
		return err
	}
	if err := r.drain(ctx); err != nil {
		return err
	}
	for _, b := range r.bases {
		if b.group != nil {
			if err := r.reportGroup(ctx, b); err != nil {
				return err
			}
		}
		b.index = nil
	}
	r.learnOwners(ctx)
	return nil
}

// load reads the baseline and lays the positions over it.
func (r *runner) load(ctx context.Context, positions map[string][]byte) error {
	if r.s.opts.Dir == "" {
		r.silent = true
		return nil
	}
	t, before, err := loadBaseline(r.s.opts.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.silent = true
	case errors.Is(err, errBaseline):
		r.silent = true
		r.log.Error("baseline is damaged; taking in what exists now", "path", r.s.opts.Dir)
		if err := r.declare(ctx, "baseline_lost", r.s.opts.Dir, "damaged", "the file integrity baseline is damaged; changes since it was written are lost"); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		r.tree, r.before = t, before
	}
	for key, value := range positions {
		if len(key) < len(keyPrefix) || key[:len(keyPrefix)] != keyPrefix {
			continue
		}
		r.overlay[key] = struct{}{}
		if r.silent {
			continue // without a baseline they say nothing
		}
		if name, ok := strings.CutPrefix(key, packageKey); ok {
			r.loadPackage(name, key, value)
			continue
		}
		path := key[len(keyPrefix):]
		e, err := decodePosition(value)
		switch {
		case err != nil:
			r.log.Error("position is unreadable", "key", key, "error", err)
		case e == nil:
			r.tree.remove(path)
		default:
			r.tree.set(path, e)
		}
	}
	for _, path := range r.tree.paths() {
		if !r.s.scope.covers(path) {
			r.tree.remove(path) // no longer watched: not deleted
		}
	}
	r.dirty = len(r.overlay) > 0
	return nil
}

func (r *runner) loadPackage(name, key string, value []byte) {
	version, stamp, err := decodePackage(value)
	if err != nil {
		r.log.Error("position is unreadable", "key", key, "error", err)
		return
	}
	r.tree.packages.set(packageInfo{name, version, stamp})
	r.told[name] = true
}

// settle looks at the names that have rested, or at all of them.
func (r *runner) settle(ctx context.Context, all bool) error {
	now := time.Now()
	for path, p := range r.pending {
		if !all && now.Sub(p.last) < r.s.opts.Settle && now.Sub(p.first) < r.s.opts.MaxSettle {
			continue
		}
		delete(r.pending, path)
		if err := r.look(ctx, nil, path, p); err != nil {
			return err
		}
	}
	return r.release(ctx, all)
}

// release reports the names that stayed gone for a settle time, unless a file
// that may be theirs under a new name is just being hashed.
func (r *runner) release(ctx context.Context, all bool) error {
	now := time.Now()
	for path, since := range r.held {
		e := r.tree.get(path)
		if e == nil {
			delete(r.held, path)
			continue
		}
		if _, back := r.pending[path]; back && !all {
			continue // something is there again
		}
		if !all && (now.Sub(since) < r.s.opts.Settle || r.busyWith(e.id)) {
			continue
		}
		delete(r.held, path)
		if err := r.deleted(ctx, path, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) busyWith(id fileID) bool {
	for _, j := range r.busy {
		if j.o.entry.id == id {
			return true
		}
	}
	return false
}
