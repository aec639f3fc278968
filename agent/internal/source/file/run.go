package file

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/tocsin-security/tocsin/agent/internal/charset"
	"github.com/tocsin-security/tocsin/agent/internal/record"
	"github.com/tocsin-security/tocsin/agent/internal/source/dirwatch"
)

// blockSize is how much is read at a time; the longest line fits.
const blockSize = 512 << 10

// runner is one run of a source. Everything in it belongs to one goroutine.
type runner struct {
	s    *Source
	sink Sink
	log  *slog.Logger

	watch   *dirwatch.Watcher
	events  []dirwatch.Event
	watched map[string]bool
	// remote are the inputs with folders that others write to.
	remote map[int]bool
	// targets are what links lead to, and the links.
	targets map[string]string
	rescan  bool // a folder appeared or went: walk before the next poll

	byID   map[identity]*tail
	byPath map[string]*tail
	queue  []*tail
	// waiting are the files whose last line rests unfinished.
	waiting map[*tail]struct{}
	// nameless are rotated files whose present name is still to be found.
	nameless map[*tail]struct{}

	// saved are the positions of the last run that no file has claimed yet.
	saved   map[identity]savedState
	known   map[string]bool // paths that saved positions tell of
	marked  map[string]bool // inputs whose first sight is over
	refused map[string]bool
	denied  map[string]int // by path, the input
	// unwatchable are folders whose watch was refused.
	unwatchable map[string]bool
	// lost are saved positions whose file is another one now.
	lost []savedState
	// tombs are, by path, the rotated files that were read to their end last.
	tombs map[string]savedState
	// newest are, by path, the files that had it last.
	newest   map[string]*tail
	sequence uint64
	// held are files that wait for the ones before them.
	held map[*tail]struct{}
	// due are paths whose rotated files are to be looked at.
	due map[string]struct{}
	// trail tells where names came from within one batch of notifications.
	trail map[string]string

	open  []*tail
	uses  uint64
	block []byte
	base  int64 // the offset of block in its file
	fixed []byte
	// decoder makes text of other encodings, in decoded.
	decoder charset.Decoder
	decoded []byte
	lines   int64 // how many lines before its last the record has that is put next
	head    [headSize]byte
	raw     record.Raw
	read    time.Time
	arena   arena
	counts  Status
}

type savedState struct {
	id  identity
	key string
	state
}

func newRunner(s *Source, positions map[string][]byte, sink Sink) (*runner, error) {
	w := s.opts.watcher
	if w == nil {
		var err error
		if w, err = dirwatch.New(); err != nil {
			return nil, err
		}
	}
	size := blockSize
	for i := range s.inputs {
		size = max(size, s.inputs[i].limit+64<<10)
	}
	r := &runner{
		s: s, sink: sink, log: s.opts.Log, watch: w, watched: map[string]bool{}, remote: map[int]bool{}, targets: map[string]string{},
		byID: map[identity]*tail{}, byPath: map[string]*tail{},
		waiting: map[*tail]struct{}{}, nameless: map[*tail]struct{}{},
		saved: map[identity]savedState{}, known: map[string]bool{}, marked: map[string]bool{},
		refused: map[string]bool{}, denied: map[string]int{}, unwatchable: map[string]bool{},
		tombs: map[string]savedState{}, newest: map[string]*tail{}, held: map[*tail]struct{}{},
		due: map[string]struct{}{}, trail: map[string]string{}, block: make([]byte, size),
	}
	r.restore(positions)
	return r, nil
}

// restore sorts the positions of the last run.
func (r *runner) restore(positions map[string][]byte) {
	for key, value := range positions {
		if len(key) >= len(markPrefix) && key[:len(markPrefix)] == markPrefix {
			r.marked[key] = true
			continue
		}
		id, err := parseKey(key)
		if err != nil {
			continue // another source's
		}
		st, err := decodeState(value)
		if err != nil {
			r.log.Error("position is unreadable; its file counts as new", "key", key, "error", err)
			continue
		}
		if st.done {
			r.tombs[st.path] = savedState{id: id, key: key, state: st}
			continue
		}
		r.saved[id] = savedState{id: id, key: key, state: st}
		r.known[st.path] = true
	}
}

func (r *runner) run(ctx context.Context) error {
	if err := r.discover(ctx); err != nil {
		return err
	}
	if err := r.adoptOrphans(ctx); err != nil {
		return err
	}
	if err := r.sweepDue(ctx); err != nil {
		return err
	}
	if err := r.mark(ctx); err != nil {
		return err
	}
	r.s.opts.Ready()
	poll := time.NewTicker(r.s.cfg.Poll)
	defer poll.Stop()
	remote := time.NewTicker(time.Hour)
	remote.Stop()
	defer remote.Stop()
	looking := false
	rest := time.NewTimer(time.Hour)
	defer rest.Stop()
	for {
		if err := r.serveQueue(ctx); err != nil {
			return err
		}
		r.s.status.count(r.countsNow())
		rest.Reset(r.untilRested())
		if len(r.remote) > 0 && !looking {
			looking = true
			remote.Reset(r.s.cfg.RemotePoll)
		}
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.watch.Wake():
			err = r.takeEvents(ctx)
		case <-poll.C:
			err = r.poll(ctx)
		case <-remote.C:
			err = r.walk(ctx, r.remote)
		case <-rest.C:
			err = r.giveOutRested(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// serveQueue reads one block of each queued file in turn until none has more,
// looking at notifications in between.
func (r *runner) serveQueue(ctx context.Context) error {
	for len(r.queue) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := r.queue[0]
		r.queue = r.queue[1:]
		if !t.queued {
			continue // it was dropped
		}
		t.queued = false
		if err := r.turn(ctx, t); err != nil {
			return err
		}
		if err := r.sweepDue(ctx); err != nil {
			return err
		}
		select {
		case <-r.watch.Wake():
			if err := r.takeEvents(ctx); err != nil {
				return err
			}
		default:
		}
	}
	r.queue = nil
	return nil
}

// turn gives a file its turn, unless another one comes first.
func (r *runner) turn(ctx context.Context, t *tail) error {
	if r.hold(t) {
		return nil
	}
	more, err := r.serve(ctx, t)
	if err != nil {
		return err
	}
	if r.byID[t.id] != t {
		return nil // it was finished
	}
	if more {
		r.enqueue(t)
	} else {
		r.letGo()
	}
	r.show(t)
	return nil
}

func (r *runner) enqueue(t *tail) {
	if !t.queued {
		t.queued = true
		r.queue = append(r.queue, t)
	}
}

// takeEvents turns notifications into work. They are hints: what a name means is
// looked up now.
func (r *runner) takeEvents(ctx context.Context) error {
	events, overflow := r.watch.Take(r.events[:0])
	r.events = events
	named := false
	for i := range events {
		named = named || events[i].Appeared || events[i].Vanished
		if err := r.event(ctx, &events[i]); err != nil {
			return err
		}
	}
	clear(r.trail)
	if overflow {
		r.log.Warn("notifications were lost; looking at every file")
		for dir := range r.watched {
			r.unwatch(dir)
		}
		r.rescan = true
	}
	if r.rescan {
		return r.discover(ctx)
	}
	if err := r.sweepDue(ctx); err != nil || !named {
		return err
	}
	return r.chase(ctx)
}

func (r *runner) event(ctx context.Context, e *dirwatch.Event) error {
	if e.Vanished {
		if t := r.byPath[e.Path]; t != nil {
			r.detach(t)
		}
		if r.watched[e.Path] {
			r.unwatchBelow(e.Path)
			r.rescan = true
		}
	}
	if e.Appeared {
		return r.appeared(ctx, e)
	}
	if !e.Touched {
		return nil
	}
	t := r.byPath[e.Path]
	if t == nil {
		t = r.byPath[r.targets[e.Path]]
	}
	if t != nil {
		t.touched = true
		r.enqueue(t)
	}
	return nil
}

// appeared looks at a new name: a file to read, a folder to look into, or the
// new name of a rotated file.
func (r *runner) appeared(ctx context.Context, e *dirwatch.Event) error {
	path := e.Path
	from := e.From
	if from != "" {
		if first, ok := r.trail[from]; ok {
			from = first
		}
		r.trail[path] = from
	}
	for i := range r.s.inputs {
		if r.s.inputs[i].matches(path) {
			return r.consider(ctx, path, i)
		}
	}
	l, err := lookAt(path)
	switch {
	case err != nil: // gone again, or not for us to see
		return nil //nolint:nilerr // a name that no input asks for
	case !l.regular:
		r.rescan = true
		return nil
	}
	t := r.byID[l.id]
	if t == nil && from != "" {
		return r.missed(ctx, from, path, l)
	}
	if t != nil && t.path == "" {
		r.rename(t, path)
	}
	return nil
}

// missed takes in a file that was rotated away before its first name was looked
// at, which happens while the sink has no room.
func (r *runner) missed(ctx context.Context, from, path string, l look) error {
	in := r.inputOf(from)
	if in < 0 || r.s.opts.Refuse(l.id.device, l.id.inode) {
		return nil
	}
	if tomb, ok := r.tombs[from]; ok && tomb.id == l.id {
		return nil // read to its end, and named anew
	}
	r.due[from] = struct{}{}
	t := r.takeOver(candidate{path: path, look: l, packed: isPacked(path)}, state{head: headOf(nil), path: from}, in)
	r.succeed(t)
	return r.putPositions(ctx, t, r.arena.position(t.key, &t.at, nil))
}

func (r *runner) close() error {
	for len(r.open) > 0 {
		r.closeFile(r.open[0])
	}
	if err := r.watch.Close(); err != nil {
		return fmt.Errorf("end watching: %w", err)
	}
	return nil
}

func (r *runner) show(t *tail) {
	r.s.status.set(t, Progress{
		Path: t.name(), Size: t.seen.size, Offset: t.at.offset,
		Rotated: !t.detached.IsZero(), Error: t.failure,
	})
}

func (r *runner) countsNow() Status {
	c := r.counts
	c.Open = len(r.open)
	return c
}
